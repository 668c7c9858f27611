"""A record as every client of OpenRouter's can read it.

The official clients read strictly: one record that lacks a member, or has one of another type, costs them the whole
list. Records before August 2026 lack some, and a few have odd ones. So a record that fits is passed on byte for byte;
any other is mended member by member, and what fits of it stays as it is.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.model import Model
from llmanac.catalogue.other_names import other_names
from llmanac.catalogue.record import members
from llmanac.render.openrouter import MirroredLimits
from llmanac.render.strictest import (
    ReadArchitecture,
    ReadBenchmarks,
    ReadDefaults,
    ReadIndexes,
    ReadModel,
    ReadOverride,
    ReadPricing,
    ReadTopProvider,
)

_NOT_ONE_PRICE = "-1"
"""OpenRouter's text for a price that is decided per request. Of a price that is not stated no text says so: zero is
free, and this is the nearest."""
_TOKENS = re.compile(rb'"?([0-9]{1,15})"?')
_Members = Mapping[str, object]
_strict = msgspec.json.Decoder(ReadModel)
_overrides = msgspec.json.Decoder(list[msgspec.Raw])


def mirrored(model: Model) -> bytes:
    """The model's record: byte for byte if every client can read it, else mended."""
    try:
        _strict.decode(model.record)
    except msgspec.ValidationError:
        return _mended(model)
    return model.record


def canonical_slug(model: Model) -> str:
    """The permanent name; what the id says of it, if upstream states none."""
    return other_names(model.record).canonical_slug or model.id.partition(":")[0]


def alias_target(model: Model) -> ModelId | None:
    """The id of the model that an alias stands for; None when it is no alias, or does not say."""
    target = other_names(model.record).alias_target
    return None if target is None else ModelId(target.slug)


def _mended(model: Model) -> bytes:
    sent = members(model.record)
    slug = canonical_slug(model)
    instead: dict[str, object] = {
        "canonical_slug": slug,
        "name": model.id,
        "created": model.created or 0,
        "pricing": _pricing(model, sent),
        "context_length": model.context_length,
        "architecture": _architecture(model, sent),
        "top_provider": _top_provider(model, sent),
        "per_request_limits": _limits(model),
        "supported_parameters": model.supported_parameters,
        "default_parameters": _fitting(ReadDefaults, found) if (found := _object(sent, "default_parameters")) else None,
        "supported_voices": None,
        "links": {"details": f"/api/v1/models/{slug}/endpoints"},
        "description": model.description,
    }
    if measured := _object(sent, "benchmarks"):
        instead["benchmarks"] = _benchmarks(measured)
    return msgspec.json.encode(_fitting(ReadModel, sent, instead))


def _pricing(model: Model, sent: Mapping[str, bytes]) -> _Members:
    found = _object(sent, "pricing")
    instead: dict[str, object] = {"prompt": _NOT_ONE_PRICE, "completion": _NOT_ONE_PRICE}
    instead |= {name: price.text for name, price in model.pricing.rates.items()}
    if found.get("overrides", b"").startswith(b"["):
        # One that no client can read must not take the others with it.
        instead["overrides"] = [one for one in _overrides.decode(found["overrides"]) if _fits(ReadOverride, one)]
    return _fitting(ReadPricing, found, instead)


def _architecture(model: Model, sent: Mapping[str, bytes]) -> _Members:
    shape = model.architecture
    instead = {
        "modality": None,
        "input_modalities": shape.input_modalities,
        "output_modalities": shape.output_modalities,
    }
    return _fitting(ReadArchitecture, _object(sent, "architecture"), instead)


def _top_provider(model: Model, sent: Mapping[str, bytes]) -> _Members:
    top = model.top_provider
    instead = {
        "is_moderated": False,
        "context_length": top.context_length,
        "max_completion_tokens": top.max_completion_tokens,
    }
    return _fitting(ReadTopProvider, _object(sent, "top_provider"), instead)


def _limits(model: Model) -> _Members | None:
    """Before 2025 they were sent as text, `"Infinity"` too: then there is no limit that could be told."""
    if model.per_request_limits is None:
        return None
    sent = members(model.per_request_limits)
    found = {name: _TOKENS.fullmatch(sent.get(name, b"")) for name in MirroredLimits.__struct_fields__}
    limits = {name: int(digits[1]) for name, digits in found.items() if digits is not None}
    return limits if len(limits) == len(found) else None


def _benchmarks(measured: Mapping[str, bytes]) -> _Members:
    """In June 2026 they were sent without the arena's; since then none has come without."""
    indexes = _object(measured, "artificial_analysis")
    nothing = dict.fromkeys(ReadIndexes.__struct_fields__)
    instead: _Members = {"design_arena": (), "artificial_analysis": _fitting(ReadIndexes, indexes, nothing)}
    return _fitting(ReadBenchmarks, measured, instead)


def _fitting(
    shape: type[msgspec.Struct], sent: Mapping[str, bytes], instead: _Members = MappingProxyType({})
) -> _Members:
    """An object's members, in their order: what fits as it was sent, else what there is instead, else nothing.

    Members that the shape requires and that were not sent come last.
    """
    fields = {field.name: field for field in msgspec.structs.fields(shape)}
    fitting: dict[str, object] = {}
    for name, raw in sent.items():
        if name not in fields or _fits(fields[name].type, raw):
            fitting[name] = msgspec.Raw(raw)
        elif name in instead:
            fitting[name] = instead[name]
    missing = (name for name, field in fields.items() if field.required and name not in fitting)
    return fitting | {name: instead[name] for name in missing}


def _fits(kind: object, raw: bytes | msgspec.Raw) -> bool:
    try:
        msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError:
        return False
    return True


def _object(sent: Mapping[str, bytes], name: str) -> Mapping[str, bytes]:
    raw = sent.get(name, b"")
    return members(raw) if raw.startswith(b"{") else {}
