"""The pipeline of one process, on a real store and a simulated upstream, at instants a test chooses."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from llmanac.assemble_sync import make_plan
from llmanac.catalogue.catalogue import Catalogue
from llmanac.settings import series_key
from llmanac.store.database import Database
from llmanac.store.quarantines import QuarantineBounds
from llmanac.store.rows import QuarantineEntry, SeriesState
from llmanac.store.store import Store
from llmanac.sync.load import load_catalogue
from llmanac.sync.run import SyncPlan, SyncReport, admit_quarantined, sync
from tests.databases import make_schema
from tests.serving import settings_for
from tests.upstream_simulator import UpstreamSimulator

HOUR = timedelta(hours=1)


class Pipeline:
    """Syncs when told to, always with the right to; `at` is what its clock shows."""

    def __init__(self, database_url: str, upstream: UpstreamSimulator, **values: object) -> None:
        settings = settings_for(Path(), upstream.base_url, **values)
        self.upstream = upstream
        self.at = datetime(2026, 10, 26, 12, tzinfo=UTC)
        make_schema(database_url)
        self.store = Store(Database(database_url))
        self.series_id = self.store.open_series(series_key(settings)).id
        self.plan: SyncPlan = msgspec.structs.replace(
            make_plan(settings, self.store, self.series_id), clock=lambda: self.at
        )

    def close(self) -> None:
        self.store.close()

    def keep(self, *, entries: int, size: int) -> None:
        """Bound what is kept aside."""
        self.plan = msgspec.structs.replace(self.plan, keep=QuarantineBounds(entries, size))

    def sync(self, *, after: timedelta = timedelta()) -> SyncReport:
        """Let this much time pass, and sync."""
        self.at += after
        assert self.store.acquire_lease(self.plan.holder, HOUR)
        return sync(self.plan, None, lambda _: None)

    def admit(self, entry_id: int) -> SyncReport:
        """As an administrator."""
        assert self.store.acquire_lease(self.plan.holder, HOUR)
        return admit_quarantined(self.plan, None, entry_id)

    @property
    def state(self) -> SeriesState:
        return self.store.series_state(self.series_id)

    @property
    def served(self) -> Catalogue:
        """What a worker that starts now would serve."""
        catalogue = load_catalogue(self.store, self.state)
        assert catalogue is not None
        return catalogue

    @property
    def ids(self) -> list[str]:
        return list(self.served.by_id)

    @property
    def quarantine(self) -> tuple[QuarantineEntry, ...]:
        return self.store.quarantine(self.series_id)
