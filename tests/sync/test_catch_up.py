"""What a change of schema or of LLMANAC_FLAP_DAYS left to be done is done at a start, and mostly there is nothing."""

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.store.database import Database
from llmanac.store.digests import NounDigest
from llmanac.store.rows import ChangeQuery
from llmanac.store.store import Store
from llmanac.sync.weave import catch_up
from tests.build import records
from tests.store.saving import HOUR, NOON, Saver
from tests.store.tables import forget_comparisons, noun_digests, row_counts
from tests.strategies import examples
from tests.sync.weaving import DAY, KEY, Had, Stores, runs, series

FLAP = 10 * DAY

some = examples(15)
"""Each example fills some stores."""


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    made = Stores(tmp_path_factory.mktemp("stores"))
    yield made
    made.close()


@pytest.fixture
def saver(database_url: str) -> Iterator[Saver]:
    store = Store(Database(database_url))
    store.migrate()
    assert store.acquire_lease("saver", DAY)
    yield Saver(store, store.open_series(KEY).id, "saver", FLAP)
    store.close()


def held(saver: Saver) -> dict[str, NounDigest]:
    """All but how far syncing came, where it is noted by which flap days changes are labelled."""
    return {noun: found for noun, found in noun_digests(saver.store).items() if noun != "attempt"}


def weave_all(saver: Saver, found: Sequence[Had]) -> None:
    for had in found:
        saver.weave(had.arrival)


@some
@given(series(), st.builds(Random, st.integers(0, 999)))
def test_snapshots_that_were_never_compared_are_compared_as_if_woven(
    stores: Stores, found: list[Had], dice: Random
) -> None:
    with stores.saver() as saver:
        weave_all(saver, found)
        before = held(saver)
        serials = [run.serial for run in runs(found)]
        forget_comparisons(saver.store, dice.sample(serials, dice.randint(1, len(serials))))
        catch_up(saver.store, saver.series_id, FLAP)
        assert held(saver) == before
        assert saver.store.first_uncompared(saver.series_id) is None


@some
@given(series(min_size=2), st.data())
def test_lists_may_come_before_all_is_caught_up(stores: Stores, found: list[Had], data: st.DataObject) -> None:
    """Another replica syncs while this one starts."""
    late = data.draw(st.sampled_from(found))
    with stores.saver() as whole, stores.saver() as saver:
        weave_all(whole, found)
        weave_all(saver, [had for had in found if had is not late])
        forget_comparisons(saver.store, range(99))
        saver.weave(late.arrival)
        catch_up(saver.store, saver.series_id, FLAP)
        assert held(saver) == held(whole)


@some
@given(series(min_size=3), st.integers(0, 40), st.integers(0, 40))
def test_other_flap_days_label_all_changes_anew(stores: Stores, found: list[Had], first: int, then: int) -> None:
    with stores.saver(first * DAY) as saver, stores.saver(then * DAY) as expected:
        weave_all(saver, found)
        weave_all(expected, found)
        catch_up(saver.store, saver.series_id, then * DAY)
        assert held(saver) == held(expected)
        assert saver.store.labelled_by(saver.series_id) == then * DAY
        catch_up(saver.store, saver.series_id, first * DAY)
        catch_up(expected.store, expected.series_id, first * DAY)
        assert held(saver) == held(expected)


def fill(saver: Saver, count: int) -> None:
    """Lists of which each differs from the one before, with a model that comes and goes."""
    rows = records(3)
    for place in range(count):
        named = {**rows[0], "name": f"Owl {place}"}
        saver.save([named, *rows[1 : 2 + place % 2]], at=NOON + place * HOUR)


def test_more_than_one_transaction_holds_is_caught_up(saver: Saver) -> None:
    fill(saver, 47)
    before = held(saver)
    forget_comparisons(saver.store, range(1, 99))
    assert row_counts(saver.store)["change"] == 0
    catch_up(saver.store, saver.series_id, FLAP)
    assert held(saver) == before


def test_there_is_nothing_to_do_twice(saver: Saver) -> None:
    fill(saver, 5)
    catch_up(saver.store, saver.series_id, FLAP)
    before = held(saver), saver.store.revisions()
    with saver.store.weaving(saver.holder, saver.state):
        # Nobody can write now: it must not even try.
        catch_up(saver.store, saver.series_id, FLAP)
    assert (held(saver), saver.store.revisions()) == before


def test_an_empty_series_is_caught_up(saver: Saver) -> None:
    catch_up(saver.store, saver.series_id, timedelta())
    assert saver.store.labelled_by(saver.series_id) == timedelta()


def test_many_may_catch_up_at_once(database_url: str, saver: Saver) -> None:
    fill(saver, 30)
    before = held(saver)
    forget_comparisons(saver.store, range(1, 99))
    ready, problems = threading.Barrier(3), list[Exception]()

    def race() -> None:
        own = Store(Database(database_url))
        ready.wait()
        try:
            catch_up(own, saver.series_id, FLAP)
        except Exception as problem:  # noqa: BLE001  whatever it is, the test names it
            problems.append(problem)
        own.close()

    threads = [threading.Thread(target=race) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert held(saver) == before


def test_a_series_is_caught_up_without_the_others(saver: Saver) -> None:
    other = Saver(
        saver.store, saver.store.open_series(KEY.__class__("other", "http://other.test", KEY.scope)).id, "saver"
    )
    fill(saver, 4)
    fill(other, 4)
    before = len(saver.store.changes(other.series_id, ChangeQuery(limit=999)))
    forget_comparisons(saver.store, range(1, 99))
    catch_up(saver.store, other.series_id, FLAP)
    assert len(saver.store.changes(other.series_id, ChangeQuery(limit=999))) == before
    assert saver.store.changes(saver.series_id, ChangeQuery()) == ()
