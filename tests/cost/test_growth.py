"""A series of days that grows, month by month."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.cost.growth import MAX_DAYS, MAX_STEPS, Growth, Month, Of, Per, months
from llmanac.errors import InvalidBody
from tests.strategies import quick


def grown(start: str, days: int, percent: str, per: Per) -> tuple[Month, ...]:
    return months(Growth(date.fromisoformat(start), days, Decimal(percent), per))


def test_without_growth_a_month_costs_as_many_days_as_it_has() -> None:
    found = grown("2026-11-15", 60, "0", Per.MONTH)
    assert found == (
        Month(date(2026, 11, 15), 16, Fraction(16)),
        Month(date(2026, 12, 1), 31, Fraction(31)),
        Month(date(2027, 1, 1), 13, Fraction(13)),
    )


def test_per_month_it_steps_on_the_first_day_of_each() -> None:
    # November 30 days at 1, December 31 at 1.1, January 31 at 1.21: 30, 34.1, 37.51
    found = grown("2026-11-01", 92, "10", Per.MONTH)
    assert [month.share for month in found] == [Fraction(30), Fraction("34.1"), Fraction("37.51")]


def test_per_week_it_steps_every_seven_days_from_the_start() -> None:
    # From Thursday, 29 October: 3 days at 1; then 4 at 1, 7 at 1.5, 4 at 2.25: 4 + 10.5 + 9 = 23.5
    found = grown("2026-10-29", 18, "50", Per.WEEK)
    assert [(month.days, month.share) for month in found] == [(3, Fraction(3)), (15, Fraction("23.5"))]


def test_per_day_it_steps_every_day_from_the_second() -> None:
    # 1 + 1.01 + 1.0201 = 3.0301
    assert grown("2026-01-29", 3, "1", Per.DAY) == (Month(date(2026, 1, 29), 3, Fraction("3.0301")),)


def test_after_a_year_of_days_it_is_still_exact() -> None:
    # 1 + 1.001 + … + 1.001^365 = (1.001^366 - 1) / 0.001
    total = sum((month.share for month in grown("2026-01-01", 366, "0.1", Per.DAY)), Fraction(0))
    assert total == (Fraction("1.001") ** 366 - 1) / Fraction("0.001")


def test_it_may_shrink_down_to_nothing() -> None:
    # 1 + 0.5 + 0.25, and 1 + 0 + 0
    assert grown("2026-01-01", 3, "-50", Per.DAY)[0].share == Fraction("1.75")
    assert grown("2026-01-01", 3, "-100", Per.DAY)[0].share == 1


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 400))
def test_a_months_workload_comes_to_one_in_every_whole_month(start: date, days: int) -> None:
    for month in months(Growth(start, days, Decimal(0), workload_of=Of.MONTH)):
        whole = (month.first.replace(day=28) + timedelta(days=4)).replace(day=1) - month.first.replace(day=1)
        assert month.share == Fraction(month.days, whole.days)


def test_a_leap_day_is_a_day() -> None:
    assert [month.days for month in grown("2028-02-01", 30, "0", Per.DAY)] == [29, 1]


@pytest.mark.parametrize(
    ("days", "percent", "per", "named"),
    [
        (0, "1", Per.MONTH, "`days`"),
        (MAX_DAYS + 1, "1", Per.MONTH, "`days`"),
        (MAX_STEPS + 1, "1", Per.DAY, "`days`"),
        (1, "-100.1", Per.MONTH, "`percent`"),
        (1, "1000.1", Per.MONTH, "`percent`"),
        (1, "0.0001", Per.MONTH, "`percent`"),
        (1, "NaN", Per.MONTH, "`percent`"),
        (1, "Infinity", Per.MONTH, "`percent`"),
    ],
)
def test_a_series_that_cannot_be_is_refused_by_name(days: int, percent: str, per: Per, named: str) -> None:
    with pytest.raises(InvalidBody) as refused:
        grown("2026-01-01", days, percent, per)
    assert named in refused.value.message
    assert (refused.value.status, refused.value.code) == (422, "IMPOSSIBLE_GROWTH")


def test_a_series_past_the_end_of_the_calendar_is_refused() -> None:
    with pytest.raises(InvalidBody, match="9999"):
        grown("9999-12-01", 60, "0", Per.MONTH)


@quick
@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(1, 366),
    st.decimals(-100, 100, places=3),
    st.sampled_from(Per),
)
def test_the_months_have_all_days_once_and_in_order(start: date, days: int, percent: Decimal, per: Per) -> None:
    found = months(Growth(start, days, percent, per))
    assert sum(month.days for month in found) == days
    assert found[0].first == start
    assert all(month.first.day == 1 for month in found[1:])
    expected = [Fraction(0)] * len(found)
    value, place = Fraction(1), 0
    for number in range(days):
        day = start + timedelta(days=number)
        if number and {Per.DAY: True, Per.WEEK: number % 7 == 0, Per.MONTH: day.day == 1}[per]:
            value *= 1 + Fraction(percent) / 100
        place += bool(number) and day.day == 1
        expected[place] += value
    assert [month.share for month in found] == expected
