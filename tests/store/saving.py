"""Saving lists without an upstream."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from llmanac.catalogue.change import Change
from llmanac.catalogue.ids import Serial
from llmanac.catalogue.snapshot import Part, RawPage, Snapshot
from llmanac.history.diff import diff
from llmanac.store.quarantines import Objection, QuarantineBounds
from llmanac.store.rows import Attempt, Outcome, SeriesState, StoredSnapshot
from llmanac.store.store import Store
from tests.build import Record, answer
from tests.strategies import taken

NOON = datetime(2026, 10, 26, 12, tzinfo=UTC)
PLENTY = QuarantineBounds(100, 1 << 30)


def attempt(outcome: Outcome = Outcome.CHANGED, *, at: datetime = NOON) -> Attempt:
    return Attempt(at, outcome, None, None, at + timedelta(hours=1))


def page(body: bytes, part: Part = Part.MODELS) -> RawPage:
    return RawPage(part, f"http://upstream.test/{part}", body)


@dataclass(frozen=True)
class Saver:
    """Saves lists of one series as `holder`, each compared with the one before it."""

    store: Store
    series_id: int
    holder: str

    @property
    def state(self) -> SeriesState:
        return self.store.series_state(self.series_id)

    @property
    def newest(self) -> StoredSnapshot:
        serial = self.state.serial
        assert serial is not None
        found = self.store.snapshot(serial)
        assert found is not None
        return found

    def save(self, rows: Sequence[Record], before: Snapshot | None = None) -> Snapshot:
        after = taken(answer(rows))
        self.save_as(after, diff(before, after), [page(answer(rows))])
        return after

    def save_as(
        self,
        after: Snapshot,
        changes: Sequence[Change],
        pages: Sequence[RawPage] = (),
        *,
        state: SeriesState | None = None,
        validators: tuple[tuple[str, str], ...] = (),
        warning: str | None = None,
    ) -> Serial:
        return self.store.save(
            self.holder, state or self.state, after, changes, pages, attempt(), validators=validators, warning=warning
        )

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
