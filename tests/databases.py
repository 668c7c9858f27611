"""Databases for tests, made once and used again: making one takes longer than most tests do."""

import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql

from llmanac.store.database import Database
from llmanac.store.migrate import migrate
from llmanac.store.schema import metadata
from tests.needed import lacking

POSTGRES = os.environ.get("LLMANAC_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
"""A database whose user may make others."""

KINDS = ("sqlite", "postgresql")

_SHAPE = """
    SELECT relname, relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT version_num, '' FROM alembic_version
    ORDER BY 1, 2
"""
"""What a test may have changed beside the rows."""
_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SQLITE = "sqlite:///"
_BEGIN_AGAIN = "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence"


@contextmanager
def new_postgres() -> Iterator[str]:
    """A PostgreSQL database with nothing in it; skips where there is no server, and fails there under CI=true."""
    try:
        admin = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as problem:
        lacking(f"needs PostgreSQL at {POSTGRES} (or LLMANAC_TEST_POSTGRES): {problem}")
    name = f"llmanac_{uuid.uuid4().hex[:12]}"
    with admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        base = POSTGRES.rpartition("/")[0].replace("postgresql://", "postgresql+psycopg://", 1)
        try:
            yield f"{base}/{name}"
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class KeptPostgres:
    """One database with the schema and no rows, for one test after the other."""

    def __init__(self) -> None:
        self._made = ExitStack()
        self._url: str | None = None
        self._shape: list[tuple[str, str]] = []

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Its address. What a test did to the schema costs the next one a new database."""
        if self._url is None:
            self._url = self._made.enter_context(new_postgres())
            make_schema(self._url)
            self._shape = self._empty(self._url)
        try:
            yield self._url
        finally:
            if self._empty(self._url) != self._shape:
                self.close()

    def close(self) -> None:
        """Drop it."""
        self._url = None
        self._made.close()

    def _empty(self, url: str) -> list[tuple[str, str]]:
        """Leave no row and no connection. Its shape; none when that could not be done."""
        try:
            with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
                connection.execute(_OTHERS)
                for table in reversed(metadata.sorted_tables):
                    connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
                connection.execute(_BEGIN_AGAIN)
                return connection.execute(_SHAPE).fetchall()
        except psycopg.Error:
            return []


def make_schema(url: str) -> None:
    """The tables of the newest schema; a SQLite file that is not there yet is written whole."""
    path = Path(url.removeprefix(_SQLITE))
    if url.startswith(_SQLITE) and not path.exists():
        path.write_bytes(_new_sqlite())
    else:
        _migrate(url)


@cache
def _new_sqlite() -> bytes:
    with TemporaryDirectory() as made:
        path = Path(made) / "llmanac.db"
        _migrate(f"{_SQLITE}{path}")
        return path.read_bytes()


def _migrate(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()
