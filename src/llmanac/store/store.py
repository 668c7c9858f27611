"""The door to the database for whoever writes: each method is one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection

from llmanac.catalogue.snapshot import RawPage
from llmanac.errors import LeaseLost
from llmanac.store import lease, quarantines, series, thinning, tokens
from llmanac.store.loom import Loom
from llmanac.store.migrate import migrate
from llmanac.store.quarantines import Objection, QuarantineBounds
from llmanac.store.reader import Reader
from llmanac.store.rows import Attempt, SeriesKey, SeriesState, StoredToken

SYNC_LEASE = "sync"


class Store(Reader):
    """What is read, and what is written. Synchronous: call it from a worker thread.

    Every method may raise StoreError or StoreUnreachable.
    """

    def migrate(self) -> bool:
        """See `migrate.migrate`."""
        return migrate(self._database)

    # What is followed

    def open_series(self, key: SeriesKey) -> SeriesState:
        """Where a series stands; it begins now if it is new."""
        known = self.find_series(key)
        if known is not None:
            return known
        with self._database.write() as connection:
            return series.state(connection, series.open_series(connection, key))

    def sync_soon(self, series_id: int) -> None:
        """Let the next attempt be due at once."""
        with self._database.write() as connection:
            series.set_due(connection, series_id, None)

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
