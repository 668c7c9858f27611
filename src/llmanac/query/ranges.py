"""Which rows have a value within bounds."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from decimal import Decimal

from llmanac.query.bits import bits_of

Number = int | Decimal
_BLOCKS = 128
_LEAST_BLOCK = 64


class Ranges:
    """Known values in their order, and for every so many of them the rows up to there. The unknown is in no range."""

    def __init__(self, values: Sequence[Number | None]) -> None:
        self._size = len(values)
        pairs = sorted((value, row) for row, value in enumerate(values) if value is not None)
        self._values = [value for value, _ in pairs]
        self._rows = array("L", [row for _, row in pairs])
        self._block = max(_LEAST_BLOCK, self._size // _BLOCKS)
        self._up_to = [0]
        for start in range(0, len(pairs), self._block):
            block = bits_of(self._rows[start : start + self._block], self._size)
            self._up_to.append(self._up_to[-1] | block)

    def at_least(self, bound: Number) -> int:
        """The rows whose value is known and not less."""
        return self._up_to[-1] ^ self._first(bisect_left(self._values, bound))

    def at_most(self, bound: Number) -> int:
        """The rows whose value is known and not more."""
        return self._first(bisect_right(self._values, bound))

    def _first(self, count: int) -> int:
        """The rows of the least so many values."""
        block, rest = divmod(count, self._block)
        start = block * self._block
        return self._up_to[block] | (bits_of(self._rows[start : start + rest], self._size) if rest else 0)
