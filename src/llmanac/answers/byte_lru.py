"""Results in bounded memory."""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_ENTRY_BYTES = 400
"""What an entry takes beside its value, about."""


class ByteLRU(Generic[Key, Value]):
    """Values up to a number of bytes; those go first that were not asked for the longest. Thread-safe."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._entries: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Key) -> Value | None:
        """The value, or None."""
        return self.find_all((key,)).get(key)

    def find_all(self, keys: Iterable[Key]) -> dict[Key, Value]:
        """Those of these that are there."""
        found: dict[Key, Value] = {}
        with self._lock:
            for key in keys:
                entry = self._entries.get(key)
                if entry is not None:
                    found[key] = entry[0]
                    self._entries.move_to_end(key)
        return found

    def keep(self, key: Key, value: Value, size: int) -> None:
        """Keep a value of about so many bytes, if it fits at all."""
        self.keep_all(((key, value, size),))

    def keep_all(self, entries: Iterable[tuple[Key, Value, int]]) -> None:
        """As `keep`, one after the other."""
        with self._lock:
            for key, value, bare_size in entries:
                size = bare_size + _ENTRY_BYTES
                _, before = self._entries.pop(key, (None, 0))
                self._bytes -= before
                if size > self._max_bytes:
                    continue
                self._entries[key] = value, size
                self._bytes += size
                while self._bytes > self._max_bytes:
                    _, (_, gone) = self._entries.popitem(last=False)
                    self._bytes -= gone
