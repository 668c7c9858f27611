"""A turn at syncing: alone, for as long as the work takes, and never saved by one who has lost it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from llmanac.errors import Conflict, LeaseLost
from llmanac.store.database import Database
from llmanac.store.store import Store
from llmanac.sync.run import Step, sync
from llmanac.sync.turn import turn
from tests.build import answer, records
from tests.serving import wait_for
from tests.store.tables import lease_end, row_counts
from tests.sync.pipeline import HOUR, Pipeline

SHORT = timedelta(seconds=0.6)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = Store(Database(database_url))
    made.migrate()
    yield made
    made.close()


def test_a_turn_is_prolonged_while_it_lasts_and_given_back_at_its_end(store: Store) -> None:
    with turn(store, "one", SHORT):
        first_end = lease_end(store)
        wait_for(lambda: lease_end(store) > first_end + SHORT)
        with pytest.raises(Conflict, match="running"), turn(store, "other", SHORT):
            pass
    with turn(store, "other", SHORT):
        pass


def test_a_turn_that_failed_is_given_back(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), turn(store, "one", HOUR):
        raise ZeroDivisionError
    assert store.acquire_lease("other", HOUR)


@pytest.mark.parametrize("step", [Step.FETCH, Step.SAVE])
def test_who_lost_the_lease_saves_nothing(step: Step, pipeline: Pipeline) -> None:
    pipeline.upstream.change(records=answer(records(5)))
    pipeline.sync()
    pipeline.upstream.change(records=answer(records(6)))
    before = row_counts(pipeline.store)

    def robbed(now: Step) -> None:
        if now is step:
            pipeline.store.release_lease(pipeline.plan.holder)
            assert pipeline.store.acquire_lease("another", HOUR)

    assert pipeline.store.acquire_lease(pipeline.plan.holder, HOUR)
    with pytest.raises(LeaseLost):
        sync(pipeline.plan, None, robbed)
    assert row_counts(pipeline.store) == before
    assert pipeline.state.serial == 1
