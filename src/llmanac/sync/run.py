"""One sync, from bytes to Serial: fetch → decode → guard → diff → save."""

import random
from collections.abc import Callable
from enum import StrEnum

import msgspec

from llmanac.catalogue.catalogue import Catalogue, Origin, make_catalogue
from llmanac.catalogue.snapshot import Snapshot
from llmanac.clock import Clock
from llmanac.errors import Conflict, NotFound, UpstreamError
from llmanac.history.diff import diff
from llmanac.store.quarantines import Objection, QuarantineBounds
from llmanac.store.rows import Attempt, Outcome, SeriesState
from llmanac.store.store import Store
from llmanac.sync.guard import Admit, GuardBounds, Repeated, judge
from llmanac.sync.load import load_catalogue
from llmanac.sync.schedule import Schedule, next_due
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
    clock: Clock


class SyncReport(msgspec.Struct, frozen=True):
    """How a sync ended. `catalogue` is the new one, None unless something changed."""

    attempt: Attempt
    catalogue: Catalogue | None = None
    changes: int = 0
    rejects: int = 0
    warning: str | None = None
    quarantine_id: int | None = None


def sync(plan: SyncPlan, known: Catalogue | None, watch: Watch) -> SyncReport:
    """Ask upstream once and keep what is new.

    Args:
        known: The Catalogue in memory, which spares reading it from the store.
        watch: Told which step begins.

    Raises:
        LeaseLost, StoreError: Nothing was saved; upstream's trouble is in the report instead.
    """
    state = plan.store.series_state(plan.series_id)
    watch(Step.FETCH)
    try:
        fetched = fetch(plan.fetch, plan.clock, validators=state.validators if state.serial else ())
    except UpstreamError as problem:
        return _fail(plan, state, problem)
    if isinstance(fetched, NotModified):
        return _agree(plan, state, fetched)
    watch(Step.DECODE)
    taken = decode(fetched.pages, source=state.key.source, taken_at=fetched.taken_at)
    watch(Step.GUARD)
    last_good = _last_good(plan, state, known)
    if isinstance(taken, Snapshot) and last_good is not None and last_good.digest == taken.digest:
        return _agree(plan, state, fetched)
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
    changes = diff(last_good, taken)
    taken = _as_stored(taken, last_good)
    attempt = _attempt(plan, state, Outcome.CHANGED, detail=warning)
    serial = plan.store.save(
        plan.holder,
        state,
        taken,
        changes,
        fetched.pages,
        attempt,
        validators=fetched.validators,
        warning=warning,
        admitted=admitted,
    )
    catalogue = make_catalogue(taken, serial=serial, origin=Origin.FETCHED, warning=warning)
    return SyncReport(attempt, catalogue, len(changes), len(taken.rejects), warning)


def _as_stored(taken: Snapshot, last_good: Snapshot | None) -> Snapshot:
    """The list with the records that the store keeps: of equal ones the first, in its own spelling.

    So every worker, reading the store or not, serves the same bytes.
    """
    if last_good is None:
        return taken
    kept = {model.digest: model for model in last_good.models}
    return msgspec.structs.replace(taken, models=tuple(kept.get(model.digest, model) for model in taken.models))


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


def _agree(plan: SyncPlan, state: SeriesState, seen: Fetched | NotModified) -> SyncReport:
    attempt = _attempt(plan, state, Outcome.UNCHANGED)
    validators = seen.validators if isinstance(seen, Fetched) else None
    plan.store.save_agreement(plan.holder, state, attempt, agreed_at=seen.taken_at, validators=validators)
    return SyncReport(attempt)


def _fail(plan: SyncPlan, state: SeriesState, problem: UpstreamError) -> SyncReport:
    attempt = _attempt(plan, state, Outcome.FAILED, problem.code, problem.message, failure=problem)
    plan.store.save_failure(plan.holder, state.id, attempt)
    return SyncReport(attempt)


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
    failure: UpstreamError | None = None,
) -> Attempt:
    now = plan.clock()
    due_at = next_due(
        plan.schedule,
        outcome,
        now=now,
        failures=state.failures,
        chance=random.random(),  # noqa: S311  spreads load, guards nothing
        retry_after=failure.retry_after if failure else None,
    )
    return Attempt(now, outcome, code, detail, due_at)


def _last_good(plan: SyncPlan, state: SeriesState, known: Catalogue | None) -> Snapshot | None:
    if state.serial is None:
        return None
    if known is not None and known.serial == state.serial:
        return known.snapshot
    stored = load_catalogue(plan.store, state)
    return stored.snapshot if stored else None


def _repeated(plan: SyncPlan, state: SeriesState) -> Repeated | None:
    kept = plan.store.repeating(state.id)
    if kept is None:
        return None
    earlier = decode(kept.pages, source=state.key.source, taken_at=kept.entry.last_seen_at)
    return Repeated(kept.entry, earlier)
