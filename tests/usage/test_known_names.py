"""Counts under the names that providers and logs have for them; those under others are told and never dropped."""

import msgspec
import pytest

from llmanac.usage.call import Call, Extras
from llmanac.usage.columns import COLUMNS
from tests.build import Json
from tests.usage.made import jsonl, prices, read, report, timeline
from tests.usage.test_ledger import OWL_1

AT = 1_793_016_000
_OTHERS = ("time", "model", "variant", "id", "cost", "prompt_tokens", "input_tokens", "completion_tokens")

_OF_OTHER_RECORDS = ("native_", "ephemeral_", "cache_creation_input")
"""OpenRouter's and Anthropic's, which mean what they do beside others of theirs."""


def only(*lines: Json) -> Call:
    batch = read(jsonl(lines))
    assert batch.bad == []
    (found,) = batch.calls
    return msgspec.structs.replace(found, mark=0)


@pytest.mark.parametrize(
    "usage",
    [
        {"cached_tokens": 900},
        {"prompt_cache_hit_tokens": 900, "prompt_cache_miss_tokens": 100},
        {"tokens_cached": 900},
        {"cached_input_tokens": 900},
    ],
    ids=str,
)
def test_cached_tokens_are_read_wherever_they_stand(usage: dict[str, Json]) -> None:
    counts: dict[str, Json] = {"prompt_tokens": 1000, "completion_tokens": 5, **usage}
    expected = Call("m", AT * 1_000_000, 1000, 5, 900, 0, None, None)
    assert only({"model": "m", "created": AT, "usage": counts}) == expected
    assert only({"model": "m", "time": AT, **counts}) == expected
    assert only({"time": AT, "message": {"model": "m", "usage": counts}}) == expected


def as_table(members: dict[str, Json]) -> Call:
    (found,) = read(f"{','.join(members)}\n{','.join(map(str, members.values()))}\n".encode()).calls
    return found


@pytest.mark.parametrize(
    "name",
    [
        name
        for thing, known in COLUMNS.items()
        if thing not in _OTHERS
        for name in (thing, *known)
        if not name.startswith(_OF_OTHER_RECORDS)
    ],
)
def test_a_flat_line_knows_the_names_that_columns_know(name: str) -> None:
    members: dict[str, Json] = {"time": AT, "model": "m", "prompt_tokens": 100, "completion_tokens": 50, name: 7}
    assert only(members) == as_table(members)
    usage = {key: value for key, value in members.items() if key not in ("time", "model")}
    assert only({"time": AT, "model": "m", "usage": usage}) == as_table(members)


def test_models_and_times_have_the_names_of_columns_too() -> None:
    line: Json = {"model_name": "m", "started_at": "2026-10-26T12:00:00Z", "prompt_tokens": 3}
    assert only(line) == Call("m", AT * 1_000_000, 3, 0, 0, 0, None, None)


def test_gemini_counts_thoughts_and_the_prompts_of_tools_beside_the_others() -> None:
    line: Json = {
        "modelVersion": "gemini-2.5-pro",
        "createTime": "2026-10-26T12:00:00Z",
        "usageMetadata": {
            "promptTokenCount": 1000,
            "candidatesTokenCount": 50,
            "cachedContentTokenCount": 800,
            "thoughtsTokenCount": 70,
            "toolUsePromptTokenCount": 30,
            "totalTokenCount": 1150,
        },
    }
    assert only(line) == Call("gemini-2.5-pro", AT * 1_000_000, 1030, 120, 800, 70, None, None)


def test_tokens_written_to_the_cache_are_read_beside_the_prompt() -> None:
    line: Json = {"time": AT, "model": "m", "prompt_tokens": 100, "cache_write_tokens": 7}
    assert only(line).extras == Extras(cache_write=7)


def test_counts_of_no_known_name_are_told_with_their_lines() -> None:
    usage: dict[str, Json] = {"prompt_tokens": 10, "total_tokens": 10, "prompt_cache_miss_tokens": 10}
    strange: dict[str, Json] = {**usage, "dream_tokens": 5, "cache_ponds": 2}
    nested: dict[str, Json] = {**usage, "prompt_tokens_details": {"video_tokens": 3}}
    lines: list[Json] = [{"model": "m", "created": AT, "usage": each} for each in (usage, strange, strange, nested)]
    lines.append({"model": "m", "created": AT, **strange, "max_tokens": 99})
    batch = read(jsonl(lines))
    assert (len(batch.calls), batch.bad) == (5, [])
    assert batch.notes.unread == {"dream_tokens": 3, "cache_ponds": 3, "video_tokens": 1}


def test_zeros_of_no_known_name_are_nothing_to_tell() -> None:
    batch = read(jsonl([{"model": "m", "created": AT, "usage": {"prompt_tokens": 1, "dream_tokens": 0}}]))
    assert batch.notes.unread == {}


def test_lines_without_a_usage_are_no_calls_and_not_bad() -> None:
    lines: list[Json] = [
        {"type": "user", "timestamp": "2026-10-26T12:00:00Z", "message": {"role": "user", "content": "usage: 5"}},
        {"type": "summary", "summary": "of it", "leafUuid": "1"},
        {"model": "m", "created": AT, "usage": None, "error": "overloaded"},
        {"type": "note", "time": {"odd": 1}},
        {"model": "m", "created": AT, "usage": {"prompt_tokens": 1}},
        {"created": AT, "usage": {"prompt_tokens": 1}},
        {"model": "m", "usage": {"prompt_tokens": 1}},
        {"completion_tokens": 1},
    ]
    batch = read(jsonl(lines) + b"oops\n")
    assert (len(batch.calls), batch.notes.no_calls) == (1, 4)
    assert [bad.line for bad in batch.bad] == [6, 7, 8, 9]
    alone = read(jsonl(lines[:3]))
    assert (alone.calls, alone.bad, alone.notes.no_calls) == ([], [], 3)


def test_dates_without_a_time_are_told_as_assumed() -> None:
    content = jsonl({"model": "acme/owl", "time": when, "prompt_tokens": 1} for when in ("2026-10-27", "20261027", AT))
    found = report(prices(timeline((0, OWL_1))), content, b"date,model,prompt_tokens\n2026-10-27,acme/owl,1\n")
    (said,) = (each for each in found.assumed if "date alone" in each.text)
    assert said.calls == 3
    assert found.sum.calls == 4


@pytest.mark.parametrize(
    ("usage", "words"),
    [
        ({"prompt_tokens": -5}, "Expected `int` >= 0 - at `$.usage.prompt_tokens`, got -5"),
        ({"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": "x" * 99}}, ': "' + "x" * 39),
    ],
)
def test_a_refusal_shows_what_was_seen(usage: Json, words: str) -> None:
    bad = read(jsonl([{"model": "m", "created": AT, "usage": usage}])).bad
    assert bad[0].reason.endswith(words)
    (within,) = read(jsonl([{"time": AT, "message": {"model": "m", "usage": usage}}])).bad
    assert within.reason.endswith(words)
