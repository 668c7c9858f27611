"""What a store takes: by table and index, by use of its bytes, on SQLite and on PostgreSQL."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

MB = 1_000_000

_BLOBS: LiteralString = """
    SELECT CASE
        WHEN id IN (SELECT blob_id FROM raw_page) THEN 'raw answers'
        WHEN id IN (SELECT versions_id FROM snapshot) THEN 'which versions, in which order'
        WHEN id IN (SELECT volatile_id FROM snapshot WHERE volatile_id IS NOT NULL) THEN 'volatile values'
        ELSE 'only a base of others' END AS use,
        count(*), coalesce(sum(length(body)), 0), coalesce(sum(size), 0)
    FROM blob GROUP BY 1 ORDER BY 3 DESC
"""


@dataclass(frozen=True, slots=True)
class TableSize:
    """Bytes of whole pages, those of its indexes apart. `None`: this SQLite cannot tell."""

    name: str
    rows: int
    table_bytes: int | None
    index_bytes: int | None


@dataclass(frozen=True, slots=True)
class BlobUse:
    """Blobs of one use: their bytes as they are stored and as they were."""

    use: str
    count: int
    stored_bytes: int
    whole_bytes: int


@dataclass(frozen=True, slots=True)
class StoreSize:
    """`total_bytes` is the file's, or the database's."""

    total_bytes: int
    tables: Sequence[TableSize]
    blobs: Sequence[BlobUse]

    @property
    def raw_bytes(self) -> int:
        """What upstream's answers take as they are stored."""
        return sum(blob.stored_bytes for blob in self.blobs if blob.use == "raw answers")


def sqlite_size(path: Path) -> StoreSize:
    """Of a store that nobody has open; what its log holds is written into the file first."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        pages = _sqlite_pages(connection)
        tables = [
            TableSize(
                name,
                connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0],
                None if pages is None else pages.get((name, True), 0),
                None if pages is None else pages.get((name, False), 0),
            )
            for name in names
        ]
        blobs = [BlobUse(*row) for row in connection.execute(_BLOBS)]
    return StoreSize(path.stat().st_size, _largest_first(tables), blobs)


def _sqlite_pages(connection: sqlite3.Connection) -> dict[tuple[str, bool], int] | None:
    """Bytes by table, and whether it is the table itself or its indexes; None without the virtual table `dbstat`."""
    try:
        rows = connection.execute(
            "SELECT coalesce(schema.tbl_name, stat.name), schema.type IS NOT 'index', sum(stat.pgsize) "
            "FROM dbstat AS stat LEFT JOIN sqlite_schema AS schema ON schema.name = stat.name GROUP BY 1, 2"
        )
        return {(name, bool(is_table)): size for name, is_table, size in rows}
    except sqlite3.OperationalError:
        return None


def postgresql_size(url: str) -> StoreSize:
    """Of a database, by libpq's address."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT relname::text, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        tables = [
            TableSize(name, _count(connection, name), table_bytes, index_bytes)
            for name, table_bytes, index_bytes in rows
        ]
        blobs = [BlobUse(use, int(count), int(stored), int(whole)) for use, count, stored, whole in _uses(connection)]
        total = _one(connection, "SELECT pg_database_size(current_database())")
    return StoreSize(total, _largest_first(tables), blobs)


def _uses(connection: psycopg.Connection[tuple[object, ...]]) -> list[tuple[str, int, int, int]]:
    return [(str(row[0]), *(int(str(number)) for number in row[1:])) for row in connection.execute(_BLOBS)]  # type: ignore[misc]  # four columns


def _count(connection: psycopg.Connection[tuple[object, ...]], table: str) -> int:
    return _one(connection, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))


def _one(connection: psycopg.Connection[tuple[object, ...]], statement: LiteralString | sql.Composed) -> int:
    row = connection.execute(statement).fetchone()
    return int(str(row[0])) if row else 0


def _largest_first(tables: Sequence[TableSize]) -> list[TableSize]:
    return sorted(tables, key=lambda table: (-(table.table_bytes or 0) - (table.index_bytes or 0), table.name))
