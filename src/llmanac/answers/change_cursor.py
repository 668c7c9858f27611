"""Where a page of changes ended, as text: the key of its last row. It names no row number, so rows may come and go."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from llmanac.catalogue.ids import ModelId
from llmanac.errors import InvalidParameter
from llmanac.store.rows import ChangeKey

NO_CURSOR = "a cursor as the page before gave it, got another text"
_DIRECTIONS = {False: "newest first", True: "oldest first"}
Cursor = TypeVar("Cursor", bound=msgspec.Struct)


class _Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    oldest_first: bool
    seen_at: datetime
    model: str
    field: str


def write_cursor(key: ChangeKey, *, oldest_first: bool) -> str:
    """The cursor of the page after this key."""
    ended = _Cursor(oldest_first, key.seen_at.astimezone(UTC), key.model, key.field)
    return to_text(ended)


def read_cursor(text: str, *, oldest_first: bool) -> ChangeKey:
    """The inverse of `write_cursor`.

    Raises:
        InvalidParameter: It is no cursor of ours, or one of the other direction.
    """
    try:
        ended = from_text(text, _Cursor)
    except ValueError:
        raise _refused(NO_CURSOR) from None
    if ended.seen_at.utcoffset() != timedelta() or "\0" in ended.model + ended.field:
        raise _refused(NO_CURSOR)
    if ended.oldest_first is not oldest_first:
        raise _refused(
            f"one of a page that is {_DIRECTIONS[oldest_first]}, got one that is {_DIRECTIONS[ended.oldest_first]}"
        )
    return ChangeKey(ended.seen_at, ModelId(ended.model), ended.field)


def to_text(cursor: msgspec.Struct) -> str:
    """What a cursor says, in characters that stand in an address as they are."""
    return urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def from_text(text: str, kind: type[Cursor]) -> Cursor:
    """The inverse of `to_text`.

    Raises:
        ValueError: It says nothing of this kind.
    """
    try:
        return msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=kind)
    except RecursionError:
        raise ValueError("nested beyond sense") from None


def _refused(words: str) -> InvalidParameter:
    hint = "Send `next` of the page before, with the same since, or begin without cursor."
    return InvalidParameter(f"cursor: Expected {words}", hint=hint)
