"""The bytes that the database keeps as differences to others, put together without llmanac."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

import zstandard

from tests.chaos.stores import Database

IN_MEMORY = 200
"""Bodies that are kept unpacked: each is the next one's base."""


class Blobs:
    """All blobs of a database, by id. They stay packed in memory: what differs between two lists is little."""

    def __init__(self, database: Database) -> None:
        rows = database.rows("SELECT id, digest, size, base_id, depth, body FROM blob ORDER BY id")
        self._rows = {integer(row[0]): row for row in rows}
        self._unpacked = lru_cache(IN_MEMORY)(self._unpack)

    def read(self, blob_id: object) -> bytes:
        """The bytes of one.

        Raises:
            ValueError: It is not there, or not what its digest says.
        """
        return self._unpacked(integer(blob_id))

    def unread(self, read: Sequence[object]) -> list[int]:
        """Those that neither are among these nor are needed for them: nobody would ever read them."""
        needed: set[int] = set()
        for blob_id in map(integer, read):
            at: int | None = blob_id
            while at is not None and at not in needed:
                needed.add(at)
                base = self._rows[at][3]
                at = None if base is None else integer(base)
        return sorted(self._rows.keys() - needed)

    def _unpack(self, blob_id: int) -> bytes:
        if blob_id not in self._rows:
            raise ValueError(f"there is no blob {blob_id}")
        _, digest, size, base_id, depth, packed = self._rows[blob_id]
        base = None
        if base_id is not None:
            base = zstandard.ZstdCompressionDict(self.read(base_id), dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        if integer(depth) != (0 if base_id is None else integer(self._rows[integer(base_id)][4]) + 1):
            raise ValueError(f"blob {blob_id} has depth {depth}")
        try:
            body = zstandard.ZstdDecompressor(dict_data=base, max_window_size=1 << 31).decompress(octets(packed))
        except zstandard.ZstdError as problem:
            raise ValueError(f"blob {blob_id} cannot be unpacked: {problem}") from problem
        if (sha256(body).digest(), len(body)) != (octets(digest), size):
            raise ValueError(f"blob {blob_id} is not what its digest says")
        return body


def octets(stored: object) -> bytes:
    assert isinstance(stored, bytes), f"expected bytes, got {stored!r}"
    return stored


def integer(stored: object) -> int:
    assert isinstance(stored, int), f"expected an integer, got {stored!r}"
    return stored
