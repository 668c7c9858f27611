"""A whole store into another database: all of it, compared, or nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, delete, func, insert, inspect, select, text, update

from llmanac.errors import SchemaTooNew, StoreError
from llmanac.store.database import Database
from llmanac.store.digests import blob_digest, digests
from llmanac.store.migrate import migrate
from llmanac.store.move import Progress, move
from llmanac.store.schema import blob, change, lease, metadata, quarantine, series, snapshot
from tests.store.contents import BEGIN, fill
from tests.store.first_schema import make_first_schema

DIRECTIONS = [
    ("sqlite", "postgresql"),
    pytest.param(("postgresql", "sqlite"), marks=pytest.mark.slow),
    pytest.param(("sqlite", "sqlite"), marks=pytest.mark.slow),
]


@pytest.fixture(params=DIRECTIONS, ids="-to-".join)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """A store with some of everything, and an empty database."""
    kinds: tuple[str, str] = request.param
    postgresql = ("kept_postgres_url", "postgres_url")
    urls = [
        f"sqlite:///{tmp_path / f'{place}.db'}" if kind == "sqlite" else str(request.getfixturevalue(postgresql[place]))
        for place, kind in enumerate(kinds)
    ]
    source, target = map(Database, urls)
    migrate(source)
    with source.write() as connection:
        fill(connection)
    yield source, target
    source.close()
    target.close()


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Database]:
    """A store with some of everything, on SQLite."""
    made = Database(f"sqlite:///{tmp_path / 'source.db'}")
    migrate(made)
    with made.write() as connection:
        fill(connection)
    yield made
    made.close()


@pytest.fixture
def target(bare_database_url: str) -> Iterator[Database]:
    """An empty database of each kind."""
    made = Database(bare_database_url)
    yield made
    made.close()


def silent(_: Progress) -> None:
    pass


def rows(database: Database, table: Table) -> list[tuple[object, ...]]:
    with database.read() as connection:
        wanted = select(table)
        return sorted((tuple(row) for row in connection.execute(wanted)), key=repr)


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    return {table.name: rows(database, table) for table in metadata.sorted_tables}


def tables(database: Database) -> list[str]:
    with database.read() as connection:
        return inspect(connection).get_table_names()


def test_everything_but_the_lease_comes_over_and_the_source_stays(pair: tuple[Database, Database]) -> None:
    source, target = pair
    before = everything(source)
    compared = move(source, target, silent)
    assert all(noun.same for noun in compared)
    assert [noun.here.noun for noun in compared][-2:] == ["token", "blob"]
    assert min(noun.here.count for noun in compared) > 0
    assert everything(source) == before
    assert everything(target) == {**before, "lease": []}
    with target.read() as connection:
        assert (*digests(connection), blob_digest(connection)) == tuple(noun.here for noun in compared)


def test_there_and_back_again_is_the_same_store(pair: tuple[Database, Database], tmp_path: Path) -> None:
    source, target = pair
    move(source, target, silent)
    again = Database(f"sqlite:///{tmp_path / 'again.db'}")
    assert all(noun.same for noun in move(target, again, silent))
    assert everything(again) == everything(target)
    again.close()


def test_new_rows_get_numbers_that_were_never_given(pair: tuple[Database, Database]) -> None:
    """Also not that of a quarantined list that was dropped."""
    source, target = pair
    with source.write() as connection:
        dropped = insert_copy(connection, quarantine, {})
        connection.execute(delete(quarantine).where(quarantine.c.id == dropped))
    move(source, target, silent)
    with target.write() as connection:
        assert insert_copy(connection, quarantine, {}) == dropped + 1
        for table, values in (
            (series, {"base_url": "http://new.test"}),
            (blob, {"digest": b"new"}),
            (snapshot, {"serial": 12345}),
        ):
            highest = connection.execute(select(func.max(table.c.id))).scalar_one()
            assert insert_copy(connection, table, dict(values)) > highest


def insert_copy(connection: Connection, table: Table, values: dict[str, object]) -> int:
    """A row like the first one, under a number that the database gives; that number."""
    row = dict(connection.execute(select(table).order_by(table.c.id)).mappings().first() or {})
    del row["id"]
    return int(connection.execute(insert(table).returning(table.c.id), [row | values]).scalar_one())


def test_it_tells_how_far_it_is(source: Database, target: Database) -> None:
    told: list[Progress] = []
    move(source, target, told.append)
    total = sum(len(found) for name, found in everything(source).items() if name != "lease")
    assert {progress.total for progress in told} == {total}
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)
    assert [progress.comparing for progress in told] == [False] * (len(told) - 1) + [True]
    assert told[-1].done == total


def test_a_target_that_has_something_is_refused_and_told_what(source: Database, target: Database) -> None:
    migrate(target)
    with target.write() as connection:
        connection.execute(
            insert(series), [{"source": "s", "base_url": "u", "scope": "all", "validators": "[]", "failures": 0}]
        )
    before = everything(target)
    with pytest.raises(StoreError, match=r"series \(1\)$") as refused:
        move(source, target, silent)
    assert target.shown_url in refused.value.message
    assert everything(target) == before


def test_a_target_of_an_older_schema_that_is_empty_will_do(source: Database, target: Database) -> None:
    make_first_schema(target)
    assert all(noun.same for noun in move(source, target, silent))


def test_a_target_of_a_newer_schema_is_refused(source: Database, target: Database) -> None:
    migrate(target)
    with target.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0042'"))
    with pytest.raises(SchemaTooNew):
        move(source, target, silent)


@pytest.mark.parametrize("name", ["poems", "series"])
def test_a_target_with_tables_of_others_is_refused_though_they_are_empty(
    name: str, source: Database, target: Database
) -> None:
    with target.write() as connection:
        connection.execute(text(f"CREATE TABLE {name} (id INTEGER)"))
    with pytest.raises(StoreError, match=rf"{name} \(0\)"):
        move(source, target, silent)
    assert tables(target) == [name]


def test_a_store_is_not_moved_into_itself(source: Database) -> None:
    before = everything(source)
    with pytest.raises(StoreError, match="Expected an empty database"):
        move(source, source, silent)
    assert everything(source) == before


@pytest.mark.parametrize("kind", ["no store", "nothing in it", "an older schema"])
def test_what_is_no_store_of_this_schema_is_not_moved(kind: str, target: Database, tmp_path: Path) -> None:
    made = Database(f"sqlite:///{tmp_path / 'source.db'}")
    if kind == "nothing in it":
        migrate(made)
    if kind == "an older schema":
        make_first_schema(made)
    with pytest.raises(StoreError) as refused:
        move(made, target, silent)
    assert made.shown_url in refused.value.message
    assert tables(target) == []
    made.close()


def test_what_one_database_cannot_hold_leaves_the_other_as_it_was(source: Database, postgres_url: str) -> None:
    """SQLite keeps a NUL in a text. It comes up when half of the rows are over."""
    target = Database(postgres_url)
    with source.write() as connection:
        connection.execute(update(quarantine).values(detail="nothing\0here"))
    with pytest.raises(StoreError, match="postgresql"):
        move(source, target, silent)
    assert tables(target) == []
    target.close()


def test_a_difference_undoes_all_and_is_told_by_noun(source: Database, postgres_url: str) -> None:
    """SQLite keeps half a number where PostgreSQL rounds it."""
    target = Database(postgres_url)
    with source.write() as connection:
        connection.execute(text("UPDATE change SET percent = 0.5 WHERE percent IS NOT NULL"))
    compared = move(source, target, silent)
    assert [noun.here.noun for noun in compared if not noun.same] == ["change"]
    assert all(noun.here.count == noun.there.count for noun in compared)
    assert tables(target) == []
    target.close()


def test_whoever_stops_it_leaves_nothing(source: Database, target: Database) -> None:
    def stop(progress: Progress) -> None:
        if progress.comparing:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(source, target, stop)
    assert tables(target) == []


def test_a_source_that_fails_is_named_and_not_the_target(source: Database, target: Database) -> None:
    with source.write() as connection:
        connection.execute(text("ALTER TABLE token RENAME COLUMN hint TO hunt"))
    with pytest.raises(StoreError) as failed:
        move(source, target, silent)
    assert source.shown_url in failed.value.message
    assert tables(target) == []


def test_a_running_sync_finds_the_store_writable(source: Database, target: Database) -> None:
    """Only its lease keeps it away, and what it would write does not come over."""

    def write(progress: Progress) -> None:
        if progress.comparing:
            with source.write() as connection:
                connection.execute(update(lease).values(expires_at=BEGIN))
                connection.execute(delete(change))

    compared = move(source, target, write)
    assert all(noun.same for noun in compared)
    assert len(rows(target, change)) == next(noun.here.count for noun in compared if noun.here.noun == "change")
    assert rows(source, change) == []
