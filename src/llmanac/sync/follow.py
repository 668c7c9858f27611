"""Follow what all workers share: the newest list, how syncing stands, the tokens."""

import threading

import msgspec

from llmanac.access.gate import Gate
from llmanac.catalogue.catalogue import Catalogue
from llmanac.clock import Clock
from llmanac.errors import StoreError
from llmanac.store.rows import Attempt, Revisions, SeriesState
from llmanac.store.store import Store
from llmanac.sync.current import Current
from llmanac.sync.load import load_catalogue


class Follower:
    """Takes over what was saved, here or elsewhere, and notes which tokens were used. Thread-safe."""

    def __init__(self, store: Store, series_id: int, current: Current[object], gate: Gate, clock: Clock) -> None:
        self._store = store
        self._series_id = series_id
        self._current = current
        self._gate = gate
        self._clock = clock
        self._seen = Revisions(-1, -1, -1)
        self._marked: dict[str, str] = {}
        self._following = threading.Lock()

    def follow(self, saved: Catalogue | None = None) -> None:
        """Take over what was saved: the newest list, the state, the tokens. One small read when nothing is new.

        Args:
            saved: The list this process has just saved, which spares reading it back.

        Raises:
            StoreError: The store cannot be read; what is in memory stays.
        """
        with self._following:
            store = self._store
            revisions = store.revisions()
            if revisions != self._seen:
                if revisions.tokens != self._seen.tokens:
                    self._gate.replace(store.tokens())
                state = store.series_state(self._series_id)
                known = self._current.held.catalogue
                other = state.serial is not None and (known is None or self._is_other(known, state, revisions))
                if other and (saved is None or not _is_of(saved, state)):
                    saved = load_catalogue(store, state)
                self._current.replace(state, saved if other else None)
                self._seen = revisions
            self._mark_used()

    def note_unsaved(self, failed: Attempt) -> None:
        """Count a failed attempt that the store could not be told of; it stands until the store tells news."""
        with self._following:
            state = self._current.held.state
            failures = state.failures + 1
            self._current.replace(
                msgspec.structs.replace(state, attempt=failed, failures=failures, due_at=failed.due_at)
            )

    def _is_other(self, known: Catalogue, state: SeriesState, revisions: Revisions) -> bool:
        """An import may have changed the spelling of a list, or since when it is known, so its Serial tells too little.

        Only at first it must do, since this worker cannot know what has been since its list was read.
        """
        begun = self._seen.catalogue >= 0
        return (begun and revisions.catalogue != self._seen.catalogue) or not _is_of(known, state)

    def _mark_used(self) -> None:
        today = self._clock().date().isoformat()
        fresh = [token for token in self._gate.take_used() if self._marked.get(token) != today]
        if fresh:
            try:
                self._store.mark_tokens_used(fresh, today)
            except StoreError:
                self._gate.put_back_used(fresh)
                raise
            self._marked |= dict.fromkeys(fresh, today)


def _is_of(catalogue: Catalogue, state: SeriesState) -> bool:
    """An import may give another list the Serial that this one had, so the digest is compared too."""
    return (catalogue.serial, catalogue.snapshot.digest) == (state.serial, state.digest)
