"""A whole store → another database of either kind, compared at the end; all of it or nothing."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import msgspec
from sqlalchemy import Connection, Table, func, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from llmanac.errors import StoreError
from llmanac.store.database import Database
from llmanac.store.digests import NounDigest, blob_digest, digests
from llmanac.store.migrate import is_current, schema_version, upgrade
from llmanac.store.schema import lease, metadata, quarantine

_ROWS_AT_ONCE = 500
_COPIED = tuple(table for table in metadata.sorted_tables if table is not lease)
"""All but the lease, which is the right to write to the old database."""
_VERSION_TABLE = "alembic_version"


class Progress(msgspec.Struct, frozen=True):
    """How far a move has come, in rows. `comparing`: everything is copied."""

    done: int
    total: int
    comparing: bool = False


class Compared(msgspec.Struct, frozen=True):
    """What the two databases have of one noun."""

    here: NounDigest
    there: NounDigest

    @property
    def same(self) -> bool:
        """Whether it is all there."""
        return self.here == self.there


def move(source: Database, target: Database, watch: Callable[[Progress], None]) -> tuple[Compared, ...]:
    """Copy everything but the lease, and compare by noun; the source is only read.

    One transaction: if anything differs or fails, the target is left as it was. Whoever syncs the source meanwhile does
    so in vain, so hold its lease.

    Args:
        target: Must be empty; gets the schema first.
        watch: Told after some hundred rows, and before comparing.

    Raises:
        StoreError: The source has another schema or nothing in it, the target is not empty, or one of them fails.
    """
    with source.read() as here:
        total = _rows_to_move(here, source.shown_url)
        try:
            with target.write() as there:
                _refuse_filled(there, target.shown_url)
                upgrade(there)
                for done in _copy(source, here, there):
                    watch(Progress(done, total))
                _go_on_counting(here, there)
                if not target.is_sqlite:
                    # Of tables that were just filled it knows nothing, and plans the worse for it until its autovacuum
                    # comes by: 70 ms instead of 4 for a page of a year's changes.
                    there.exec_driver_sql("ANALYZE")
                watch(Progress(total, total, comparing=True))
                return _compare(_everything(source, here), _everything(target, there))
        except _DifferentError as problem:
            return problem.compared


class _DifferentError(Exception):
    """Undoes the transaction."""

    def __init__(self, compared: tuple[Compared, ...]) -> None:
        super().__init__()
        self.compared = compared


def _compare(here: Iterable[NounDigest], there: Iterable[NounDigest]) -> tuple[Compared, ...]:
    """Every noun, in one order; raises _DifferentError if any differs."""
    compared = tuple(Compared(*pair) for pair in zip(here, there, strict=True))
    if not all(noun.same for noun in compared):
        raise _DifferentError(compared)
    return compared


def _everything(database: Database, connection: Connection) -> tuple[NounDigest, ...]:
    with _named(database):
        # The nouns know blobs by their digests only; that the bytes themselves came over is for the last one to say.
        return (*digests(connection), blob_digest(connection))


@contextmanager
def _named(database: Database) -> Iterator[None]:
    """Two databases are open at once: an error shall name the one it comes from."""
    try:
        yield
    except SQLAlchemyError as problem:
        said = str(problem.orig) if isinstance(problem, DBAPIError) else type(problem).__name__
        raise StoreError(
            f"The database {database.shown_url} answered with an error: {said.partition(chr(10))[0]}"
        ) from None


def _rows_to_move(here: Connection, shown_url: str) -> int:
    if not is_current(here):
        found = schema_version(here)
        raise StoreError(
            f"Expected a store with the schema of this llmanac at {shown_url}, got {found or 'none'}",
            hint="`llmanac status` brings a store of an older llmanac to it.",
        )
    total = sum(_count(here, table.name) for table in _COPIED)
    if not total:
        raise StoreError(f"Expected a store with something in it at {shown_url}, got an empty one")
    return total


def _refuse_filled(there: Connection, shown_url: str) -> None:
    names = set(inspect(there).get_table_names())
    found = {name: _count(there, name) for name in sorted(names - {_VERSION_TABLE})}
    if schema_version(there) is None or names - {_VERSION_TABLE, *metadata.tables}:
        # Tables that llmanac did not make: even an empty one is somebody's.
        filled = [f"{name} ({count})" for name, count in found.items()]
    else:
        is_current(there)
        filled = [f"{name} ({count})" for name, count in found.items() if count]
    if filled:
        raise StoreError(
            f"Expected an empty database at {shown_url}, got one with these tables (rows): {', '.join(filled)}",
            hint="Make a new database and move into that one. Nothing was changed.",
        )


def _count(connection: Connection, table: str) -> int:
    quoted = connection.dialect.identifier_preparer.quote(table)
    return int(connection.execute(text(f"SELECT count(*) FROM {quoted}")).scalar_one())  # noqa: S608  quoted, and a table's own name


def _copy(source: Database, here: Connection, there: Connection) -> Iterator[int]:
    """How many rows are over, again and again."""
    done = 0
    for table in _COPIED:
        for rows in _rows(source, here, table):
            there.execute(insert(table), rows)
            done += len(rows)
            yield done


def _rows(source: Database, here: Connection, table: Table) -> Iterator[list[dict[str, object]]]:
    """In an order in which no row comes before one it refers to: the base of a blob has always the smaller id."""
    wanted = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_ROWS_AT_ONCE)
    with _named(source):
        for rows in here.execute(wanted).mappings().partitions():
            yield [dict(row) for row in rows]


def _go_on_counting(here: Connection, there: Connection) -> None:
    """The next row gets the number it would have got in the source, where the highest may be of a row long gone."""
    for table in _COPIED:
        column = table.autoincrement_column
        last = 0 if column is None else _last_number(here, table)
        if not last or column is None:
            continue
        if there.dialect.name == "postgresql":
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            there.execute(select(func.setval(sequence, last)))
        elif table is quarantine:
            there.execute(text("DELETE FROM sqlite_sequence WHERE name = 'quarantine'"))
            there.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES ('quarantine', :last)"), {"last": last})


def _last_number(here: Connection, table: Table) -> int:
    (column,) = table.primary_key.columns
    given: int | None = None
    if here.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        given = here.execute(select(func.pg_sequence_last_value(sequence))).scalar_one()
    elif table is quarantine:
        given = here.execute(text("SELECT seq FROM sqlite_sequence WHERE name = 'quarantine'")).scalar()
    return max(given or 0, here.execute(select(func.max(column))).scalar_one() or 0)
