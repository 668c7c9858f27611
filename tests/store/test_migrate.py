"""The schema: made by migrations, equal to the tables the code uses, and refused when it is newer."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from llmanac import __version__
from llmanac.errors import SchemaTooNew, StoreError
from llmanac.store import migrations
from llmanac.store.database import Database
from llmanac.store.migrate import SCHEMA_VERSION, migrate, schema_version
from llmanac.store.schema import metadata

MIGRATE = "import sys; from llmanac.store.database import Database as D; from llmanac.store.migrate import migrate; "
RACERS = 4


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    yield made
    made.close()


def test_migrations_make_the_tables_the_code_uses(database: Database) -> None:
    assert migrate(database)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        assert schema_version(connection) == SCHEMA_VERSION
    assert not migrate(database)


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


def test_threads_that_migrate_at_once_make_one_schema(database_url: str) -> None:
    ready, done, problems = threading.Barrier(RACERS), list[bool](), list[StoreError]()

    def race() -> None:
        database = Database(database_url)
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


def test_processes_that_migrate_at_once_make_one_schema(database_url: str) -> None:
    """Each waits for a line on its input, so that all have the imports behind them when it starts."""
    code = MIGRATE + "d = D(sys.argv[1]); print('ready', flush=True); input(); print(migrate(d))"
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", code, database_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
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
