"""The door to the database: each method is one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from llmanac.catalogue.ids import NO_SERIAL, ModelId, Serial
from llmanac.catalogue.snapshot import ListScope, RawPage
from llmanac.errors import LeaseLost
from llmanac.store import changes, lease, past, quarantines, series, snapshots, thinning, tokens
from llmanac.store.database import Database
from llmanac.store.loom import Loom
from llmanac.store.migrate import migrate
from llmanac.store.quarantines import Objection, QuarantineBounds
from llmanac.store.rows import (
    Attempt,
    ChangeQuery,
    QuarantinedPages,
    QuarantineEntry,
    Revisions,
    SeenChange,
    SeriesKey,
    SeriesState,
    StoredFetch,
    StoredSnapshot,
    StoredToken,
)
from llmanac.store.schema import snapshot
from llmanac.store.versions import KeptVersion, select_versions

SYNC_LEASE = "sync"


class Store:
    """Everything that outlives the process. Synchronous: call it from a worker thread.

    Every method may raise StoreError or StoreUnreachable.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.shown_url = database.shown_url
        """Where it is, without a password."""

    def migrate(self) -> bool:
        """See `migrate.migrate`."""
        return migrate(self._database)

    def close(self) -> None:
        """Give back every connection."""
        self._database.close()

    # What is followed

    def open_series(self, key: SeriesKey) -> SeriesState:
        """Where a series stands; it begins now if it is new."""
        with self._database.read() as connection:
            known = series.find_series(connection, key)
            if known is not None:
                return series.state(connection, known)
        with self._database.write() as connection:
            return series.state(connection, series.open_series(connection, key))

    def every_series(self) -> tuple[SeriesState, ...]:
        """Where each series of the store stands, the oldest first."""
        with self._database.read() as connection:
            return tuple(series.state(connection, found) for found in series.every(connection))

    def series_state(self, series_id: int) -> SeriesState:
        """Where a series stands."""
        with self._database.read() as connection:
            return series.state(connection, series_id)

    def revisions(self) -> Revisions:
        """The counters that tell whether anything else needs reading."""
        with self._database.read() as connection:
            return series.revisions(connection)

    def sync_soon(self, series_id: int) -> None:
        """Let the next attempt be due at once."""
        with self._database.write() as connection:
            series.set_due(connection, series_id, None)

    # Lists as they were

    def snapshot(self, series_id: int, serial: Serial) -> StoredSnapshot | None:
        """The list of a Serial, or None when this series has no such Serial."""
        with self._database.read() as connection:
            return snapshots.snapshot_of_serial(connection, series_id, serial)

    def snapshot_of(self, snapshot_id: int) -> StoredSnapshot | None:
        """The list of a snapshot, by its own number."""
        with self._database.read() as connection:
            return snapshots.snapshot_of_id(connection, snapshot_id)

    def snapshot_at(self, series_id: int, instant: datetime) -> StoredSnapshot | None:
        """The list at an instant, or None before the first; see `snapshots.id_at`."""
        with self._database.read() as connection:
            found = snapshots.id_at(connection, series_id, instant)
            return None if found is None else snapshots.snapshot_of_id(connection, found[0], seen_at=found[1])

    def past_list(self, series_id: int, at: datetime | Serial) -> past.PastList | None:
        """Which list it was, without its content; see `past.find`."""
        with self._database.read() as connection:
            return past.find(connection, series_id, at)

    def past_order(self, snapshot_id: int, *, volatile: bool) -> past.PastOrder:
        """What a list is made of; see `past.order`."""
        with self._database.read() as connection:
            return past.order(connection, snapshot_id, volatile=volatile)

    def versions(self, ids: Iterable[int]) -> dict[int, KeptVersion]:
        """Versions by their ids."""
        with self._database.read() as connection:
            return select_versions(connection, ids)

    def extent(self, series_id: int) -> past.Extent | None:
        """How far a series goes, in instants and Serials; None when it has no list."""
        with self._database.read() as connection:
            return past.extent(connection, series_id)

    def newest_serial(self) -> Serial:
        """The newest Serial of all series; 0 when nothing was ever saved."""
        with self._database.read() as connection:
            newest = connection.scalar(select(func.max(snapshot.c.serial)))
        return NO_SERIAL if newest is None else Serial(newest)

    def has_fetch(self, series_id: int, taken_at: datetime, digests: Sequence[bytes]) -> bool:
        """Whether the fetch of this instant is there, with pages of just these SHA-256 digests in this order."""
        with self._database.read() as connection:
            return snapshots.page_digests(connection, series_id, taken_at) == list(digests)

    def fetches(self, series_id: int) -> Iterator[StoredFetch]:
        """Every fetch with its bytes, oldest first, one at a time."""
        with self._database.read() as connection:
            yield from snapshots.fetches(connection, series_id)

    # What changed

    def changes(self, series_id: int, query: ChangeQuery) -> tuple[SeenChange, ...]:
        """One page; see `changes.seen_changes`."""
        with self._database.read() as connection:
            return changes.seen_changes(connection, series_id, query)

    def gone(self, series_id: int) -> tuple[SeenChange, ...]:
        """The last removal of every model that is not listed now, the latest first; `before` is its last record."""
        with self._database.read() as connection:
            return changes.gone(connection, series_id)

    def gone_by(self, series_id: int, until: datetime | None) -> past.Gone:
        """The same as of an instant (None: now), with what tells how sure each removal is."""
        with self._database.read() as connection:
            return past.gone(connection, series_id, until)

    def first_fetch_at(self, series_id: int) -> datetime | None:
        """When the first list of a series was had; None when none was."""
        with self._database.read() as connection:
            return snapshots.first_fetch_at(connection, series_id)

    def fetched_from(self, series_id: int, scope: ListScope, instant: datetime, limit: int) -> tuple[datetime, ...]:
        """The first fetches of a scope from an instant on."""
        with self._database.read() as connection:
            return snapshots.fetched_from(connection, series_id, scope, instant, limit)

    def taken_at(self, series_id: int, serial: Serial) -> datetime | None:
        """When the list of a Serial was first had; None when this series has no such Serial."""
        with self._database.read() as connection:
            return snapshots.taken_at(connection, series_id, serial)

    # Weaving in

    @contextmanager
    def weaving(self, holder: str, state: SeriesState) -> Iterator[Loom]:
        """One transaction in which lists are woven into a series and what follows is written, all or nothing.

        Args:
            holder: Who holds the lease.
            state: The state that what is to be written was computed against.

        Raises:
            LeaseLost: Somebody else may have saved meanwhile; nothing was written.
        """
        with self._database.write() as connection:
            self._still_held(connection, holder)
            _refuse_overtaken(connection, state)
            yield Loom(connection, state.id)

    def thin(self, holder: str, series_id: int, *, older_than: datetime) -> int:
        """Let go of raw bytes older than this; how many pages went. See `thinning.thin`."""
        with self._database.write() as connection:
            self._still_held(connection, holder)
            return thinning.thin(connection, series_id, older_than=older_than)

    @contextmanager
    def reweaving(self, series_id: int) -> Iterator[Loom]:
        """As `weaving`, for work that comes out the same whoever does it: it needs no lease."""
        with self._database.write() as connection:
            yield Loom(connection, series_id)

    def first_uncompared(self, series_id: int) -> datetime | None:
        """When the first snapshot was taken that is yet to be compared (after a migration); mostly None."""
        with self._database.read() as connection:
            return snapshots.first_uncompared(connection, series_id)

    def labelled_by(self, series_id: int) -> timedelta | None:
        """The flap days by which changes are labelled; None when nobody noted them."""
        with self._database.read() as connection:
            return series.labelled_by(connection, series_id)

    def changed_models(self, series_id: int) -> tuple[ModelId, ...]:
        """Every model that has a change."""
        with self._database.read() as connection:
            return changes.changed_models(connection, series_id)

    def save_failure(self, holder: str, series_id: int, attempt: Attempt) -> None:
        """Nothing came that could be judged: the attempt is noted, all else stays."""
        with self._database.write() as connection:
            self._still_held(connection, holder)
            series.note_attempt(connection, series_id, attempt)

    # Quarantine

    def save_quarantine(
        self,
        holder: str,
        series_id: int,
        objection: Objection,
        pages: Sequence[RawPage],
        attempt: Attempt,
        *,
        repeats: int | None,
        bounds: QuarantineBounds,
    ) -> int:
        """Keep a list aside; see `quarantines.put`."""
        with self._database.write() as connection:
            self._still_held(connection, holder)
            entry = quarantines.put(
                connection, series_id, objection, pages, seen_at=attempt.attempted_at, repeats=repeats, bounds=bounds
            )
            series.note_attempt(connection, series_id, attempt)
            return entry

    def quarantine(self, series_id: int) -> tuple[QuarantineEntry, ...]:
        """What is kept aside, newest first."""
        with self._database.read() as connection:
            return quarantines.entries(connection, series_id)

    def quarantined(self, series_id: int, entry_id: int) -> QuarantinedPages | None:
        """One entry with its bytes."""
        with self._database.read() as connection:
            return quarantines.find(connection, series_id, entry_id)

    def repeating(self, series_id: int) -> QuarantinedPages | None:
        """What upstream said last, if that was quarantined."""
        with self._database.read() as connection:
            return quarantines.repeating(connection, series_id)

    def drop_quarantined(self, series_id: int, entry_id: int) -> bool:
        """Whether there was such an entry to drop."""
        with self._database.write() as connection:
            known = quarantines.remove(connection, series_id, entry_id)
            if known:
                series.bump(connection, "state")
            return known

    # The lease to sync

    def acquire_lease(self, holder: str, lasting: timedelta, *, name: str = SYNC_LEASE) -> bool:
        """Whether `holder` may sync now; asked again by its holder it is prolonged."""
        with self._database.write() as connection:
            now = self._database.now(connection)
            return lease.acquire(connection, name, holder, now=now, lasting=lasting)

    def release_lease(self, holder: str, *, name: str = SYNC_LEASE) -> None:
        """Let others sync."""
        with self._database.write() as connection:
            lease.release(connection, name, holder)

    def _still_held(self, connection: Connection, holder: str) -> datetime:
        now = self._database.now(connection)
        if not lease.held_by(connection, SYNC_LEASE, holder, now=now):
            raise LeaseLost("The right to sync passed to another process before the work was saved")
        return now

    # Tokens

    def add_token(self, row: StoredToken, *, only_first: bool = False) -> bool:
        """Keep a token; with `only_first`, only if there never was one. Whether it was kept."""
        with self._database.write() as connection:
            if only_first and tokens.count(connection):
                return False
            tokens.add(connection, row)
            series.bump(connection, "tokens")
            return True

    def tokens(self) -> tuple[StoredToken, ...]:
        """All tokens, oldest first."""
        with self._database.read() as connection:
            return tokens.every(connection)

    def revoke_token(self, token_id: str, revoked_at: datetime) -> bool:
        """Whether there is such a token; every worker obeys within two seconds."""
        with self._database.write() as connection:
            known = tokens.revoke(connection, token_id, revoked_at)
            if known:
                series.bump(connection, "tokens")
            return known

    def mark_tokens_used(self, token_ids: Iterable[str], day: str) -> None:
        """Note the day of last use."""
        with self._database.write() as connection:
            tokens.mark_used(connection, token_ids, day)


def _refuse_overtaken(connection: Connection, state: SeriesState) -> None:
    """A holder that lost the lease and got it back must not write what it compared with an older list."""
    if series.state(connection, state.id).snapshot_id != state.snapshot_id:
        raise LeaseLost("Another process saved a list since this one was compared; nothing was written")
