"""What is served, where it comes from, how the syncs went."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec

from llmanac.answers.context import AnswerContext
from llmanac.catalogue.catalogue import Catalogue
from llmanac.errors import KeyRejected, StoreError
from llmanac.store.rows import Attempt, QuarantineEntry, Scope, SeriesState
from llmanac.sync.current import Held

_REJECTS_SHOWN = 20


class Counts(msgspec.Struct, frozen=True):
    """Models by what they give. One with both outputs counts in both; `all` holds every modality."""

    text: int
    image: int
    all: int


class AttemptSeen(msgspec.Struct, frozen=True):
    """One attempt to sync. `outcome`: changed, unchanged, quarantined or failed; `code` and `detail` say why."""

    attempted_at: datetime
    outcome: str
    code: str | None
    detail: str | None


class RejectSeen(msgspec.Struct, frozen=True):
    """A row of the served list that could not be decoded."""

    path: str
    reason: str


class QuarantineCount(msgspec.Struct, frozen=True):
    """Lists kept aside, and the newest of them."""

    count: int
    newest_id: int | None
    newest_reason: str | None
    repeats: Annotated[
        int, msgspec.Meta(description="Consecutive syncs in which upstream sent the newest; 0: no more.")
    ]


class SourceStatus(msgspec.Struct, frozen=True):
    """One source. `key`: none, set, accepted or rejected."""

    provider: str
    configured: bool
    key: str
    base_url: str
    scope: str
    serial: int
    source: str | None
    counts: Counts
    rejects: int
    first_rejects: tuple[RejectSeen, ...]
    warning: Annotated[str | None, msgspec.Meta(description="Why the list was admitted although the guard objected.")]
    taken_at: datetime | None
    agreed_at: datetime | None
    age_seconds: int | None
    last_attempt: AttemptSeen | None
    next_attempt_at: Annotated[
        datetime | None, msgspec.Meta(description="Null: never, the server is offline; or at once.")
    ]
    failures: Annotated[int, msgspec.Meta(description="Attempts since the last good one.")]
    quarantine: QuarantineCount


class StoreStatus(msgspec.Struct, frozen=True):
    """The database. `problem` is what it said last, to a reader or to the last sync, null while it works."""

    url: str
    problem: str | None


class Status(msgspec.Struct, frozen=True):
    """The whole server. `serial`, `source`, counts, rejects and age are those of the list that is served."""

    version: str
    started_at: datetime
    offline: bool
    serial: int
    source: str | None
    counts: Counts
    rejects: int
    age_seconds: int | None
    store: StoreStatus
    sources: tuple[SourceStatus, ...]


def server_status(context: AnswerContext, problem: str | None = None) -> Status:
    """The status now; reads the quarantine from the store, and does without when the store is away.

    Args:
        problem: What the store said last, if it is known to be away.
    """
    held = context.current.held
    entries: tuple[QuarantineEntry, ...] = ()
    if problem is None:
        try:
            entries = context.store.quarantine(held.state.id)
        except StoreError as away:
            # The worker notices within a poll; a reader must not be the one who pays for being first.
            problem = away.message
    attempt = held.state.attempt
    if problem is None and attempt is not None and attempt.code == StoreError.code:
        problem = attempt.detail
    source = _source(context, held, entries)
    return Status(
        version=context.version,
        started_at=context.started_at,
        offline=context.offline,
        serial=source.serial,
        source=source.source,
        counts=source.counts,
        rejects=source.rejects,
        age_seconds=source.age_seconds,
        store=StoreStatus(context.store.shown_url, problem),
        sources=(source,),
    )


def _source(context: AnswerContext, held: Held[object], entries: tuple[QuarantineEntry, ...]) -> SourceStatus:
    state, catalogue, standing = held.state, held.catalogue, held.standing
    rejects = catalogue.snapshot.rejects if catalogue else ()
    newest = entries[0] if entries else None
    return SourceStatus(
        provider=context.series.source,
        configured=context.configured,
        key=_key(context, state),
        base_url=context.series.base_url,
        scope=context.series.scope.value,
        serial=catalogue.serial if catalogue else 0,
        source=standing.source.value if standing else None,
        counts=_counts(catalogue),
        rejects=len(rejects),
        first_rejects=tuple(RejectSeen(reject.path, reject.reason) for reject in rejects[:_REJECTS_SHOWN]),
        warning=catalogue.warning if catalogue else None,
        taken_at=catalogue.changed_at if catalogue else None,
        agreed_at=standing.agreed_at if standing else None,
        age_seconds=max(0, int((context.clock() - standing.agreed_at).total_seconds())) if standing else None,
        last_attempt=see_attempt(state.attempt) if state.attempt else None,
        next_attempt_at=None if context.offline else state.due_at,
        failures=state.failures,
        quarantine=QuarantineCount(
            len(entries),
            newest.id if newest else None,
            newest.reason if newest else None,
            newest.repeats if newest else 0,
        ),
    )


def see_attempt(attempt: Attempt) -> AttemptSeen:
    """An attempt as it is shown."""
    return AttemptSeen(attempt.attempted_at.astimezone(UTC), attempt.outcome.value, attempt.code, attempt.detail)


def _counts(catalogue: Catalogue | None) -> Counts:
    if catalogue is None:
        return Counts(0, 0, 0)
    return Counts(len(catalogue.text), len(catalogue.image), len(catalogue.by_id))


def _key(context: AnswerContext, state: SeriesState) -> str:
    if not context.configured:
        return "none"
    if state.attempt is not None and state.attempt.code == KeyRejected.code:
        return "rejected"
    # The plain list needs no key, so only the account's list shows that upstream accepts it.
    accepted = context.series.scope is Scope.ACCOUNT and state.attempt is not None and state.failures == 0
    return "accepted" if accepted else "set"
