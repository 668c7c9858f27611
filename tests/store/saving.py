"""Saving lists without an upstream."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.snapshot import ListScope, Part, RawPage, Snapshot
from llmanac.store.quarantines import Objection, QuarantineBounds
from llmanac.store.rows import Attempt, Outcome, SeriesState, StoredSnapshot
from llmanac.store.store import Store
from llmanac.sync.weave import Arrival, Woven, weave
from tests.build import Record, answer
from tests.store.tables import list_at
from tests.strategies import taken

NOON = datetime(2026, 10, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FLAP = timedelta(days=10)
PLENTY = QuarantineBounds(100, 1 << 30)


def attempt(outcome: Outcome = Outcome.CHANGED, *, at: datetime = NOON) -> Attempt:
    return Attempt(at, outcome, None, None, at + HOUR)


def page(body: bytes, part: Part = Part.MODELS) -> RawPage:
    return RawPage(part, f"http://upstream.test/{part}", body)


@dataclass(frozen=True)
class Saver:
    """Saves lists of one series as `holder`, each in its place."""

    store: Store
    series_id: int
    holder: str
    flap: timedelta = FLAP

    @property
    def state(self) -> SeriesState:
        return self.store.series_state(self.series_id)

    @property
    def newest(self) -> StoredSnapshot:
        serial = self.state.serial
        assert serial is not None
        found = list_at(self.store, self.series_id, serial)
        assert found is not None
        return found

    def save(self, rows: Sequence[Record], *, at: datetime | None = None, scope: ListScope = ListScope.ALL) -> Snapshot:
        """A list taken at an instant; without one, an hour after the newest."""
        newest = self.state.agreed_at
        body = answer(rows)
        after = taken(body, at=at or (NOON if newest is None else newest + HOUR))
        self.save_as(after, [page(body)], scope=scope)
        return after

    def save_as(
        self,
        after: Snapshot,
        pages: Sequence[RawPage] | None = (),
        *,
        scope: ListScope = ListScope.ALL,
        state: SeriesState | None = None,
        validators: tuple[tuple[str, str], ...] | None = None,
        warning: str | None = None,
    ) -> Woven:
        arrival = Arrival(after, scope, Origin.FETCHED, None if pages is None else tuple(pages), warning)
        return self.weave(arrival, state=state, validators=validators)

    def weave(
        self,
        arrival: Arrival,
        *,
        state: SeriesState | None = None,
        validators: tuple[tuple[str, str], ...] | None = None,
    ) -> Woven:
        """Put a list in its place, as a sync does."""
        with self.store.weaving(self.holder, state or self.state) as loom:
            woven = weave(loom, arrival, flap=self.flap, known={})
            loom.note_sync(attempt(), validators)
            loom.serve_newest()
        return woven

    def set_aside(
        self,
        body: bytes,
        *,
        repeats: int | None = None,
        at: datetime = NOON,
        bounds: QuarantineBounds = PLENTY,
    ) -> int:
        objection = Objection(reason="html", detail="a page", admissible=False, digest="0" * 64, model_count=0)
        return self.store.save_quarantine(
            self.holder,
            self.series_id,
            objection,
            [page(body)],
            attempt(Outcome.QUARANTINED, at=at),
            repeats=repeats,
            bounds=bounds,
        )
