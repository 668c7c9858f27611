"""The door to the database: each method is one transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.change import Change
from llmanac.catalogue.ids import NO_SERIAL, Serial
from llmanac.catalogue.snapshot import RawPage, Snapshot
from llmanac.errors import LeaseLost
from llmanac.store import lease, quarantines, series, snapshots, tokens
from llmanac.store.database import Database
from llmanac.store.migrate import migrate
from llmanac.store.quarantines import Objection, QuarantineBounds
from llmanac.store.rows import (
    Attempt,
    QuarantinedPages,
    QuarantineEntry,
    Revisions,
    SeriesKey,
    SeriesState,
    StoredSnapshot,
    StoredToken,
)
from llmanac.store.schema import change, snapshot

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

    # Snapshots

    def snapshot(self, serial: Serial) -> StoredSnapshot | None:
        """A saved snapshot, or None when there is no such Serial."""
        with self._database.read() as connection:
            return snapshots.select_snapshot(connection, serial)

    def newest_serial(self) -> Serial:
        """The newest Serial of all series; 0 when nothing was ever saved."""
        with self._database.read() as connection:
            newest = connection.scalar(select(snapshot.c.serial).order_by(snapshot.c.serial.desc()).limit(1))
        return NO_SERIAL if newest is None else Serial(newest)

    def changes(self, serial: Serial) -> tuple[Change, ...]:
        """What changed in a Serial, in the order it was found."""
        columns = [change.c[name] for name in Change.__struct_fields__]
        with self._database.read() as connection:
            rows = connection.execute(select(*columns).where(change.c.serial == serial).order_by(change.c.position))
            return tuple(Change(*row) for row in rows)

    def save(
        self,
        holder: str,
        state: SeriesState,
        taken: Snapshot,
        changes: Sequence[Change],
        pages: Sequence[RawPage],
        attempt: Attempt,
        *,
        validators: tuple[tuple[str, str], ...],
        warning: str | None = None,
        admitted: int | None = None,
    ) -> Serial:
        """Save a list, its changes and its raw bytes under one new Serial, all or nothing.

        Args:
            holder: Who holds the lease.
            state: The state the changes were computed against.
            warning: Why it is admitted although the guard objected.
            admitted: The quarantine entry it comes from, which is removed.

        Raises:
            LeaseLost: Somebody else may have saved meanwhile; nothing was written.
        """
        with self._database.write() as connection:
            now = self._still_held(connection, holder)
            _refuse_overtaken(connection, state)
            serial = snapshots.insert_snapshot(
                connection, state.id, taken, changes, pages, origin=Origin.FETCHED, saved_at=now, warning=warning
            )
            series.note_agreement(connection, state.id, serial, agreed_at=taken.taken_at, validators=validators)
            series.note_attempt(connection, state.id, attempt)
            series.bump(connection, "catalogue", to=serial)
            if admitted is not None:
                quarantines.remove(connection, state.id, admitted)
            quarantines.end_repeats(connection, state.id)
            return serial

    def save_agreement(
        self,
        holder: str,
        state: SeriesState,
        attempt: Attempt,
        *,
        agreed_at: datetime,
        validators: tuple[tuple[str, str], ...] | None,
    ) -> None:
        """Upstream has the list we have: no Serial, only the time and the validators."""
        assert state.serial is not None, "agreement needs something to agree with"
        with self._database.write() as connection:
            self._still_held(connection, holder)
            _refuse_overtaken(connection, state)
            series.note_agreement(connection, state.id, state.serial, agreed_at=agreed_at, validators=validators)
            series.note_attempt(connection, state.id, attempt)
            quarantines.end_repeats(connection, state.id)

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
    if series.state(connection, state.id).serial != state.serial:
        raise LeaseLost("Another process saved a list since this one was compared; nothing was written")
