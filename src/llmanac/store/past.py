"""Statements on lists as they were, part by part: what a reader has already need not be read again."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache

import msgspec
from sqlalchemy import Connection, Select, bindparam, func, select

from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.ids import Serial
from llmanac.catalogue.snapshot import ListScope
from llmanac.store import changes
from llmanac.store.rows import SeenChange
from llmanac.store.schema import fetch, snapshot
from llmanac.store.snapshots import list_at
from llmanac.store.versions import KeptVersion, read_order, read_volatile, select_versions

_ABSENCES = 3
"""The newest fetches of a scope that tell whether a removal is confirmed; see `history.certainty`."""


class PastList(msgspec.Struct, frozen=True):
    """Which list it was, without its content.

    `taken_at` is its first fetch's instant, `seen_at` that of the fetch it was found by (its first, when it was found
    by its Serial), `agreed_at` its newest one's; `origin` is that one's. What was asked up to `newest_at`, the newest
    fetch of the series, no later fetch can change.
    """

    id: int
    serial: Serial
    origin: Origin
    taken_at: datetime
    seen_at: datetime
    agreed_at: datetime
    newest_at: datetime


class PastContent(msgspec.Struct, frozen=True):
    """What a list is made of: its versions in its order, those that were wanted, and volatile values by model."""

    order: Sequence[int]
    versions: Mapping[int, KeptVersion]
    volatile: Mapping[str, Mapping[str, bytes]]

    @property
    def kept(self) -> Iterator[KeptVersion]:
        """The wanted versions, in order."""
        return (self.versions[version] for version in self.order if version in self.versions)


class Extent(msgspec.Struct, frozen=True):
    """How far a series goes. Its Serials need not be all between these: another series may have some."""

    first_at: datetime
    newest_at: datetime
    first_serial: Serial
    newest_serial: Serial


class Gone(msgspec.Struct, frozen=True):
    """Models that were not listed, by their last removal, the latest first; and each scope's newest fetches by then."""

    removals: tuple[SeenChange, ...]
    fetched_at: Mapping[ListScope, tuple[datetime, ...]]


def find(connection: Connection, series_id: int, at: datetime | Serial) -> PastList | None:
    """The list of an instant or a Serial; None before the first and for a Serial of no list of this series."""
    by_serial = not isinstance(at, datetime)
    row = connection.execute(_found(by_serial=by_serial), {"series_id": series_id, "at": at}).one_or_none()
    if row is None:
        return None
    return PastList(
        row.id, Serial(row.serial), Origin(row.origin), row.taken_at, row.seen_at, row.agreed_at, row.newest_at
    )


@cache
def _found(*, by_serial: bool) -> Select[int, int, datetime, datetime, str, datetime, datetime]:
    """Of the parameters `series_id` and `at`."""
    of_series = fetch.c.series_id == bindparam("series_id")
    newest = select(func.max(fetch.c.taken_at)).where(of_series).correlate(None).scalar_subquery()
    found = (_with_serial() if by_serial else list_at("at")).subquery("found")
    return (
        select(
            snapshot.c.id,
            snapshot.c.serial,
            snapshot.c.taken_at,
            found.c.seen_at,
            fetch.c.origin,
            fetch.c.taken_at.label("agreed_at"),
            newest.label("newest_at"),
        )
        .join(found, found.c.id == snapshot.c.id)
        .join(fetch, fetch.c.snapshot_id == snapshot.c.id)
        .order_by(fetch.c.taken_at.desc())
        .limit(1)
    )


def _with_serial() -> Select[int, datetime]:
    return select(snapshot.c.id, snapshot.c.taken_at.label("seen_at")).where(
        snapshot.c.series_id == bindparam("series_id"), snapshot.c.serial == bindparam("at")
    )


def content(
    connection: Connection, snapshot_id: int, *, volatile: bool, wanted: Callable[[Sequence[int]], Iterable[int]]
) -> PastContent:
    """What a list is made of.

    Args:
        volatile: Its volatile values too, which take most of the time.
        wanted: Of the list's versions those to read; the others the caller has.
    """
    row = connection.execute(_blobs_of(), {"snapshot_id": snapshot_id}).one()
    order = read_order(connection, row.versions_id)
    missing = list(wanted(order))
    values = read_volatile(connection, row.volatile_id) if volatile else {}
    return PastContent(order, select_versions(connection, missing) if missing else {}, values)


@cache
def _blobs_of() -> Select[int, int | None]:
    return select(snapshot.c.versions_id, snapshot.c.volatile_id).where(snapshot.c.id == bindparam("snapshot_id"))


def extent(connection: Connection, series_id: int) -> Extent | None:
    """How far a series goes; None when it has no list."""
    instants = select(func.min(fetch.c.taken_at).label("first"), func.max(fetch.c.taken_at).label("newest"))
    fetched = connection.execute(instants.where(fetch.c.series_id == series_id)).one()
    serials = select(func.min(snapshot.c.serial).label("first"), func.max(snapshot.c.serial).label("newest"))
    ranks = connection.execute(serials.where(snapshot.c.series_id == series_id)).one()
    if fetched.first is None:
        return None
    return Extent(fetched.first, fetched.newest, Serial(ranks.first), Serial(ranks.newest))


def gone(connection: Connection, series_id: int, until: datetime | None) -> Gone:
    """What was not listed any more at an instant, or is not now; O(appearances)."""
    removals = changes.gone(connection, series_id, until)
    scopes = {removal.scope for removal in removals}
    return Gone(removals, {scope: _newest_fetches(connection, series_id, scope, until) for scope in scopes})


def _newest_fetches(
    connection: Connection, series_id: int, scope: ListScope, until: datetime | None
) -> tuple[datetime, ...]:
    wanted = select(fetch.c.taken_at).where(fetch.c.series_id == series_id, fetch.c.scope == scope)
    if until is not None:
        wanted = wanted.where(fetch.c.taken_at <= until)
    newest = connection.scalars(wanted.order_by(fetch.c.taken_at.desc()).limit(_ABSENCES))
    return tuple(sorted(newest))
