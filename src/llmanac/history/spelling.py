"""Two values that say the same in other words: nothing happened to the model."""

from collections.abc import Mapping

import msgspec

from llmanac.catalogue.modality import derive_modalities
from llmanac.catalogue.money import Price, price_of_json, same_price
from llmanac.catalogue.record import normal_form

CUT_CHARACTERS = 100
"""A description cut to less says too little to be known as the beginning of another one."""

_EMPTY = frozenset({b"null", b'""', b"[]", b"{}"})
_CUT_MARKS = ("...", "…")
_SIDES_OF_MODALITY = {
    "architecture.modality": (0, 1),
    "architecture.input_modalities": (0,),
    "architecture.output_modalities": (1,),
}


def is_empty(value: bytes | None) -> bool:
    """Not there, `null`, or without content."""
    return value is None or normal_form(value) in _EMPTY


def same_amount(before: bytes | None, after: bytes | None) -> bool:
    """One price to 12 digits; a price of zero that is no longer sent (January 2026), or not yet."""
    one, other = _price(before), _price(after)
    if one is not None and other is not None:
        return same_price(one, other)
    stated, missing = (one, after) if other is None else (other, before)
    return stated is not None and not stated.amount and is_empty(missing)


def same_limit(before: bytes | None, after: bytes | None) -> bool:
    """No limit in tokens is spelt 0 as well: 99 models went from `null` to 0 in July 2024, 67 back by September."""
    return all(value == b"0" or is_empty(value) for value in (before, after))


def same_list(before: bytes | None, after: bytes | None) -> bool:
    """The same items, each as often, in any order."""
    one, other = _items(before), _items(after)
    return one is not None and other is not None and sorted(one) == sorted(other)


def same_text(before: bytes | None, after: bytes | None) -> bool:
    """The same words with other white space between and around them."""
    one, other = text_of(before), text_of(after)
    return one is not None and other is not None and one.split() == other.split()


def same_description(before: bytes | None, after: bytes | None) -> bool:
    """One is the other one's beginning and ends with `...`: upstream cuts them to some 200 characters since April 2026.

    The cut also makes one line of paragraphs. Without the dots it is a text that was added to.
    """
    one, other = (" ".join((text_of(value) or "").split()) for value in (before, after))
    return _is_cut(one, other) or _is_cut(other, one)


def same_modalities(field: str, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> bool:
    """Whether the model takes and gives the same, as far as the field speaks of it: by the lists, else by `modality`.

    So lists that only spell out `modality` say nothing new, and neither does `modality` when it follows the lists, as
    for 51 models in February 2026. False for other fields.
    """
    sides = _SIDES_OF_MODALITY.get(field, ())
    return bool(sides) and all(_modalities(before, side) == _modalities(after, side) for side in sides)


def text_of(value: bytes | None) -> str | None:
    """What a JSON string says; None for anything else."""
    return msgspec.json.decode(value, type=str) if value is not None and value[:1] == b'"' else None


def _price(value: bytes | None) -> Price | None:
    return None if value is None else price_of_json(value)


def _items(value: bytes | None) -> list[bytes] | None:
    if value is None or value[:1] != b"[":
        return None
    return [normal_form(item) for item in msgspec.json.decode(value, type=list[msgspec.Raw])]


def _is_cut(short: str, long: str) -> bool:
    mark = next((mark for mark in _CUT_MARKS if short.endswith(mark)), "")
    kept = short.removesuffix(mark).rstrip()
    return bool(mark) and len(kept) >= CUT_CHARACTERS and long.startswith(kept)


def _modalities(side: Mapping[str, bytes], place: int) -> frozenset[bytes | str]:
    """What goes in (0) or comes out (1)."""
    listed = side.get(("architecture.input_modalities", "architecture.output_modalities")[place])
    if is_empty(listed):
        return frozenset(derive_modalities(text_of(side.get("architecture.modality")))[place])
    items = _items(listed)
    return frozenset({listed or b""} if items is None else (text_of(item) or item for item in items))
