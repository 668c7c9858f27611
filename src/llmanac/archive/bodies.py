"""The bodies used last, so that equal ones are written once and yet an archive is read in one pass."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Generic, TypeVar

Kept = TypeVar("Kept")

KEPT_BYTES = 16 << 20
"""A part of format 1: the reader must remember whatever the writer may refer to."""


class RecentBodies(Generic[Kept]):
    """By SHA-256. Writer and reader call `use` for the same fetches in the same order and so forget the same bodies.

    The writer keeps where a body lies, the reader the body.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[int, Kept]] = OrderedDict()
        self._bytes = 0

    def find(self, digest: str) -> Kept | None:
        """What was kept of it, or None when it was never there or is forgotten."""
        found = self._kept.get(digest)
        return None if found is None else found[1]

    def keep(self, digest: str, size: int, kept: Kept, *, max_bytes: int | None = None) -> None:
        """Remember a body until it is used, and longer if there is room.

        Args:
            max_bytes: For a reader, whom an archive may hand bodies that it never uses.
        """
        if digest not in self._kept:
            self._kept[digest] = (size, kept)
            self._bytes += size
        if max_bytes is not None:
            self._forget(max_bytes)

    def use(self, digests: Iterable[str]) -> None:
        """The bodies of the next fetch, all of which are there; then those are forgotten that were not used longest."""
        for digest in digests:
            self._kept.move_to_end(digest)
        self._forget(KEPT_BYTES)

    def _forget(self, max_bytes: int) -> None:
        while self._bytes > max_bytes:
            size, _ = self._kept.popitem(last=False)[1]
            self._bytes -= size
