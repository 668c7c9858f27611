"""Connections: the difference between SQLite and PostgreSQL ends here."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import ExecutionContext, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from llmanac import clock
from llmanac.errors import StoreError, StoreUnreachable

LOCK_SECONDS = 10
"""How long a writer waits for the other writers before it gives up."""

_CONNECT_SECONDS = 5
_RETRY_SECONDS = 0.01
_STATEMENT_SECONDS = 60
"""No statement of ours takes a second; one that takes this long waits for a server that is gone."""
_ADVISORY_LOCK = 0x6C6D6E61
"""Serialises writers on PostgreSQL, as `BEGIN IMMEDIATE` does on SQLite ("lmna")."""


_KEEPALIVE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 15_000}
"""So that a server that vanished without a word is noticed in some 15 seconds (libpq's parameters)."""


_PATIENCE = f"SET LOCAL statement_timeout = '{_STATEMENT_SECONDS}s'"

BINARY = "binary"
"""Execution option of statements whose rows are long, for PostgreSQL: as text, bytes come twice as long, and digit by
digit. Not for all statements, since SQLAlchemy reads some of PostgreSQL's own tables as text only."""


class Database:
    """One engine; `read()` sees one consistent state, `write()` is alone with the database until it commits."""

    def __init__(self, url: str) -> None:
        """Opens nothing yet.

        Args:
            url: `sqlite:///path` or `postgresql+psycopg://…`.
        """
        try:
            parsed = make_url(url)
        except ArgumentError as problem:
            raise StoreUnreachable(f"Expected a database URL, got one that cannot be read: {problem}") from None
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.shown_url = parsed.render_as_string(hide_password=True)
        if self.is_sqlite:
            self._engine = create_engine(parsed, connect_args={"timeout": LOCK_SECONDS}, pool_size=4)
            event.listen(self._engine, "connect", _prepare_sqlite)
        else:
            self._engine = create_engine(
                parsed,
                connect_args={"connect_timeout": _CONNECT_SECONDS, **_KEEPALIVE},
                pool_size=4,
                isolation_level="REPEATABLE READ",
            )
            event.listen(self._engine, "before_cursor_execute", _prepare_cursor)

    @property
    def engine(self) -> Engine:
        """For migrations."""
        return self._engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state and changes nothing."""
        first = "PRAGMA query_only = 1" if self.is_sqlite else _PATIENCE
        with _errors(self.shown_url), _opened(self._engine, first) as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()
                if self.is_sqlite:
                    connection.exec_driver_sql("PRAGMA query_only = 0")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that no other writer overlaps; it commits at the end or, on any error, not at all."""
        # Each writer must read what the one before it wrote, so on PostgreSQL its view may only begin after the lock.
        engine = self._engine if self.is_sqlite else self._engine.execution_options(isolation_level="READ COMMITTED")
        first = "BEGIN IMMEDIATE" if self.is_sqlite else _PATIENCE
        with _errors(self.shown_url), _opened(engine, first) as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            yield connection
            connection.commit()

    def now(self, connection: Connection) -> datetime:
        """The database's own clock, which all replicas share; SQLite's is this machine's."""
        if self.is_sqlite:
            return clock.now()
        instant: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return instant.astimezone(UTC)

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()


class _Cursor(Protocol):
    """Of psycopg's; importing that takes 9 MB, which SQLite does not need."""

    format: int


def _prepare_cursor(
    _connection: Connection,
    cursor: _Cursor,
    _statement: str,
    _parameters: object,
    context: ExecutionContext,
    _executemany: bool,  # noqa: FBT001  SQLAlchemy's signature
) -> None:
    if context.execution_options.get(BINARY):
        cursor.format = 1  # psycopg.pq.Format.BINARY


@contextmanager
def _opened(engine: Engine, first: str) -> Iterator[Connection]:
    """A connection on which the first statement has been executed; what is not committed in the end is undone.

    One that the server has closed since its last use (it was started again, say) is replaced. To be told by the first
    statement costs nothing; SQLAlchemy's `pool_pre_ping` would ask the server something before each transaction.
    """
    for is_fresh in (False, True):
        with engine.connect() as connection:
            try:
                connection.exec_driver_sql(first)
            except DBAPIError as problem:
                if is_fresh or not problem.connection_invalidated:
                    raise
                continue
            yield connection
            return


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # The driver shall begin no transaction by itself: `write` decides how it begins.
    connection.isolation_level = None
    cursor = connection.cursor()
    _switch_to_wal(cursor)
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _switch_to_wal(cursor: sqlite3.Cursor) -> None:
    """Once in a file's life. The switch ignores the driver's patience with locks, so this has its own."""
    deadline = time.monotonic() + LOCK_SECONDS
    while cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)


@contextmanager
def _errors(shown_url: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as problem:
        # Only the driver's words: the statement and its parameters may hold what no log should.
        said = str(problem.orig).strip().splitlines()[0] if str(problem.orig).strip() else type(problem.orig).__name__
        if problem.connection_invalidated or problem.statement is None:
            raise StoreUnreachable(f"The database {shown_url} cannot be used: {said}") from None
        raise StoreError(f"The database {shown_url} answered with an error: {said}") from None
    except SQLAlchemyError as problem:
        raise StoreError(f"The database {shown_url} failed: {type(problem).__name__}") from None
