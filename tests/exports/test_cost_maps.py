"""Prices of cost maps against upstream's records: whatever a map states is what the record says, to the last digit."""

import json
from collections.abc import Iterable
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import Json, Record, architecture, pricing, record
from tests.exports.billing import (
    DAYS,
    LITELLM,
    MODELS_DEV,
    WEEK,
    Object,
    due,
    exact_json,
    list_of,
    litellm_price,
    models_dev_price,
    object_of,
    unknown,
)
from tests.exports.maps import litellm, litellm_of, models_dev, models_dev_of, models_of
from tests.shared_data import RealList, real_lists
from tests.strategies import quick

MILLION = 1_000_000
LENGTHS = (1, 1000, 1001, 32_000, 32_001, 128_000, 131_073, 200_000, 200_001, 272_001, 10**7)
MINUTES = (0, 59, 60, 240, 599, 600, 959, 960, 1439, 1440, 5 * 1440, 6 * 1440 + 600, WEEK - 1)


def requests(rates: Object) -> Iterable[tuple[int, int]]:
    """Lengths and minutes at which prices may differ."""
    return product(LENGTHS, MINUTES) if rates.get("overrides") else ((1, 0),)


def check_litellm(entry: Object, rates: Object) -> int:
    """Assert that every stated price is due, at any length and time; how many rates are stated."""
    stated = [rate for rate, key in LITELLM.items() if any(name.startswith(key) for name in entry)]
    for rate in stated:
        for tokens, minute in requests(rates):
            found = litellm_price(entry, rate, tokens=tokens, minute=minute)
            if found is not None:
                assert found == due(rates, rate, tokens=tokens, minute=minute), (rate, tokens, minute)
    return len(stated)


def check_models_dev(cost: Object, rates: Object) -> None:
    """As `check_litellm`."""
    for rate in MODELS_DEV:
        for tokens, minute in requests(rates):
            found = models_dev_price(cost, rate, tokens=tokens)
            if found is not None:
                expected = due(rates, rate, tokens=tokens, minute=minute)
                assert expected is not None
                assert found == expected * MILLION, (rate, tokens, minute)


@pytest.mark.real_lists
@pytest.mark.parametrize("real", real_lists(), ids=str)
def test_every_price_of_every_real_list_is_the_records_own(real: RealList) -> None:
    sent = json.loads(real.raw())
    models = models_of(sent["data"] if isinstance(sent, dict) else sent)
    rates = {str(model.id): object_of(object_of(exact_json(model.record))["pricing"]) for model in models}
    entries = litellm_of(models)
    assert list(entries) == sorted((model.id for model in models), reverse=True)
    assert sum(check_litellm(entry, rates[name]) for name, entry in entries.items()) >= len(models)
    for name, model in models_dev_of(models).items():
        check_models_dev(object_of(model.get("cost", {})), rates[name])


_PRICES = ("0", "-1", "0.0000004", "0.00000083", "2e-7", "0.0000006000000000000001")
_RATES = ("prompt", "completion", "input_cache_read", "input_cache_write", "input_cache_write_1h", "internal_reasoning")
_OTHERS = ("audio", "image_token", "image_output", "input_audio_cache", "web_search")
_LEAST = st.sampled_from((999, 1000, 32_000, 128_000, 131_072, 200_000))
_HOURS = st.sampled_from((0, 100, 400, 1000, 1600, 2359))


def _conditions() -> st.SearchStrategy[dict[str, Json]]:
    lengths: st.SearchStrategy[dict[str, Json]] = _LEAST.map(lambda least: {"min_prompt_tokens": least})
    hours: st.SearchStrategy[dict[str, Json]] = st.tuples(_HOURS, _HOURS).map(
        lambda both: {"utc_start": both[0], "utc_end": both[1]}
    )
    days: st.SearchStrategy[dict[str, Json]] = st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(
        lambda some: {"utc_days": some}
    )
    both = st.builds(lambda one, other: {**one, **other}, hours, days)
    strange: st.SearchStrategy[dict[str, Json]] = st.just({"moon_phase": 3})
    return st.one_of(
        lengths, lengths, hours, days, both, st.builds(lambda one, two: {**one, **two}, lengths, hours), strange
    )


def _rates() -> st.SearchStrategy[dict[str, Json]]:
    return st.dictionaries(st.sampled_from(_RATES + _OTHERS), st.sampled_from(_PRICES), max_size=6)


_PRICINGS = st.builds(
    lambda base, entries: {**base, "overrides": entries},
    _rates(),
    st.lists(st.builds(lambda when, rates: {**when, **rates}, _conditions(), _rates()), max_size=3),
)
_OUTPUTS = st.lists(st.sampled_from(("text", "image", "audio", "embeddings", "video")), max_size=2, unique=True)


@quick
@given(_PRICINGS, _OUTPUTS)
def test_no_conditions_make_a_map_state_what_is_not_due(stated: Record, outputs: list[str]) -> None:
    sent = record(id="acme/owl", pricing=stated, architecture=architecture(outputs=outputs))
    rates = object_of(exact_json(json.dumps(stated)))
    count = check_litellm(litellm(sent)["acme/owl"], rates)
    entries = [object_of(entry) for entry in list_of(rates["overrides"])]
    if any(unknown(entry) and entry.keys() & {*_RATES, *_OTHERS} for entry in entries) or "video" in outputs:
        assert count == 0
    check_models_dev(object_of(models_dev(sent).get("acme/owl", {}).get("cost", {})), rates)


def test_steps_are_stated_at_any_length() -> None:
    steps: list[Json] = [
        {"min_prompt_tokens": 200_000, "prompt": "0.0000008", "completion": "0.000004"},
        {"min_prompt_tokens": 131_072, "prompt": "0.0000006"},
    ]
    sent = record(id="acme/owl", pricing=pricing(overrides=steps, input_cache_write_1h="0.000001"))
    entry = litellm(sent)["acme/owl"]
    assert {name: str(value) for name, value in entry.items() if "_cost" in name} == {
        "input_cost_per_token": "4E-7",
        "input_cost_per_token_above_131072_tokens": "6E-7",
        "input_cost_per_token_above_200k_tokens": "6E-7",
        "output_cost_per_token": "0.000002",
        "output_cost_per_token_above_131072_tokens": "0.000002",
        "output_cost_per_token_above_200k_tokens": "0.000004",
        "cache_read_input_token_cost": "4E-8",
        "cache_read_input_token_cost_above_131072_tokens": "4E-8",
        "cache_read_input_token_cost_above_200k_tokens": "4E-8",
        "cache_creation_input_token_cost_above_1hr": "0.000001",
        "cache_creation_input_token_cost_above_1hr_above_131072_tokens": "0.000001",
        "cache_creation_input_token_cost_above_1hr_above_200k_tokens": "0.000001",
    }
    cost = object_of(models_dev(sent)["acme/owl"]["cost"])
    assert [object_of(object_of(tier)["tier"]) for tier in list_of(cost["tiers"])] == [
        {"type": "context", "size": Decimal(131_072)},
        {"type": "context", "size": Decimal(200_000)},
    ]
    assert object_of(cost["context_over_200k"])["output"] == 4


WEEKEND: list[Json] = [
    {"utc_days": ["saturday", "sunday"], "prompt": "0.0000002", "completion": "0.000001"},
    {"utc_days": [*DAYS[:5]], "utc_start": 0, "utc_end": 600, "prompt": "0.0000002", "completion": "0.000001"},
    {"utc_days": [*DAYS[:5]], "utc_start": 600, "utc_end": 0, "prompt": "0.0000004", "completion": "0.000002"},
]


def test_two_times_are_the_dearer_price_and_off_peak_windows() -> None:
    sent = record(id="acme/owl", pricing={**pricing(prompt="0.0000002", completion="0.000001"), "overrides": WEEKEND})
    entry = litellm(sent)["acme/owl"]
    assert (entry["input_cost_per_token"], entry["output_cost_per_token"]) == (Decimal("4E-7"), Decimal("0.000002"))
    assert entry["off_peak_pricing"] == {
        "windows": [
            {"weekdays": [1, 2, 3, 4, 5], "hours_utc": ["00:00-06:00"]},
            {"weekdays": [6, 7], "hours_utc": ["00:00-00:00"]},
        ],
        "input_cost_per_token": Decimal("2E-7"),
        "output_cost_per_token": Decimal("0.000001"),
    }
    assert "cost" not in models_dev(sent)["acme/owl"]


def test_hours_of_every_day_need_no_weekdays() -> None:
    nights: list[Json] = [{"utc_start": 2200, "utc_end": 400, "prompt": "0.0000001"}]
    entry = litellm(record(id="acme/owl", pricing=pricing(overrides=nights)))["acme/owl"]
    assert entry["off_peak_pricing"] == {
        "hours_utc": ["00:00-04:00", "22:00-00:00"],
        "input_cost_per_token": Decimal("1E-7"),
    }


@pytest.mark.parametrize(
    "entries",
    [
        [{"moon_phase": 3, "prompt": "0.0000001"}],
        [
            {"utc_start": 0, "utc_end": 600, "prompt": "0.0000001"},
            {"utc_start": 600, "utc_end": 1200, "prompt": "0.0000002"},
        ],
        [{"utc_start": 0, "utc_end": 600, "min_prompt_tokens": 32_000, "prompt": "0.0000001"}],
        [{"utc_start": 0, "utc_end": 600, "prompt": "0.0000001", "completion": "0.000009"}],
        [{"utc_start": 0, "utc_end": 600, "input_cache_write_1h": "0.0000001"}],
    ],
    ids=[
        "conditions nobody knows",
        "three times",
        "times and lengths",
        "neither time is dearer",
        "a rate without a place",
    ],
)
def test_what_no_map_can_say_exactly_is_not_said(entries: list[Json]) -> None:
    sent = record(id="acme/owl", pricing=pricing(overrides=entries, input_cache_write_1h="0.0000003"))
    assert not [name for name in litellm(sent)["acme/owl"] if "cost" in name or "pricing" in name]
    assert "cost" not in models_dev(sent)["acme/owl"]


@pytest.mark.parametrize("price", ["-1", None], ids=["dynamic", "unknown"])
def test_a_price_that_is_not_known_has_no_key(price: str | None) -> None:
    rates: dict[str, Json] = {"prompt": price, "completion": price}
    sent = record(id="acme/router", pricing={name: value for name, value in rates.items() if value is not None})
    assert not [name for name in litellm(sent)["acme/router"] if "cost" in name]
    assert "cost" not in models_dev(sent)["acme/router"]


def test_a_price_that_is_not_known_above_a_length_is_not_stated_below_it() -> None:
    steps: list[Json] = [{"min_prompt_tokens": 1000, "prompt": "-1"}]
    sent = record(id="acme/owl", pricing=pricing(overrides=steps))
    entry = litellm(sent)["acme/owl"]
    assert not [name for name in entry if name.startswith("input_cost")]
    assert entry["output_cost_per_token"] == Decimal("0.000002")
    assert "cost" not in models_dev(sent)["acme/owl"]


def test_zero_is_stated_only_where_nothing_but_tokens_is_paid_for() -> None:
    nothing: dict[str, Json] = {"prompt": "0", "completion": "0"}
    sent = [
        record(id="acme/free:free", pricing=nothing),
        record(id="acme/songs", pricing=nothing, architecture=architecture(outputs=("text", "audio"))),
        record(id="acme/films", pricing=nothing, architecture=architecture(outputs=("video",))),
        record(
            id="acme/pictures",
            pricing={**nothing, "image_output": "0.00001", "image_token": "0.003"},
            architecture=architecture(("text", "image"), ("image",)),
        ),
    ]
    entries = litellm(*sent)
    assert {name: entry.get("output_cost_per_token") for name, entry in entries.items()} == {
        "acme/free:free": 0, "acme/songs": None, "acme/films": None, "acme/pictures": 0,
    }  # fmt: skip
    assert entries["acme/pictures"]["output_cost_per_image_token"] == Decimal("0.00001")
    # What an image costs that goes in is no price of a token.
    assert "input_cost_per_image_token" not in entries["acme/pictures"]
    assert [name for name, model in models_dev(*sent).items() if "cost" in model] == ["acme/free:free"]


def test_a_part_that_does_not_climb_along_is_not_stated() -> None:
    steps: list[Json] = [{"min_prompt_tokens": 200_000, "prompt": "0.0000008", "completion": "0.000004"}]
    rates = pricing(overrides=steps, internal_reasoning="0.000002", audio="0.000009")
    entry = litellm(record(id="acme/owl", pricing=rates))["acme/owl"]
    assert "output_cost_per_reasoning_token" not in entry
    assert entry["input_cost_per_audio_token"] == Decimal("0.000009")
