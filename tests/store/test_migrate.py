"""The schema: made by migrations, equal to the tables the code uses, and refused when it is newer."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect, select, text

from llmanac import __version__
from llmanac.catalogue.record import join_volatile
from llmanac.errors import SchemaTooNew, StoreError
from llmanac.store import blobs, migrations
from llmanac.store.database import Database
from llmanac.store.migrate import SCHEMA_VERSION, migrate, schema_version
from llmanac.store.schema import fetch, metadata, model_version, raw_page, reject, series, snapshot
from tests.store.first_schema import FirstStore, instant, make_first_schema

MIGRATE = "import sys; from llmanac.store.database import Database as D; from llmanac.store.migrate import migrate; "
RACERS = 4


@pytest.fixture
def database(bare_database_url: str) -> Iterator[Database]:
    made = Database(bare_database_url)
    yield made
    made.close()


def test_migrations_make_the_tables_the_code_uses(database: Database) -> None:
    assert migrate(database)
    with database.read() as connection:
        assert_is_newest(connection)
    assert not migrate(database)


def assert_is_newest(connection: Connection) -> None:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    assert compare_metadata(context, metadata) == []
    assert schema_version(connection) == SCHEMA_VERSION


def test_the_version_the_code_wants_is_that_of_the_newest_migration() -> None:
    steps = (Path(migrations.__file__).parent / "versions").glob("[0-9]*.py")
    assert max(step.name.partition("_")[0] for step in steps) == SCHEMA_VERSION


def test_a_newer_schema_is_refused_with_both_versions_and_left_alone(database: Database) -> None:
    migrate(database)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0042'"))
    with pytest.raises(SchemaTooNew) as refused:
        migrate(database)
    assert "0042" in refused.value.message
    assert SCHEMA_VERSION in refused.value.message
    assert __version__ in refused.value.message
    with database.read() as connection:
        assert schema_version(connection) == "0042"


def test_a_server_on_a_newer_schema_ends_at_once_and_says_why(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'llmanac.db'}")
    migrate(database)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0042'"))
    database.close()
    done = subprocess.run(
        [sys.executable, "-c", "from llmanac.cli.main import run; run()", "serve", "--port", "0"],
        env={**os.environ, "LLMANAC_DATA_DIR": str(tmp_path), "LLMANAC_OFFLINE": "true", "NO_COLOR": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == SchemaTooNew.exit_code
    said = re.sub(r"\s+", " ", done.stderr)
    assert "0042" in said
    assert SCHEMA_VERSION in said
    assert "hint:" in said
    assert "Traceback" not in said


def test_threads_that_migrate_at_once_make_one_schema(bare_database_url: str) -> None:
    ready, done, problems = threading.Barrier(RACERS), list[bool](), list[StoreError]()

    def race() -> None:
        database = Database(bare_database_url)
        ready.wait()
        try:
            done.append(migrate(database))
        except StoreError as problem:
            problems.append(problem)
        database.close()

    threads = [threading.Thread(target=race) for _ in range(RACERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert sorted(done) == [False] * (RACERS - 1) + [True]


@pytest.mark.slow
def test_processes_that_migrate_at_once_make_one_schema(bare_database_url: str) -> None:
    """Each waits for a line on its input, so that all have the imports behind them when it starts."""
    code = MIGRATE + "d = D(sys.argv[1]); print('ready', flush=True); input(); print(migrate(d))"
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", code, bare_database_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(RACERS)
    ]
    said = []
    try:
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        said = [racer.communicate(timeout=60)[0].strip() for racer in racers]
    finally:
        for racer in racers:
            racer.kill()
            racer.wait()
            for stream in (racer.stdin, racer.stdout):
                assert stream is not None
                stream.close()
    assert [racer.returncode for racer in racers] == [0] * RACERS
    assert sorted(said) == ["False"] * (RACERS - 1) + ["True"]


def test_a_migration_that_fails_leaves_nothing_behind(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoiled(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("alembic.operations.Operations.create_index", spoiled)
        with pytest.raises(ZeroDivisionError):
            migrate(database)
    with database.read() as connection:
        assert inspect(connection).get_table_names() == []
    assert migrate(database)


NOON = datetime(2026, 10, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
UPSTREAM, MIRROR = "http://upstream.test", "http://mirror.test"

OWL = b'{"id":"acme/owl", "benchmarks":{"mmlu": 0.50}, "name":"Owl"}'
OWL_MEASURED = b'{"id":"acme/owl", "benchmarks":{"mmlu": 0.75}, "name":"Owl"}'
OWL_RENAMED = b'{"id":"acme/owl", "benchmarks":{"mmlu": 0.75}, "name":"Night owl"}'
FOX = b'{"id":"acme/fox"}'
FOX_SPACED = b'{"id": "acme/fox"}'
EMU = b'{"id":"acme/emu","benchmarks":null}'

LISTS = ((OWL, FOX), (FOX, OWL_MEASURED, EMU), (OWL_RENAMED,), (OWL_MEASURED, FOX_SPACED))


def fill_first(database: Database) -> None:
    """Two series that took turns; the first was agreed with an hour after its last list."""
    make_first_schema(database)
    with database.write() as connection:
        store = FirstStore(connection)
        upstream, mirror = store.open_series(UPSTREAM), store.open_series(MIRROR, "account")
        store.open_series("http://never.test")
        serial = 0
        for hour, records in enumerate(LISTS):
            pages = [b"page %d of hour %d" % (number, hour) for number in range(2)]
            warning = "odd" if hour == 1 else None
            serial = store.save(
                upstream, NOON + hour * HOUR, records, pages=pages, rejects=[b"7"] * hour, warning=warning
            )
            if hour == 2:
                store.save(mirror, NOON + hour * HOUR + HOUR / 2, [FOX])
        store.agree(upstream, serial, NOON + 4 * HOUR)
        entry = {"reason": "html", "detail": "a page", "admissible": False, "digest": "d", "model_count": 0}
        seen = {"first_seen_at": instant(NOON), "last_seen_at": instant(NOON), "repeats": 1, "stored_bytes": 4}
        store.insert("quarantine", {"id": 7, "series_id": upstream, **entry, **seen})
        page = {"part": "models", "position": 0, "url": "u", "body": b"zstd"}
        store.insert("quarantine_page", {"quarantine_id": 7, **page})
        token = {"name": "n", "hint": "h", "hash": b"hash", "scopes": "[]", "created_at": instant(NOON)}
        store.insert("token", {"id": "tok_1", **token})
        store.insert("revision", {"name": "catalogue", "value": serial})
        store.insert("lease", {"name": "sync", "holder": "me", "expires_at": instant(NOON)})


@pytest.fixture
def carried(database: Database) -> Iterator[Connection]:
    """A store of the first schema, migrated."""
    fill_first(database)
    assert migrate(database)
    with database.write() as connection:
        yield connection


def rows_of(connection: Connection, name: str) -> list[tuple[object, ...]]:
    table = MetaData()
    table.reflect(connection, only=[name], resolve_fks=False)
    return sorted(tuple(row) for row in connection.execute(select(table.tables[name])))


def test_a_store_of_the_first_schema_gets_the_tables_the_code_uses(carried: Connection) -> None:
    assert_is_newest(carried)
    assert not [name for name in inspect(carried).get_table_names() if name.startswith("old")]


def records_of(connection: Connection, row_id: int) -> list[bytes]:
    """A list as it was, put together again."""
    row = connection.execute(select(snapshot).where(snapshot.c.id == row_id)).one()
    versions = {row.id: row for row in connection.execute(select(model_version))}
    order = msgspec.json.decode(blobs.read(connection, row.versions_id), type=list[int])
    document = blobs.read(connection, row.volatile_id) if row.volatile_id else b"{}"
    volatile = msgspec.json.decode(document, type=dict[str, dict[str, msgspec.Raw]])
    return [
        join_volatile(
            bytes(versions[number].record),
            {name: bytes(value) for name, value in volatile.get(versions[number].model, {}).items()},
        )
        for number in order
    ]


def test_every_list_of_the_first_schema_is_there_as_it_was(carried: Connection) -> None:
    """A record that differed by white space alone has the spelling of its first time."""
    ids = list(carried.scalars(select(snapshot.c.id).where(snapshot.c.series_id == 1).order_by(snapshot.c.serial)))
    as_kept = [tuple(FOX if record == FOX_SPACED else record for record in records) for records in LISTS]
    assert [tuple(records_of(carried, row_id)) for row_id in ids] == as_kept


def test_snapshots_keep_their_serials_and_what_is_known_of_them(carried: Connection) -> None:
    rows = carried.execute(select(snapshot).order_by(snapshot.c.serial)).all()
    upstream = [(serial, serial, 1, "all", NOON + hour * HOUR) for serial, hour in ((1, 0), (2, 1), (3, 2), (5, 3))]
    mirror = (4, 4, 2, "account", NOON + 2.5 * HOUR)
    assert [(row.id, row.serial, row.series_id, row.scope, row.taken_at) for row in rows] == sorted([*upstream, mirror])
    assert [row.warning for row in rows] == [None, "odd", None, None, None]
    assert [row.model_count for row in rows] == [2, 3, 1, 1, 2]
    assert [row.volatile_id is None for row in rows] == [False, False, False, True, False]
    assert {(row.comparison, row.compared_id) for row in rows} == {(None, None)}
    assert [tuple(row) for row in carried.execute(select(series.c.snapshot_id).order_by(series.c.id))] == [
        (5,),
        (4,),
        (None,),
    ]


def test_each_snapshot_and_the_last_agreement_is_a_fetch(carried: Connection) -> None:
    columns = (fetch.c.series_id, fetch.c.taken_at, fetch.c.scope, fetch.c.origin, fetch.c.snapshot_id)
    rows = [tuple(row) for row in carried.execute(select(*columns).order_by(fetch.c.taken_at))]
    assert rows == [
        (1, NOON, "all", "fetched", 1),
        (1, NOON + HOUR, "all", "fetched", 2),
        (1, NOON + 2 * HOUR, "all", "fetched", 3),
        (2, NOON + 2.5 * HOUR, "account", "fetched", 4),
        (1, NOON + 3 * HOUR, "all", "fetched", 5),
        (1, NOON + 4 * HOUR, "all", "fetched", 5),
    ]


def test_raw_bytes_and_rejects_are_carried_over(carried: Connection) -> None:
    rows = carried.execute(
        select(raw_page, fetch.c.taken_at)
        .join(fetch, fetch.c.id == raw_page.c.fetch_id)
        .order_by(fetch.c.taken_at, raw_page.c.position)
    ).all()
    kept = [((row.taken_at - NOON) // HOUR, row.part, row.url, blobs.read(carried, row.blob_id)) for row in rows]
    assert kept == [
        (hour, "models", f"{number}", b"page %d of hour %d" % (number, hour))
        for hour in range(4)
        for number in range(2)
    ]
    found = carried.execute(select(reject).order_by(reject.c.snapshot_id, reject.c.position)).all()
    assert [(row.snapshot_id, row.position, bytes(row.raw)) for row in found] == [
        (snapshot_id, position, b"7") for snapshot_id, count in ((2, 1), (3, 2), (5, 3)) for position in range(count)
    ]


def test_a_record_is_kept_once_without_what_is_volatile(carried: Connection) -> None:
    rows = carried.execute(select(model_version).order_by(model_version.c.seen_at, model_version.c.id)).all()
    stable = OWL.replace(b'{"mmlu": 0.50}', b"null")
    assert [(row.series_id, row.seen_at, bytes(row.record)) for row in rows] == [
        (1, NOON, stable),
        (1, NOON, FOX),
        (1, NOON + HOUR, EMU),
        (1, NOON + 2 * HOUR, stable.replace(b'"Owl"', b'"Night owl"')),
        (2, NOON + 2.5 * HOUR, FOX),
    ]


def test_what_the_step_does_not_concern_stays(database: Database) -> None:
    fill_first(database)
    names = ("quarantine", "quarantine_page", "token", "revision", "lease")
    with database.read() as connection:
        before = {name: rows_of(connection, name) for name in names}
    migrate(database)
    with database.read() as connection:
        assert {name: rows_of(connection, name) for name in names} == before


def test_new_rows_get_new_numbers_after_the_step(carried: Connection) -> None:
    order = blobs.put(carried, b"[]", like=None)
    values = {"scope": "all", "taken_at": NOON, "digest": "", "model_count": 0, "versions_id": order}
    made = carried.execute(
        snapshot.insert().returning(snapshot.c.id), [{"serial": 6, "series_id": 1, **values}]
    ).scalar_one()
    assert made == 6


def test_a_clock_that_was_turned_back_does_not_stop_the_step(database: Database) -> None:
    """Serials follow the instants; of two lists of one instant, the later saved comes a microsecond later."""
    make_first_schema(database)
    with database.write() as connection:
        store = FirstStore(connection)
        series_id = store.open_series(UPSTREAM)
        for at, record in ((NOON + HOUR, OWL), (NOON, FOX), (NOON, EMU), (NOON + 2 * HOUR, FOX)):
            store.save(series_id, at, [record])
    migrate(database)
    with database.read() as connection:
        rows = connection.execute(select(snapshot.c.id, snapshot.c.taken_at).order_by(snapshot.c.serial)).all()
        assert [tuple(row) for row in rows] == [
            (2, NOON),
            (3, NOON + timedelta(microseconds=1)),
            (1, NOON + HOUR),
            (4, NOON + 2 * HOUR),
        ]


@pytest.mark.parametrize("at", ["create_table", "rename_table", "drop_table"])
def test_a_step_that_fails_leaves_the_old_store_as_it_was(
    at: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_first(database)
    with database.read() as connection:
        names = inspect(connection).get_table_names()
        before = {name: rows_of(connection, name) for name in names}

    def spoiled(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(f"alembic.operations.Operations.{at}", spoiled)
        with pytest.raises(ZeroDivisionError):
            migrate(database)
    with database.read() as connection:
        assert inspect(connection).get_table_names() == names
        assert {name: rows_of(connection, name) for name in names} == before
        assert schema_version(connection) == "0001"
    assert migrate(database)
    with database.read() as connection:
        assert_is_newest(connection)
