"""What the store gives back and takes: plain frozen rows."""

from datetime import datetime
from enum import StrEnum

import msgspec

from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.change import Cause, Change, ChangeKind
from llmanac.catalogue.ids import ModelId, Serial
from llmanac.catalogue.snapshot import ListScope, RawPage, Reject


class Scope(StrEnum):
    """Which list is followed: the whole public one, or what the key's account may use."""

    ALL = "all"
    ACCOUNT = "account"


class SeriesKey(msgspec.Struct, frozen=True):
    """What makes a series one: another address or scope starts a series of its own."""

    source: str
    base_url: str
    scope: Scope


class Outcome(StrEnum):
    """How an attempt to sync ended."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    QUARANTINED = "quarantined"
    FAILED = "failed"


class Attempt(msgspec.Struct, frozen=True):
    """One attempt. `code` and `detail` say why it was not good; `due_at` is the next one's time, None is at once."""

    attempted_at: datetime
    outcome: Outcome
    code: str | None
    detail: str | None
    due_at: datetime | None


class SeriesState(msgspec.Struct, frozen=True):
    """Where a series stands.

    `serial`, `snapshot_id`, `digest` and `origin` (that of its newest fetch) are the current list's and None until
    something was admitted; `attempt` is None until something was tried.
    """

    id: int
    key: SeriesKey
    serial: Serial | None
    snapshot_id: int | None
    digest: str | None
    origin: Origin | None
    validators: tuple[tuple[str, str], ...]
    agreed_at: datetime | None
    attempt: Attempt | None
    failures: int
    due_at: datetime | None


class StoredSnapshot(msgspec.Struct, frozen=True):
    """A snapshot as it was saved: the records in upstream's order, byte for byte.

    `taken_at` is its first fetch's instant, `origin` its newest one's.
    """

    id: int
    serial: Serial
    scope: ListScope
    origin: Origin
    taken_at: datetime
    digest: str
    warning: str | None
    records: tuple[bytes, ...]
    rejects: tuple[Reject, ...]


class StoredFetch(msgspec.Struct, frozen=True):
    """One instant at which a list was had, with the bytes that upstream sent; none once they were thinned."""

    taken_at: datetime
    scope: ListScope
    origin: Origin
    snapshot_id: int
    serial: Serial
    warning: str | None
    pages: tuple[RawPage, ...]


class ChangeRow(msgspec.Struct, frozen=True):
    """A change with the label in force. `change.cause` is what the comparison itself said.

    `percent`: of a price, the size of the relative change in hundredths of a percent, cut; None where there is none.
    """

    change: Change
    label: Cause
    percent: int | None


class ChangeKey(msgspec.Struct, frozen=True):
    """Names one change of a series, and orders them all. It survives imports: serials do not."""

    seen_at: datetime
    model: ModelId
    field: str


class ChangeQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which changes: all that fit every member that is not empty.

    `since_at` is exclusive, `until_at` inclusive; `fields` name a member and what is inside it; `min_percent` in
    hundredths of a percent; `after` is the last key of the page before.
    """

    since_at: datetime | None = None
    until_at: datetime | None = None
    models: tuple[ModelId, ...] = ()
    authors: tuple[str, ...] = ()
    kinds: tuple[ChangeKind, ...] = ()
    fields: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    min_percent: int | None = None
    after: ChangeKey | None = None
    oldest_first: bool = False
    limit: int = 100


class SeenChange(msgspec.Struct, frozen=True):
    """A change as it is read: it happened after `since_at` (None: nothing was fetched before) and until `seen_at`.

    `change.cause` is what the comparison itself said, `label` what is known by now.
    """

    serial: Serial
    seen_at: datetime
    since_at: datetime | None
    scope: ListScope
    change: Change
    label: Cause


class QuarantineEntry(msgspec.Struct, frozen=True):
    """A list that was not admitted. `repeats` counts consecutive syncs; 0 once upstream said something else."""

    id: int
    reason: str
    detail: str
    admissible: bool
    digest: str
    model_count: int
    first_seen_at: datetime
    last_seen_at: datetime
    repeats: int


class QuarantinedPages(msgspec.Struct, frozen=True):
    """An entry with the bytes upstream sent."""

    entry: QuarantineEntry
    pages: tuple[RawPage, ...]


class StoredToken(msgspec.Struct, frozen=True):
    """A credential, without the credential: only its SHA-256 is kept."""

    id: str
    name: str
    hint: str
    hash: bytes
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_on: str | None
    """`YYYY-MM-DD`, in UTC."""


class Revisions(msgspec.Struct, frozen=True):
    """The counters every worker polls: equal numbers mean nothing happened."""

    catalogue: int
    state: int
    tokens: int
