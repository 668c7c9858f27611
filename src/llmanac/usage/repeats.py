"""Calls that several lines tell of, such as one line for each block of an agent's answer: each is counted once."""

from collections.abc import Iterable
from itertools import islice

from llmanac.usage.call import Call

MAX_HELD = 10_000
"""Calls that are kept back, so that a later line with more tokens can take the place of an earlier one."""
MAX_REMEMBERED = 200_000
"""Calls counted before those: their repeats are passed over. A number of 8 bytes is kept for each."""


class Repeats:
    """Hands each call on once, in the order of its first line; what it holds is bounded."""

    def __init__(self, *, max_held: int = MAX_HELD, max_remembered: int = MAX_REMEMBERED) -> None:
        self._max_held = max_held
        self._max_remembered = max_remembered
        self._held: dict[int, Call] = {}
        self._counted: dict[int, None] = {}
        self.passed = 0
        """Lines that repeat a call."""

    def once(self, calls: Iterable[Call]) -> list[Call]:
        """Of these calls and of those held, the ones to count now."""
        ready: list[Call] = []
        held, counted = self._held, self._counted
        for call in calls:
            mark = call.mark
            if not mark:
                ready.append(call)
            elif (earlier := held.get(mark)) is not None:
                self.passed += 1
                if call.completion > earlier.completion:
                    held[mark] = call
            elif mark in counted:
                self.passed += 1
            else:
                held[mark] = call
        if len(held) > self._max_held:
            ready += self._release(len(held) - self._max_held // 2)
        return ready

    def rest(self) -> list[Call]:
        """All that are held, when no more lines come."""
        return self._release(len(self._held))

    def _release(self, number: int) -> list[Call]:
        marks = list(islice(self._held, number))
        self._counted.update(dict.fromkeys(marks))
        for mark in list(islice(self._counted, max(len(self._counted) - self._max_remembered, 0))):
            del self._counted[mark]
        return [self._held.pop(mark) for mark in marks]
