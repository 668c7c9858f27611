"""What the store gives back and takes: plain frozen rows."""

from datetime import datetime
from enum import StrEnum

import msgspec

from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.ids import Serial
from llmanac.catalogue.snapshot import RawPage, Reject


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
    """Where a series stands. `serial` None: nothing was admitted yet; `attempt` None: nothing was tried yet."""

    id: int
    key: SeriesKey
    serial: Serial | None
    validators: tuple[tuple[str, str], ...]
    agreed_at: datetime | None
    attempt: Attempt | None
    failures: int
    due_at: datetime | None


class StoredSnapshot(msgspec.Struct, frozen=True):
    """A snapshot as it was saved: the records in upstream's order, byte for byte."""

    serial: Serial
    origin: Origin
    taken_at: datetime
    digest: str
    warning: str | None
    records: tuple[bytes, ...]
    rejects: tuple[Reject, ...]


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
