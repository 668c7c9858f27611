"""The one variable that holds the Catalogue, with its answers and how it stands with upstream."""

import threading
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from llmanac.catalogue.catalogue import Catalogue, Origin
from llmanac.store.rows import Outcome, SeriesState

Ready_co = TypeVar("Ready_co", covariant=True)
"""What is made ready of a list; who does not look into it takes `object`."""


class Source(StrEnum):
    """Where the list that is served comes from, as `X-Catalogue-Source` says it."""

    LIVE = "live"
    STORE = "store"
    BUNDLED = "bundled"
    IMPORT = "import"


class Standing(msgspec.Struct, frozen=True):
    """How the list stands: its source, and when upstream was last seen to agree with it."""

    source: Source
    agreed_at: datetime


class Held(msgspec.Struct, Generic[Ready_co], frozen=True):
    """One consistent state: whoever reads it once sees a list, its answers and its standing that belong together.

    `catalogue`, `ready` and `standing` are None until there is a list.
    """

    state: SeriesState
    catalogue: Catalogue | None
    ready: Ready_co | None
    standing: Standing | None


class Current(Generic[Ready_co]):
    """What this worker serves. `held` may be read from any thread; it is replaced whole and never edited."""

    def __init__(self, state: SeriesState, prepare: Callable[[Catalogue], Ready_co], *, offline: bool) -> None:
        """Nothing is served yet.

        Args:
            prepare: Makes the answers of a list, before its first reader sees it.
            offline: Upstream is never called, so nothing is live.
        """
        self.held: Held[Ready_co] = Held(state, None, None, None)
        self._prepare = prepare
        self._offline = offline
        self._replacing = threading.Lock()
        self._told: list[Callable[[], object]] = []

    def when_replaced(self, told: Callable[[], object]) -> None:
        """Call this from now on after each replacement, in its thread; whoever keeps a state can let go of it."""
        self._told.append(told)

    def replace(self, state: SeriesState, catalogue: Catalogue | None = None) -> None:
        """Take over a state, and another list if one is given."""
        with self._replacing:
            held = self.held
            ready = held.ready
            if catalogue is None:
                catalogue = held.catalogue
            elif catalogue is not held.catalogue:
                ready = self._prepare(catalogue)
            self.held = Held(state, catalogue, ready, self._standing(state, catalogue))
        for told in self._told:
            told()

    def _standing(self, state: SeriesState, catalogue: Catalogue | None) -> Standing | None:
        if catalogue is None:
            return None
        if catalogue.origin is Origin.BUNDLED:
            return Standing(Source.BUNDLED, catalogue.changed_at)
        agreed_at = state.agreed_at or catalogue.changed_at
        if state.origin is Origin.IMPORT:
            return Standing(Source.IMPORT, agreed_at)
        return Standing(Source.LIVE if self._is_live(state) else Source.STORE, agreed_at)

    def _is_live(self, state: SeriesState) -> bool:
        """The last attempt was good, and no server has started since: a start makes the next attempt due at once.

        Read from what all workers share, so that all of them say the same.
        """
        good = state.attempt is not None and state.attempt.outcome in (Outcome.CHANGED, Outcome.UNCHANGED)
        return good and state.due_at is not None and not self._offline
