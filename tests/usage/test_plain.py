"""The short way of chat completions reads what the long way reads."""

from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmanac.usage.plain import read_plain
from tests.build import Json
from tests.usage.made import jsonl, read

AT = 1_793_016_000
PLAIN: dict[str, Json] = {"id": "gen-1", "created": AT, "model": "m"}
COUNTS: st.SearchStrategy[Json] = st.sampled_from([None, 0, 1, 3, 5, 10**12, 10**12 + 1, -1, 1.5, "5", True])
SMALL: st.SearchStrategy[Json] = st.sampled_from([0, 1, 3, 5, 8, 13])
NAMES = [
    "prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens", "reasoning_tokens", "cache_write_tokens",
    "audio_tokens", "image_tokens", "video_tokens", "text_tokens", "input_tokens", "output_tokens",
    "cache_read_input_tokens", "cache_creation_input_tokens", "web_search_requests", "accepted_prediction_tokens",
    "surprising_tokens", "images_in", "cache_hits", "service_tier", "prompt",
]  # fmt: skip


def merged(*parts: dict[str, Json]) -> dict[str, Json]:
    return {name: value for part in parts for name, value in part.items()}


COUNTED: st.SearchStrategy[dict[str, Json]] = st.dictionaries(st.sampled_from(NAMES), COUNTS | SMALL, max_size=3)
PARTS: st.SearchStrategy[dict[str, Json]] = st.fixed_dictionaries(
    {},
    optional={
        "prompt_tokens_details": COUNTED | st.none() | st.just([]),
        "completion_tokens_details": COUNTED | st.none(),
        "cost": st.sampled_from([0, 0.25, "0.1", None, -1, "x"]),
        "is_byok": st.booleans() | st.none() | st.just(1),
        "cost_details": st.sampled_from([None, {"upstream_inference_cost": 1e-5}, {"cached_tokens": 7}, 3]),
    },
)
USAGES = st.builds(
    merged,
    st.fixed_dictionaries({"prompt_tokens": SMALL, "completion_tokens": SMALL}, optional={"total_tokens": SMALL}),
    COUNTED,
    PARTS,
)
MEMBERS = st.fixed_dictionaries(
    {"usage": USAGES | st.none() | st.just(5)},
    optional={
        "id": st.sampled_from(["gen-1", "", None, 7, 'q"\\', "\u00e9\u2028", "\ud83d\ude00", {"a": '"\\'}]),
        "created": st.sampled_from([0, AT, -1, 10**11 - 1, 10**11, 10**17, None, 1.5, "2026-10-26", "x", True]),
        "model": st.sampled_from(["m", "", None, "n" * 512, "n" * 513, 5]),
        "total_cost": st.sampled_from([None, 0.5]),
        "request_id": st.just("req-1"),
        "timestamp": st.just(AT),
        "message": st.sampled_from([{"content": '"max_tokens": 9'}, {"usage": {"input_tokens": 3}}]),
        "choices": st.just([{"text": '"surprising_tokens": 5'}]),
        "input_tokens": SMALL,
    },
)


@given(st.builds(merged, st.sampled_from([PLAIN, {}]), MEMBERS))
@example({**PLAIN, "usage": {"prompt_tokens": 5, "completion_tokens": 1, "video_tokens": 3}})
def test_both_ways_read_the_same(line: dict[str, Json]) -> None:
    short, long = read(jsonl([line])), read(jsonl([{**line, "variant": "standard"}]))
    assert (short.calls, short.bad, short.notes) == (long.calls, long.bad, long.notes)


IMAGES: dict[str, Json] = {**PLAIN, "usage": {"prompt_tokens": 5, "completion_tokens": 1, "images_in": 1}}


@example([{**PLAIN, "usage": {"prompt_tokens": 5, "completion_tokens": 1}}, IMAGES])
@given(st.lists(st.builds(lambda usage: {**PLAIN, "usage": usage}, USAGES), max_size=6))
def test_a_line_is_read_alike_whatever_the_others_are(lines: list[dict[str, Json]]) -> None:
    together = read(jsonl(cast("list[Json]", lines)))
    alone = [read(jsonl([line])) for line in lines]
    assert together.calls == [call for each in alone for call in each.calls]
    assert [bad.reason for bad in together.bad] == [bad.reason for each in alone for bad in each.bad]
    assert together.notes.unread.keys() == {name for each in alone for name in each.notes.unread}


@pytest.mark.parametrize(
    "usage",
    [
        {
            "prompt_tokens": 2006,
            "completion_tokens": 300,
            "total_tokens": 2306,
            "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 128,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        },
        {
            "prompt_tokens": 14,
            "completion_tokens": 163,
            "total_tokens": 177,
            "cost": 0.00023,
            "is_byok": False,
            "prompt_tokens_details": {
                "cached_tokens": 0,
                "cache_write_tokens": 0,
                "audio_tokens": 0,
                "video_tokens": 0,
            },
            "cost_details": {
                "upstream_inference_cost": None,
                "upstream_inference_prompt_cost": 0.00007,
                "upstream_inference_completions_cost": 0.00016,
            },
            "completion_tokens_details": {"reasoning_tokens": 128, "image_tokens": 0, "audio_tokens": 0},
        },
    ],
    ids=["OpenAI's", "OpenRouter's"],
)
def test_what_openai_and_openrouter_send_is_read_the_short_way(usage: dict[str, Json]) -> None:
    line: dict[str, Json] = {**PLAIN, "object": "chat.completion", "choices": [], "usage": usage}
    (call,) = read_plain(jsonl([line]).rstrip()) or []
    assert (call.prompt, call.completion, call.reasoning) == (usage["prompt_tokens"], usage["completion_tokens"], 128)


def test_half_a_pair_of_surrogates_is_no_json_either_way() -> None:
    line: dict[str, Json] = {**PLAIN, "id": "\ud83d", "usage": {"prompt_tokens": 5, "completion_tokens": 1}}
    for way in (line, {**line, "variant": "standard"}):
        (bad,) = read(jsonl([way])).bad
        assert bad.reason.startswith("no JSON: ")


def test_a_count_that_nothing_knows_takes_the_long_way_and_is_told() -> None:
    line: dict[str, Json] = {**PLAIN, "usage": {"prompt_tokens": 5, "completion_tokens": 1, "surprising_tokens": 2}}
    assert read_plain(jsonl([line]).rstrip()) is None
    assert read(jsonl([line])).notes.unread == {"surprising_tokens": 1}
