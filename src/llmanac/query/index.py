"""Look-up tables over one list: made when they are first needed, and asked often."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cached_property

import msgspec

from llmanac.query.bits import bits_of, every_bit
from llmanac.query.facet_names import Facet
from llmanac.query.match import Names
from llmanac.query.orders import Orders
from llmanac.query.query import Query
from llmanac.query.ranges import Ranges
from llmanac.query.recent import Recent
from llmanac.query.row import Row
from llmanac.query.row_values import VALUES, WORDS, Value
from llmanac.query.sort_names import Order
from llmanac.query.values import Values

MAX_NARROWED = 8
"""Answers to filters that are kept for the next page, and for counting what was found."""


class Narrowed(msgspec.Struct, frozen=True):
    """The rows that filters leave; with `q` also the sets they fall into, the best first, other rows among them."""

    rows: int
    ranked: tuple[int, ...] = ()


class _RowValues:
    """What rows are sorted by."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._values: dict[Order, Sequence[Value | None]] = {}

    def of(self, order: Order) -> Sequence[Value | None]:
        """The value of each row, equal values as one object."""
        if order not in self._values:
            once: dict[Value | None, Value | None] = {}
            self._values[order] = [once.setdefault(value, value) for value in map(VALUES[order], self._rows)]
        return self._values[order]


class Index:
    """The rows of one list, with distinct ids, in upstream's order. Never edited: a new list is a new Index.

    Making it costs nothing; each table is made at its first use, from any thread.
    """

    def __init__(self, rows: tuple[Row, ...]) -> None:
        self.rows = rows
        self.size = len(rows)
        self.every = every_bit(self.size)
        """The set of all rows."""
        self._values = _RowValues(rows)
        # Not a method of its own: in a circle it would outlive its last user until a full collection.
        self.orders = Orders(self.size, self._values.of)
        self.narrowed: Recent[tuple[Query, int], Narrowed] = Recent(MAX_NARROWED)
        """By filters and minute."""
        self._words: dict[Facet, Values] = {}
        self._ranges: dict[Order, Ranges] = {}

    @cached_property
    def names(self) -> Names:
        """What a search looks in."""
        return Names(self.rows)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {row.model.id: place for place, row in enumerate(self.rows)}

    def find(self, model: str) -> Row | None:
        """The row of an id, or None."""
        place = self._places.get(model)
        return None if place is None else self.rows[place]

    def with_ids(self, ids: Iterable[str]) -> int:
        """The rows of these models."""
        return bits_of((self._places[model] for model in ids if model in self._places), self.size)

    def words(self, facet: Facet) -> Values:
        """The words that rows are counted and narrowed by."""
        if facet not in self._words:
            self._words[facet] = Values(map(WORDS[facet], self.rows), self.size)
        return self._words[facet]

    def values(self, order: Order) -> Sequence[Value | None]:
        """What rows are sorted by, equal values as one object."""
        return self._values.of(order)

    def ranges(self, order: Order) -> Ranges:
        """What rows are bounded by; of orders whose values are numbers."""
        if order not in self._ranges:
            values = [value if isinstance(value, int | Decimal) else None for value in self.values(order)]
            self._ranges[order] = Ranges(values)
        return self._ranges[order]


def make_index(rows: Iterable[Row]) -> Index:
    """The index of these rows."""
    return Index(tuple(rows))
