"""Windows of the week by days."""

from hypothesis import given
from hypothesis import strategies as st

from llmanac.pricing.conditions import DAY_MINUTES, WEEK_MINUTES, Window
from llmanac.pricing.week import DayHours, clock, days_of
from tests.strategies import quick

EDGES = st.sets(st.integers(0, WEEK_MINUTES), min_size=2, max_size=8).map(sorted)


def test_a_window_past_midnight_belongs_to_both_days() -> None:
    assert days_of([Window(DAY_MINUTES - 60, DAY_MINUTES + 90)]) == (
        DayHours((0,), ((DAY_MINUTES - 60, DAY_MINUTES),)),
        DayHours((1,), ((0, 90),)),
    )


def test_days_with_the_same_hours_are_told_once() -> None:
    nights = [Window(day * DAY_MINUTES, day * DAY_MINUTES + 60) for day in range(7)]
    assert days_of(nights) == (DayHours(tuple(range(7)), ((0, 60),)),)
    assert days_of([Window(0, WEEK_MINUTES)]) == (DayHours(tuple(range(7)), ((0, DAY_MINUTES),)),)
    assert days_of([]) == ()


def test_a_clock_ends_the_day_where_it_begins() -> None:
    assert [clock(minute) for minute in (0, 61, DAY_MINUTES - 1, DAY_MINUTES)] == ["00:00", "01:01", "23:59", "00:00"]


@quick
@given(EDGES)
def test_not_a_minute_is_lost_or_added(edges: list[int]) -> None:
    windows = [Window(start, end) for start, end in zip(edges[::2], edges[1::2], strict=False)]
    meant = {minute for window in windows for minute in range(window.start, window.end)}
    told = {
        day * DAY_MINUTES + minute
        for each in days_of(windows)
        for day in each.days
        for begin, end in each.hours
        for minute in range(begin, end)
    }
    assert told == meant
