"""What the catalogue's endpoint is asked, read once."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from llmanac.catalogue.ids import Serial
from llmanac.query.read import read_moment, read_words
from llmanac.render.listing import View


class Question(msgspec.Struct, frozen=True):
    """What is asked of the catalogue's endpoint. `at` None: the list that is served; no `statuses`: all listed."""

    at: datetime | Serial | None
    view: View
    statuses: frozenset[str]


def read_question(values: Mapping[str, str]) -> Question:
    """The values of `LISTING_FIELDS`, as `parse_query` has checked them."""
    at = read_moment(values["as_of"]) if values["as_of"] else None
    return Question(at, View(values["view"]), frozenset(read_words(values["status"])))
