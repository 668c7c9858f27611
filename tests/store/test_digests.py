"""Digests by noun: everything that is said counts, and nothing of how it is kept."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, LargeBinary, select, update

from llmanac.store import blobs
from llmanac.store.database import Database
from llmanac.store.digests import NounDigest, blob_digest, digests
from llmanac.store.migrate import migrate
from llmanac.store.schema import Instant, blob, lease, metadata, quarantine_page, revision
from llmanac.store.snapshots import compress
from tests.store.contents import LISTS, SERIES, fill

UNSEEN = {"stored_bytes"}
"""Beside numbers of rows: how large something is as it is stored."""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    migrate(made)
    yield made
    made.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content, written in one way on SQLite."""
    path = tmp_path_factory.mktemp("digests") / "llmanac.db"
    made = Database(f"sqlite:///{path}")
    migrate(made)
    with made.write() as connection:
        fill(connection)
    made.close()
    return path


@pytest.fixture(scope="module")
def expected(filled: Path) -> tuple[NounDigest, ...]:
    """Its digests."""
    made = Database(f"sqlite:///{filled}")
    with made.read() as connection:
        found = digests(connection)
    made.close()
    return found


@pytest.mark.parametrize("seed", range(3))
def test_equal_content_has_equal_digests_however_it_was_written(
    seed: int, database: Database, expected: tuple[NounDigest, ...]
) -> None:
    with database.write() as connection:
        fill(connection, seed)
    with database.read() as connection:
        assert digests(connection) == expected


def test_each_noun_is_counted(expected: tuple[NounDigest, ...]) -> None:
    lists = len(SERIES) * LISTS
    assert {found.noun: found.count for found in expected} == {
        "series": len(SERIES),
        "attempt": len(SERIES),
        "fetch": 2 * lists,
        "snapshot": lists,
        "model_version": len(SERIES) * (LISTS + 2),
        "change": len(SERIES) * (LISTS - 1) * 15,
        "reject": 2 * lists,
        "raw_page": 4 * lists,
        "quarantine": len(SERIES),
        "token": 2,
    }


def test_an_empty_store_has_digests_too(database: Database) -> None:
    with database.read() as connection:
        assert {found.count for found in digests(connection)} == {0}


def said() -> list[Column[object]]:
    """Every column whose value a reader can see."""
    return [
        column
        for table in metadata.sorted_tables
        if table not in (lease, revision, blob)
        for column in table.columns
        if not (column.foreign_keys or column.name in UNSEEN or (column.primary_key and column.name == "id"))
    ]


@pytest.mark.parametrize("column", said(), ids=str)
def test_every_column_that_says_something_counts(column: Column[object], filled: Path, tmp_path: Path) -> None:
    """A column that is added to the schema and forgotten in the digests fails here."""
    made = Database(f"sqlite:///{shutil.copy(filled, tmp_path)}")
    with made.write() as connection:
        before = digests(connection)
        _change_one(connection, column)
        assert digests(connection) != before
    made.close()


def _change_one(connection: Connection, column: Column[object]) -> None:
    """Give the column another value in the last row that has one."""
    keys = tuple(column.table.primary_key.columns)
    wanted = select(*keys, column.label("value")).where(column.is_not(None)).order_by(*(key.desc() for key in keys))
    row = connection.execute(wanted).first()
    assert row is not None, f"the content has no {column}"
    here = [key == value for key, value in zip(keys, row, strict=False)]
    connection.execute(update(column.table).where(*here).values({column.name: _another(column, row.value)}))


def _another(column: Column[object], value: object) -> object:
    if column is quarantine_page.c.body:
        return compress(b"another")
    match value:
        case bool():
            return not value
        case int():
            return value + 1000
        case datetime():
            assert isinstance(column.type, Instant)
            return value + timedelta(microseconds=1)
        case bytes():
            assert isinstance(column.type, LargeBinary)
            return value + b"x"
        case _:
            return f"{value} "[-16:] if column.name != "validators" else "[]"


def test_leases_and_counters_leave_no_trace(database: Database) -> None:
    with database.write() as connection:
        fill(connection)
        before = digests(connection)
        connection.execute(lease.delete())
        connection.execute(update(revision).values(value=12345))
        assert digests(connection) == before


def test_which_bytes_a_list_has_counts(database: Database) -> None:
    """Keys to blobs are seen by the bytes they stand for."""
    with database.write() as connection:
        fill(connection)
        before = {found.noun: found for found in digests(connection)}
        other = blobs.put(connection, b"{}", like=None)
        table = metadata.tables["raw_page"]
        connection.execute(update(table).values(blob_id=other))
        after = {found.noun: found for found in digests(connection)}
    assert {noun for noun in before if before[noun] != after[noun]} == {"raw_page"}


def test_blobs_are_compared_byte_for_byte_apart(database: Database) -> None:
    """A body that was damaged on its way is the same noun, but not the same blob."""
    with database.write() as connection:
        fill(connection)
        before = blob_digest(connection)
        some = connection.scalar(select(blob.c.id).limit(1))
        connection.execute(update(blob).where(blob.c.id == some).values(body=b"damaged"))
        after = blob_digest(connection)
    assert (after.noun, after.count) == (before.noun, before.count)
    assert after != before
