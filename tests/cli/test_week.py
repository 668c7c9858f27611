"""Windows of the week in few words, that say no more and no less."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.cli.week import apart, week_words
from llmanac.pricing.conditions import DAY_MINUTES, WEEK_MINUTES
from llmanac.render.history import WeekWindow

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def every_day(*hours: tuple[int, int], days: range = range(7)) -> list[WeekWindow]:
    """Windows of these minutes on each of these days."""
    return [WeekWindow(day * DAY_MINUTES + since, day * DAY_MINUTES + until) for day in days for since, until in hours]


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        (every_day((30, 990)), "daily 00:30–16:30 UTC"),
        (every_day((0, 960)), "daily 00:00–16:00 UTC"),
        (every_day((960, 1440)), "daily 16:00–24:00 UTC"),
        (every_day((0, 30), (990, 1440)), "daily 16:30–00:30 UTC"),
        (every_day((0, 30), (60, 90), (990, 1440)), "daily 01:00–01:30, 16:30–00:30 UTC"),
        (every_day((0, 60), (60, 120)), "daily 00:00–02:00 UTC"),
        ([WeekWindow(0, WEEK_MINUTES)], "all week UTC"),
        ([WeekWindow(5 * DAY_MINUTES, WEEK_MINUTES)], "weekends UTC"),
        (every_day((60, 240), (360, 600), days=range(5)), "Mon–Fri 01:00–04:00, 06:00–10:00 UTC"),
        (
            [*every_day((600, 1440), days=range(5)), WeekWindow(5 * DAY_MINUTES, WEEK_MINUTES)],
            "Mon–Fri 10:00–24:00 and weekends UTC",
        ),
        ([WeekWindow(4 * DAY_MINUTES + 1320, 5 * DAY_MINUTES + 360)], "Fri 22:00–24:00 and Sat 00:00–06:00 UTC"),
        (every_day((0, 600), days=range(1, 4, 2)), "Tue, Thu 00:00–10:00 UTC"),
    ],
)
def test_days_with_the_same_hours_are_named_together(windows: list[WeekWindow], words: str) -> None:
    assert week_words(windows) == words


@given(
    st.lists(
        st.tuples(st.integers(0, WEEK_MINUTES - 1), st.integers(1, WEEK_MINUTES)).filter(
            lambda ends: ends[0] < ends[1]
        ),
        min_size=1,
        max_size=9,
    )
)
def test_the_words_mean_the_very_minutes_of_the_windows(ends: list[tuple[int, int]]) -> None:
    minutes = {minute for since, until in ends for minute in range(since, until)}
    assert meant(week_words([WeekWindow(since, until) for since, until in ends])) == minutes


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=5))
def test_windows_are_apart_that_share_no_minute(found: list[tuple[int, int]]) -> None:
    minutes = [minute for since, length in found for minute in range(since, since + length)]
    windows = [WeekWindow(since, since + length) for since, length in found]
    assert apart(windows) is (len(minutes) == len(set(minutes)))


def meant(words: str) -> set[int]:
    """The minutes of the week, as a reader understands the words."""
    assert words.endswith(" UTC")
    found: set[int] = set()
    for group in words.removesuffix(" UTC").split(" and "):
        named = re.match(r"(all week|daily|weekends|[A-Z][A-Za-z–, ]*[a-z])", group)
        assert named, group
        hours = re.findall(r"(\d\d):(\d\d)–(\d\d):(\d\d)", group) or [("00", "00", "24", "00")]
        for day in days(named[1]):
            for since_hour, since_minute, until_hour, until_minute in hours:
                since, until = int(since_hour) * 60 + int(since_minute), int(until_hour) * 60 + int(until_minute)
                until += 0 if until > since else DAY_MINUTES
                found |= {(day * DAY_MINUTES + minute) % WEEK_MINUTES for minute in range(since, until)}
    return found


def days(named: str) -> list[int]:
    if named in ("all week", "daily"):
        return [*range(7)]
    if named == "weekends":
        return [5, 6]
    if "–" in named:
        first, _, last = named.partition("–")
        return [*range(DAYS.index(first), DAYS.index(last) + 1)]
    return [DAYS.index(day) for day in named.split(", ")]
