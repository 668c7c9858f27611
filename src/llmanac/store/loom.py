"""One writing transaction in which a list is woven into its series: what it finds there, and what it may write."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, insert, select, update

from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.ids import ModelId, Serial
from llmanac.catalogue.snapshot import Comparison, ListScope, RawPage, Reject, Snapshot
from llmanac.store import changes, quarantines, serials, series, snapshots, versions
from llmanac.store.changes import TimelineRow
from llmanac.store.places import Outline, Place, Places
from llmanac.store.rows import Attempt, ChangeRow
from llmanac.store.schema import fetch, reject, snapshot


class _Content(msgspec.Struct, frozen=True):
    versions_id: int
    volatile_id: int | None
    spellings: Mapping[ModelId, bytes]


class Loom:
    """The rows of one series, for as long as the transaction lasts."""

    def __init__(self, connection: Connection, series_id: int) -> None:
        self._connection = connection
        self.series_id = series_id
        self.places = Places(connection, series_id)
        self._news: str | None = None
        """The counter that tells the workers: `catalogue` when a list, its Serial or its spelling is another one."""

    # What is there

    def stable_records(self, snapshot_id: int) -> tuple[bytes, ...]:
        """The records of a list without volatile values."""
        return snapshots.stable_records(self._connection, snapshot_id)

    def pages(self, place: Place) -> tuple[RawPage, ...]:
        """What upstream sent in a fetch; none once it was thinned."""
        return snapshots.pages_of(self._connection, place.fetch_id)

    def timelines(self, models: Sequence[ModelId]) -> dict[ModelId, list[TimelineRow]]:
        """See `changes.timelines`."""
        return changes.timelines(self._connection, self.series_id, models)

    # What is written

    def add_snapshot(
        self, taken: Snapshot, scope: ListScope, *, like: Place | None, warning: str | None
    ) -> tuple[int, Mapping[ModelId, bytes]]:
        """A list that none of its neighbours equals, under the Serial of its place.

        Gives its id, and the stable records that are kept in another spelling than sent: those are what is served.
        """
        connection = self._connection
        self._news = "catalogue"
        content = self._put_content(taken, like)
        row = {
            "serial": serials.make_room(connection, self.series_id, taken.taken_at),
            "series_id": self.series_id,
            "scope": scope,
            "taken_at": taken.taken_at,
            "digest": taken.digest,
            "model_count": len(taken.models),
            "versions_id": content.versions_id,
            "volatile_id": content.volatile_id,
            "warning": warning,
        }
        made = int(connection.execute(insert(snapshot).returning(snapshot.c.id), [row]).scalar_one())
        self._add_rejects(made, taken.rejects)
        return made, content.spellings

    def start_earlier(self, place: Place, taken: Snapshot) -> frozenset[ModelId]:
        """A list was there before its first known fetch. Gives the models that its changes are of."""
        connection = self._connection
        self._news = "catalogue"
        content = self._put_content(taken, place)
        connection.execute(
            update(snapshot)
            .where(snapshot.c.id == place.snapshot_id)
            .values(taken_at=taken.taken_at, versions_id=content.versions_id, volatile_id=content.volatile_id)
        )
        serials.rank_again(connection, self.series_id, place.snapshot_id, taken.taken_at)
        return changes.move_changes(connection, place.snapshot_id, taken.taken_at)

    def split(self, place: Place, spelt: Snapshot | None) -> int:
        """The fetches of a list from `place` on become a snapshot of their own, for another list came between.

        Args:
            spelt: The list as it was sent at `place`; None when that is no longer known, which leaves it as it is.
        """
        connection = self._connection
        whole = connection.execute(select(snapshot).where(snapshot.c.id == place.snapshot_id)).mappings().one()
        kept = ("series_id", "scope", "digest", "model_count", "versions_id", "volatile_id", "warning")
        serial = serials.make_room(connection, self.series_id, place.taken_at)
        row = {"serial": serial, "taken_at": place.taken_at, **{name: whole[name] for name in kept}}
        if spelt is not None:
            row["volatile_id"] = self._put_content(spelt, place).volatile_id
        made = int(connection.execute(insert(snapshot).returning(snapshot.c.id), [row]).scalar_one())
        connection.execute(
            update(fetch)
            .where(fetch.c.snapshot_id == place.snapshot_id, fetch.c.taken_at >= place.taken_at)
            .values(snapshot_id=made)
        )
        self._add_rejects(made, snapshots.rejects_of(connection, place.snapshot_id))
        return made

    def _add_rejects(self, snapshot_id: int, rejects: Iterable[Reject]) -> None:
        rows = [{"snapshot_id": snapshot_id, **msgspec.structs.asdict(found)} for found in rejects]
        if rows:
            self._connection.execute(insert(reject), rows)

    def _put_content(self, taken: Snapshot, like: Place | None) -> _Content:
        connection = self._connection
        models = [versions.stable_of(model) for model in taken.models]
        kept = versions.put_versions(connection, self.series_id, models, taken.taken_at)
        near = (None, None)
        if like is not None:
            wanted = select(snapshot.c.versions_id, snapshot.c.volatile_id).where(snapshot.c.id == like.snapshot_id)
            near = connection.execute(wanted).one()
        return _Content(
            versions.put_order(connection, kept.ids, like=near[0]),
            versions.put_volatile(connection, models, like=near[1]),
            kept.spellings,
        )

    def add_fetch(
        self,
        snapshot_id: int,
        taken_at: datetime,
        scope: ListScope,
        origin: Origin,
        pages: Sequence[RawPage] | None,
        *,
        like: Place | None,
    ) -> None:
        """Note when a list was had, and the bytes. `pages` None: not modified, so those of `like`."""
        connection = self._connection
        self._news = self._news or "state"
        row = {
            "series_id": self.series_id,
            "taken_at": taken_at,
            "scope": scope,
            "origin": origin,
            "snapshot_id": snapshot_id,
        }
        made = int(connection.execute(insert(fetch).returning(fetch.c.id), [row]).scalar_one())
        if pages is not None:
            near = snapshots.page_blobs(connection, like.fetch_id) if like is not None else ()
            snapshots.put_pages(connection, made, pages, near)
        elif like is not None:
            snapshots.copy_pages(connection, made, like.fetch_id)

    def set_comparison(self, snapshot_id: int, comparison: Comparison, compared_id: int | None) -> None:
        """What a snapshot's changes are against."""
        self._connection.execute(
            update(snapshot).where(snapshot.c.id == snapshot_id).values(comparison=comparison, compared_id=compared_id)
        )

    def replace_changes(self, outline: Outline, rows: Iterable[ChangeRow]) -> frozenset[ModelId]:
        """Other changes for a snapshot. Gives the models that the old ones were of."""
        before = changes.clear_snapshot(self._connection, outline.id)
        placed = (TimelineRow(outline.id, outline.taken_at, row) for row in rows)
        changes.insert_changes(self._connection, self.series_id, placed)
        return before

    def write_timelines(self, before: Iterable[TimelineRow], after: Iterable[TimelineRow]) -> None:
        """Turn the timelines of some models into others, touching only what differs."""
        known = {_key(entry): entry for entry in before}
        wanted = {_key(entry): entry for entry in after}
        both = [(known[key], entry) for key, entry in wanted.items() if key in known]
        others = [pair for pair in both if pair[0].row.change != pair[1].row.change]
        gone = [entry for key, entry in known.items() if key not in wanted]
        new = [entry for key, entry in wanted.items() if key not in known]
        changes.delete_changes(self._connection, [*gone, *(was for was, _ in others)])
        changes.insert_changes(self._connection, self.series_id, [*new, *(entry for _, entry in others)])
        changes.label_changes(
            self._connection,
            [entry for was, entry in both if was.row.change == entry.row.change and was.row.label != entry.row.label],
        )

    def serve_newest(self) -> tuple[int | None, Serial | None]:
        """Let the newest list that is no narrower than others be the current one; tell the workers if need be."""
        newest = snapshots.newest_loud(self._connection, self.series_id)
        if newest is None:
            return None, None
        series.serve(self._connection, self.series_id, *newest)
        if self._news is not None:
            series.bump(self._connection, self._news)
        serial = self._connection.scalar(select(snapshot.c.serial).where(snapshot.c.id == newest[0]))
        assert serial is not None, "the snapshot was just found"
        return newest[0], Serial(serial)

    def note_labelled_by(self, flap: timedelta) -> None:
        """By which flap days the changes of this series are labelled."""
        series.note_labelled_by(self._connection, self.series_id, flap)

    def forget_validators(self) -> None:
        """The next sync asks for the whole list."""
        series.note_validators(self._connection, self.series_id, ())

    def note_sync(
        self, attempt: Attempt, validators: tuple[tuple[str, str], ...] | None, *, admitted: int | None = None
    ) -> None:
        """How the sync ended that brought this. `validators` None keeps those there are."""
        connection = self._connection
        if validators is not None:
            series.note_validators(connection, self.series_id, validators)
        series.note_attempt(connection, self.series_id, attempt)
        if admitted is not None:
            quarantines.remove(connection, self.series_id, admitted)
        quarantines.end_repeats(connection, self.series_id)


def _key(entry: TimelineRow) -> tuple[int, ModelId, str]:
    return entry.snapshot_id, entry.row.change.model, entry.row.change.field
