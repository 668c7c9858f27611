"""How sure a removal is: by the third absence in a row, or from the announced day on."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.history.certainty import Certainty, RemovalCertainty, removal_certainty
from tests.strategies import quick

GONE_AT = datetime(2026, 6, 10, 4, tzinfo=UTC)
HOURLY = [GONE_AT + timedelta(hours=hour) for hour in range(-3, 100)]
SUSPECTED = RemovalCertainty(Certainty.SUSPECTED, None)


def confirmed(at: datetime) -> RemovalCertainty:
    return RemovalCertainty(Certainty.CONFIRMED, at)


def fetches(*hours: float) -> list[datetime]:
    return [GONE_AT + timedelta(hours=hour) for hour in hours]


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        ((0,), SUSPECTED),
        ((0, 1), SUSPECTED),
        ((0, 1, 2), confirmed(GONE_AT + timedelta(hours=2))),
        ((-9, -1, 0, 1), SUSPECTED),
        ((-1, 0, 1, 24, 48), confirmed(GONE_AT + timedelta(hours=24))),
        ((), SUSPECTED),
    ],
)
def test_the_third_absence_in_a_row_confirms(hours: tuple[int, ...], found: RemovalCertainty) -> None:
    assert removal_certainty(GONE_AT, expires_on=None, fetched_at=fetches(*hours)) == found


@pytest.mark.parametrize(
    ("day", "hours", "found"),
    [
        (date(2026, 6, 10), (0,), confirmed(GONE_AT)),
        (date(2026, 5, 1), (0,), confirmed(GONE_AT)),
        (date(2026, 6, 11), (0, 19.9), SUSPECTED),
        (date(2026, 6, 11), (0, 20), confirmed(GONE_AT + timedelta(hours=20))),
        (date(2026, 6, 12), (0, 1, 2), confirmed(GONE_AT + timedelta(hours=2))),
    ],
    ids=["on the day", "after it", "the evening before", "from midnight UTC", "missing thrice before it"],
)
def test_an_absence_on_the_announced_day_or_later_confirms(
    day: date, hours: tuple[float, ...], found: RemovalCertainty
) -> None:
    assert removal_certainty(GONE_AT, expires_on=day, fetched_at=fetches(*hours)) == found


def test_the_announced_day_begins_at_midnight_utc_whatever_the_offset_of_the_fetch() -> None:
    tokyo = timezone(timedelta(hours=9))
    fetched_at = [instant.astimezone(tokyo) for instant in fetches(0, 19.9)]
    assert fetched_at[-1].date() == date(2026, 6, 11)
    assert removal_certainty(GONE_AT, expires_on=date(2026, 6, 11), fetched_at=fetched_at) == SUSPECTED


@quick
@given(st.none() | st.dates(date(2026, 6, 8), date(2026, 6, 16)), st.integers(0, 100), st.integers(0, 100))
def test_what_is_confirmed_stays_so_when_fetches_are_added(day: date | None, one: int, more: int) -> None:
    sooner = removal_certainty(GONE_AT, expires_on=day, fetched_at=HOURLY[:one])
    later = removal_certainty(GONE_AT, expires_on=day, fetched_at=HOURLY[: one + more])
    assert sooner in {later, SUSPECTED}
    assert (later.confirmed_at is None) == (later.certainty is Certainty.SUSPECTED)


@quick
@given(st.none() | st.dates(date(2026, 6, 8), date(2026, 6, 16)))
def test_three_fetches_from_the_removal_on_are_enough(day: date | None) -> None:
    few = [instant for instant in HOURLY if instant >= GONE_AT][:3]
    assert removal_certainty(GONE_AT, expires_on=day, fetched_at=HOURLY) == removal_certainty(
        GONE_AT, expires_on=day, fetched_at=few
    )
