"""The results that were made last, for a caller who asks again."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """At most so many results; the oldest goes first. Threads may make one twice, which does no harm."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: dict[Key, Value] = {}
        self._lock = threading.Lock()

    def find(self, key: Key, make: Callable[[], Value]) -> Value:
        """The result of this key, made now if it is not there."""
        found = self._made.get(key)
        if found is None:
            found = make()
            with self._lock:
                while len(self._made) >= self._most:
                    del self._made[next(iter(self._made))]
                self._made[key] = found
        return found
