"""A list's instant is found where it stands, exactly, and never guessed."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmanac.archive.instant import (
    EARLIEST,
    NoInstant,
    check_instant,
    from_unix,
    instant_in_list,
    instant_in_name,
    parse_taken_at,
)
from llmanac.errors import InvalidParameter
from tests.archive.files import NOW, instants
from tests.strategies import quick

SECOND = datetime(2026, 6, 8, 15, 41, 25, tzinfo=UTC)
MINUTE = SECOND.replace(second=0)
DAY = datetime(2026, 6, 8, tzinfo=UTC)

NAMES = {
    "2026-06-08T154125Z.json.gz": SECOND,
    "2026-06-08T15:41:25Z.json": SECOND,
    "20260608T154125Z.json": SECOND,
    "2026-06-08_15-41-25.json": SECOND,
    "2026-06-08 15.41.25+02:00.json": SECOND - timedelta(hours=2),
    "2026-06-08T15_41_25+05_30.json": SECOND - timedelta(hours=5, minutes=30),
    "2026-06-08T154125-0500.json": SECOND + timedelta(hours=5),
    "2026-06-08 15:41:25 -03:30.json": SECOND + timedelta(hours=3, minutes=30),
    "2026-06-08t15:41:25.5z.json": SECOND + timedelta(seconds=0.5),
    "2026-06-08T154125.123456Z.json": SECOND + timedelta(microseconds=123456),
    "2026-06-08T154125.123456789Z.json": SECOND + timedelta(microseconds=123456),
    "20260608154125.json": SECOND,
    "20260608-154125-openrouter.json": SECOND,
    "2026_06_08_154125.json": SECOND,
    "2026.06.08-15.41.25.json.zst": SECOND,
    "openrouter-1780933285.json": SECOND,
    "openrouter_1780933285123.json": SECOND + timedelta(microseconds=123000),
    "2026-06-08-1780933285.json": SECOND,
    "2026-06-08 (2026-06-08T15:41:25Z).json": SECOND,
    "2026-06-09 (2026-06-08T23:41:25-04:00).json": datetime(2026, 6, 9, 3, 41, 25, tzinfo=UTC),
    "2026-06-08 (2026-06-08T23:41:25-04:00).json": datetime(2026, 6, 9, 3, 41, 25, tzinfo=UTC),
    "2026-06-08T1541Z.json": MINUTE,
    "2026-06-08_15-41.json": MINUTE,
    "openrouter-models-2026-06-08.json.gz": DAY,
    "models20260608.json": DAY,
    "2026_06_08.json": DAY,
    "2026-06-08-368-models.json": DAY,
    "2026-06-08 (1).json": DAY,
    "2026-06-08-2.json": DAY,
    "2026-06-08_v10.json": DAY,
    "2026-06-08-copy-2026-06-08.json": DAY,
    "gpt-4-0613-2026-06-08.json": DAY,
    "000001-2026-06-08T154125.000000Z-models-0.json": SECOND,
}


@pytest.mark.parametrize("name", NAMES)
def test_an_instant_is_read_from_the_name(name: str) -> None:
    assert instant_in_name(name) == NAMES[name]


@pytest.mark.parametrize(
    "name",
    [
        "models.json",
        "",
        "openrouter-485-models.json",
        "0.1780933285e7.json",
        "v1234567890123456.json",
        "1234567890.json",
        "0123456789012.json",
        "3fa20260608b17.json",
        "20260608c0ffee.json",
        "8a1780933285.json",
        "08-06-2026.json",
        "2026-6-8.json",
        "12345678.json",
        "2026-06.json",
    ],
)
def test_a_name_without_an_instant_tells_none(name: str) -> None:
    assert instant_in_name(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "2026-06-08_2026-06-09.json",
        "2026-06-08T154125Z-2026-06-08T154126Z.json",
        "2026-06-08T154125Z_1780933286.json",
        "2026-06-09-1780933285.json",
        "2026-06-08-15.json",
        "2026-06-08_1541.json",
        "202606081541.json",
        "2026-06-08T15.json",
        "2026-06-08_15-41-25-02.json",
        "2026-06-08_15-41-25-0200.json",
        "2026-06-08_15-41-25+02-30.json",
    ],
)
def test_a_name_that_reads_in_two_ways_is_refused(name: str) -> None:
    assert isinstance(instant_in_name(name), NoInstant)


@pytest.mark.parametrize(
    "name",
    [
        "2026-13-40.json",
        "20261340.json",
        "2026-02-30T000000Z.json",
        "2026-06-08T246125Z.json",
        "2026-06-08T15:41:60Z.json",
        "2026-06-08T15:41:25+24:00.json",
        "2026-06-08T15:41:25+02:75.json",
    ],
)
def test_an_impossible_instant_is_refused_and_quoted(name: str) -> None:
    found = instant_in_name(name)
    assert isinstance(found, NoInstant)
    assert name.removesuffix(".json") in found.words


def in_zone(instant: datetime, minutes: int) -> datetime:
    return instant.astimezone(timezone(timedelta(minutes=minutes)))


@quick
@given(
    instants(),
    st.sampled_from(
        ["%Y-%m-%dT%H%M%S", "%Y-%m-%dT%H:%M:%S", "%Y%m%dT%H%M%S", "%Y-%m-%d_%H-%M-%S", "%Y-%m-%d %H.%M.%S"]
    ),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["", "openrouter-", "models ", "a/b 7-"]),
    st.sampled_from([".json", ".json.gz", " (3).json", "-models.json.zst"]),
)
def test_every_instant_in_every_spelling_is_found_anywhere_in_the_name(
    instant: datetime, spelling: str, minutes: int, before: str, after: str
) -> None:
    local = in_zone(instant, minutes)
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    expected = instant.replace(microsecond=0)
    assert instant_in_name(f"{before}{local.strftime(spelling)}{offset}{after}") == expected
    assert instant_in_name(f"{before}{instant.strftime(spelling)}{after}") == expected
    assert instant_in_name(f"{before}{int(expected.timestamp())}{after}") == expected


@quick
@given(st.text(st.sampled_from("0129-_:.TZ+ ea")) | st.text())
@example("9999-12-31T23:59:59-23:59")
def test_any_name_gives_an_instant_or_words_or_nothing(name: str) -> None:
    found = instant_in_name(name)
    assert found is None or isinstance(found, datetime | NoInstant)
    assert instant_in_name(name) == found


@quick
@given(instants(), st.integers(-14 * 60, 14 * 60))
def test_a_person_may_use_any_offset(instant: datetime, minutes: int) -> None:
    said = parse_taken_at(in_zone(instant, minutes).isoformat())
    assert said == instant
    assert isinstance(said, datetime)
    assert said.tzinfo is UTC


def test_a_person_may_ask_for_the_modification_time() -> None:
    assert parse_taken_at("mtime") == "mtime"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-06-08T15:41:25", "offset"),
        ("2026-06-08", "RFC 3339"),
        ("20260608T154125Z", "RFC 3339"),
        ("2026-W23-1T00:00:00Z", "RFC 3339"),
        ("2026-06-08T24:00:00Z", "RFC 3339"),
        ("2026-06-31T00:00:00Z", "RFC 3339"),
        ("2026-06-30T00:00:00+02:75", "RFC 3339"),
        ("2026-06-30T00:00:00+25:00", "RFC 3339"),
        ("0001-01-01T00:00:00+14:00", "RFC 3339"),
        ("٢٠٢٦-06-08T15:41:25Z", "RFC 3339"),
        ("yesterday", "RFC 3339"),
        ("", "RFC 3339"),
    ],
)
def test_what_a_person_says_must_be_an_instant(text: str, words: str) -> None:
    with pytest.raises(InvalidParameter, match=words):
        parse_taken_at(text)


@pytest.mark.parametrize(
    "body",
    [
        b'{"taken_at": "2026-06-08T15:41:25Z", "data": []}',
        b'{"data": [], "fetched_at": "2026-06-08T17:41:25+02:00"}',
        b'\xef\xbb\xbf {"generated_at": "2026-06-08 15:41:25z", "fetched_at": null, "data": []}',
        b'{"generated_at": "2020-01-01T00:00:00Z", "taken_at": "2026-06-08T15:41:25Z"}',
    ],
)
def test_an_instant_is_read_from_the_top_of_the_list(body: bytes) -> None:
    assert instant_in_list(body) == SECOND


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": [{"taken_at": "2026-06-08T15:41:25Z"}]}',
        b"[]",
        b'[{"taken_at": 1}]',
        b"",
        b"<html>",
        b'{"taken_at": null}',
    ],
)
def test_a_list_without_an_instant_tells_none(body: bytes) -> None:
    assert instant_in_list(body) is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"taken_at": "2026-06-08T15:41:25"}',
        b'{"taken_at": 1780933285}',
        b'{"fetched_at": {"at": [1]}}',
        b'{"taken_at": "2026-06-08T15:41:25Z"',
        b'{"x": ' + b"[" * 100_000,
    ],
)
def test_a_list_with_a_doubtful_instant_is_refused(body: bytes) -> None:
    assert isinstance(instant_in_list(body), NoInstant)


def test_the_future_and_the_time_before_all_models_are_refused() -> None:
    assert check_instant(NOW, now=NOW) == NOW
    assert check_instant(EARLIEST, now=NOW) == EARLIEST
    future = check_instant(NOW + timedelta(seconds=1), now=NOW)
    assert isinstance(future, NoInstant)
    assert "2026-10-26T04:00:01Z, which is in the future" in future.words
    assert isinstance(check_instant(EARLIEST - timedelta(seconds=1), now=NOW), NoInstant)


def test_a_modification_time_that_is_no_time_is_refused() -> None:
    assert from_unix(1_780_933_285) == SECOND
    for seconds in (float("nan"), float("inf"), 1e300, -1e18):
        assert isinstance(from_unix(seconds), NoInstant)
