"""A server, never syncing by itself, over a store that had certain lists at certain instants.

with remembering(url, tmp_path, (0, first), (1, second)) as memory:
    memory.ask("/api/ai/changes")
    memory.learn(24, third)
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2

from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.snapshot import Part, RawPage, Snapshot
from llmanac.sync.weave import Arrival, weave
from llmanac.upstream.decode import decode
from tests.build import Json, Record, answer
from tests.serving import Served, serving, settings_for
from tests.sync.pipeline import HOUR, Pipeline
from tests.upstream_simulator import UpstreamSimulator

NOON = datetime(2026, 10, 26, 12, tzinfo=UTC)
"""When the first list is had, at 0 hours."""

LENIENT = {"quarantine_min_share": 0, "quarantine_max_repriced_share": 1, "bundle": False}


def at(hours: float) -> str:
    """So long after the first list, as answers have it."""
    return (NOON + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True)
class Memory:
    """The server, and the pipeline that fills its store."""

    served: Served
    pipeline: Pipeline

    def learn(self, hours: float, listed: Sequence[Record]) -> None:
        """Have this list, so long after the first one, and let the server know."""
        learn(self.pipeline, hours, listed)
        self.served.context.worker.follow()

    def recall(self, hours: float, listed: Sequence[Record]) -> None:
        """Weave in a list that was had so long after the first one, or before, as an import does."""
        pipeline = self.pipeline
        pages = (RawPage(Part.MODELS, "http://upstream.test/models", answer(listed)),)
        taken = decode(pages, source="openrouter", taken_at=NOON + timedelta(hours=hours))
        assert isinstance(taken, Snapshot)
        assert pipeline.store.acquire_lease(pipeline.plan.holder, HOUR)
        with pipeline.store.weaving(pipeline.plan.holder, pipeline.state) as loom:
            weave(loom, Arrival(taken, pipeline.plan.scope, Origin.IMPORT, pages), flap=pipeline.plan.flap, known={})
            loom.serve_newest()
        pipeline.store.release_lease(pipeline.plan.holder)
        self.served.context.worker.follow()

    def ask(self, path: str, **parameters: str) -> httpx2.Response:
        """An answer, uncompressed."""
        return self.served.http.get(path, params=parameters or None, headers={"Accept-Encoding": "identity"})

    def changes(self, **parameters: str) -> list[dict[str, Json]]:
        """The rows of one page of changes."""
        answer = self.ask("/api/ai/changes", **parameters)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Json]] = answer.json()["changes"]
        return rows


def learn(pipeline: Pipeline, hours: float, listed: Sequence[Record]) -> None:
    """Have this list so long after the first one."""
    pipeline.upstream.change(records=listed)
    pipeline.at = NOON + timedelta(hours=hours)
    outcome = pipeline.sync().attempt.outcome
    # Others may write to the same database.
    pipeline.store.release_lease(pipeline.plan.holder)
    assert outcome in ("changed", "unchanged"), outcome


@contextmanager
def remembering(
    database_url: str, tmp_path: Path, *lists: tuple[float, Sequence[Record]], **values: object
) -> Iterator[Memory]:
    """The hours since the first list, and the list; `values` are settings of the server's."""
    with UpstreamSimulator() as upstream:
        pipeline = Pipeline(database_url, upstream, **LENIENT)
        try:
            for hours, listed in lists:
                learn(pipeline, hours, listed)
            own: dict[str, object] = {"database_url": database_url, "offline": True, **LENIENT, **values}
            settings = settings_for(tmp_path / "data", upstream.base_url, **own)
            with serving(settings) as served:
                yield Memory(served, pipeline)
        finally:
            pipeline.close()
