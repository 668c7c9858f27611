"""The body of `POST /api/ai/cost` in its shape; what is wrong is named: where, what, and what is allowed."""

import re
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from llmanac.answers.cost_request import BreakEvenAsked, CostAsked
from llmanac.cost.break_even import Axis
from llmanac.cost.growth import MAX_PERCENT, MAX_PLACES, Growth, Of, Per
from llmanac.cost.workload import MAX_COUNT, Week, Workload
from llmanac.errors import InvalidBody

_MAX_SEEN = 60
_PLACED = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<place>[^`]*)`)?", re.DOTALL)
_STEP = re.compile(r"([^.\[\]]+)|\[([0-9]+)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)
_NOT_FOUND = re.compile(r"Object missing required field `(?P<name>.*)`", re.DOTALL)
_NUMBERED = re.compile(r"\[[0-9]+\]")

_SHAPES: Mapping[str, type[msgspec.Struct]] = MappingProxyType(
    {"": CostAsked, "workload": Workload, "workload.at": Week, "growth": Growth, "break_even": BreakEvenAsked}
)
"""What an object at a place is read as."""

_ALLOWED: Mapping[str, str] = MappingProxyType(
    {
        "workload.at": 'an instant with its offset from UTC, such as "2026-12-01T14:30:00Z", or a week of hours',
        "growth.start": 'a date such as "2026-12-01"',
        "growth.percent": f"a number from -100 to {MAX_PERCENT} with at most {MAX_PLACES} decimal places, such as 7.5",
        "growth.per": f"one of {', '.join(Per)}",
        "growth.workload_of": f"one of {', '.join(Of)}",
        "break_even.axis": f"one of {', '.join(Axis)}",
        "break_even.models": "a list of two ids",
        "budget": 'an amount in USD, as a text where it has a fraction, such as "1.5"',
    }
    | {
        f"workload.{name}": f"a whole number from 0 to {MAX_COUNT}"
        for name, kind in Workload.__annotations__.items()
        if kind is int
    }
)
"""What may stand at a place, where the shape's own words are of programs."""
_HINTS: Mapping[str, str] = MappingProxyType(
    {"workload.at": "A date alone does not say which hour's prices are due; `as_of` is for those of a past day."}
)


def read_body_of_cost(body: bytes) -> CostAsked:
    """The body in its shape.

    Raises:
        InvalidBody: It says where, what was seen and what is allowed.
    """
    try:
        return msgspec.json.decode(body, type=CostAsked)
    except UnicodeDecodeError as problem:
        raise InvalidBody(f"Expected UTF-8 (RFC 8259 section 8.1), got {problem.reason}") from None
    except msgspec.ValidationError as problem:
        raise _refusal(str(problem), body) from None
    except (msgspec.DecodeError, RecursionError) as problem:
        raise InvalidBody(f"Expected JSON: {problem}") from None


def _refusal(words: str, body: bytes) -> InvalidBody:
    found = _PLACED.fullmatch(words)
    assert found, "it matches everything"
    what, place = found["what"], found["place"] or ""
    kind = _NUMBERED.sub("", place)
    shown = f"`{place}`" if place else "the body"
    if (unknown := _UNKNOWN.fullmatch(what)) is not None and kind in _SHAPES:
        return _unknown_member(unknown["name"][:_MAX_SEEN], shown, _SHAPES[kind])
    if (missing := _NOT_FOUND.fullmatch(what)) is not None:
        return InvalidBody(f"Expected `{missing['name']}` in {shown}, got none")
    expected = _ALLOWED.get(kind) or what.removeprefix("Expected ").partition(", got ")[0]
    return InvalidBody(f"{shown}: Expected {expected}, got {_seen(body, place)}", hint=_HINTS.get(kind, ""))


def _unknown_member(name: str, place: str, shape: type[msgspec.Struct]) -> InvalidBody:
    allowed = shape.__struct_fields__
    from llmanac.query.near import near_words  # noqa: PLC0415  4 MB, which only a wrong word needs

    near = near_words(name, allowed)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    return InvalidBody(f"{place} has no member `{name}`", hint=f"{meant}Allowed: {', '.join(allowed)}.")


def _seen(body: bytes, place: str) -> str:
    """The JSON at a place, cut."""
    raw = msgspec.Raw(body)
    for member, position in _STEP.findall(place):
        try:
            if member:
                raw = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])[member]
            else:
                raw = msgspec.json.decode(raw, type=list[msgspec.Raw])[int(position)]
        except (msgspec.DecodeError, LookupError, RecursionError):
            return "something else"
    text = bytes(raw).strip()
    return text[:_MAX_SEEN].decode("utf-8", "replace") + ("…" if len(text) > _MAX_SEEN else "")
