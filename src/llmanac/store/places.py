"""Where the fetches and snapshots of a series lie: what a list that is woven in has beside it."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, func, select

from llmanac.catalogue.snapshot import Comparison, ListScope
from llmanac.store.schema import fetch, snapshot

_TICK = timedelta(microseconds=1)


class Place(msgspec.Struct, frozen=True):
    """A fetch of a lane and the list it had."""

    fetch_id: int
    taken_at: datetime
    scope: ListScope
    snapshot_id: int
    digest: str
    started_at: datetime
    """When that list was first fetched."""


class Outline(msgspec.Struct, frozen=True):
    """A snapshot without its content."""

    id: int
    scope: ListScope
    taken_at: datetime
    comparison: Comparison | None
    compared_id: int | None


_OUTLINE = select(snapshot.c.id, snapshot.c.scope, snapshot.c.taken_at, snapshot.c.comparison, snapshot.c.compared_id)


def _outline(row: Row[int, str, datetime, str | None, int | None]) -> Outline:
    comparison = None if row.comparison is None else Comparison(row.comparison)
    return Outline(row.id, ListScope(row.scope), row.taken_at, comparison, row.compared_id)


class Places:
    """Those of one series, in a transaction."""

    def __init__(self, connection: Connection, series_id: int) -> None:
        self._connection = connection
        self._series_id = series_id

    def at(self, taken_at: datetime) -> Place | None:
        """The fetch of exactly this instant, of any scope."""
        return self._place(fetch.c.taken_at == taken_at)

    def before(self, scope: ListScope, taken_at: datetime) -> Place | None:
        """The newest fetch of a lane before an instant."""
        return self._place(fetch.c.scope == scope, fetch.c.taken_at < taken_at, newest=True)

    def after(self, scope: ListScope, taken_at: datetime) -> Place | None:
        """The oldest fetch of a lane after an instant."""
        return self._place(fetch.c.scope == scope, fetch.c.taken_at > taken_at)

    def next_instant(self, taken_at: datetime) -> datetime:
        """The instant, or just after the newest fetch when a clock went backwards."""
        newest = self._connection.scalar(select(func.max(fetch.c.taken_at)).where(fetch.c.series_id == self._series_id))
        return taken_at if newest is None or newest < taken_at else newest + _TICK

    def _place(self, *wanted: ColumnElement[bool], newest: bool = False) -> Place | None:
        order = fetch.c.taken_at.desc() if newest else fetch.c.taken_at
        row = self._connection.execute(
            select(fetch, snapshot.c.digest, snapshot.c.taken_at.label("started_at"))
            .join(snapshot, snapshot.c.id == fetch.c.snapshot_id)
            .where(fetch.c.series_id == self._series_id, *wanted)
            .order_by(order)
            .limit(1)
        ).one_or_none()
        if row is None:
            return None
        return Place(row.id, row.taken_at, ListScope(row.scope), row.snapshot_id, row.digest, row.started_at)

    def outlines(self, since: datetime) -> tuple[Outline, ...]:
        """Every snapshot from an instant on in the order of time, and before them the newest earlier one of each scope.

        O(snapshots since), without their content.
        """
        earlier = [self._newest_before(scope, since) for scope in ListScope]
        wanted = (snapshot.c.series_id == self._series_id, snapshot.c.taken_at >= since)
        later = self._connection.execute(_OUTLINE.where(*wanted).order_by(snapshot.c.taken_at))
        known = sorted((found for found in earlier if found is not None), key=lambda outline: outline.taken_at)
        return (*known, *map(_outline, later))

    def _newest_before(self, scope: ListScope, instant: datetime) -> Outline | None:
        wanted = (snapshot.c.series_id == self._series_id, snapshot.c.scope == scope, snapshot.c.taken_at < instant)
        order = snapshot.c.taken_at.desc()
        row = self._connection.execute(_OUTLINE.where(*wanted).order_by(order).limit(1)).one_or_none()
        return None if row is None else _outline(row)
