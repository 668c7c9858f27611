"""Where a page of a list ended, as text: the list by its instant, so that what is fetched meanwhile changes nothing.

Instants name lists for ever, Serials only until the next import (ADR 0013).
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated

import msgspec

from llmanac.answers.change_cursor import NO_CURSOR, from_text, to_text
from llmanac.catalogue.ids import Serial
from llmanac.errors import InvalidParameter
from llmanac.query.list_fields import MAX_OFFSET
from llmanac.query.query import Query

_DIGEST_CHARACTERS = 16


class ListCursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The page that begins at an offset of one list, for one question."""

    question: str
    """Its digest: sent with another question, the offset would mean nothing."""
    offset: Annotated[int, msgspec.Meta(ge=0, le=MAX_OFFSET)]
    at: datetime | None
    """An instant of the list; None for the bundle, which has none in the store."""
    now: datetime | None
    """What ages are counted from; None when no age is asked for."""


def digest_of(at: datetime | Serial | None, query: Query) -> str:
    """What decides about rows and their order: the list, filters and sort; the same in every process."""
    return sha256(f"{at} {query.digest}".encode()).hexdigest()[:_DIGEST_CHARACTERS]


def write_list_cursor(cursor: ListCursor) -> str:
    """The cursor as it is sent."""
    return to_text(cursor)


def read_list_cursor(text: str, *, question: str) -> ListCursor:
    """The inverse of `write_list_cursor`.

    Raises:
        InvalidParameter: It is no cursor of ours, or one of another question.
    """
    try:
        cursor = from_text(text, ListCursor)
    except ValueError:
        raise refused_cursor(NO_CURSOR) from None
    if any(instant is not None and instant.utcoffset() != timedelta() for instant in (cursor.at, cursor.now)):
        raise refused_cursor(NO_CURSOR)
    if cursor.question != question:
        raise refused_cursor("one of this very question, got one of another")
    return cursor


def refused_cursor(expected: str) -> InvalidParameter:
    """The refusal of a cursor."""
    hint = "Follow `Link` of the page before, with the same as_of, filters and sort; or begin without cursor."
    return InvalidParameter(f"cursor: Expected {expected}", hint=hint)
