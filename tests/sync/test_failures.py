"""Whatever a sync fails of is counted, told and waited after: on the store if it can be written, else in memory."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from llmanac.access.gate import Gate
from llmanac.assemble import make_current, open_store
from llmanac.assemble_sync import make_plan
from llmanac.errors import LeaseLost
from llmanac.settings import Settings
from llmanac.store import database
from llmanac.sync import run
from llmanac.sync.worker import Worker, WorkerOptions
from tests.serving import Served, serving, settings_for, wait_for
from tests.sync.pipeline import HOUR, Pipeline
from tests.sync.test_store_away import is_live, locked
from tests.upstream_exchange import Fault, Outcome
from tests.upstream_simulator import UpstreamSimulator, make_records

ROWS = make_records(20)


def refusing(retry_after: str) -> Fault:
    fields = {"Retry-After": retry_after}
    return Fault("refusing", Outcome.FAILED, lambda exchange: exchange.respond(503, b"{}", headers=fields))


def source_of(served: Served) -> dict[str, object]:
    (source,) = served.status().json()["sources"]
    assert isinstance(source, dict)
    return source


def told(served: Served) -> tuple[object, object, object]:
    """Of the last attempt: outcome, code, and how many failed."""
    source = source_of(served)
    attempt = source["last_attempt"]
    assert isinstance(attempt, dict)
    return attempt["outcome"], attempt["code"], source["failures"]


@pytest.mark.parametrize(
    "asked", ["Fri, 31 Dec 9999 23:59:59 GMT", "99999999999", "9" * 400, "Fri, 31 Dec 9999 23:59:59 -2359"]
)
def test_upstream_puts_the_next_sync_off_by_no_more_than_the_setting(asked: str, tmp_path: Path) -> None:
    with UpstreamSimulator(ROWS) as upstream, serving(settings_for(tmp_path, upstream.base_url)) as served:
        wait_for(lambda: is_live(served))
        upstream.change(fault=refusing(asked))
        answer = served.sync()
        assert (answer.status_code, answer.json()["attempt"]["code"]) == (200, "UPSTREAM_REFUSED")
        assert told(served) == ("failed", "UPSTREAM_REFUSED", 1)
        due_at = datetime.fromisoformat(str(source_of(served)["next_attempt_at"]))
        assert timedelta(hours=5) < due_at - datetime.now(UTC) <= timedelta(hours=6)


@contextmanager
def crashing() -> Iterator[None]:
    """A fault of ours in the middle of a sync."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a detail that nobody may see")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "decode", broken)
        yield


def test_a_fault_of_ours_is_told_as_such_logged_once_and_counted(tmp_path: Path) -> None:
    with UpstreamSimulator(ROWS) as upstream, serving(settings_for(tmp_path, upstream.base_url)) as served:
        wait_for(lambda: is_live(served))
        with crashing(), capture_logs() as lines:
            for failures in (1, 2):
                answer = served.sync()
                assert (answer.status_code, answer.json()["error"]) == (500, "INTERNAL")
                assert told(served) == ("failed", "INTERNAL", failures)
                assert source_of(served)["source"] == "store"
        assert "nobody may see" not in served.status().text
        assert [str(line["exc_info"]) for line in lines if "exc_info" in line] == ["a detail that nobody may see"] * 2
        served.sync()
        assert told(served) == ("unchanged", None, 0)


def test_a_store_that_cannot_be_written_is_told_and_the_failures_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be read all the while, so nobody but the sync notices."""
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.2)
    with UpstreamSimulator(ROWS) as upstream, serving(settings_for(tmp_path, upstream.base_url)) as served:
        wait_for(lambda: is_live(served))
        with locked(tmp_path / "llmanac.db"):
            for failures in (1, 2):
                answer = served.sync()
                assert (answer.status_code, answer.json()["error"]) == (503, "STORE_UNAVAILABLE")
                assert told(served) == ("failed", "STORE_UNAVAILABLE", failures)
                assert "locked" in served.status().json()["store"]["problem"]
        served.sync()
        assert told(served) == ("unchanged", None, 0)
        assert served.status().json()["store"]["problem"] is None


def test_a_store_that_fails_only_what_was_to_be_saved_keeps_that_it_failed(local: Pipeline) -> None:
    local.upstream.change(records=ROWS)
    with local.store._database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE raw_page RENAME TO lost")
    report = local.sync()
    assert (report.attempt.outcome, report.attempt.code) == ("failed", "STORE_UNAVAILABLE")
    assert (local.state.failures, local.state.attempt, local.state.serial) == (1, report.attempt, None)


def test_a_sync_that_lost_its_lease_leaves_the_count_to_its_successor(local: Pipeline) -> None:
    local.upstream.change(records=ROWS)
    local.sync()
    before = local.state

    def overtake(_: object) -> None:
        local.store.release_lease(local.plan.holder)
        assert local.store.acquire_lease("another", HOUR)

    local.store.acquire_lease(local.plan.holder, HOUR)
    with pytest.raises(LeaseLost):
        run.sync(local.plan, None, overtake)
    assert local.state == before


def test_a_lost_lease_counts_where_it_was_lost(tmp_path: Path) -> None:
    with UpstreamSimulator(ROWS) as upstream, serving(settings_for(tmp_path, upstream.base_url)) as served:
        wait_for(lambda: is_live(served))
        store, plan = served.context.store, served.context.worker._plan
        asked = len(upstream.requests)
        answers: list[int] = []
        with upstream.held():
            syncing = threading.Thread(target=lambda: answers.append(served.http.post("/api/ai/sync").status_code))
            syncing.start()
            upstream.wait_for_requests(asked + 1)
            store.release_lease(plan.holder)
            assert store.acquire_lease("another", HOUR)
        syncing.join()
        assert answers == [409]
        assert told(served) == ("failed", "SYNC_OVERTAKEN", 1)
        assert served.status().json()["store"]["problem"] is None


class Clock:
    """Shows what it is set to, and counts how often the thread that syncs looked."""

    def __init__(self) -> None:
        self.at = datetime(2026, 10, 26, 12, tzinfo=UTC)
        self.looks = 0

    def __call__(self) -> datetime:
        self.looks += threading.current_thread().name == "llmanac-sync"
        return self.at


@contextmanager
def working(settings: Settings, clock: Clock) -> Iterator[Worker]:
    """A worker alone, its threads running, by a clock of the test's."""
    store = open_store(settings)
    current = make_current(settings, store, lambda _: None)
    plan = msgspec.structs.replace(make_plan(settings, store, current.held.state.id), clock=clock)
    options = WorkerOptions(poll=timedelta(seconds=0.02), lease=HOUR, offline=False, raw_retention=None)
    worker = Worker(plan, current, Gate(None), options)
    worker.follow()
    worker.start()
    try:
        yield worker
    finally:
        worker.stop(within=timedelta(seconds=20))
        store.close()


def look_when_due(worker: Worker, clock: Clock) -> int:
    """Let the worker look at the clock a few times just before its sync is due, then at that time: failures before."""
    state = worker._current.held.state
    assert state.due_at is not None
    clock.at = state.due_at - timedelta(microseconds=1)
    seen = clock.looks
    wait_for(lambda: clock.looks > seen + 5)
    assert worker._current.held.state is state, "nothing was tried before it was due"
    clock.at = state.due_at
    return state.failures


@pytest.mark.parametrize("kind", ["a fault of ours", "a store that cannot be written"])
def test_the_worker_tries_again_when_the_schedule_says_and_not_before(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.05)
    failing: Callable[[], AbstractContextManager[None]]
    failing = crashing if kind == "a fault of ours" else lambda: locked(tmp_path / "llmanac.db")
    clock = Clock()
    with UpstreamSimulator(ROWS) as upstream, capture_logs():
        settings = settings_for(tmp_path, upstream.base_url, sync_retry_seconds=600, sync_interval_seconds=3600)
        with working(settings, clock) as worker:
            wait_for(lambda: worker._current.held.state.attempt is not None)
            with failing():
                waits = [fail_once(worker, clock) / timedelta(minutes=1) for _ in range(5)]
            assert waits == [pytest.approx(minutes, rel=0.1) for minutes in (10, 20, 40, 60, 60)]
            look_when_due(worker, clock)
            wait_for(lambda: worker._current.held.state.failures == 0)


def fail_once(worker: Worker, clock: Clock) -> timedelta:
    """Let the worker try when it is due: how long it will wait after that."""
    failures = look_when_due(worker, clock)
    wait_for(lambda: worker._current.held.state.failures == failures + 1)
    due_at = worker._current.held.state.due_at
    assert due_at is not None
    return due_at - clock.at
