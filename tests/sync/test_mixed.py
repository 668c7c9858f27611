"""Syncs and imports in turn: the store is the one that its fetches give when they are all imported."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmanac.archive.fetch import ArchivedFetch
from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.snapshot import ListScope, Part, RawPage
from llmanac.errors import Conflict
from llmanac.store.digests import NounDigest
from llmanac.store.store import Store
from llmanac.sync.exporting import export_fetches
from llmanac.sync.importing import ImportPlan, import_fetch
from tests.contract.oracle import parse
from tests.store.saving import HOUR, NOON
from tests.store.tables import empty, noun_digests
from tests.strategies import examples, page
from tests.sync.pipeline import Pipeline
from tests.sync.weaving import DAY, Row, Stores, made, rows
from tests.upstream_simulator import UpstreamSimulator

UNGUARDED = {
    "quarantine_min_share": 0,
    "quarantine_max_reject_share": 1,
    "quarantine_max_repriced_share": 1,
}

few = examples(20)
"""Each example asks a simulated upstream some times."""


@dataclass(frozen=True)
class Step:
    """What happens next: upstream is asked, or a file is imported. `hours` from now, or for a file from the start."""

    live: bool
    rows: tuple[Row, ...]
    hours: int
    spelling: int
    scope: ListScope

    @property
    def body(self) -> bytes:
        return page([row.spelt(Random(self.spelling) if self.spelling else None) for row in self.rows])


def steps() -> st.SearchStrategy[list[Step]]:
    """Some syncs and imports of a few lists, at times of the same list again, which upstream tells by a 304."""
    return st.lists(rows(), min_size=1, max_size=3).flatmap(
        lambda lists: st.lists(
            st.builds(
                Step,
                st.booleans(),
                st.sampled_from(lists),
                st.integers(-3, 30),
                st.integers(0, 1),
                st.sampled_from((ListScope.ALL, ListScope.ALL, ListScope.TEXT)),
            ),
            min_size=2,
            max_size=8,
        )
    )


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    made = Stores(tmp_path_factory.mktemp("stores"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def upstream() -> Iterator[UpstreamSimulator]:
    with UpstreamSimulator(etag=True) as simulated:
        yield simulated


@pytest.fixture(scope="module")
def unguarded(tmp_path_factory: pytest.TempPathFactory, upstream: UpstreamSimulator) -> Iterator[Pipeline]:
    """Admits whatever is a list. It is emptied after each example."""
    path: Path = tmp_path_factory.mktemp("pipeline") / "llmanac.db"
    made = Pipeline(f"sqlite:///{path}", upstream, **UNGUARDED)
    yield made
    made.close()


def play(pipeline: Pipeline, story: list[Step]) -> None:
    pipeline.at = NOON
    for step in story:
        if step.live:
            pipeline.upstream.change(records=step.body)
            assert pipeline.sync(after=step.hours * HOUR).attempt.outcome in ("changed", "unchanged")
            continue
        raw = RawPage(Part.MODELS, "http://elsewhere.test/models", step.body)
        found = ArchivedFetch(
            series=None,
            scope=step.scope,
            origin=Origin.IMPORT,
            taken_at=NOON + step.hours * HOUR + HOUR / 2,
            pages=(raw,),
            raw=True,
            warning=None,
        )
        # Another file of the same instant: the first one stays.
        with suppress(Conflict):
            import_fetch(importing(pipeline.store, pipeline.plan.holder, pipeline), found)


def importing(store: Store, holder: str, pipeline: Pipeline) -> ImportPlan:
    assert store.acquire_lease(holder, DAY)
    return ImportPlan(
        store=store,
        holder=holder,
        series=pipeline.state.key,
        flap=pipeline.plan.flap,
        max_reject_share=Fraction(1),
    )


def held(store: Store) -> dict[str, NounDigest]:
    """All but how far syncing came, which no file can tell."""
    return {noun: found for noun, found in noun_digests(store).items() if noun != "attempt"}


MEASURED = (Row(parse(json.dumps(made("acme/owl", measured=3)).encode())),)
IMPORTED = Step(live=False, rows=MEASURED, hours=-1, spelling=1, scope=ListScope.TEXT)


@few
@given(steps(), st.builds(Random, st.integers(0, 999)))
@example([IMPORTED, Step(live=True, rows=MEASURED, hours=1, spelling=0, scope=ListScope.ALL)], Random(0))
def test_what_was_lived_through_is_what_an_import_of_it_gives(
    unguarded: Pipeline, stores: Stores, story: list[Step], dice: Random
) -> None:
    key = unguarded.state.key
    try:
        play(unguarded, story)
        fetches = [*export_fetches(unguarded.store)]
        with stores.saver(key=key) as saver:
            for found in dice.sample(fetches, len(fetches)):
                import_fetch(importing(saver.store, saver.holder, unguarded), found)
            assert held(saver.store) == held(unguarded.store)
            assert saver.state.agreed_at == unguarded.state.agreed_at
    finally:
        empty(unguarded.store)
        assert unguarded.store.open_series(key).id == unguarded.series_id
