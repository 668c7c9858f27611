"""Connections that PostgreSQL closed meanwhile, as when it is started again."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import text

from llmanac.errors import StoreError
from llmanac.store.database import Database
from tests.databases import POSTGRES


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    made = Database(postgres_url)
    yield made
    made.close()


def end_all_connections(database: Database) -> None:
    name = database.shown_url.rpartition("/")[2]
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])


def read_one(database: Database) -> object:
    with database.read() as connection:
        return connection.execute(text("SELECT 1")).scalar_one()


def write_one(database: Database) -> object:
    with database.write() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS written (id integer)"))
        return 1


@pytest.mark.parametrize("use", [read_one, write_one], ids=["reading", "writing"])
def test_a_connection_that_the_server_closed_is_replaced(use: Callable[[Database], object], database: Database) -> None:
    assert use(database) == 1
    for _ in range(2):
        end_all_connections(database)
        assert use(database) == 1


def test_one_that_is_closed_in_the_middle_is_told_and_the_next_is_a_new_one(database: Database) -> None:
    def read_on() -> None:
        with database.read() as connection:
            end_all_connections(database)
            connection.execute(text("SELECT 1"))

    with pytest.raises(StoreError):
        read_on()
    assert read_one(database) == 1


def test_of_what_fails_nothing_is_written(database: Database) -> None:
    def write_in_vain() -> None:
        with database.write() as connection:
            connection.execute(text("CREATE TABLE left_behind (id integer)"))
            connection.execute(text("SELECT nothing_of_this_name"))

    with pytest.raises(StoreError, match="nothing_of_this_name"):
        write_in_vain()
    with database.read() as connection:
        assert connection.execute(text("SELECT to_regclass('left_behind')")).scalar_one() is None
