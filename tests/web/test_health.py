"""`/healthz` and `/readyz`: without a token, and whatever else is the matter."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from tests.serving import Served, serving, settings_for
from tests.web.wire import ask

PATHS = ("/healthz", "/readyz")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(settings_for(tmp_path_factory.mktemp("data"), offline=True)) as server:
        yield server


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("fields", [(), (("Authorization", "Bearer nonsense"),)], ids=["no token", "a wrong one"])
def test_it_answers_ok_to_anybody(path: str, fields: tuple[tuple[str, str], ...], served: Served) -> None:
    got, headed = (ask(served.url, path, fields, method=method) for method in ("GET", "HEAD"))
    assert (got.status, got.body) == (200, b'{"status":"ok"}')
    assert got["Content-Type"] == "application/json"
    assert got["Cache-Control"] == "no-store"
    assert (headed.status, headed.body) == (200, b"")
    assert headed.without("date", "x-request-id") == got.without("date", "x-request-id")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_is_only_for_reading(path: str, method: str, served: Served) -> None:
    refused = ask(served.url, path, (), method=method)
    assert (refused.status, refused["Allow"]) == (405, "GET, HEAD")


def status_soon(served: Served, path: str) -> int | None:
    """The answer's status, None when there was none in three seconds."""
    try:
        return served.http.get(path, timeout=3).status_code
    except httpx2.TimeoutException:
        return None


def test_it_answers_while_every_thread_waits_for_the_database(tmp_path: Path) -> None:
    """An orchestrator that gets no answer here kills a server whose list is in memory and well."""
    with (
        serving(settings_for(tmp_path, offline=True)) as served,
        ThreadPoolExecutor(60) as pool,
        closing(sqlite3.connect(tmp_path / "llmanac.db", isolation_level=None)) as blocker,
    ):
        blocker.execute("BEGIN IMMEDIATE")
        waiting = [pool.submit(served.http.post, "/api/ai/tokens", json={"name": "a"}) for _ in range(50)]
        try:
            assert ask(served.url, "/api/ai/models").status == 200
            for path in PATHS:
                assert status_soon(served, path) == 200
        finally:
            blocker.execute("ROLLBACK")
        assert {answer.result().status_code for answer in waiting} <= {201, 503}
