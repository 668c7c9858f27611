"""What the catalogue's endpoint is asked, read once."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

import msgspec

from llmanac.answers.list_cursor import ListCursor, digest_of, read_list_cursor
from llmanac.catalogue.ids import Serial
from llmanac.query.query import Query, read_query
from llmanac.query.read import read_as_of, read_paths, read_words
from llmanac.query.row import REMOVED
from llmanac.render.listing import View
from llmanac.render.picked import Path


class ListQuestion(msgspec.Struct, frozen=True):
    """What is asked of the catalogue's endpoint. `at` None: the list that is served; no `fields`: all members."""

    at: datetime | Serial | None
    view: View
    query: Query
    fields: tuple[Path, ...] = ()
    facets: tuple[str, ...] = ()
    cursor: ListCursor | None = None

    @property
    def answer_digest(self) -> bytes:
        """Of all but the list and the view. Answers are kept by it, so it is short however long the question is."""
        asked = (self.query.digest, self.query.offset, self.query.limit, self.fields, self.facets)
        return sha256(repr(asked).encode()).digest()

    @property
    def is_whole(self) -> bool:
        """Every model of a list, whole and in upstream's order."""
        return self.query == _EVERYTHING and not self.fields and not self.facets and self.cursor is None

    @property
    def is_plain(self) -> bool:
        """The whole list that is served now, in some view."""
        return self.at is None and self.is_whole

    @property
    def is_paged(self) -> bool:
        """Whether it asks for a part of what it finds."""
        return self.cursor is not None or self.query.limit is not None or self.query.offset > 0

    @property
    def asks_removed(self) -> bool:
        """Whether it asks for models that are no longer listed."""
        return REMOVED in self.query.status

    @property
    def asks_age(self) -> bool:
        """Whether the answer changes as time goes by."""
        return self.query.asks_age

    @property
    def digest(self) -> str:
        """See `digest_of`."""
        return digest_of(self.at, self.query)


_EVERYTHING = Query()


def read_question(values: Mapping[str, str]) -> ListQuestion:
    """The values of `LISTING_FIELDS`, as `parse_query` has checked them.

    Raises:
        InvalidParameter: Two values exclude each other, or the cursor is none or of another question.
    """
    question = ListQuestion(
        at=read_as_of(values),
        view=View(values["view"]),
        query=read_query(values),
        fields=read_paths(values["fields"]),
        facets=tuple(dict.fromkeys(read_words(values["facets"]))),
    )
    if not values["cursor"]:
        return question
    cursor = read_list_cursor(values["cursor"], question=question.digest)
    return msgspec.structs.replace(
        question, query=msgspec.structs.replace(question.query, offset=cursor.offset), cursor=cursor
    )
