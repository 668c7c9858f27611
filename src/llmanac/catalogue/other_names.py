"""Names of a model beside its id and name, read from its record alone."""

from typing import TypeVar

import msgspec

_NULL = msgspec.Raw(b"null")


class _Named(msgspec.Struct):
    canonical_slug: msgspec.Raw = _NULL
    alias_target: msgspec.Raw = _NULL


class AliasTarget(msgspec.Struct, frozen=True):
    """The model that a `~…` id points at now."""

    slug: str
    name: str | None = None


class OtherNames(msgspec.Struct, frozen=True):
    """`canonical_slug` is permanent and may be shared by several ids. Both are None where upstream states none."""

    canonical_slug: str | None
    alias_target: AliasTarget | None


_named = msgspec.json.Decoder(_Named)
_slug = msgspec.json.Decoder(str | None)
_target = msgspec.json.Decoder(AliasTarget | None)
Stated = TypeVar("Stated")


def other_names(record: bytes) -> OtherNames:
    """Those of a record. A value of another shape than upstream documents counts as not stated."""
    try:
        named = _named.decode(record)
    except msgspec.DecodeError:
        return OtherNames(None, None)
    return OtherNames(_stated(_slug, named.canonical_slug), _stated(_target, named.alias_target))


def _stated(decoder: msgspec.json.Decoder[Stated | None], raw: msgspec.Raw) -> Stated | None:
    try:
        return decoder.decode(raw)
    except msgspec.DecodeError:
        return None
