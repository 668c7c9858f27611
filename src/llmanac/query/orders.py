"""The orders a list can have, and the part of one that a page shows."""

from array import array
from collections.abc import Callable, Sequence
from itertools import compress, islice

from llmanac.query.bits import flags_of, rows_of
from llmanac.query.recent import Recent
from llmanac.query.row_values import Value
from llmanac.query.sort_names import Order, SortKey

MAX_KEPT = 16
"""Orders of one list that are kept; a caller may ask for many more."""

_SORTED_STEPS = 4
"""Steps along an order that cost what sorting one row costs, about."""


class Ordering:
    """All rows in one order."""

    def __init__(self, rows: Sequence[int]) -> None:
        self._rows = array("L", rows)
        self._places = array("L", bytes(self._rows.itemsize * len(rows)))
        for place, row in enumerate(rows):
            self._places[row] = place

    def part(self, bits: int, offset: int, end: int | None) -> list[int]:
        """The rows of a set in this order, those before `offset` and from `end` on left out.

        A small set is sorted itself, a large one is read off the order of all rows until the page is full.
        """
        size, count = len(self._rows), bits.bit_count()
        steps = size if end is None or not count else min(size, end * size // count)
        if count * _SORTED_STEPS < steps:
            return sorted(rows_of(bits, size), key=self._places.__getitem__)[offset:end]
        flags = flags_of(bits, size)
        return list(islice(compress(self._rows, map(flags.__getitem__, self._rows)), offset, end))


class Orders:
    """Every order that is asked for."""

    def __init__(self, size: int, values: Callable[[Order], Sequence[Value | None]]) -> None:
        self._size = size
        self._values = values
        self._kept: Recent[tuple[SortKey, ...], Ordering] = Recent(MAX_KEPT)

    def by(self, keys: tuple[SortKey, ...]) -> Ordering:
        """The order by these keys, the first one first. Ties go by id; what is unknown comes last."""
        return self._kept.find(keys, lambda: Ordering(self._sorted(keys)))

    def _sorted(self, keys: tuple[SortKey, ...]) -> list[int]:
        ids = self._values(Order.ID)
        rows = sorted(range(self._size), key=ids.__getitem__)  # type: ignore[arg-type]  # ids are all text
        for key in reversed(keys):
            values = self._values(key.order)
            known = [row for row in rows if values[row] is not None]
            unknown = [row for row in rows if values[row] is None]
            known.sort(key=values.__getitem__, reverse=key.descending)  # type: ignore[arg-type]  # of one order, one type
            rows = known + unknown
        return rows
