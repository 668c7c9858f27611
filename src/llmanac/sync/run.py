"""One sync, from bytes to Serial: fetch → decode → guard → weave in (diff, label, save)."""

import random
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum

import msgspec

from llmanac.catalogue.catalogue import Catalogue, Origin, make_catalogue
from llmanac.catalogue.snapshot import ListScope, Snapshot
from llmanac.clock import Clock
from llmanac.errors import Conflict, NotFound, RequestError, StoreError, UpstreamError
from llmanac.store.quarantines import Objection, QuarantineBounds
from llmanac.store.rows import Attempt, Outcome, SeriesState
from llmanac.store.store import Store
from llmanac.sync.guard import Admit, GuardBounds, Repeated, judge
from llmanac.sync.load import load_catalogue, respelt
from llmanac.sync.schedule import Schedule, next_due
from llmanac.sync.weave import Arrival, weave
from llmanac.upstream.decode import decode
from llmanac.upstream.openrouter import Fetched, FetchOptions, NotModified, fetch
from llmanac.upstream.split import NotAList


class Step(StrEnum):
    """Where a sync is, for whoever watches it."""

    FETCH = "asking upstream"
    DECODE = "reading the list"
    GUARD = "judging it"
    SAVE = "saving what changed"


Watch = Callable[[Step], None]


class SyncPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a sync is done with; `holder` holds the lease."""

    store: Store
    holder: str
    series_id: int
    fetch: FetchOptions
    guard: GuardBounds
    keep: QuarantineBounds
    schedule: Schedule
    scope: ListScope
    flap: timedelta
    clock: Clock


class SyncReport(msgspec.Struct, frozen=True):
    """How a sync ended. `catalogue` is the new one, None unless something changed.

    `problem`: what it failed of, where that was neither upstream's doing nor a matter for the guard.
    """

    attempt: Attempt
    catalogue: Catalogue | None = None
    changes: int = 0
    rejects: int = 0
    warning: str | None = None
    quarantine_id: int | None = None
    problem: Exception | None = None


def sync(plan: SyncPlan, known: Catalogue | None, watch: Watch) -> SyncReport:
    """Ask upstream once and keep what is new. Whatever it fails of is saved as a failed attempt and in the report.

    Args:
        known: The Catalogue in memory, which spares reading it from the store.
        watch: Told which step begins.

    Raises:
        LeaseLost, StoreError: Nothing was saved, not even that it failed.
    """
    state = plan.store.series_state(plan.series_id)
    try:
        return _sync(plan, state, known, watch)
    except Exception as problem:  # noqa: BLE001  the report hands it on
        attempt = failed_attempt(plan, state, problem)
        plan.store.save_failure(plan.holder, state.id, attempt)
        return SyncReport(attempt, problem=None if isinstance(problem, UpstreamError) else problem)


def _sync(plan: SyncPlan, state: SeriesState, known: Catalogue | None, watch: Watch) -> SyncReport:
    watch(Step.FETCH)
    fetched = fetch(plan.fetch, plan.clock, validators=state.validators if state.serial else ())
    last_good = _last_good(plan, state, known)
    if isinstance(fetched, NotModified):
        assert last_good is not None, "upstream was asked with the validators of a list that is kept"
        return _agree(plan, state, last_good, fetched)
    watch(Step.DECODE)
    taken = decode(fetched.pages, source=state.key.source, taken_at=fetched.taken_at)
    watch(Step.GUARD)
    if isinstance(taken, Snapshot) and last_good is not None and last_good.digest == taken.digest:
        return _agree(plan, state, taken, fetched)
    verdict = judge(
        taken,
        fetched.pages,
        last_good=last_good,
        repeated=_repeated(plan, state),
        now=fetched.taken_at,
        bounds=plan.guard,
    )
    watch(Step.SAVE)
    if isinstance(verdict, Admit) and isinstance(taken, Snapshot):
        return admit(plan, state, last_good, taken, fetched, warning=verdict.warning, admitted=verdict.entry)
    assert not isinstance(verdict, Admit), "the guard admits only lists"
    return _set_aside(plan, state, fetched, verdict.objection, verdict.repeats)


def admit(
    plan: SyncPlan,
    state: SeriesState,
    last_good: Snapshot | None,
    taken: Snapshot,
    fetched: Fetched,
    *,
    warning: str | None,
    admitted: int | None = None,
) -> SyncReport:
    """Save a list under the next Serial. `admitted` is the quarantine entry it comes from."""
    attempt = _attempt(plan, state, Outcome.CHANGED, detail=warning)
    known = {} if state.snapshot_id is None or last_good is None else {state.snapshot_id: last_good}
    with plan.store.weaving(plan.holder, state) as loom:
        taken = msgspec.structs.replace(taken, taken_at=loom.places.next_instant(taken.taken_at))
        arrival = Arrival(taken, plan.scope, Origin.FETCHED, fetched.pages, warning)
        woven = weave(loom, arrival, flap=plan.flap, known=known)
        loom.note_sync(attempt, fetched.validators, admitted=admitted)
        _, serial = loom.serve_newest()
    assert serial is not None, "what was woven in last is newest"
    catalogue = make_catalogue(respelt(taken, woven.spellings), serial=serial, origin=Origin.FETCHED, warning=warning)
    return SyncReport(attempt, catalogue, woven.changes, len(taken.rejects), warning)


def admit_quarantined(plan: SyncPlan, known: Catalogue | None, entry_id: int) -> SyncReport:
    """Admit a list that was kept aside, at an administrator's word.

    Raises:
        NotFound: There is no such entry.
        Conflict: It is no list of models.
    """
    kept = plan.store.quarantined(plan.series_id, entry_id)
    if kept is None:
        raise NotFound(f"There is no quarantined list {entry_id}", hint="GET /api/ai/quarantine lists them.")
    state = plan.store.series_state(plan.series_id)
    fetched = Fetched(kept.entry.last_seen_at, kept.pages)
    taken = decode(kept.pages, source=state.key.source, taken_at=fetched.taken_at)
    if isinstance(taken, NotAList) or not taken.models:
        raise Conflict(f"Entry {entry_id} is no list of models: {kept.entry.detail}", code="NOT_ADMISSIBLE")
    warning = f"{kept.entry.detail}; admitted by an administrator"
    last_good = _last_good(plan, state, known)
    return admit(plan, state, last_good, taken, fetched, warning=warning, admitted=entry_id)


def _agree(plan: SyncPlan, state: SeriesState, agreed: Snapshot, seen: Fetched | NotModified) -> SyncReport:
    attempt = _attempt(plan, state, Outcome.UNCHANGED)
    pages, validators = (seen.pages, seen.validators) if isinstance(seen, Fetched) else (None, None)
    with plan.store.weaving(plan.holder, state) as loom:
        taken = msgspec.structs.replace(agreed, taken_at=loom.places.next_instant(seen.taken_at))
        weave(loom, Arrival(taken, plan.scope, Origin.FETCHED, pages), flap=plan.flap, known={})
        loom.note_sync(attempt, validators)
        loom.serve_newest()
    return SyncReport(attempt)


def failed_attempt(plan: SyncPlan, state: SeriesState, problem: Exception) -> Attempt:
    """An attempt that ended with an exception, whichever. Of a fault of our own it tells no more than the kind."""
    if isinstance(problem, UpstreamError):
        return _attempt(plan, state, Outcome.FAILED, problem.code, problem.message, retry_after=problem.retry_after)
    if isinstance(problem, StoreError):
        return _attempt(plan, state, Outcome.FAILED, problem.code, problem.message)
    detail = f"Something went wrong on our side ({type(problem).__name__}); the log has it"
    return _attempt(plan, state, Outcome.FAILED, RequestError.code, detail)


def _set_aside(
    plan: SyncPlan, state: SeriesState, fetched: Fetched, objection: Objection, repeats: int | None
) -> SyncReport:
    attempt = _attempt(plan, state, Outcome.QUARANTINED, objection.reason.upper(), objection.detail)
    entry = plan.store.save_quarantine(
        plan.holder, state.id, objection, fetched.pages, attempt, repeats=repeats, bounds=plan.keep
    )
    return SyncReport(attempt, quarantine_id=entry)


def _attempt(
    plan: SyncPlan,
    state: SeriesState,
    outcome: Outcome,
    code: str | None = None,
    detail: str | None = None,
    *,
    retry_after: timedelta | None = None,
) -> Attempt:
    now = plan.clock()
    due_at = next_due(
        plan.schedule,
        outcome,
        now=now,
        failures=state.failures,
        chance=random.random(),  # noqa: S311  spreads load, guards nothing
        retry_after=retry_after,
    )
    return Attempt(now, outcome, code, detail, due_at)


def _last_good(plan: SyncPlan, state: SeriesState, known: Catalogue | None) -> Snapshot | None:
    if state.serial is None:
        return None
    if known is not None and known.snapshot.digest == state.digest:
        return known.snapshot
    stored = load_catalogue(plan.store, state)
    return stored.snapshot if stored else None


def _repeated(plan: SyncPlan, state: SeriesState) -> Repeated | None:
    kept = plan.store.repeating(state.id)
    if kept is None:
        return None
    earlier = decode(kept.pages, source=state.key.source, taken_at=kept.entry.last_seen_at)
    return Repeated(kept.entry, earlier)
