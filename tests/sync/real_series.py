"""The real lists of both folders, woven into one store order after order. For a process of its own."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from random import Random

from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.record import normal_form
from llmanac.catalogue.snapshot import ListScope, Part, RawPage
from llmanac.store.database import Database
from llmanac.store.digests import NounDigest
from llmanac.store.store import Store
from llmanac.sync.weave import Arrival, weave
from tests.shared_data import RealList, facts, real_lists
from tests.store.saving import FLAP, Saver
from tests.store.tables import empty, list_at, noun_digests
from tests.strategies import taken
from tests.sync.weaving import DAY, KEY

SCOPES = {"daily-all": ListScope.ALL, "monthly-default": ListScope.TEXT}
SEED = 1


def stored_lists() -> list[RealList]:
    """Those whose name says when they were taken."""
    return [real for real in real_lists() if real != facts()]


def held_after_each_order(database_url: str) -> dict[str, dict[str, NounDigest]]:
    """What the store holds after all lists came in each order; and each order is checked for every list.

    Raises:
        AssertionError: A list does not come back as it was.
    """
    arrivals = sorted(map(_arrival, stored_lists()), key=lambda arrival: arrival.taken.taken_at)
    orders = {"in time": arrivals, "backwards": arrivals[::-1]}
    orders["shuffled"] = Random(SEED).sample(arrivals, len(arrivals))
    store = Store(Database(database_url))
    store.migrate()
    held = {name: _held_after(store, order, arrivals) for name, order in orders.items()}
    store.close()
    return held


def _arrival(real: RealList) -> Arrival:
    body = real.raw()
    at = datetime.strptime(real.path.name.partition(".")[0], "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC)
    page = RawPage(Part.MODELS, "https://openrouter.ai/api/v1/models", body)
    return Arrival(taken(body, at=at), SCOPES[real.path.parent.name], Origin.IMPORT, (page,))


def _held_after(store: Store, order: Sequence[Arrival], arrivals: Sequence[Arrival]) -> dict[str, NounDigest]:
    empty(store)
    saver = Saver(store, store.open_series(KEY).id, "saver", FLAP)
    assert store.acquire_lease(saver.holder, DAY)
    for arrival in order:
        with store.weaving(saver.holder, saver.state) as loom:
            weave(loom, arrival, flap=saver.flap, known={})
            loom.serve_newest()
    _assert_every_list_is_as_it_was(saver, arrivals)
    return noun_digests(store)


def _assert_every_list_is_as_it_was(saver: Saver, arrivals: Sequence[Arrival]) -> None:
    """At its instant: models and their order, rejects, and the bytes they came in. The newest of all is served."""
    store, series_id = saver.store, saver.series_id
    for arrival, fetch in zip(arrivals, store.fetches(series_id), strict=True):
        expected = arrival.taken
        found = list_at(store, series_id, expected.taken_at)
        assert found is not None, f"no list of {expected.taken_at}"
        assert [sha256(normal_form(record)).digest() for record in found.records] == [
            model.digest for model in expected.models
        ], f"other models at {expected.taken_at}"
        assert (found.rejects, found.digest, found.scope) == (expected.rejects, expected.digest, arrival.scope)
        assert (fetch.taken_at, fetch.serial) == (expected.taken_at, found.serial)
        assert fetch.pages == arrival.pages, f"other bytes of {expected.taken_at}"
        assert store.taken_at(series_id, found.serial) == found.taken_at
    newest = max(arrival.taken.taken_at for arrival in arrivals if arrival.scope is ListScope.ALL)
    assert saver.state.agreed_at == newest
