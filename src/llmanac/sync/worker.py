"""What each worker does beside answering: follow the newest Serial and the tokens, and sync when it is due."""

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta

import msgspec
import structlog

from llmanac import memory
from llmanac.access.gate import Gate
from llmanac.catalogue.catalogue import Catalogue
from llmanac.errors import Conflict, LlmanacError, NotFound, StoreError
from llmanac.store.rows import Outcome
from llmanac.sync.current import Current
from llmanac.sync.follow import Follower
from llmanac.sync.run import SyncPlan, SyncReport, Watch, admit_quarantined, failed_attempt, sync
from llmanac.sync.turn import turn

log = structlog.get_logger("llmanac.sync")


class WorkerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How often and how long."""

    poll: timedelta
    lease: timedelta
    offline: bool
    raw_retention: timedelta | None
    """Raw bytes of older fetches are let go; None keeps them."""


class Worker:
    """One process's share of the work. `follow` and `sync_now` are also called from elsewhere; all is thread-safe."""

    def __init__(self, plan: SyncPlan, current: Current[object], gate: Gate, options: WorkerOptions) -> None:
        self._plan = plan
        self._current = current
        self._options = options
        self._follower = Follower(plan.store, plan.series_id, current, gate, plan.clock)
        self._not_before: datetime | None = None
        self._thinned_on: date | None = None
        self._busy = threading.Lock()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.store_problem: str | None = None
        """What the store said last, None while it works. The list in memory is served either way."""

    def follow(self, saved: Catalogue | None = None) -> None:
        """See `Follower.follow`."""
        self._follower.follow(saved)

    # Syncing

    def sync_now(self, watch: Watch = lambda _: None) -> SyncReport:
        """Sync, whether or not it is due.

        Raises:
            Conflict: `OFFLINE`, or `SYNC_RUNNING`: this or another process is at it.
            StoreError: What came could not be saved; the list in memory stays.
            Exception: A fault of ours. Each of these but Conflict counts as a failed attempt.
        """
        if self._options.offline:
            raise Conflict(
                "This server is set never to call upstream", code="OFFLINE", hint="Unset LLMANAC_OFFLINE to sync."
            )
        report = self._count(lambda: self._sync(watch))
        assert report is not None, "asked for, it is done"
        return report

    def admit_quarantined(self, entry_id: int) -> SyncReport:
        """Admit a list that was kept aside, at an administrator's word.

        Raises:
            NotFound: There is no such entry.
            Conflict: It is no list of models, or a sync is running.
        """
        report = self._alone(lambda: admit_quarantined(self._plan, self._current.held.catalogue, entry_id))
        assert report is not None, "asked for, it is done"
        return report

    def drop_quarantined(self, entry_id: int) -> None:
        """Forget a list that was kept aside.

        Raises:
            NotFound: There is no such entry.
        """
        if not self._plan.store.drop_quarantined(self._plan.series_id, entry_id):
            raise NotFound(f"There is no quarantined list {entry_id}", hint="GET /api/ai/quarantine lists them.")

    def _sync(self, watch: Watch = lambda _: None) -> SyncReport:
        return sync(self._plan, self._current.held.catalogue, watch)

    def _sync_if_still_due(self) -> SyncReport | None:
        """Asked of the store, with the lease held: another worker may have done it while this one reached for it."""
        due_at = self._plan.store.series_state(self._plan.series_id).due_at
        return self._sync() if due_at is None or due_at <= self._plan.clock() else None

    def _count(self, work: Callable[[], SyncReport | None]) -> SyncReport | None:
        """As `_alone`, for syncs: one that failed and could not be saved as failed is counted in memory."""
        try:
            report = self._alone(work)
        except Conflict:
            raise
        except Exception as problem:
            self._follower.note_unsaved(failed_attempt(self._plan, self._current.held.state, problem))
            raise
        if report is not None and report.problem is not None:
            raise report.problem
        return report

    def _alone(self, work: Callable[[], SyncReport | None]) -> SyncReport | None:
        if not self._busy.acquire(blocking=False):
            raise Conflict("Another sync is running", code="SYNC_RUNNING", hint="Ask /api/ai/status how it ends.")
        try:
            with turn(self._plan.store, self._plan.holder, self._options.lease):
                report = work()
                self._thin()
            self.follow(None if report is None else report.catalogue)
        finally:
            self._busy.release()
        memory.tidy()
        if report is not None:
            _log_report(report)
        return report

    def _thin(self) -> None:
        """Once a day let go of raw bytes that are older than they need be; with the lease held."""
        now = self._plan.clock()
        if self._options.raw_retention is None or self._thinned_on == now.date():
            return
        gone = self._plan.store.thin(
            self._plan.holder, self._plan.series_id, older_than=now - self._options.raw_retention
        )
        self._thinned_on = now.date()
        if gone:
            log.info("raw.thinned", pages=gone)

    # In the background

    def start(self) -> None:
        """Begin to follow, and to sync when it is due, in threads of their own."""
        targets = [("follow", self._follow_on)] + ([] if self._options.offline else [("sync", self._sync_on)])
        for name, target in targets:
            thread = threading.Thread(target=target, name=f"llmanac-{name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, *, within: timedelta) -> None:
        """Stop both; a sync under way is given this long and then left to its lease."""
        self._stop.set()
        for thread in self._threads:
            thread.join(within.total_seconds())

    def _follow_on(self) -> None:
        while not self._stop.wait(self._options.poll.total_seconds()):
            try:
                self.follow()
            except StoreError as problem:
                self._note_store(problem)
            except Exception:
                log.exception("follow.failed")
            else:
                self._note_store(None)

    def _sync_on(self) -> None:
        while not self._stop.wait(self._options.poll.total_seconds() / 2):
            if not self._is_due():
                continue
            try:
                self._count(self._sync_if_still_due)
            except Conflict:
                # Another worker was quicker; its outcome comes by following.
                self._not_before = self._plan.clock() + self._options.poll
            except LlmanacError as problem:
                log.error("sync.not_saved", detail=problem.message)  # noqa: TRY400  the message says it all
            except Exception:
                log.exception("sync.crashed")

    def _is_due(self) -> bool:
        now = self._plan.clock()
        if self._not_before is not None and now < self._not_before:
            return False
        due_at = self._current.held.state.due_at
        return due_at is None or due_at <= now

    def _note_store(self, problem: StoreError | None) -> None:
        if problem is not None and self.store_problem is None:
            log.error("store.unreachable", detail=problem.message)
        if problem is None and self.store_problem is not None:
            log.info("store.back")
        self.store_problem = problem.message if problem else None


def _log_report(report: SyncReport) -> None:
    attempt = report.attempt
    facts: dict[str, object] = {
        "outcome": attempt.outcome.value,
        "due_at": attempt.due_at and attempt.due_at.isoformat(),
    }
    if report.catalogue is not None:
        facts |= {"serial": report.catalogue.serial, "models": len(report.catalogue.by_id), "changes": report.changes}
    if report.rejects:
        facts["rejects"] = report.rejects
    if attempt.outcome in (Outcome.FAILED, Outcome.QUARANTINED):
        log.warning("sync.done", code=attempt.code, detail=attempt.detail, **facts)
    elif report.warning:
        log.warning("sync.done", detail=report.warning, **facts)
    else:
        log.info("sync.done", **facts)
