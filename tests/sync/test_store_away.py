"""A store that cannot be used while the server runs: answers go on, status says so, and it is found again."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest

from llmanac.store import database
from tests.build import answer, records
from tests.databases import POSTGRES
from tests.serving import Served, serving, settings_for, wait_for
from tests.upstream_simulator import UpstreamSimulator

Away = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def away(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Away:
    """Makes the store unusable for a while: SQLite's to write to, PostgreSQL's at all."""
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.2)
    if database_url.startswith("sqlite"):
        return lambda: locked(Path(database_url.removeprefix("sqlite:///")))
    return lambda: closed(database_url.rpartition("/")[2])


@contextmanager
def locked(path: Path) -> Iterator[None]:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def closed(name: str) -> Iterator[None]:
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def is_live(served: Served) -> bool:
    return served.models().headers.get("X-Catalogue-Source") == "live"


def test_answers_go_on_without_the_store_and_syncs_again_with_it(database_url: str, tmp_path: Path, away: Away) -> None:
    with (
        UpstreamSimulator(answer(records(5))) as upstream,
        serving(settings_for(tmp_path, upstream.base_url, database_url=database_url)) as served,
    ):
        wait_for(lambda: is_live(served))
        good = served.models()
        with away():
            upstream.change(records=answer(records(6)))
            for _ in range(3):
                refused = served.http.post("/api/ai/sync")
                assert (refused.status_code, refused.json()["error"]) == (503, "STORE_UNAVAILABLE")
                assert served.models().content == good.content
            assert served.http.get("/healthz").status_code == 200
            wait_for(lambda: served.status().status_code == 200)
            if not database_url.startswith("sqlite"):
                wait_for(lambda: served.status().json()["store"]["problem"])
        wait_for(lambda: served.sync().status_code == 200)
        wait_for(lambda: len(served.ids()) == 6)
        wait_for(lambda: served.status().json()["store"]["problem"] is None)
        assert served.status().json()["serial"] == 2


def test_a_sync_that_is_due_is_done_when_the_store_is_back(database_url: str, tmp_path: Path, away: Away) -> None:
    often = {"sync_interval_seconds": 1, "sync_retry_seconds": 1}
    with (
        UpstreamSimulator(answer(records(5))) as upstream,
        serving(settings_for(tmp_path, upstream.base_url, database_url=database_url, **often)) as served,
    ):
        wait_for(lambda: is_live(served))
        with away():
            upstream.change(records=answer(records(6)))
            wait_for(lambda: served.http.post("/api/ai/sync").status_code == 503)
            assert len(served.ids()) == 5
        wait_for(lambda: len(served.ids()) == 6)


def test_a_restart_with_upstream_down_serves_the_stored_list_at_once(database_url: str, tmp_path: Path) -> None:
    with UpstreamSimulator(answer(records(5))) as upstream:
        with serving(settings_for(tmp_path, upstream.base_url, database_url=database_url)) as served:
            wait_for(lambda: is_live(served))
            good = served.models()
        with upstream.held(), serving(settings_for(tmp_path, upstream.base_url, database_url=database_url)) as served:
            again = served.models()
            assert (again.status_code, again.content) == (200, good.content)
            assert again.headers["ETag"] == good.headers["ETag"]
            assert again.headers["Last-Modified"] == good.headers["Last-Modified"]
            assert again.headers["X-Catalogue-Serial"] == "1"
    with serving(settings_for(tmp_path, upstream.base_url, database_url=database_url)) as served:
        assert served.models().content == good.content
        assert served.sync().json()["attempt"]["outcome"] == "failed"
        assert served.models().headers["X-Catalogue-Source"] == "store"
        assert served.models().content == good.content


def test_a_restart_in_the_middle_of_a_run_of_conditions_keeps_asking_conditionally(
    database_url: str, tmp_path: Path
) -> None:
    with UpstreamSimulator(answer(records(5)), etag=True) as upstream:
        given = settings_for(tmp_path, upstream.base_url, database_url=database_url)
        with serving(given) as served:
            wait_for(lambda: is_live(served))
        with serving(given) as served:
            assert served.sync().json()["attempt"]["outcome"] == "unchanged"
        assert upstream.requests[-1].headers["if-none-match"]
        assert len(upstream.requests) == 2
