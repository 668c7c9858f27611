"""One value of a query: instants of every spelling, Serials, words."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.query.read import read_moment, read_words
from tests.strategies import quick

AT = datetime(2026, 3, 8, 8, 0, tzinfo=UTC)
OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
EARLIEST, LATEST = datetime(1, 1, 3), datetime(9999, 12, 29)  # noqa: DTZ001  hypothesis wants them without
INSTANTS = st.datetimes(EARLIEST, LATEST, timezones=OFFSETS)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-08T10:00:00+02:00",
        "2026-03-08T08:00:00Z",
        "2026-03-08t08:00:00z",
        "2026-03-08 08:00:00Z",
        "2026-03-08T08:00:00.000000Z",
        "2026-03-08T08:00:00.0000009Z",
        "2026-03-08T08:00:00-00:00",
        "2026-03-07T20:30:00-11:30",
        "2026-03-08T10:00:00 02:00",
    ],
)
def test_an_instant_may_be_spelt_with_any_offset(text: str) -> None:
    """The last one is what becomes of a plus sign that was not escaped."""
    assert read_moment(text) == AT


@quick
@given(INSTANTS)
def test_every_instant_is_read_as_itself_in_utc(instant: datetime) -> None:
    read = read_moment(instant.isoformat())
    assert read == instant
    assert isinstance(read, datetime)
    assert read.utcoffset() == timedelta()


@quick
@given(st.dates())
def test_a_date_is_its_first_instant_in_utc(day: date) -> None:
    assert read_moment(day.isoformat()) == datetime.combine(day, time(), UTC)


@quick
@given(st.integers(0, 10**15 - 1), st.integers(0, 3))
def test_digits_are_a_serial(number: int, zeros: int) -> None:
    text = ("0" * zeros + str(number))[-15:]
    assert read_moment(text) == int(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "-1",
        "1.0",
        "１",
        "٢٠٢٦-٠٣-٠٨",
        "1" * 16,
        "2026-3-8",
        "2026-03",
        "2026-02-29",
        "2026-03-08T10:00",
        "2026-03-08T10:00:00",
        "2026-03-08T10:00:00123Z",
        "2026-03-08T10:00:00.Z",
        "2026-03-08T24:00:00Z",
        "2026-03-08T10:00:60Z",
        "2026-03-08T10:00:00+2:00",
        "2026-03-08T10:00:00+24:00",
        "2026-03-08T10:00:00Z ",
        " 2026-03-08",
        "0000-01-01",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_instant_and_no_serial_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="an instant"):
        read_moment(text)


def test_words_have_commas_between_and_empty_ones_are_left_out() -> None:
    assert read_words(" a, b,,c ,") == ("a", "b", "c")
    assert read_words(",") == ()
