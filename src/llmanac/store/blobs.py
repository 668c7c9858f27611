"""Bytes of any kind, each kept once and written as its difference to a similar blob.

Two lists an hour apart differ by some 300 bytes of 860,000, two a day apart by 4,500; alone either takes 55,000. So a
blob is zstd with the bytes of a similar one, its base, as the dictionary; and that one may be written the same way.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256

import msgspec
import zstandard
from sqlalchemy import Connection, Select, insert, select

from llmanac.errors import StoreError
from llmanac.store.among import IDS, among, ids_value
from llmanac.store.database import BINARY
from llmanac.store.schema import blob

MAX_DEPTH = 16
"""How many blobs must at most be read before one; a step takes 0.3 ms for 860,000 bytes."""
MAX_WINDOW_BYTES = 1 << 25
"""A base and the bytes written against it have together at most so many, since compression holds tables for both."""

_LEVEL = 12
"""3 ms for a list against the one of an hour before. 19 makes it a tenth smaller and takes 110 ms."""
_SURELY_SMALL = 100
"""Alone no list shrinks to a hundredth of its size: a difference as small need not be measured against that."""
_MAX_ZSTD_WINDOW_BYTES = 1 << 31
_AT_ONCE = 500
"""Blobs read by one statement, since all of them are in memory then."""


class _Row(msgspec.Struct, frozen=True):
    id: int
    digest: bytes
    size: int
    base_id: int | None
    depth: int
    body: bytes
    """As it is stored."""


_COLUMNS = tuple(blob.c[name] for name in _Row.__struct_fields__)


def put(connection: Connection, body: bytes, *, like: int | None) -> int:
    """Keep these bytes and return their id; bytes that are there already keep the id they have.

    Needs a transaction that excludes other writers.

    Args:
        like: The blob they probably resemble; of no use when it is gone, damaged, too large or too different.
    """
    digest = sha256(body).digest()
    known: int | None = connection.scalar(select(blob.c.id).where(blob.c.digest == digest))
    if known is not None:
        return known
    stored, base = _smallest(connection, body, like)
    row = {
        "digest": digest,
        "size": len(body),
        "base_id": None if base is None else base.id,
        "depth": 0 if base is None else base.depth + 1,
        "body": stored,
    }
    return int(connection.execute(insert(blob).returning(blob.c.id), [row]).scalar_one())


def read(connection: Connection, blob_id: int) -> bytes:
    """The bytes of one blob.

    Raises:
        StoreError: It is not there, or is not what was put in.
    """
    return read_many(connection, [blob_id])[blob_id]


def read_many(connection: Connection, ids: Iterable[int]) -> dict[int, bytes]:
    """The bytes of several, by id; a base they share is read once.

    Raises:
        StoreError: One is not there, or is not what was put in.
    """
    wanted = list(dict.fromkeys(ids))
    found: dict[int, bytes] = {}
    for begin in range(0, len(wanted), _AT_ONCE):
        part = wanted[begin : begin + _AT_ONCE]
        rows = _with_bases(connection, part)
        gone = set(part) - {row.id for row in rows}
        if gone:
            raise StoreError(f"Expected blob {min(gone)} in the database, got none of that id")
        bodies = _unfold(rows, part)
        found |= {blob_id: bodies[blob_id] for blob_id in part}
    return found


def _smallest(connection: Connection, body: bytes, like: int | None) -> tuple[bytes, _Row | None]:
    """The bytes as they are stored, and the base they are stored against."""
    base = None if like is None else _usable_base(connection, like, len(body))
    if base is None:
        return _compress(body), None
    difference = _compress(body, against=base[1])
    if len(difference) * _SURELY_SMALL <= len(body):
        return difference, base[0]
    alone = _compress(body)
    # Reading a difference costs more, and keeps its base from being thinned: half is the least it must save.
    return (difference, base[0]) if len(difference) * 2 <= len(alone) else (alone, None)


def _usable_base(connection: Connection, like: int, size: int) -> tuple[_Row, bytes] | None:
    """The blob that looks alike with its bytes; the one at the bottom of its chain when that chain is full."""
    rows = _with_bases(connection, [like])
    if not rows or rows[-1].id != like:
        return None
    if rows[-1].depth >= MAX_DEPTH:
        rows = rows[:1]
    base = rows[-1]
    if base.size + size > MAX_WINDOW_BYTES:
        return None
    try:
        return base, _unfold(rows, [base.id])[base.id]
    except StoreError:
        # Whoever reads it is told. What comes new must be kept all the same.
        return None


def _with_bases(connection: Connection, ids: Sequence[int]) -> tuple[_Row, ...]:
    """Rows of these blobs and of all that must be read before them, in an order in which they can be read."""
    dialect = connection.dialect.name
    found = connection.execute(_chains(dialect), {IDS: ids_value(dialect, ids)}).all()
    return tuple(_Row(*row) for row in found)


@cache
def _chains(dialect: str) -> Select[int, bytes, int, int | None, int, bytes]:
    chain = select(blob.c.id, blob.c.base_id).where(among(dialect, blob.c.id)).cte("chain", recursive=True)
    chain = chain.union(select(blob.c.id, blob.c.base_id).join(chain, blob.c.id == chain.c.base_id))
    needed = select(*_COLUMNS).join(chain, blob.c.id == chain.c.id).order_by(blob.c.depth, blob.c.id)
    return needed.execution_options(**{BINARY: True})


def _unfold(rows: Sequence[_Row], wanted: Iterable[int]) -> dict[int, bytes]:
    """The bytes by id. Only those of `wanted` are held against their digests; rows come after what they are based on.

    Raises:
        StoreError: One is damaged; it names the first.
    """
    bodies: dict[int, bytes] = {}
    for row in rows:
        base = None if row.base_id is None else bodies.get(row.base_id)
        try:
            # The size before any memory is taken for it.
            is_sound = zstandard.frame_content_size(row.body) == row.size
            bodies[row.id] = _decompress(row.body, against=base) if is_sound else b""
        except zstandard.ZstdError:
            is_sound = False
        if not is_sound:
            raise _damaged(next((row for row in rows if not _is_right(row, bodies)), row))
    by_id = {row.id: row for row in rows}
    if not all(_is_right(by_id[blob_id], bodies) for blob_id in wanted):
        raise _damaged(next(row for row in rows if not _is_right(row, bodies)))
    return bodies


def _is_right(row: _Row, bodies: Mapping[int, bytes]) -> bool:
    return row.id in bodies and sha256(bodies[row.id]).digest() == row.digest


def _damaged(row: _Row) -> StoreError:
    return StoreError(
        f"Expected {row.size} bytes with SHA-256 {row.digest.hex()} in blob {row.id}, got something else",
        hint="The database was damaged outside llmanac: restore a backup.",
    )


def _compress(body: bytes, *, against: bytes | None = None) -> bytes:
    if against is None:
        return zstandard.ZstdCompressor(level=_LEVEL).compress(body)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        _LEVEL,
        source_size=len(body),
        dict_size=len(against),
        # All of the base must stay in sight up to the last byte. Zstandard knows no smaller window than 2 ** 10.
        window_log=max(10, (len(against) + len(body)).bit_length()),
    )
    return zstandard.ZstdCompressor(dict_data=_raw(against), compression_params=parameters).compress(body)


def _decompress(stored: bytes, *, against: bytes | None) -> bytes:
    dictionary = None if against is None else _raw(against)
    return zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=_MAX_ZSTD_WINDOW_BYTES).decompress(stored)


def _raw(base: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
