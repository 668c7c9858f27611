"""Calls that several lines tell of, such as one line for each block of an agent's answer: each is counted once."""

from collections.abc import Sequence

from llmanac.usage.call import Call

MAX_HELD = 10_000
"""Calls that are kept back, so that a later line with more tokens can take the place of an earlier one."""
MAX_REMEMBERED = 200_000
"""Calls counted before those: their repeats are passed over. Some 80 bytes are kept for each."""


class Repeats:
    """Hands each call on once, in the order of its first line; what it holds is bounded.

    Calls and marks grow old by halves: when the newer half is full, the older one is let go.
    """

    def __init__(self, *, max_held: int = MAX_HELD, max_remembered: int = MAX_REMEMBERED) -> None:
        self._half_held = -(-max_held // 2)
        self._half_remembered = -(-max_remembered // 2)
        self._newer: dict[int, Call] = {}
        self._older: dict[int, Call] = {}
        self._newly_counted: set[int] = set()
        self._long_counted: set[int] = set()
        self.passed = 0
        """Lines that repeat a call."""

    def once(self, calls: Sequence[Call]) -> list[Call]:
        """Of these calls and of those held, the ones to count now."""
        marks = [call.mark for call in calls]
        ready: list[Call] = []
        if self._are_new(marks):
            self._newer.update(zip(marks, calls, strict=True))
        else:
            ready = [call for call in calls if self._is_ready(call)]
        return self._grown() + ready if len(self._newer) >= self._half_held else ready

    def rest(self) -> list[Call]:
        """All that are held, when no more lines come."""
        return self._grown() + self._grown()

    def _are_new(self, marks: Sequence[int]) -> bool:
        """Whether each tells of a call of its own that no line told of before: so it is with nearly all."""
        each = set(marks)
        return (
            len(each) == len(marks)
            and 0 not in each
            and self._newer.keys().isdisjoint(each)
            and self._older.keys().isdisjoint(each)
            and self._newly_counted.isdisjoint(each)
            and self._long_counted.isdisjoint(each)
        )

    def _is_ready(self, call: Call) -> bool:
        """Whether it is counted now, as nothing tells which call it is; else it is held or passed over."""
        mark = call.mark
        if not mark:
            return True
        held = self._newer if mark in self._newer else self._older
        earlier = held.get(mark)
        if earlier is None and mark not in self._newly_counted and mark not in self._long_counted:
            self._newer[mark] = call
            return False
        self.passed += 1
        if earlier is not None and call.completion > earlier.completion:
            held[mark] = call
        return False

    def _grown(self) -> list[Call]:
        """The older half of what is held, which is let go."""
        if len(self._newly_counted) >= self._half_remembered:
            self._newly_counted, self._long_counted = set(), self._newly_counted
        self._newly_counted.update(self._older)
        ready = list(self._older.values())
        self._newer, self._older = {}, self._newer
        return ready
