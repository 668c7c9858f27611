"""All lists of OpenRouter that lie beside the repository, woven in any order: one store, and every list as it was."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from random import Random

import pytest

from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.ids import Serial
from llmanac.catalogue.record import normal_form
from llmanac.catalogue.snapshot import ListScope, Part, RawPage
from llmanac.store.database import Database
from llmanac.store.digests import NounDigest
from llmanac.store.store import Store
from llmanac.sync.weave import Arrival, weave
from tests.shared_data import RealList, real_lists
from tests.store.saving import FLAP, Saver
from tests.store.tables import noun_digests
from tests.strategies import taken
from tests.sync.weaving import DAY, KEY

SCOPES = {"daily-all": ListScope.ALL, "monthly-default": ListScope.TEXT}
SEEDS = (1, 2)
ORDERS = ("in time", "backwards", *(f"shuffled {seed}" for seed in SEEDS))

CASES = [("sqlite", order) for order in ORDERS[1:]] + [("postgresql", order) for order in ORDERS]
"""What is held against the lists in time on SQLite."""


@pytest.fixture(scope="module")
def arrivals() -> tuple[Arrival, ...]:
    """Every stored list, in the order of time. Decoding them takes longer than holding them takes memory."""
    *stored, _ = real_lists()
    return tuple(sorted(map(_arrival, stored), key=lambda arrival: arrival.taken.taken_at))


def _arrival(real: RealList) -> Arrival:
    body = real.raw()
    at = datetime.strptime(real.path.name.partition(".")[0], "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC)
    page = RawPage(Part.MODELS, "https://openrouter.ai/api/v1/models", body)
    return Arrival(taken(body, at=at), SCOPES[real.path.parent.name], Origin.IMPORT, (page,))


def in_order(arrivals: Sequence[Arrival], order: str) -> Sequence[Arrival]:
    if order.startswith("shuffled"):
        return Random(int(order.split()[1])).sample(arrivals, len(arrivals))
    return arrivals[::-1] if order == "backwards" else arrivals


@contextmanager
def woven(database_url: str, arrivals: Sequence[Arrival]) -> Iterator[Saver]:
    """A store with these lists, put into it in this order."""
    store = Store(Database(database_url))
    store.migrate()
    assert store.acquire_lease("saver", DAY)
    saver = Saver(store, store.open_series(KEY).id, "saver", FLAP)
    for arrival in arrivals:
        with store.weaving(saver.holder, saver.state) as loom:
            weave(loom, arrival, flap=saver.flap, known={})
            loom.serve_newest()
    yield saver
    store.close()


@pytest.fixture(scope="module")
def in_time(arrivals: Sequence[Arrival], tmp_path_factory: pytest.TempPathFactory) -> dict[str, NounDigest]:
    """What a store holds that had them in time."""
    with woven(f"sqlite:///{tmp_path_factory.mktemp('real') / 'llmanac.db'}", arrivals) as saver:
        every_list_is_as_it_was(saver, arrivals)
        return noun_digests(saver.store)


@pytest.mark.parametrize(("database_url", "order"), CASES, indirect=["database_url"])
def test_all_real_lists_in_any_order_give_one_store_and_come_back_as_they_were(
    order: str, database_url: str, arrivals: Sequence[Arrival], in_time: dict[str, NounDigest]
) -> None:
    with woven(database_url, in_order(arrivals, order)) as saver:
        assert noun_digests(saver.store) == in_time
        every_list_is_as_it_was(saver, arrivals)


def every_list_is_as_it_was(saver: Saver, arrivals: Sequence[Arrival]) -> None:
    """At its instant: models and their order, rejects, and the bytes they came in. The newest of all is served."""
    store, series_id = saver.store, saver.series_id
    fetches = store.fetches(series_id)
    for arrival, fetch in zip(arrivals, fetches, strict=True):
        expected = arrival.taken
        found = store.snapshot_at(series_id, expected.taken_at)
        assert found is not None
        assert [sha256(normal_form(record)).digest() for record in found.records] == [
            model.digest for model in expected.models
        ]
        assert (found.rejects, found.digest, found.scope) == (expected.rejects, expected.digest, arrival.scope)
        assert (fetch.taken_at, fetch.serial, fetch.pages) == (expected.taken_at, found.serial, arrival.pages)
        assert store.taken_at(series_id, Serial(found.serial)) == found.taken_at
    newest = max(arrival.taken.taken_at for arrival in arrivals if arrival.scope is ListScope.ALL)
    assert saver.state.agreed_at == newest
