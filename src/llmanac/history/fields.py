r"""A record as fields: every value by its path, and back.

The path of a member is its name, of a member of an object `object.member`, one level deep; what lies deeper is part of
the value. Each rate under each condition is a field too: `pricing.overrides[utc_start=0&utc_end=1600].prompt`.
The text of conditions gives back each of them, known or not, whatever its name or value:

    {"utc_days": ["saturday", "sunday"], "utc_end": 1630, "utc_start": 30, "prompt": "0.1"}
    utc_days=saturday+sunday&utc_start=30&utc_end=1630

An empty object or entry is a field by itself, so no two records with different content have the same fields, but for
the order of entries, which is that of the fields. Volatile members have none. A name that is too long has no field of
its own: the member is part of one object, `\*`, with the others of that kind.
"""

import re
from collections.abc import Collection, Mapping

import msgspec

from llmanac.catalogue.record import VOLATILE_MEMBERS, members, normal_form
from llmanac.history.escape import escaped, parted, unescaped
from llmanac.pricing.conditions import KNOWN_CONDITIONS, WEEKDAYS, split_entry, value_text

OVERRIDES = "pricing.overrides"

OVERRIDES_ORDER = "pricing.overrides.order"
"""Not a member: the order of the entries, when it is not the one to be expected."""

MAX_FIELD_BYTES = 512
"""Of UTF-8. PostgreSQL refuses index entries of more than 2,704 bytes, and a model's id takes up to 2,048 of them."""

_OVERLONG = r"\*"
"""Stands for the members of one object whose paths would be too long; no name is escaped like that."""

_UNDIVIDED = frozenset({"alias_target", _OVERLONG})
"""Objects that say one thing: a slug and the name of the same model."""

_DIVIDERS = ".["
_CONDITION_DIVIDERS = "]&=#"
_DIGITS = re.compile(r"([0-9]+)")
_entry_path = re.compile(r"pricing\.overrides\[((?:[^\\\]]|\\.)*)\](?:\.(.*))?", re.DOTALL)
_entries = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])


def flat(record: bytes) -> dict[str, bytes]:
    """The fields of a record, each value by its literal text."""
    fields: dict[str, bytes] = {}
    for path, value in _by_path("", members(record)).items():
        if path in VOLATILE_MEMBERS:
            continue
        inner = members(value) if value[:1] == b"{" and path not in _UNDIVIDED else {}
        if not inner:
            fields[path] = value
        for inner_path, text in _by_path(f"{path}.", inner).items():
            fields |= _entry_fields(text) if inner_path == OVERRIDES else {inner_path: text}
    return fields


def whole(fields: Mapping[str, bytes]) -> bytes:
    """The normal form of the record that has these fields; the inverse of `flat`."""
    record: dict[str, object] = {}
    entries: dict[str, dict[str, bytes]] = {}
    for path, value in fields.items():
        if found := _entry_path.fullmatch(path):
            entry = entries.setdefault(found[1], {})
            if found[2] is not None:
                entry[unescaped(found[2])] = value
            continue
        outer, *inner = parted(path, ".")
        level, name = (_object(record, unescaped(outer)), inner[0]) if inner else (record, outer)
        level |= _raw(members(value)) if name == _OVERLONG else {unescaped(name): msgspec.Raw(value)}
    if entries:
        _object(record, "pricing")["overrides"] = [_raw(_conditions(text) | rates) for text, rates in entries.items()]
    return normal_form(msgspec.json.encode(record))


def comparable(record: bytes) -> bytes:
    """The normal form without volatile members: equal when nothing that could be a change differs."""
    return whole(flat(record))


def member_path(field: str) -> str:
    """The member that a field is or lies in: `pricing.overrides` for each of its conditions and rates."""
    return OVERRIDES if field.startswith((f"{OVERRIDES}[", OVERRIDES_ORDER)) else field


def override(field: str) -> tuple[str, str | None] | None:
    """Conditions and rate that a field of `pricing.overrides` is about; rate None: an entry without any."""
    found = _entry_path.fullmatch(field)
    return None if found is None else (found[1], None if found[2] is None else unescaped(found[2]))


def override_order(fields: Collection[str]) -> list[str]:
    """The conditions of the entries, in the order of the fields."""
    return list(dict.fromkeys(found[1] for field in fields if (found := _entry_path.fullmatch(field))))


def expected_order(before: Collection[str], after: Collection[str]) -> list[str]:
    """How entries stand when nothing is said about it: as before, new ones after them.

    Of new ones those with fewer conditions come first, then by the size of the numbers in them.
    """
    new = sorted(set(after) - set(before), key=lambda text: (len(parted(text, "&")), natural_key(text)))
    return [text for text in before if text in after] + new


def in_order(fields: Mapping[str, bytes], order: Collection[str]) -> dict[str, bytes]:
    """The same fields with the entries of `pricing.overrides` in this order."""
    rank = {text: place for place, text in enumerate(order)}
    return dict(sorted(fields.items(), key=lambda item: _rank(item[0], rank)))


def conditions_text(conditions: Mapping[str, bytes]) -> str:
    """The known ones in their order, then the others by name: `name=value`, joined by `&`."""
    return "&".join(
        f"{escaped(name, _CONDITION_DIVIDERS)}={escaped(value_text(name, conditions[name]), _CONDITION_DIVIDERS)}"
        for name in sorted(conditions, key=_condition_rank)
    )


def conditions_of_text(text: str) -> dict[str, bytes]:
    """The inverse of `conditions_text`; values in normal form."""
    found: dict[str, bytes] = {}
    for condition in parted(text, "&") if text else ():
        name, value = (unescaped(part) for part in parted(condition, "="))
        found[name] = _value_of_text(name, value)
    return found


def natural_key(text: str) -> tuple[object, ...]:
    """For sorting texts with numbers in them by the numbers' size: 32000 before 200000."""
    parts = _DIGITS.split(text)
    return (*((len(part.lstrip("0")), part) if place % 2 else part for place, part in enumerate(parts)), text)


def _rank(field: str, rank: Mapping[str, int]) -> int:
    found = override(field)
    return -1 if found is None else rank[found[0]]


def _by_path(prefix: str, found: Mapping[str, bytes]) -> dict[str, bytes]:
    """The members of one object by their paths, those with too long a one together in one object."""
    paths: dict[str, bytes] = {}
    overlong: dict[str, bytes] = {}
    for name, value in found.items():
        path = f"{prefix}{escaped(name, _DIVIDERS)}"
        if _fits(f"{path}.{_OVERLONG}"):
            paths[path] = value
        else:
            overlong[name] = value
    return paths | {f"{prefix}{_OVERLONG}": msgspec.json.encode(_raw(overlong))} if overlong else paths


def _entry_fields(value: bytes) -> dict[str, bytes]:
    """By conditions and rate. What is no list of objects, or has a path that is too long, is one field as it is."""
    try:
        entries = [{name: bytes(raw) for name, raw in entry.items()} for entry in _entries.decode(value)]
    except msgspec.DecodeError:
        return {OVERRIDES: value}
    fields: dict[str, bytes] = {}
    times: dict[str, int] = {}
    for conditions, rates in map(split_entry, entries):
        text = conditions_text(conditions)
        times[text] = times.get(text, 0) + 1
        path = f"{OVERRIDES}[{text}{f'#{times[text]}' if times[text] > 1 else ''}]"
        fields |= {f"{path}.{escaped(rate, _DIVIDERS)}": price for rate, price in rates.items()} or {path: b"{}"}
    return fields if fields and all(map(_fits, fields)) else {OVERRIDES: value}


def _fits(path: str) -> bool:
    return len(path.encode()) <= MAX_FIELD_BYTES


def _raw(found: Mapping[str, bytes]) -> dict[str, msgspec.Raw]:
    return {name: msgspec.Raw(value) for name, value in found.items()}


def _conditions(text: str) -> dict[str, bytes]:
    return conditions_of_text(parted(text, "#")[0])


def _condition_rank(name: str) -> tuple[int, str]:
    return (KNOWN_CONDITIONS.index(name) if name in KNOWN_CONDITIONS else len(KNOWN_CONDITIONS), name)


def _value_of_text(name: str, text: str) -> bytes:
    words = text.split("+")
    if name == "utc_days" and all(word in WEEKDAYS for word in words):
        return msgspec.json.encode(words)
    return text.encode()


def _object(record: dict[str, object], name: str) -> dict[str, object]:
    found = record.setdefault(name, {})
    assert isinstance(found, dict), "a field and a member of it do not stand side by side"
    return found
