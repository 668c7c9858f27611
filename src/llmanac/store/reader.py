"""The door for whoever only reads: each method is one transaction that sees one state."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from llmanac.catalogue.ids import ModelId, Serial
from llmanac.catalogue.snapshot import ListScope
from llmanac.store import changes, past, quarantines, series, snapshots, tokens
from llmanac.store.database import Database
from llmanac.store.rows import (
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


class Reader:
    """Everything that outlives the process, to look at. Synchronous: call it from a worker thread.

    Every method may raise StoreError or StoreUnreachable.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.shown_url = database.shown_url
        """Where it is, without a password."""

    def close(self) -> None:
        """Give back every connection."""
        self._database.close()

    # What is followed

    def find_series(self, key: SeriesKey) -> SeriesState | None:
        """Where a series stands; None when it never began."""
        with self._database.read() as connection:
            known = series.find_series(connection, key)
            return None if known is None else series.state(connection, known)

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

    # Lists as they were

    def snapshot_of(self, snapshot_id: int) -> StoredSnapshot | None:
        """The list of a snapshot, by its own number."""
        with self._database.read() as connection:
            return snapshots.snapshot_of_id(connection, snapshot_id)

    def past_list(self, series_id: int, at: datetime | Serial) -> past.PastList | None:
        """Which list it was, without its content; see `past.find`."""
        with self._database.read() as connection:
            return past.find(connection, series_id, at)

    def past_content(
        self, snapshot_id: int, *, volatile: bool, wanted: Callable[[Sequence[int]], Iterable[int]] = list
    ) -> past.PastContent:
        """What a list is made of; see `past.content`."""
        with self._database.read() as connection:
            return past.content(connection, snapshot_id, volatile=volatile, wanted=wanted)

    def extent(self, series_id: int) -> past.Extent | None:
        """How far a series goes, in instants and Serials; None when it has no list."""
        with self._database.read() as connection:
            return past.extent(connection, series_id)

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

    def gone_by(self, series_id: int, until: datetime | None) -> past.Gone:
        """The last removal of every model that was not listed at an instant (None: now), and how sure each is."""
        with self._database.read() as connection:
            return past.gone(connection, series_id, until)

    def fetched_from(self, series_id: int, scope: ListScope, instant: datetime, limit: int) -> tuple[datetime, ...]:
        """The first fetches of a scope from an instant on."""
        with self._database.read() as connection:
            return snapshots.fetched_from(connection, series_id, scope, instant, limit)

    def taken_at(self, series_id: int, serial: Serial) -> datetime | None:
        """When the list of a Serial was first had; None when this series has no such Serial."""
        with self._database.read() as connection:
            return snapshots.taken_at(connection, series_id, serial)

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

    # Beside the lists

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

    def tokens(self) -> tuple[StoredToken, ...]:
        """All tokens, oldest first."""
        with self._database.read() as connection:
            return tokens.every(connection)
