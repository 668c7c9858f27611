"""Usage objects of every recognised kind, as the providers document them, and what they count."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from llmanac.catalogue.money import parse_price
from llmanac.usage.call import Call, Extras
from llmanac.usage.instants import instant_of
from llmanac.usage.reading import How
from tests.build import Json
from tests.usage.made import jsonl, read

AT = 1_793_016_000
US = AT * 1_000_000


def call(line: Json, how: How | None = None) -> Call:
    batch = read(jsonl([line]), how)
    assert batch.bad == []
    (found,) = batch.calls
    return found


def counted(
    prompt: int, completion: int, *, cached: int = 0, reasoning: int = 0, extras: Extras | None = None, name: str = "m"
) -> Call:
    return Call(name, US, prompt, completion, cached, reasoning, extras, None)


OPENAI: Json = {
    "prompt_tokens": 2006,
    "completion_tokens": 300,
    "total_tokens": 2306,
    "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0},
}
RESPONSES: Json = {
    "input_tokens": 36,
    "input_tokens_details": {"cached_tokens": 30},
    "output_tokens": 87,
    "output_tokens_details": {"reasoning_tokens": 64},
    "total_tokens": 123,
}
ANTHROPIC: Json = {
    "input_tokens": 50,
    "cache_read_input_tokens": 100_000,
    "cache_creation_input_tokens": 248,
    "cache_creation": {"ephemeral_5m_input_tokens": 148, "ephemeral_1h_input_tokens": 100},
    "output_tokens": 503,
    "server_tool_use": {"web_search_requests": 2},
    "service_tier": "standard",
}


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (OPENAI, counted(2006, 300, cached=1920)),
        (RESPONSES, counted(36, 87, cached=30, reasoning=64)),
        (
            ANTHROPIC,
            counted(100_298, 503, cached=100_000, extras=Extras(cache_write=148, cache_write_1h=100, web_searches=2)),
        ),
        ({"input_tokens": 7, "output_tokens": 3}, counted(7, 3)),
        ({"input_tokens": 7, "output_tokens": 3, "cache_read_input_tokens": 5}, counted(12, 3, cached=5)),
        (
            {"input_tokens": 7, "cache_creation_input_tokens": 5, "output_tokens": 3},
            counted(12, 3, extras=Extras(cache_write=5)),
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 50,
                "prompt_tokens_details": {"audio_tokens": 30, "cached_tokens": 20},
                "completion_tokens_details": {"audio_tokens": 40},
            },
            counted(70, 10, cached=20, extras=Extras(audio_in=30, audio_out=40)),
        ),
        (
            {"prompt_tokens": 9, "completion_tokens": 5, "prompt_tokens_details": {"cache_write_tokens": 4}},
            counted(9, 5, extras=Extras(cache_write=4)),
        ),
        (
            {"prompt_tokens": 8, "completion_tokens": 1290, "completion_tokens_details": {"image_tokens": 1280}},
            counted(8, 10, extras=Extras(image_out=1280)),
        ),
        (
            # LiteLLM's for Anthropic: the prompt holds what was cached.
            {
                "prompt_tokens": 20,
                "completion_tokens": 5,
                "cache_read_input_tokens": 8,
                "cache_creation_input_tokens": 4,
            },
            counted(20, 5, cached=8, extras=Extras(cache_write=4)),
        ),
        (
            # xAI's: reasoning is beside the completion, as the total shows.
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "total_tokens": 35,
                "completion_tokens_details": {"reasoning_tokens": 20},
            },
            counted(10, 25, reasoning=20),
        ),
        ({"prompt_tokens": 3, "completion_tokens": None, "prompt_tokens_details": None}, counted(3, 0)),
    ],
    ids=str,
)
def test_a_usage_counts_what_its_provider_means(usage: Json, expected: Call) -> None:
    assert call({"model": "m", "created": AT, "usage": usage}) == expected
    if isinstance(usage, dict):
        assert call({"model": "m", "created": AT, **usage}) == expected


@pytest.mark.parametrize(
    "line",
    [
        {"custom_id": "1", "response": {"status_code": 200, "body": {"model": "m", "created": AT, "usage": OPENAI}}},
        {"timestamp": "2026-10-26T12:00:00Z", "message": {"model": "m", "role": "assistant", "usage": OPENAI}},
        {"result": {"type": "succeeded", "message": {"model": "m", "usage": OPENAI}}, "time": AT},
        {"model": "m", "created_at": AT * 1000, "usage": OPENAI},
        {"model": "m", "created": float(AT), "usage": OPENAI},
        {"model": "m", "timestamp": "2026-10-26T14:00:00+02:00", "usage": OPENAI, "message": "hello"},
    ],
    ids=["batch", "transcript", "batch of messages", "milliseconds", "fraction", "offset"],
)
def test_answers_are_found_in_their_wrappers(line: Json) -> None:
    assert call(line) == counted(2006, 300, cached=1920)


def test_a_generation_record_has_the_providers_own_counts_and_cost() -> None:
    record: Json = {
        "id": "gen-3bhGkxlo4XFrqiabUM7NDtwDzWwG",
        "model": "openai/gpt-4o",
        "created_at": "2026-10-26T12:00:00.250Z",
        "total_cost": 0.0015,
        "usage": 0.0015,
        "tokens_prompt": 10,
        "tokens_completion": 25,
        "native_tokens_prompt": 12,
        "native_tokens_completion": 26,
        "native_tokens_reasoning": 5,
        "native_tokens_cached": 3,
        "num_search_results": None,
    }
    expected = Call("openai/gpt-4o", US + 250_000, 12, 26, 3, 5, None, parse_price("0.0015").amount)
    assert msgspec.structs.replace(call({"data": record}), mark=0) == expected
    assert msgspec.structs.replace(call(record), mark=0) == expected


def test_what_a_call_cost_is_kept_digit_by_digit() -> None:
    line = b'{"model":"m","created":5,"usage":{"prompt_tokens":1,"cost":0.00012345678901234567}}\n'
    (found,) = read(line).calls
    assert found.stated == Decimal((0, (*map(int, "12345678901234567"),), -20))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"model": "m", "created": AT, "usage": {}}, "Expected counts such as"),
        ({"model": "m", "created": AT, "tokens_in": 5}, "Expected counts such as"),
        ({"created": AT, "usage": OPENAI}, "Expected the model"),
        ({"model": "m", "usage": OPENAI}, "Expected a time"),
        ({"model": "m", "created": "noon", "usage": OPENAI}, "time: Expected an instant"),
        ({"model": "m", "created": -1, "usage": OPENAI}, "time: Expected seconds"),
        ({"model": 4, "created": AT, "usage": OPENAI}, "$.model"),
        ({"model": "m", "created": AT, "usage": {"prompt_tokens": -1}}, "$.usage.prompt_tokens"),
        ({"model": "m", "created": AT, "usage": {"prompt_tokens": 1.5}}, "$.usage.prompt_tokens"),
        ({"model": "m", "created": AT, "usage": {"prompt_tokens": 10**12 + 1}}, "$.usage.prompt_tokens"),
        (
            {"model": "m", "created": AT, "usage": {"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": 2}}},
            "2 cached tokens are more than the 1",
        ),
        ({"model": "m", "created": AT, "usage": {"prompt_tokens": 1, "cost": -2}}, "cost: Expected"),
        ([1], "Expected `object`"),
        ("text", "Expected `object`"),
    ],
)
def test_a_line_that_is_no_call_is_told_with_its_number(line: Json, words: str) -> None:
    good: Json = {"model": "m", "created": AT, "usage": OPENAI}
    batch = read(jsonl([good, line, good]))
    assert len(batch.calls) == 2
    (bad,) = batch.bad
    assert (bad.file, bad.line) == ("calls", 2)
    assert words in bad.reason


def test_calls_without_a_time_can_be_given_one() -> None:
    assert call({"model": "m", "usage": OPENAI}, How(at_us=US)) == counted(2006, 300, cached=1920)


@pytest.mark.parametrize("text", ["2026-10-26T12:00:00Z", "2026-10-26 12:00:00", "1793016000", "1793016000.0"])
def test_times_are_read_in_every_usual_form(text: str) -> None:
    found = call({"model": "m", "time": text, "usage": OPENAI})
    assert instant_of(found.at_us) == datetime(2026, 10, 26, 12, tzinfo=UTC)


def test_images_of_a_generation_record_are_told_apart() -> None:
    """OpenRouter's native completion tokens hold those of images, which have a price of their own."""
    generation: Json = {
        "model": "m",
        "created_at": "2026-10-26T12:00:00.000Z",
        "native_tokens_prompt": 10,
        "native_tokens_completion": 1300,
        "native_tokens_completion_images": 1290,
        "total_cost": 0.04,
    }
    found = call({"data": generation})
    assert (found.prompt, found.completion, found.extras) == (10, 10, Extras(image_out=1290))


@pytest.mark.parametrize(("model", "variant"), [("a/b", "free"), ("a/b:free", "free")])
def test_the_variant_beside_a_model_is_part_of_its_name(model: str, variant: str) -> None:
    line: dict[str, Json] = {"model": model, "variant": variant, "created": AT, "usage": {"prompt_tokens": 1}}
    assert call(line).name == "a/b:free"
    assert call({**line, "variant": "standard"}).name == model
