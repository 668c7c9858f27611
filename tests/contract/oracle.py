"""A second reading of the contract's section 1, written from its text alone.

In go the raw bytes of an OpenRouter answer of any year, out comes the JSON value that `GET /api/ai/models` must give
for them. It imports nothing of llmanac, so a mistake of the product cannot hide in its own check. Numbers stay the
text they were sent as.

The contract is silent on some values. Those with a rule are read by it (see the functions); for the rest the oracle
raises `UndecidedError` rather than pretend to know.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias


@dataclass(frozen=True)
class Number:
    """A JSON number as the text it was written as: 1.0 is not 1 here."""

    text: str


Json: TypeAlias = "bool | str | Number | list[Json] | dict[str, Json] | None"

PRICES = (
    "prompt",
    "completion",
    "image",
    "request",
    "web_search",
    "internal_reasoning",
    "input_cache_read",
    "input_cache_write",
)


class UndecidedError(ValueError):
    """Neither the contract nor a rule of this file says what such bytes must give."""


def expected_listing(raw: bytes, *, configured: bool) -> dict[str, Json]:
    """What the endpoint must answer for one whole list, members and models in the order they must stand in.

    Rows without an id are Rejects and leave no trace; of rows with the same id the first stands.
    """
    text: list[Json] = []
    image: list[Json] = []
    for record in _records(raw):
        outputs = _modalities(record.part("architecture"))[1]
        if "text" in outputs:
            text.append(_model(record))
        if "image" in outputs:
            image.append(_model(record))
    return {"text": _groups(text, configured=configured), "image": _groups(image, configured=configured)}


def _groups(models: list[Json], *, configured: bool) -> list[Json]:
    return [{"provider": "openrouter", "configured": configured, "models": models}]


def parse(raw: bytes) -> Json:
    """JSON with every number kept as its text.

    Raises:
        ValueError: not UTF-8, not JSON, or one of the constants that are no JSON (NaN, Infinity).
    """
    document: Json = json.loads(
        raw.decode("utf-8"), parse_int=Number, parse_float=Number, parse_constant=_refuse_constant
    )
    return document


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


@dataclass(frozen=True)
class _Part:
    """One object inside a record, with the path that a message needs. Absent and null read alike: not stated."""

    path: str
    members: dict[str, Json]

    def text(self, name: str) -> str | None:
        value = self.members.get(name)
        if value is None or isinstance(value, str):
            return value
        raise self._undecided(name, "a string")

    def flag(self, name: str) -> bool | None:
        value = self.members.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise self._undecided(name, "a boolean")

    def integer(self, name: str) -> Number | None:
        """Digits sent as a string count as the number; a fraction (25804.8) is rounded down. Up to 18 digits."""
        value = self.members.get(name)
        if value is None:
            return None
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return Number(str(int(value)))
        if isinstance(value, Number) and Decimal(value.text).adjusted() < 18:
            return Number(str(math.floor(Decimal(value.text))))
        raise self._undecided(name, "an integer")

    def price(self, name: str) -> str | None:
        value = self.members.get(name)
        if isinstance(value, Number):
            return value.text
        if value is None or isinstance(value, str):
            return value
        raise self._undecided(name, "a decimal string")

    def texts(self, name: str) -> list[str] | None:
        value = self.members.get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise self._undecided(name, "an array of strings")
        texts = [item for item in value if isinstance(item, str)]
        if len(texts) < len(value):
            raise self._undecided(name, "an array of strings")
        return texts

    def part(self, name: str) -> "_Part":
        value = self.members.get(name)
        if value is None or isinstance(value, dict):
            return _Part(f"{self.path}.{name}", value or {})
        raise self._undecided(name, "an object")

    def _undecided(self, name: str, wanted: str) -> UndecidedError:
        return UndecidedError(f"{self.path}.{name} should be {wanted}: {self.members[name]!r}")


def _records(raw: bytes) -> Iterator[_Part]:
    document = parse(raw)
    rows = document.get("data") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        raise UndecidedError("no list of models: neither an array nor an object with an array `data`")
    seen: set[str] = set()
    for row in rows:
        name = row.get("id") if isinstance(row, dict) else None
        if isinstance(row, dict) and isinstance(name, str) and name and name not in seen:
            seen.add(name)
            yield _Part(name, row)


def _model(record: _Part) -> dict[str, Json]:
    """The record's MODEL, without what the record does not state. The order of the members is the contract's."""
    architecture, top, pricing = record.part("architecture"), record.part("top_provider"), record.part("pricing")
    inputs, outputs = _modalities(architecture)
    return _stated(
        {
            "id": record.text("id"),
            "name": record.text("name"),
            "created": record.integer("created"),
            "description": record.text("description") or "",
            "architecture": _stated(
                {
                    "input_modalities": [*inputs],
                    "output_modalities": [*outputs],
                    "tokenizer": architecture.text("tokenizer"),
                    "instruct_type": architecture.text("instruct_type"),
                }
            ),
            "topProvider": _stated(
                {
                    "is_moderated": top.flag("is_moderated"),
                    "context_length": top.integer("context_length"),
                    "max_completion_tokens": top.integer("max_completion_tokens"),
                }
            ),
            "pricing": _stated({name: pricing.price(name) for name in PRICES}),
            "context_length": record.integer("context_length"),
            "max_completion_tokens": top.integer("max_completion_tokens"),
            "per_request_limits": record.part("per_request_limits").members,
            "supported_parameters": [*(record.texts("supported_parameters") or [])],
        }
    )


def _stated(members: dict[str, Json]) -> dict[str, Json]:
    """A scalar that is not stated is left out, never null."""
    return {name: value for name, value in members.items() if value is not None}


def _modalities(architecture: _Part) -> tuple[list[str], list[str]]:
    """Inputs and outputs; the lists where they are stated, else what `modality` says.

    The lists came in spring 2025, `modality` in February 2024. Before that OpenRouter listed text models only.
    """
    modality = architecture.text("modality") or "text"
    # "multimodal" stood for the vision models of 2024, which all answered in text; "text" stood alone for text->text.
    takes, arrow, gives = ("text+image" if modality == "multimodal" else modality).partition("->")
    inputs = architecture.texts("input_modalities")
    outputs = architecture.texts("output_modalities")
    return (
        takes.split("+") if inputs is None else inputs,
        (gives.split("+") if arrow else ["text"]) if outputs is None else outputs,
    )


def differences(expected: dict[str, Json], actual: bytes) -> list[str]:
    """One line per departure of an answer from `expected`, with model id and member; empty when it is exactly right.

    Values, the order of members and the order of models count; spacing and escapes do not. `128000.0` is not `128000`.
    """
    try:
        json.loads(actual, object_pairs_hook=_refuse_doubled)
        seen = parse(actual)
    except ValueError as error:
        return [f"the answer is not JSON: {error}"]
    return _between(expected, seen, "")


def _refuse_doubled(pairs: list[tuple[str, object]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f"a member stands twice among {names}")


def _between(expected: Json, seen: Json, path: str) -> list[str]:
    if isinstance(expected, dict) and isinstance(seen, dict):
        return _between_members(expected, seen, path, f"{path}." if path else "", "")
    if isinstance(expected, list) and isinstance(seen, list):
        return _between_members(_named(expected), _named(seen), path, f"{path}[", "]")
    if expected == seen:
        return []
    return [f"{path or 'answer'}: expected {_shown(expected)}, seen {_shown(seen)}"]


def _between_members(expected: dict[str, Json], seen: dict[str, Json], path: str, before: str, after: str) -> list[str]:
    found = [f"{before}{name}{after}: missing" for name in expected if name not in seen]
    found += [f"{before}{name}{after}: not expected" for name in seen if name not in expected]
    shared = [name for name in expected if name in seen]
    order = [name for name in seen if name in expected]
    turned = [f"{right} where {left} should be" for left, right in zip(shared, order, strict=True) if left != right]
    if turned:
        found.append(f"{path or 'answer'}: wrong order, {turned[0]}")
    for name in shared:
        found += _between(expected[name], seen[name], f"{before}{name}{after}")
    return found


def _named(elements: list[Json]) -> dict[str, Json]:
    """Models by their id, so that a missing one is one line and not a shift of all after it; the rest by place."""
    named: dict[str, Json] = {}
    for place, element in enumerate(elements):
        own = element.get("id") if isinstance(element, dict) else None
        named[own if isinstance(own, str) and own not in named else str(place)] = element
    return named


def _shown(value: Json) -> str:
    if isinstance(value, list | dict):
        return "an array" if isinstance(value, list) else "an object"
    return value.text if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)
