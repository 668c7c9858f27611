"""A store on each kind of database, with one series and somebody who may write to it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from llmanac.store.database import Database
from llmanac.store.rows import Scope, SeriesKey
from llmanac.store.store import Store
from tests.databases import KINDS
from tests.store.saving import Saver


@pytest.fixture(params=["sqlite_url", "kept_postgres_url"], ids=KINDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """A store of each kind with the newest schema and no rows: this is where SQL is, so `make test` has both."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = Store(Database(database_url))
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def saver(store: Store) -> Saver:
    series = store.open_series(SeriesKey("openrouter", "http://upstream.test", Scope.ALL))
    assert store.acquire_lease("saver", timedelta(hours=1))
    return Saver(store, series.id, "saver")
