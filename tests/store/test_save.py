"""A list and everything that belongs to it, saved under one Serial or not at all, and read back as it was."""

import json
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.change import Cause, ChangeKind
from llmanac.catalogue.ids import Serial
from llmanac.catalogue.record import normal_form
from llmanac.catalogue.snapshot import ListScope, Part, Reject, make_snapshot
from llmanac.errors import LeaseLost, StoreError
from llmanac.store.rows import ChangeQuery, Scope, SeriesKey
from llmanac.store.snapshots import compress, decompress
from llmanac.store.store import Store
from tests.build import Record, answer, pricing, record, records
from tests.store.saving import HOUR, NOON, Saver, attempt, page
from tests.store.tables import list_at, raw_bodies, row_counts
from tests.strategies import quick, taken


def test_a_list_comes_back_byte_for_byte_and_in_its_order(saver: Saver) -> None:
    body = b'{"data":[ {"id":"b" ,"x":1.50}, {"id":"a"},{"id":7}, {"id":"c","pricing":{"prompt":"0.10"}} ]}'
    after = taken(body)
    saver.save_as(after, [page(body)], warning="odd", validators=(("u", '"e"'),))
    found = saver.newest
    assert found.records == (b'{"id":"b" ,"x":1.50}', b'{"id":"a"}', b'{"id":"c","pricing":{"prompt":"0.10"}}')
    assert found.rejects == after.rejects
    assert (found.serial, found.digest, found.taken_at, found.warning) == (1, after.digest, after.taken_at, "odd")
    assert saver.state.validators == (("u", '"e"'),)
    assert saver.state.attempt == attempt()


def test_values_that_change_at_every_fetch_come_back_where_they_stood(saver: Saver) -> None:
    """They are kept apart from the record, so that it is kept once."""
    bodies = [
        b'{"data":[{"benchmarks": {"elo": %s} ,"id":"a"}, {"id":"b","benchmarks":null,"x":1}]}' % elo
        for elo in (b"1.0", b"[1, 2]", b'"\\u0041"')
    ]
    for place, body in enumerate(bodies):
        saver.save_as(taken(body, at=NOON + place * HOUR), [page(body)])
    assert row_counts(saver.store)["model_version"] == 2
    for place, body in enumerate(bodies):
        found = list_at(saver.store, saver.series_id, Serial(place + 1))
        assert found is not None
        assert found.records == tuple(model.record for model in taken(body).models)


def test_more_models_than_one_statement_holds_come_back_in_order(saver: Saver) -> None:
    rows = records(1203)
    saver.save(rows)
    assert saver.newest.records == tuple(model.record for model in taken(answer(rows)).models)


def test_a_record_is_kept_once_however_often_it_comes_back(saver: Saver) -> None:
    rows = records(6)
    first = saver.save(rows)
    assert row_counts(saver.store)["model_version"] == 6
    renamed: list[Record] = [{**rows[0], "name": "Renamed"}, *rows[2:][::-1], record(id="acme/new")]
    second = saver.save(renamed)
    assert row_counts(saver.store)["model_version"] == 6 + 2
    third = saver.save(rows)
    fourth = saver.save(rows[:1])
    assert row_counts(saver.store)["model_version"] == 6 + 2
    for serial, snapshot in enumerate((first, second, third, fourth), start=1):
        found = list_at(saver.store, saver.series_id, Serial(serial))
        assert found is not None
        assert found.records == tuple(model.record for model in snapshot.models)


def test_records_that_are_equal_but_for_their_id_are_two(saver: Saver) -> None:
    """A record may state its id twice, and each reader has its own word on which of them counts."""
    saver.save([record(id="acme/one", name="One"), record(id="acme/two", name="One")])
    assert row_counts(saver.store)["model_version"] == 2


def test_a_list_says_what_changed_in_it(saver: Saver) -> None:
    rows = records(3)
    saver.save(rows)
    saver.save([{**rows[0], "pricing": pricing(prompt="0.0000005")}, rows[1], record(id="acme/new")])
    found = saver.store.changes(saver.series_id, ChangeQuery(since_at=NOON))
    assert {(seen.change.model, seen.change.kind, seen.change.field, seen.label) for seen in found} == {
        ("acme/owl-3", ChangeKind.PRICE, "pricing.prompt", Cause.REAL),
        ("acme/owl-1", ChangeKind.REMOVED, "", Cause.REAL),
        ("acme/new", ChangeKind.ADDED, "", Cause.REAL),
    }
    assert {(seen.serial, seen.since_at, seen.seen_at, seen.scope) for seen in found} == {
        (2, NOON, NOON + HOUR, ListScope.ALL)
    }
    first = saver.store.changes(saver.series_id, ChangeQuery(until_at=NOON))
    assert [seen.change.after for seen in first] == [normal_form(json.dumps(row).encode()).decode() for row in rows]
    assert {(seen.serial, seen.since_at, seen.label) for seen in first} == {(1, None, Cause.SCOPE)}


@quick
@given(st.binary(max_size=2000))
def test_bytes_come_out_of_compression_as_they_went_in(body: bytes) -> None:
    assert decompress(compress(body)) == body


def test_a_save_that_fails_at_its_last_row_leaves_nothing(saver: Saver) -> None:
    saver.save(records(20))
    before, state, revisions = row_counts(saver.store), saver.state, saver.store.revisions()
    twice = (Reject(0, "$", "one place", b"1"), Reject(0, "$", "held twice", b"2"))
    after = taken(answer(records(30)), at=NOON + HOUR)
    poisoned = make_snapshot(after.source, after.taken_at, after.models, twice)
    with pytest.raises(StoreError):
        saver.save_as(poisoned, [page(b"[]")])
    assert row_counts(saver.store) == before
    assert saver.state == state
    assert saver.store.revisions() == revisions
    saver.save(records(30))
    assert saver.state.serial == 2


@pytest.mark.parametrize(
    "last", ["series.note_attempt", "series.serve", "series.bump", "changes.timelines", "snapshots.put_pages"]
)
def test_a_crash_in_the_middle_of_a_save_leaves_nothing(
    last: str, saver: Saver, monkeypatch: pytest.MonkeyPatch
) -> None:
    saver.save(records(3))
    before, state = row_counts(saver.store), saver.state

    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(f"llmanac.store.{last}", crash)
        with pytest.raises(ZeroDivisionError):
            saver.save(records(5))
    assert row_counts(saver.store) == before
    assert saver.state == state


def test_a_list_compared_with_another_than_the_newest_is_not_saved(saver: Saver) -> None:
    stale = saver.state
    saver.save(records(3))
    before = row_counts(saver.store)
    with pytest.raises(LeaseLost):
        saver.save_as(taken(answer(records(5)), at=NOON + HOUR), state=stale)
    assert row_counts(saver.store) == before


def test_agreement_with_an_older_list_does_not_turn_the_series_back(saver: Saver) -> None:
    """A holder that stalled while another saved, and got the lease again, knows only the list of before."""
    first = saver.save(records(3))
    stale = saver.state
    saver.save(records(5))
    with pytest.raises(LeaseLost):
        saver.save_as(taken(answer(records(3)), at=first.taken_at + 9 * HOUR), None, state=stale)
    assert saver.state.serial == 2
    assert len(saver.newest.records) == 5


def test_serials_are_counted_over_all_series_by_instant_and_each_series_has_its_own(saver: Saver, store: Store) -> None:
    other = Saver(store, store.open_series(SeriesKey("openrouter", "http://mirror.test", Scope.ALL)).id, "saver")
    saver.save(records(3), at=NOON)
    other.save(records(2), at=NOON + HOUR)
    saver.save(records(4), at=NOON + 2 * HOUR)
    assert (saver.state.serial, other.state.serial) == (3, 2)
    other.save(records(1), at=NOON - HOUR)
    assert (saver.state.serial, other.state.serial) == (4, 3)
    assert (len(saver.newest.records), len(other.newest.records)) == (4, 2)
    assert [store.taken_at(saver.series_id, Serial(serial)) for serial in range(1, 5)] == [
        None,
        NOON,
        None,
        NOON + 2 * HOUR,
    ]


def test_series_do_not_see_each_others_lists(saver: Saver, store: Store) -> None:
    other = Saver(store, store.open_series(SeriesKey("openrouter", "http://mirror.test", Scope.ALL)).id, "saver")
    saver.save(records(3), at=NOON)
    other.save(records(2), at=NOON + HOUR)
    assert list_at(store, saver.series_id, Serial(2)) is None
    found = list_at(store, saver.series_id, NOON + 2 * HOUR)
    assert found is not None
    assert len(found.records) == 3
    assert len(store.changes(other.series_id, ChangeQuery())) == 2


def test_raw_pages_are_kept_byte_for_byte(saver: Saver, store: Store) -> None:
    bodies = [page(b'{"data": 1}\n'), page(bytes(range(256))), page(b"", Part.ACCOUNT)]
    saver.save_as(taken(answer(records(2))), bodies)
    assert raw_bodies(store) == [body.body for body in bodies]
    (fetched,) = store.fetches(saver.series_id)
    assert list(fetched.pages) == bodies


def test_what_was_not_modified_has_the_bytes_of_the_fetch_before(saver: Saver, store: Store) -> None:
    first = saver.save(records(2))
    again = make_snapshot(first.source, first.taken_at + HOUR, first.models)
    saver.save_as(again, None)
    assert raw_bodies(store) == [answer(records(2))] * 2
    assert row_counts(store)["blob"] == 2


def test_what_is_not_there_is_none(saver: Saver) -> None:
    assert saver.store.extent(saver.series_id) is None
    assert list_at(saver.store, saver.series_id, NOON) is None
    saver.save(records(1), at=NOON)
    assert list_at(saver.store, saver.series_id, Serial(99)) is None
    assert saver.store.taken_at(saver.series_id, Serial(99)) is None
    assert saver.store.snapshot_of(99) is None
    assert list_at(saver.store, saver.series_id, NOON - timedelta(microseconds=1)) is None
    extent = saver.store.extent(saver.series_id)
    assert extent is not None
    assert extent.first_at == NOON


def test_a_series_is_the_same_however_often_it_is_opened(store: Store) -> None:
    key = SeriesKey("openrouter", "http://upstream.test", Scope.ALL)
    assert store.open_series(key) == store.open_series(key)
    others = [
        SeriesKey("openrouter", "http://upstream.test", Scope.ACCOUNT),
        SeriesKey("other", key.base_url, key.scope),
    ]
    assert len({store.open_series(each).id for each in [key, *others]}) == 3


def test_the_longest_names_upstream_may_give_are_saved(saver: Saver) -> None:
    rows = [record(id=character * 512) for character in ("x", "\U0001f989", "\x7f")]
    saver.save(rows)
    saver.save([{**row, "pricing": pricing(prompt="1"), "context_length": 1} for row in rows])
    assert len(saver.newest.records) == 3


def test_members_of_any_length_can_change(saver: Saver) -> None:
    """An index of PostgreSQL takes 2,704 bytes, after a compression that random text withstands."""
    dice = Random(1)
    longest = "".join(chr(dice.randrange(0x10000, 0x10FFFF)) for _ in range(512))
    for length in (100, 250, 300, 9999):
        name = dice.randbytes(length).hex()
        for value in (1, 2):
            entry: Record = {name: 1, "prompt": str(value)}
            saver.save([record(id=longest, **{name: value}, pricing=pricing(overrides=[entry]))])
        assert len(saver.newest.records) == 1


def test_prices_may_change_by_any_factor(saver: Saver) -> None:
    """A database's integers end; by how much a price may change is only bounded by what a price is."""
    saver.save([record(pricing=pricing(prompt="1e-30"))])
    saver.save([record(pricing=pricing(prompt="1e30"))])
    (found,) = saver.store.changes(saver.series_id, ChangeQuery(min_percent=10_000_00))
    assert (found.change.before, found.change.after) == ('"1e-30"', '"1e30"')
