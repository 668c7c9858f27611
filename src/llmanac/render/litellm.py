"""LiteLLM's cost map: `openrouter/<id>` → prices per token, limits and abilities.

Only what is known: an unknown price has no key, and neither has one that the map cannot state exactly. Keys and their
meaning are those of LiteLLM 1.106 (November 2026): a key `…_above_Nk_tokens` is the price of the whole request once its
prompt has more than N thousand tokens, any N; `off_peak_pricing` replaces prices in windows of UTC.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from llmanac.catalogue.model import Model
from llmanac.catalogue.money import Price, plain
from llmanac.pricing.rate_card import RateCard, rate_card
from llmanac.pricing.token_prices import OtherTimes, Step, TokenPrices, search_price, token_prices
from llmanac.pricing.week import DAYS, DayHours, clock, days_of
from llmanac.query.row import Row
from llmanac.render.abilities import listed_parameters

PROVIDER = "openrouter"

_BY_LENGTH: Mapping[str, str] = MappingProxyType(
    {
        "prompt": "input_cost_per_token",
        "completion": "output_cost_per_token",
        "input_cache_read": "cache_read_input_token_cost",
        "input_cache_write": "cache_creation_input_token_cost",
        "input_cache_write_1h": "cache_creation_input_token_cost_above_1hr",
    }
)
"""Rates whose keys also come with `_above_Nk_tokens`."""

_FLAT: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "internal_reasoning": ("output_cost_per_reasoning_token", "completion"),
        "audio": ("input_cost_per_audio_token", "prompt"),
        "audio_output": ("output_cost_per_audio_token", "completion"),
        "input_audio_cache": ("cache_read_input_audio_token_cost", "input_cache_read"),
        "image_token": ("input_cost_per_image_token", "prompt"),
        "image_output": ("output_cost_per_image_token", "completion"),
    }
)
"""Rates with one key each, and the rate that LiteLLM takes where the key is missing, steps included."""

_OFF_PEAK = frozenset({"prompt", "completion", "input_cache_read", "input_cache_write", "internal_reasoning"})
"""Rates that `off_peak_pricing` can replace."""

_SEARCH_SIZES = ("search_context_size_low", "search_context_size_medium", "search_context_size_high")

_MODES: Mapping[str, str] = MappingProxyType(
    {
        "text": "chat",
        "image": "image_generation",
        "embeddings": "embedding",
        "video": "video_generation",
        "speech": "audio_speech",
        "transcription": "audio_transcription",
        "rerank": "rerank",
        "decisions": "decisions",
        "decision": "decisions",
    }
)
"""By output; of several the first of these counts."""

_PARAMETERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "supports_function_calling": ("tools",),
        "supports_tool_choice": ("tool_choice",),
        "supports_parallel_function_calling": ("parallel_tool_calls",),
        "supports_response_schema": ("structured_outputs",),
        "supports_reasoning": ("reasoning", "include_reasoning"),
    }
)

_INPUTS: Mapping[str, str] = MappingProxyType(
    {
        "supports_vision": "image",
        "supports_audio_input": "audio",
        "supports_video_input": "video",
        "supports_pdf_input": "file",
    }
)


def render_litellm(rows: Iterable[Row]) -> bytes:
    """The whole map as JSON, by id from last to first: a longer id before the one that it begins with.

    LiteLLM's `register_model` takes `…/gpt-4o-2024-05-13` for a known `…/gpt-4o`, if that is there already, and
    overwrites its prices (1.106, observed 2026-11).
    """
    by_id = sorted(rows, key=lambda row: row.model.id, reverse=True)
    return msgspec.json.encode({f"{PROVIDER}/{row.model.id}": _entry(row.model) for row in by_id})


def _entry(model: Model) -> dict[str, object]:
    shape = model.architecture
    entry: dict[str, object] = {"litellm_provider": PROVIDER}
    mode = next((mode for output, mode in _MODES.items() if output in shape.output_modalities), None)
    if mode is not None:
        entry["mode"] = mode
    entry |= _limits(model)
    card = rate_card(model)
    prices = token_prices(model, card)
    if prices is not None and _can_state(prices):
        entry |= _prices(prices, image_only=not {*shape.output_modalities} - {"image"})
    search = search_price(card)
    if search is not None:
        entry["search_context_cost_per_query"] = dict.fromkeys(_SEARCH_SIZES, _number(search))
    entry["supported_modalities"] = shape.input_modalities
    entry["supported_output_modalities"] = shape.output_modalities
    entry |= _abilities(model, card, search)
    day = model.expires_on
    if day is not None:
        entry["deprecation_date"] = day
    return entry


def _limits(model: Model) -> dict[str, int]:
    """Zero is upstream's way of not knowing (193 models at some time), so it is left out."""
    limits = {"max_input_tokens": model.context_length, "max_output_tokens": model.top_provider.max_completion_tokens}
    limits["max_tokens"] = limits["max_output_tokens"]
    return {name: tokens for name, tokens in limits.items() if tokens}


def _abilities(model: Model, card: RateCard, search: Price | None) -> Iterator[tuple[str, bool]]:
    shape = model.architecture
    taken = listed_parameters(model)
    if taken is not None:
        for ability, names in _PARAMETERS.items():
            yield ability, not taken.isdisjoint(names)
    for ability, modality in _INPUTS.items():
        yield ability, modality in shape.input_modalities
    yield "supports_audio_output", not {"audio", "speech"}.isdisjoint(shape.output_modalities)
    # Upstream says by a price that it has these, and says nothing where it has not.
    cached = {charges[count].rate for charges in card.cells for count in ("cache_read_tokens", "cache_write_tokens")}
    if not cached <= {"prompt"}:
        yield "supports_prompt_caching", True
    if search is not None or (taken is not None and "web_search_options" in taken):
        yield "supports_web_search", True


def _can_state(prices: TokenPrices) -> bool:
    """Whether the map has a place for every price that depends on the time."""
    other = prices.other_times
    return other is None or other.prices.keys() <= _OFF_PEAK


def _prices(prices: TokenPrices, *, image_only: bool) -> dict[str, object]:
    stated: dict[str, object] = {}
    for step in prices.steps:
        stated |= {
            f"{key}{_above(step)}": _number(step.prices[rate])
            for rate, key in _BY_LENGTH.items()
            if rate in step.prices
        }
    for rate, (key, whole) in _FLAT.items():
        price = prices.flat(rate, part_of=whole)
        # Where only images come out, `image_token` is what an image that goes in costs: 0.003 to 0.02 (2026-10).
        if price is not None and not (image_only and rate == "image_token"):
            stated[key] = _number(price)
    if prices.other_times is not None:
        stated["off_peak_pricing"] = _off_peak(prices.other_times)
    return stated


def _above(step: Step) -> str:
    tokens = step.more_than_tokens
    if tokens is None:
        return ""
    return f"_above_{tokens}_tokens" if tokens % 1000 else f"_above_{tokens // 1000}k_tokens"


def _off_peak(other: OtherTimes) -> dict[str, object]:
    keys = {rate: _BY_LENGTH.get(rate) or _FLAT[rate][0] for rate in other.prices}
    stated: dict[str, object] = {keys[rate]: _number(price) for rate, price in other.prices.items()}
    days = days_of(other.windows)
    if len(days) == 1 and days[0].days == DAYS:
        return {"hours_utc": _hours(days[0]), **stated}
    # LiteLLM counts days from Monday, which is 1.
    windows = [{"weekdays": [day + 1 for day in each.days], "hours_utc": _hours(each)} for each in days]
    return {"windows": windows, **stated}


def _hours(each: DayHours) -> list[str]:
    return [f"{clock(begin)}-{clock(end)}" for begin, end in each.hours]


def _number(price: Price) -> msgspec.Raw:
    """A JSON number with just the digits of the price."""
    return msgspec.Raw(plain(price.amount).encode())
