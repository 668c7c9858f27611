"""A workload that exists is possible; one that is not says which counts contradict each other."""

from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from llmanac.cost.workload import COUNTS, DAY_HOURS, MAX_COUNT, Week, Workload
from llmanac.errors import InvalidBody

NINE_TO_FIVE = tuple(1 if 9 <= hour < 17 else 0 for hour in range(DAY_HOURS))


def refusal(**counts: object) -> InvalidBody:
    with pytest.raises(InvalidBody) as refused:
        msgspec.convert(counts, Workload)
    assert (refused.value.status, refused.value.code) == (422, "IMPOSSIBLE_WORKLOAD")
    return refused.value


def test_more_cached_than_prompt_tokens_are_refused_by_name_and_number() -> None:
    found = refusal(prompt_tokens=100, cache_read_tokens=70, cache_write_1h_tokens=31)
    assert found.message == (
        "`cache_read_tokens` 70 + `cache_write_1h_tokens` 31 is more than `prompt_tokens` 100, which should hold it"
    )
    assert "input_includes_cache" in found.hint


def test_all_of_the_prompt_may_be_cached() -> None:
    assert Workload(prompt_tokens=100, cache_read_tokens=60, cache_write_tokens=40).fresh_tokens == 0


def test_cached_tokens_beside_the_prompt_may_be_more_than_it() -> None:
    found = Workload(prompt_tokens=1, cache_read_tokens=70, cache_write_tokens=9, input_includes_cache=False)
    assert (found.fresh_tokens, found.prompt_length) == (1, 80)


def test_more_reasoning_than_completion_is_refused() -> None:
    assert refusal(completion_tokens=9, reasoning_tokens=10).message == (
        "`reasoning_tokens` 10 is more than `completion_tokens` 9, which should hold it"
    )


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("count", [-1, MAX_COUNT + 1])
def test_a_count_out_of_range_is_refused_by_name(name: str, count: int) -> None:
    assert refusal(**{name: count}).message == f"`{name}` must be a whole number from 0 to {MAX_COUNT}, got {count}"


@pytest.mark.parametrize("count", [1.5, "7", True, None])
def test_a_count_that_is_no_whole_number_is_refused(count: object) -> None:
    with pytest.raises((InvalidBody, msgspec.ValidationError)):
        msgspec.convert({"prompt_tokens": count}, Workload)


def test_a_count_of_another_name_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="promt_tokens"):
        msgspec.convert({"promt_tokens": 1}, Workload)


def test_an_instant_needs_an_offset() -> None:
    with pytest.raises(InvalidBody, match="offset"):
        Workload(at=datetime(2026, 10, 26))  # noqa: DTZ001 - the very thing that is refused
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"at": "2026-10-26T00:00:00"}', type=Workload)


def test_a_week_has_its_own_days_and_every_day() -> None:
    quiet = (0,) * DAY_HOURS
    hours = Week(every_day=NINE_TO_FIVE, sunday=quiet).hours
    assert len(hours) == 7 * DAY_HOURS
    assert hours[:DAY_HOURS] == NINE_TO_FIVE
    assert hours[-DAY_HOURS:] == quiet
    assert Workload(at=Week(every_day=NINE_TO_FIVE, sunday=quiet)).all_requests == 6 * 8


def test_the_week_in_the_documentation_is_one() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "concepts" / "cost.md").read_text(encoding="utf-8")
    example = page.partition("```json\n")[2].partition("```")[0]
    assert msgspec.json.decode(example, type=Workload).all_requests == 6 * 9 * 9


def test_a_week_is_read_from_json() -> None:
    body = msgspec.json.encode({"at": {"monday": NINE_TO_FIVE}, "prompt_tokens": 5})
    assert msgspec.json.decode(body, type=Workload).all_requests == 8


@pytest.mark.parametrize("hours", [NINE_TO_FIVE[:-1], (*NINE_TO_FIVE, 0), (*NINE_TO_FIVE[:-1], -1)])
def test_a_day_with_other_than_24_whole_numbers_is_refused(hours: tuple[int, ...]) -> None:
    with pytest.raises(InvalidBody, match=r"at\.tuesday"):
        Week(tuesday=hours)


def test_a_week_counts_the_requests_itself() -> None:
    assert "`requests` must be left out" in refusal(requests=2, at=Week(monday=NINE_TO_FIVE)).message


def test_a_week_of_too_many_requests_is_refused() -> None:
    assert str(MAX_COUNT) in refusal(at=Week(every_day=(MAX_COUNT,) * DAY_HOURS)).message


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_instant_that_is_beyond_every_calendar_in_utc_is_refused(at: str) -> None:
    assert refusal(at=at).message == f"`at` must be an instant from the year 1 to 9999 in UTC, got {at}"
