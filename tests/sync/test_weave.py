"""Whatever the order in which lists come, the store is as if all had come in time."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import permutations
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.change import WHOLE_MODEL, Cause, Change, ChangeKind
from llmanac.catalogue.ids import Serial
from llmanac.catalogue.record import normal_form
from llmanac.catalogue.snapshot import Comparison, ListScope, Snapshot
from llmanac.errors import Conflict
from llmanac.history.apply import apply
from llmanac.history.diff import diff
from llmanac.history.fields import comparable
from llmanac.store.rows import ChangeQuery, Scope, SeenChange, SeriesKey
from llmanac.sync.load import load_catalogue
from llmanac.sync.weave import weave
from tests.contract.oracle import parse
from tests.store.saving import NOON, Saver, attempt
from tests.store.tables import list_at, noun_digests, row_counts
from tests.strategies import examples
from tests.sync.weaving import DAY, KEY, Had, Row, Run, Stores, contents, listed_at, made, runs, series

TICK = timedelta(microseconds=1)
EVERYTHING = ChangeQuery(oldest_first=True, limit=9999)

some = examples(25)
"""Each example fills some stores."""

orders = st.builds(Random, st.integers(0, 1 << 16))


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    made = Stores(tmp_path_factory.mktemp("stores"))
    yield made
    made.close()


def weave_all(saver: Saver, found: Sequence[Had]) -> None:
    """In this order, in one transaction."""
    with saver.store.weaving(saver.holder, saver.state) as loom:
        for had in found:
            weave(loom, had.arrival, flap=saver.flap, known={})
        loom.serve_newest()


def shuffled(found: Sequence[Had], dice: Random) -> list[Had]:
    return dice.sample(found, len(found))


def every_change(saver: Saver) -> tuple[SeenChange, ...]:
    return saver.store.changes(saver.series_id, EVERYTHING)


def gone(saver: Saver) -> tuple[SeenChange, ...]:
    return saver.store.gone_by(saver.series_id, None).removals


def compared(found: Sequence[Had]) -> list[tuple[Comparison, Run | None, Run]]:
    """Each snapshot with what it must be compared with, in the order of time."""
    known: list[tuple[Comparison, Run | None, Run]] = []
    before: list[Run] = []
    for run in runs(found):
        own = [other for other in before if other.first.scope is run.first.scope]
        if not before:
            known.append((Comparison.FIRST, None, run))
        elif run.first.scope is ListScope.TEXT and any(other.first.scope is ListScope.ALL for other in before):
            known.append((Comparison.SILENT, None, run))
        else:
            known.append((Comparison.SAME, own[-1], run) if own else (Comparison.SEAM, before[-1], run))
        before.append(run)
    return known


@some
@given(series(), orders)
def test_any_order_of_arrival_gives_the_same_store(stores: Stores, found: list[Had], dice: Random) -> None:
    with stores.saver() as in_time, stores.saver() as in_any_order:
        weave_all(in_time, found)
        weave_all(in_any_order, shuffled(found, dice))
        assert noun_digests(in_any_order.store) == noun_digests(in_time.store)
        assert every_change(in_any_order) == every_change(in_time)
        assert gone(in_any_order) == gone(in_time)
        ends = [(saver.state.serial, saver.state.digest, saver.state.agreed_at) for saver in (in_time, in_any_order)]
        assert ends[0] == ends[1]


@some
@given(series(), orders)
def test_every_list_comes_back_at_its_instant_and_after_it(stores: Stores, found: list[Had], dice: Random) -> None:
    with stores.saver() as saver:
        weave_all(saver, shuffled(found, dice))
        serials = {had.at: run.serial for run in runs(found) for had in run.fetches}
        for instant in [moment for had in found for moment in (had.at - TICK, had.at, had.at + TICK)]:
            expected = listed_at(found, instant)
            stored = list_at(saver.store, saver.series_id, instant)
            if expected is None:
                assert stored is None
                continue
            assert stored is not None
            assert list(map(normal_form, stored.records)) == [
                normal_form(model.record) for model in expected.taken.models
            ]
            assert stored.rejects == expected.taken.rejects
            assert (stored.digest, stored.scope) == (expected.taken.digest, expected.scope)
            which = saver.store.past_list(saver.series_id, instant)
            assert which is not None
            assert (which.serial, which.seen_at) == (serials[expected.at], expected.at)
            assert list_at(saver.store, saver.series_id, which.serial) == stored


@some
@given(series(), orders)
def test_serials_are_ranks_by_time_and_raw_bytes_are_those_of_the_fetch(
    stores: Stores, found: list[Had], dice: Random
) -> None:
    with stores.saver() as saver:
        weave_all(saver, shuffled(found, dice))
        expected = runs(found)
        assert [saver.store.taken_at(saver.series_id, Serial(run.serial)) for run in expected] == [
            run.first.at for run in expected
        ]
        extent = saver.store.extent(saver.series_id)
        assert extent is not None
        assert extent.newest_serial == len(expected)
        kept = [*saver.store.fetches(saver.series_id)]
        assert [(each.taken_at, each.scope, [page.body for page in each.pages]) for each in kept] == [
            (had.at, had.scope, [had.body]) for had in found
        ]
        assert {each.taken_at: each.serial for each in kept} == {
            had.at: run.serial for run in expected for had in run.fetches
        }


@some
@given(series(), orders)
def test_the_newest_list_that_is_not_narrower_than_others_is_served(
    stores: Stores, found: list[Had], dice: Random
) -> None:
    with stores.saver() as saver:
        for had in shuffled(found, dice):
            saver.weave(had.arrival)
        expected = listed_at(found, found[-1].at + TICK)
        assert expected is not None
        served = load_catalogue(saver.store, saver.state)
        assert served is not None
        assert (saver.state.agreed_at, saver.state.digest) == (expected.at, expected.taken.digest)
        assert served.snapshot.digest == expected.taken.digest
        stored = list_at(saver.store, saver.series_id, found[-1].at + TICK)
        assert stored is not None
        assert stored.id == saver.state.snapshot_id


@some
@given(series(), orders)
def test_the_same_list_again_changes_nothing(stores: Stores, found: list[Had], dice: Random) -> None:
    with stores.saver() as saver:
        weave_all(saver, found)
        before = row_counts(saver.store), noun_digests(saver.store), saver.store.revisions(), saver.state
        weave_all(saver, shuffled(found, dice))
        for had in found:
            with saver.store.weaving(saver.holder, saver.state) as loom:
                assert not weave(loom, had.arrival, flap=saver.flap, known={}).new
        assert before == (row_counts(saver.store), noun_digests(saver.store), saver.store.revisions(), saver.state)


@some
@given(series(min_size=2), st.data())
def test_another_list_or_scope_of_a_known_instant_is_refused_whole(
    stores: Stores, found: list[Had], data: st.DataObject
) -> None:
    there, other = data.draw(st.sampled_from(found)), data.draw(st.sampled_from(found))
    narrow = data.draw(st.sampled_from(list(ListScope)[:2]))
    if (other.taken.digest, narrow) == (there.taken.digest, there.scope):
        return
    with stores.saver() as saver:
        weave_all(saver, found)
        before = row_counts(saver.store), noun_digests(saver.store), saver.state
        late = Had(there.at, narrow, other.rows, other.spelling)
        with pytest.raises(Conflict) as refused:
            saver.weave(late.arrival)
        assert refused.value.code == "OTHER_LIST_KNOWN"
        assert before == (row_counts(saver.store), noun_digests(saver.store), saver.state)


@some
@given(series(), orders)
def test_the_changes_of_a_list_make_it_of_the_one_before(stores: Stores, found: list[Had], dice: Random) -> None:
    with stores.saver() as saver:
        weave_all(saver, shuffled(found, dice))
        changes = every_change(saver)
        for comparison, earlier, run in compared(found):
            own = [seen for seen in changes if seen.serial == run.serial]
            assert {(seen.seen_at, seen.scope) for seen in own} <= {(run.first.at, run.first.scope)}
            if comparison is Comparison.SILENT:
                assert own == []
                continue
            made = apply({} if earlier is None else contents(earlier.first.taken), [seen.change for seen in own])
            assert made == {name: comparable(record) for name, record in contents(run.first.taken).items()}
            assert {seen.since_at for seen in own} <= {_last_fetch(found, earlier, run)}


def _last_fetch(found: Sequence[Had], earlier: Run | None, run: Run) -> object:
    """The newest fetch before a list in the scope it is compared with."""
    scope = None if earlier is None else earlier.first.scope
    return max((had.at for had in found if had.scope is scope and had.at < run.first.at), default=None)


@some
@given(series(), orders, st.integers(0, 30))
def test_labels_never_cost_a_change_nor_its_own_cause(
    stores: Stores, found: list[Had], dice: Random, flap_days: int
) -> None:
    """What is kept of a list is what `diff` says of it, but that a model may have returned; and what stands beside."""
    with stores.saver(flap_days * DAY) as saver:
        for had in shuffled(found, dice):
            saver.weave(had.arrival)
        changes = every_change(saver)
        assert all(seen.label in (seen.change.cause, Cause.FLAP) for seen in changes)
        for comparison, earlier, run in compared(found):
            own = [seen.change for seen in changes if seen.serial == run.serial]
            back = {change.model for change in own if change.kind is ChangeKind.RETURNED}
            beside = {change for change in own if change.model in back and change.kind not in WHOLE_MODEL}
            before = None if earlier is None else earlier.first.taken
            expected = {normal(change) for change in diff(before, run.first.taken, comparison=comparison)}
            assert {as_added(change) for change in own if change not in beside} == expected


def normal(change: Change) -> Change:
    """As the store keeps it."""
    before, after = (
        None if text is None else normal_form(text.encode()).decode() for text in (change.before, change.after)
    )
    return msgspec.structs.replace(change, before=before, after=after)


def as_added(change: Change) -> Change:
    returned = change.kind is ChangeKind.RETURNED
    return msgspec.structs.replace(change, kind=ChangeKind.ADDED) if returned else change


@some
@given(series(), orders)
def test_a_model_is_back_only_after_it_was_away(stores: Stores, found: list[Had], dice: Random) -> None:
    with stores.saver() as saver:
        weave_all(saver, shuffled(found, dice))
        last: dict[str, ChangeKind] = {}
        for seen in every_change(saver):
            kind, model = seen.change.kind, seen.change.model
            if kind in WHOLE_MODEL:
                follows = {None: ChangeKind.ADDED, ChangeKind.REMOVED: ChangeKind.RETURNED}
                assert kind is follows.get(last.get(model), ChangeKind.REMOVED)
                last[model] = kind
        away = {model for model, kind in last.items() if kind is ChangeKind.REMOVED}
        assert {removal.change.model for removal in gone(saver)} == away


@some
@given(series(), st.lists(st.integers(-5, 5), min_size=7, max_size=7))
def test_lists_that_come_live_are_in_the_order_in_which_they_came_whatever_the_clock_says(
    stores: Stores, found: list[Had], hands: list[int]
) -> None:
    with stores.saver() as saver:
        instants = []
        for had, hand in zip(found, hands, strict=False):
            with saver.store.weaving(saver.holder, saver.state) as loom:
                instants.append(loom.places.next_instant(had.at + hand * DAY))
                taken: Snapshot = msgspec.structs.replace(had.taken, taken_at=instants[-1])
                arrival = msgspec.structs.replace(had.arrival, taken=taken, scope=ListScope.ALL)
                weave(loom, arrival, flap=saver.flap, known={})
                loom.note_sync(attempt(), None)
                loom.serve_newest()
            assert saver.state.digest == had.taken.digest
        assert instants == sorted(set(instants))
        assert [each.taken_at for each in saver.store.fetches(saver.series_id)] == instants


@some
@given(series(max_size=4), series(max_size=4), orders)
def test_two_series_in_one_store_do_not_depend_on_which_was_there_first(
    stores: Stores, found: list[Had], mirrored: list[Had], dice: Random
) -> None:
    """Some of their instants are the same, which leaves the order of their Serials to what they follow."""
    mirror = SeriesKey("openrouter", "http://mirror.test", Scope.ALL)
    with stores.saver() as one, stores.saver(key=mirror) as other:
        one_mirror = Saver(one.store, one.store.open_series(mirror).id, one.holder)
        other_first = Saver(other.store, other.store.open_series(KEY).id, other.holder)
        weave_all(one, found)
        weave_all(one_mirror, mirrored)
        mixed = [(other_first, had) for had in found] + [(other, had) for had in mirrored]
        for saver, had in dice.sample(mixed, len(mixed)):
            weave_all(saver, [had])
        assert noun_digests(other.store) == noun_digests(one.store)


def test_a_narrow_list_that_began_before_the_first_broad_one_is_silent_after_it(stores: Stores) -> None:
    """It is one snapshot from before to after, and only its earlier fetches tell what the list was."""
    narrow, broad = (Row(parse(json.dumps(made(name)).encode())) for name in ("acme/owl", "zebra/brush"))
    found = [
        Had(NOON, ListScope.TEXT, (narrow,), 0),
        Had(NOON + DAY, ListScope.ALL, (narrow, broad), 0),
        Had(NOON + 2 * DAY, ListScope.TEXT, (narrow,), 1),
    ]
    for order in permutations(found):
        with stores.saver() as saver:
            weave_all(saver, order)
            assert (saver.state.serial, saver.state.agreed_at) == (2, NOON + DAY)
            counts = [
                len(stored.records)
                for instant in (NOON, NOON + TICK, NOON + DAY, NOON + 2 * DAY, NOON + 2 * DAY + TICK)
                if (stored := list_at(saver.store, saver.series_id, instant))
            ]
            assert counts == [1, 1, 2, 1, 2]
