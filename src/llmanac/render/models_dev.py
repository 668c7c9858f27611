"""The shape of models.dev's `api.json`: one provider, its models, prices in USD per million tokens.

The shape (schema of August 2026) demands some members of every model. A limit that upstream does not state is 0, which
opencode takes for "no limit known"; a model whose first day or outputs the shape has no word for is left out. Prices
are optional there, so they are only stated where both input and output are known exactly.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import msgspec

from llmanac.catalogue.model import Model
from llmanac.catalogue.money import Price, per_million
from llmanac.catalogue.record import members
from llmanac.pricing.rate_card import rate_card
from llmanac.pricing.token_prices import Step, TokenPrices, token_prices
from llmanac.query.row import Row
from llmanac.render.abilities import created_at, listed_parameters, stated_text

_PROVIDER: Mapping[str, object] = MappingProxyType(
    {
        "id": "openrouter",
        "env": ["OPENROUTER_API_KEY"],
        "npm": "@openrouter/ai-sdk-provider",
        "api": "https://openrouter.ai/api/v1",
        "name": "OpenRouter",
        "doc": "https://openrouter.ai/models",
    }
)
"""As models.dev has it."""

_TAKEN: Mapping[str, str] = MappingProxyType(
    {"text": "text", "image": "image", "audio": "audio", "video": "video", "file": "pdf"}
)
_GIVEN: Mapping[str, str] = MappingProxyType(
    {"text": "text", "image": "image", "audio": "audio", "speech": "audio", "video": "video", "transcription": "text"}
)

_BY_LENGTH: Mapping[str, str] = MappingProxyType(
    {
        "prompt": "input",
        "completion": "output",
        "input_cache_read": "cache_read",
        "input_cache_write": "cache_write",
    }
)
_FLAT: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "internal_reasoning": ("reasoning", "completion"),
        "audio": ("input_audio", "prompt"),
        "audio_output": ("output_audio", "completion"),
    }
)
"""Rates that steps do not have, and the rate they are a part of."""

_OLD_STEP_TOKENS = 200_000
"""The only step that older readers know, as `context_over_200k`."""

_MONTH_OR_DAY = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")
_EFFORTS = frozenset({"none", "minimal", "low", "medium", "high", "xhigh", "max"})


class _Reasoning(msgspec.Struct):
    mandatory: bool | None = None
    supported_efforts: list[str] | None = None


def render_models_dev(rows: Iterable[Row]) -> bytes:
    """The whole file as JSON, models in the order of the rows."""
    entries = ((row.model.id, _entry(row.model)) for row in rows)
    models = {model: entry for model, entry in entries if entry is not None}
    return msgspec.json.encode({"openrouter": {**_PROVIDER, "models": models}})


def _entry(model: Model) -> dict[str, object] | None:
    shape = model.architecture
    given = _words(shape.output_modalities, _GIVEN)
    created = created_at(model)
    if not given or created is None:
        return None
    taken = listed_parameters(model) or frozenset()
    reasons = not taken.isdisjoint({"reasoning", "include_reasoning"})
    entry: dict[str, object] = {
        "id": model.id,
        "name": model.name or model.id,
        "attachment": any(word != "text" for word in shape.input_modalities),
        "reasoning": reasons,
        "tool_call": "tools" in taken,
    }
    if listed_parameters(model) is not None:
        entry["structured_output"] = "structured_outputs" in taken
        entry["temperature"] = "temperature" in taken
    options = _reasoning_options(model.record) if reasons else []
    if options:
        entry["reasoning_options"] = options
    knowledge = stated_text(model.record, "knowledge_cutoff")
    if knowledge is not None and _MONTH_OR_DAY.fullmatch(knowledge):
        entry["knowledge"] = knowledge
    entry |= {
        "release_date": created.date(),
        "last_updated": created.date(),
        "modalities": {"input": _words(shape.input_modalities, _TAKEN), "output": given},
        "open_weights": stated_text(model.record, "hugging_face_id") is not None,
    }
    cost = _cost(token_prices(model, rate_card(model)), reasons=reasons)
    if cost is not None:
        entry["cost"] = cost
    entry["limit"] = {"context": model.context_length or 0, "output": model.top_provider.max_completion_tokens or 0}
    return entry


def _words(modalities: Iterable[str], known: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(known[word] for word in modalities if word in known))


def _reasoning_options(record: bytes) -> list[dict[str, object]]:
    """How reasoning can be set, as far as upstream says."""
    try:
        stated = msgspec.json.decode(members(record).get("reasoning", b"null"), type=_Reasoning)
    except msgspec.DecodeError:
        return []
    options: list[dict[str, object]] = [{"type": "toggle"}] if stated.mandatory is False else []
    efforts = [effort for effort in stated.supported_efforts or () if effort in _EFFORTS]
    return [*options, {"type": "effort", "values": efforts}] if efforts else options


def _cost(prices: TokenPrices | None, *, reasons: bool) -> dict[str, object] | None:
    """Prices by the time of day and of images have no place in the shape, so such a model has none at all."""
    if prices is None or prices.other_times is not None or "image_output" in prices.steps[0].prices:
        return None
    if any(rate not in step.prices for step in prices.steps for rate in ("prompt", "completion")):
        return None
    first, *others = prices.steps
    cost: dict[str, object] = dict(_card(first))
    for rate, (key, whole) in _FLAT.items():
        price = prices.flat(rate, part_of=whole)
        if price is not None and (reasons or key != "reasoning"):
            cost[key] = _number(price)
    if others:
        cost["tiers"] = [{**_card(step), "tier": {"type": "context", "size": step.more_than_tokens}} for step in others]
    if others and others[-1].more_than_tokens == _OLD_STEP_TOKENS:
        cost["context_over_200k"] = _card(others[-1])
    return cost


def _card(step: Step) -> dict[str, msgspec.Raw]:
    return {key: _number(step.prices[rate]) for rate, key in _BY_LENGTH.items() if rate in step.prices}


def _number(price: Price) -> msgspec.Raw:
    """A JSON number with just the digits of the price per million."""
    return msgspec.Raw(per_million(price).encode())
