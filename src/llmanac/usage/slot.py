"""Calls that share their prices and the kinds of their counts: how a Ledger finds the Cell of each at once."""

from collections.abc import Callable

from llmanac.usage.call import Call
from llmanac.usage.cell import Cell

NEVER = -1
"""A limit that no prompt keeps."""
_APART = 1 << 20
"""Keeps the kinds of `kind_of` apart from those of slots."""


class Slot:
    """What calls of one name in one day or hour share: up to `limit` tokens of prompt, the same prices."""

    __slots__ = ("cells", "limit", "make")

    def __init__(self, limit: int, make: Callable[[int], Cell] | None) -> None:
        self.limit = limit
        self.make = make
        self.cells: list[Cell | None] = [None] * 8
        """By what the calls have: 1 reasoning tokens, 2 cached ones, 4 a stated cost."""

    def cell(self, call: Call) -> Cell:
        """Where the call belongs, if its prompt is within the limit and it has no extras."""
        kind = (1 if call.reasoning else 0) + (2 if call.cached else 0) + (0 if call.stated is None else 4)
        found = self.cells[kind]
        if found is None:
            assert self.make is not None, "a slot with a limit makes cells"
            found = self.cells[kind] = self.make(kind)
        return found


def kind_of(call: Call) -> int:
    """Which counts a call has: those of one cell have the same, so that all or none of them can be priced in full."""
    extras = call.extras
    has = [call.reasoning, call.cached, call.stated is not None, call.prompt, call.completion]
    if extras is not None:
        has += [getattr(extras, name) for name in extras.__struct_fields__]
    return sum(1 << place for place, count in enumerate(has) if count) | _APART
