"""The lease: one holder at a time, until it gives it back, loses it, or its time is over."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from llmanac.errors import LeaseLost
from llmanac.store.database import Database
from llmanac.store.rows import Outcome
from llmanac.store.store import Store
from tests.build import answer, records
from tests.serving import wait_for
from tests.store.saving import HOUR, NOON, Saver, attempt
from tests.store.tables import row_counts
from tests.strategies import taken

MOMENT = timedelta(seconds=0.1)


def test_a_lease_is_one_holders_until_it_is_given_back(store: Store) -> None:
    assert store.acquire_lease("one", HOUR)
    assert not store.acquire_lease("other", HOUR)
    assert store.acquire_lease("one", HOUR)
    store.release_lease("other")
    assert not store.acquire_lease("other", HOUR)
    store.release_lease("one")
    assert store.acquire_lease("other", HOUR)
    assert not store.acquire_lease("one", HOUR)


def test_leases_of_other_names_are_free(store: Store) -> None:
    assert store.acquire_lease("one", HOUR)
    assert store.acquire_lease("other", HOUR, name="deliver")


def test_a_lease_whose_time_is_over_goes_to_whoever_asks(store: Store) -> None:
    assert store.acquire_lease("dead", MOMENT)
    wait_for(lambda: store.acquire_lease("one", HOUR))
    assert not store.acquire_lease("dead", HOUR)


def test_a_lease_is_over_at_its_instant_and_not_before(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    at = [datetime(2026, 10, 26, tzinfo=UTC)]
    monkeypatch.setattr(Database, "now", lambda *_: at[0])
    assert store.acquire_lease("one", HOUR)
    at[0] += HOUR - timedelta(microseconds=1)
    assert not store.acquire_lease("other", HOUR)
    at[0] += timedelta(microseconds=1)
    assert store.acquire_lease("other", HOUR)


def test_of_many_who_ask_at_once_one_gets_it(database_url: str, store: Store) -> None:
    ready, won = threading.Barrier(6), list[str]()

    def race(name: str) -> None:
        own = Store(Database(database_url))
        ready.wait()
        if own.acquire_lease(name, HOUR):
            won.append(name)
        own.close()

    threads = [threading.Thread(target=race, args=(f"racer {number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert store.acquire_lease(won[0], HOUR)


def writes(saver: Saver) -> tuple[Callable[[], object], ...]:
    """Everything that only the holder may write."""
    store, state = saver.store, saver.state
    return (
        lambda: saver.save(records(2)),
        lambda: saver.save_as(taken(answer(records(3)), at=NOON + HOUR), None, state=state),
        lambda: store.save_failure("saver", saver.series_id, attempt(Outcome.FAILED)),
        lambda: saver.set_aside(b"<html>"),
    )


@pytest.mark.parametrize("how", ["another has it", "it is over", "it was given back"])
def test_who_has_no_lease_writes_nothing(how: str, saver: Saver) -> None:
    saver.save(records(3))
    if how == "it is over":
        assert saver.store.acquire_lease(saver.holder, -HOUR)
    else:
        saver.store.release_lease(saver.holder)
    if how == "another has it":
        assert saver.store.acquire_lease("another", HOUR)
    before, state, revisions = row_counts(saver.store), saver.state, saver.store.revisions()
    for write in writes(saver):
        with pytest.raises(LeaseLost):
            write()
    assert (row_counts(saver.store), saver.state, saver.store.revisions()) == (before, state, revisions)


def test_postgresql_tells_the_time_for_all_replicas(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replica whose own clock is a year ahead takes nobody's lease."""
    store = Store(Database(postgres_url))
    store.migrate()
    assert store.acquire_lease("one", HOUR)
    monkeypatch.setattr("llmanac.clock.now", lambda: datetime.now(UTC) + timedelta(days=365))
    assert not store.acquire_lease("other", HOUR)
    store.close()
