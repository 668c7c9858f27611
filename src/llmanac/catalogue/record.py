"""Upstream's own JSON: comparing it and taking it apart without losing a byte."""

import re
from collections.abc import Mapping

import msgspec

VOLATILE_MEMBERS = frozenset({"benchmarks"})
"""Measured by others and different at most fetches (85 % of raw field differences in 2026): never a change.

Their values are kept with the snapshot and not with the model's version, which would else be new every day.
"""

_NULL = b"null"
_BEFORE_VALUE = re.compile(rb'[ \t\r\n,{]*"(?:[^"\\]|\\.)*"[ \t\r\n]*:[ \t\r\n]*')
_number_kept = msgspec.json.Decoder(float_hook=lambda text: msgspec.Raw(text.encode()))
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


def normal_form(value: bytes | msgspec.Raw) -> bytes:
    """The JSON without white space and with sorted keys, fractions by their literal text: equal for equal content.

    For comparing and digests only.

    Raises:
        msgspec.DecodeError, RecursionError: It is no JSON, or nested beyond sense.
    """
    return msgspec.json.encode(_number_kept.decode(value), order="sorted")


def members(record: bytes | msgspec.Raw) -> dict[str, bytes]:
    """The members of an object in their order, each by its literal text. Of doubled names the last one counts."""
    return {name: bytes(raw) for name, raw in _members.decode(record).items()}


def split_volatile(record: bytes) -> tuple[bytes, dict[str, bytes]]:
    """The record with `null` for each volatile value, else byte for byte, and the values; `join_volatile` undoes it.

    A record in which a name stands twice is left whole.
    """
    if not any(f'"{name}"'.encode() in record for name in VOLATILE_MEMBERS):
        return record, {}
    found = members(record)
    values = {name: found[name] for name in VOLATILE_MEMBERS & found.keys() if found[name] != _NULL}
    if not values:
        return record, {}
    kept: list[bytes] = []
    copied = at = 0
    for name, value in found.items():
        opening = _BEFORE_VALUE.match(record, at)
        if opening is None or not record.startswith(value, opening.end()):
            return record, {}
        at = opening.end() + len(value)
        if name in values:
            kept += (record[copied : opening.end()], _NULL)
            copied = at
    kept.append(record[copied:])
    return (b"".join(kept), values) if record[at:].strip(b" \t\r\n") == b"}" else (record, {})


def join_volatile(stable: bytes, values: Mapping[str, bytes]) -> bytes:
    """The inverse of `split_volatile`."""
    if not values:
        return stable
    kept: list[bytes] = []
    copied = at = 0
    for name, value in members(stable).items():
        opening = _BEFORE_VALUE.match(stable, at)
        assert opening is not None, "split_volatile left a record that it cannot walk whole"
        at = opening.end() + len(value)
        if name in values:
            kept += (stable[copied : opening.end()], values[name])
            copied = at
    return b"".join((*kept, stable[copied:]))
