"""Models as lines of JSON: each upstream's whole record in the full view's shape, with our conclusions."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import msgspec

from llmanac.catalogue.ids import ModelId
from llmanac.query.row import Row
from llmanac.render.listing import Removal, View, show

_NO_REMOVALS: Mapping[ModelId, Removal] = MappingProxyType({})


def render_ndjson(rows: Iterable[Row], removals: Mapping[ModelId, Removal] = _NO_REMOVALS) -> bytes:
    """One line a model, in the order of the rows, each ended by a line feed.

    Args:
        removals: What is known of the leaving of rows that are no longer listed.
    """
    return b"".join(_line(show(row.model, View.FULL, removals.get(row.model.id)).whole()) for row in rows)


def _line(model: bytes) -> bytes:
    """On one line, whatever white space upstream put between its members; within texts line ends are escaped."""
    return (msgspec.json.format(model, indent=-1) if b"\n" in model or b"\r" in model else model) + b"\n"
