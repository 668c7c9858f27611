"""Cost maps against `cost`: whatever a map states for a count is what llmanac itself bills for it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmanac.catalogue.model import Model
from llmanac.cost.quote import quote
from llmanac.cost.workload import Workload
from llmanac.pricing.rate_card import RateCard, rate_card
from tests.build import Json, architecture, record
from tests.cost.strategies import pricings
from tests.exports.billing import LITELLM, MODELS_DEV, Object, litellm_price, models_dev_price, object_of
from tests.exports.maps import litellm_of, models_dev_of, models_of
from tests.exports.test_cost_maps import LENGTHS, MILLION, MINUTES
from tests.shared_data import RealList, real_lists
from tests.strategies import quick

COUNTS: Mapping[str, str] = {
    "prompt": "fresh_tokens",
    "completion": "spoken_tokens",
    "input_cache_read": "cache_read_tokens",
    "input_cache_write": "cache_write_tokens",
    "input_cache_write_1h": "cache_write_1h_tokens",
    "internal_reasoning": "reasoning_tokens",
    "audio": "audio_tokens_in",
    "audio_output": "audio_tokens_out",
    "image_token": "image_tokens_in",
    "image_output": "image_tokens_out",
}
"""What a workload counts, by the rate whose key a map has for it. It has no count of audio from the cache."""


def check(models: Sequence[Model]) -> int:
    """Assert that every price in both maps is billed, at any length and time; how many prices were compared."""
    maps, files = litellm_of(models), models_dev_of(models)
    compared = 0
    for model in models:
        card = rate_card(model)
        entry, cost = maps[model.id], object_of(files.get(model.id, {}).get("cost", {}))
        for tokens, minute in requests(card):
            due = billed(card, tokens, minute)
            for rate, count in COUNTS.items():
                for stated in prices(entry, cost, rate, tokens, minute):
                    assert stated == due[count], (model.id, rate, tokens, minute)
                    compared += 1
        check_searches(card, entry)
    return compared


def requests(card: RateCard) -> Iterable[tuple[int, int]]:
    """Lengths of prompts and minutes at which prices may differ."""
    return product(LENGTHS if card.lengths else (1,), MINUTES if len(card.edges) > 1 else (0,))


def billed(card: RateCard, tokens: int, minute: int) -> Mapping[str, Decimal | None]:
    """By count: the price of one token; None where it is missing, is no token's, or is in doubt."""
    charges = card.cells[card.place(tokens, minute)]
    return {
        count: charge.amount if charge.reason is None and charge.unit == "token" else None
        for count, charge in charges.items()
    }


def prices(entry: Object, cost: Object, rate: str, tokens: int, minute: int) -> Iterable[Decimal]:
    """What the two maps state for one token, as far as they do."""
    found = litellm_price(entry, rate, tokens=tokens, minute=minute) if rate in LITELLM else None
    if found is not None:
        yield found
    found = models_dev_price(cost, rate, tokens=tokens) if rate in MODELS_DEV else None
    if found is not None:
        yield found / MILLION


def check_searches(card: RateCard, entry: Object) -> None:
    """Assert that a search costs what the map says."""
    stated = entry.get("search_context_cost_per_query")
    if stated is not None:
        assert set(object_of(stated).values()) == {card.cells[0]["web_searches"].amount}


@pytest.mark.real_lists
@pytest.mark.parametrize("real", real_lists(), ids=str)
def test_every_price_that_a_map_of_a_real_list_states_is_billed(real: RealList) -> None:
    sent = json.loads(real.raw())
    models = models_of(sent["data"] if isinstance(sent, dict) else sent)
    assert check(models) >= len(models)


@quick
@example({"prompt": "0.1", "completion": "0.2"}, ["audio"], "acme/owl")
@example({"prompt": "0", "completion": "0.2", "image_token": "0.003"}, ["text"], "acme/owl")
@example({"prompt": "0.1", "completion": "0.2", "overrides": "none"}, ["text"], "acme/owl")
@given(
    pricings(),
    st.lists(st.sampled_from(("text", "image", "audio", "embeddings", "video")), max_size=2, unique=True),
    st.sampled_from(("acme/owl", "acme/owl:free")),
)
def test_every_price_that_a_map_of_made_up_records_states_is_billed(
    pricing: Mapping[str, object], outputs: list[str], name: str
) -> None:
    stated = cast("Json", pricing)
    check(models_of([record(id=name, architecture=architecture(outputs=outputs), pricing=stated)]))


FILLED = {
    "prompt": "0.000002",
    "completion": "0.00001",
    "request": "0",
    "image": "0",
    "audio": "0",
    "web_search": "0",
    "internal_reasoning": "0",
    "input_cache_read": "0",
    "input_cache_write": "0",
}
"""As the lists of 2025 have it: every rate without a price of its own is filled in."""


def test_zeros_that_only_fill_a_record_are_in_no_map() -> None:
    sent = record(id="acme/owl", pricing={**FILLED}, supported_parameters=["reasoning"])
    models = models_of([sent])
    entry = litellm_of(models)["acme/owl"]
    assert {name: value for name, value in entry.items() if "cost" in name} == {
        "input_cost_per_token": Decimal("0.000002"),
        "output_cost_per_token": Decimal("0.00001"),
    }
    # A price is how upstream says that a model has these.
    assert not entry.keys() & {"supports_prompt_caching", "supports_web_search"}
    assert models_dev_of(models)["acme/owl"]["cost"] == {"input": 2, "output": 10}
    now = datetime(2025, 9, 3, tzinfo=UTC)
    asked = Workload(prompt_tokens=1000, cache_read_tokens=600, completion_tokens=500, reasoning_tokens=400)
    assert quote(rate_card(models[0]), asked, now=now).total == Decimal("0.007")


def test_a_zero_beside_prices_of_its_own_is_stated() -> None:
    rates = {name: price for name, price in FILLED.items() if name not in {"request", "audio", "web_search"}}
    sent = record(id="acme/owl", pricing={**rates}, supported_parameters=["reasoning"])
    entry = litellm_of(models_of([sent]))["acme/owl"]
    assert entry["output_cost_per_reasoning_token"] == entry["cache_read_input_token_cost"] == 0
    assert check(models_of([sent])) == 10
