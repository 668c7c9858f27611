"""A list and everything that belongs to it, saved under one Serial or not at all, and read back as it was."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.snapshot import Part, Reject, make_snapshot
from llmanac.errors import LeaseLost, StoreError
from llmanac.history.diff import diff
from llmanac.store.rows import Outcome, Scope, SeriesKey
from llmanac.store.snapshots import compress, decompress
from llmanac.store.store import Store
from tests.build import Record, answer, record, records
from tests.store.saving import NOON, Saver, attempt, page
from tests.store.tables import raw_bodies, row_counts
from tests.strategies import quick, taken


def test_a_list_comes_back_byte_for_byte_and_in_its_order(saver: Saver) -> None:
    body = b'{"data":[ {"id":"b" ,"x":1.50}, {"id":"a"},{"id":7}, {"id":"c","pricing":{"prompt":"0.10"}} ]}'
    after = taken(body)
    serial = saver.save_as(after, diff(None, after), [page(body)], warning="odd", validators=(("u", '"e"'),))
    found = saver.newest
    assert found.records == (b'{"id":"b" ,"x":1.50}', b'{"id":"a"}', b'{"id":"c","pricing":{"prompt":"0.10"}}')
    assert found.rejects == after.rejects
    assert (found.serial, found.digest, found.taken_at, found.warning) == (serial, after.digest, after.taken_at, "odd")
    assert saver.store.changes(serial) == diff(None, after)
    assert saver.state.validators == (("u", '"e"'),)
    assert saver.state.attempt == attempt()


def test_more_models_than_one_statement_holds_come_back_in_order(saver: Saver) -> None:
    rows = records(1203)
    saver.save(rows)
    assert saver.newest.records == tuple(model.record for model in taken(answer(rows)).models)


def test_versions_are_shared_between_serials_and_end_where_they_stop_being_true(saver: Saver) -> None:
    rows = records(6)
    first = saver.save(rows)
    renamed: list[Record] = [{**rows[0], "name": "Renamed"}, *rows[2:][::-1], record(id="acme/new")]
    second = saver.save(renamed, first)
    assert row_counts(saver.store)["model_version"] == 6 + 2
    third = saver.save(rows, second)
    assert row_counts(saver.store)["model_version"] == 6 + 2 + 2
    for serial, snapshot in enumerate((first, second, third), start=1):
        found = saver.store.snapshot(type(saver.newest.serial)(serial))
        assert found is not None
        assert found.records == tuple(model.record for model in snapshot.models)


def test_a_model_that_comes_back_unchanged_begins_a_version_anew(saver: Saver) -> None:
    rows = records(2)
    first = saver.save(rows)
    second = saver.save(rows[:1], first)
    saver.save(rows, second)
    assert row_counts(saver.store)["model_version"] == 3
    assert len(saver.newest.records) == 2


@quick
@given(st.binary(max_size=2000))
def test_bytes_come_out_of_compression_as_they_went_in(body: bytes) -> None:
    assert decompress(compress(body)) == body


def test_a_save_that_fails_at_its_last_row_leaves_nothing(saver: Saver) -> None:
    first = saver.save(records(20))
    before, state, revisions = row_counts(saver.store), saver.state, saver.store.revisions()
    twice = (Reject(0, "$", "one place", b"1"), Reject(0, "$", "held twice", b"2"))
    after = taken(answer(records(30)))
    poisoned = make_snapshot(after.source, after.taken_at, after.models, twice)
    with pytest.raises(StoreError):
        saver.save_as(poisoned, diff(first, after), [page(b"[]")])
    assert row_counts(saver.store) == before
    assert saver.state == state
    assert saver.store.revisions() == revisions
    saver.save(records(30), first)
    assert saver.state.serial == 2


def test_a_crash_in_the_middle_of_a_save_leaves_nothing(saver: Saver, monkeypatch: pytest.MonkeyPatch) -> None:
    first = saver.save(records(3))
    before = row_counts(saver.store)

    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("llmanac.store.series.note_attempt", crash)
        with pytest.raises(ZeroDivisionError):
            saver.save(records(5), first)
    assert row_counts(saver.store) == before
    assert saver.state.serial == 1


def test_a_list_compared_with_another_than_the_newest_is_not_saved(saver: Saver) -> None:
    stale = saver.state
    saver.save(records(3))
    before = row_counts(saver.store)
    after = taken(answer(records(5)))
    with pytest.raises(LeaseLost):
        saver.save_as(after, diff(None, after), state=stale)
    assert row_counts(saver.store) == before


def test_agreement_with_an_older_serial_does_not_turn_the_series_back(saver: Saver) -> None:
    """A holder that stalled while another saved, and got the lease again, knows only the Serial of before."""
    first = saver.save(records(3))
    stale = saver.state
    saver.save(records(5), first)
    with suppress(LeaseLost):
        saver.store.save_agreement(
            saver.holder, stale, attempt(Outcome.UNCHANGED), agreed_at=NOON + timedelta(hours=1), validators=()
        )
    assert saver.state.serial == 2
    assert len(saver.newest.records) == 5


def test_serials_are_counted_over_all_series_and_each_series_has_its_own(saver: Saver, store: Store) -> None:
    other = Saver(store, store.open_series(SeriesKey("openrouter", "http://mirror.test", Scope.ALL)).id, "saver")
    saver.save(records(3))
    other.save(records(2))
    saver.save(records(4), taken(answer(records(3))))
    assert (saver.state.serial, other.state.serial, store.newest_serial()) == (3, 2, 3)
    assert (len(saver.newest.records), len(other.newest.records)) == (4, 2)


def test_raw_pages_are_kept_byte_for_byte(saver: Saver, store: Store) -> None:
    after = taken(answer(records(2)))
    bodies = [page(b'{"data": 1}\n'), page(bytes(range(256))), page(b"", Part.ACCOUNT)]
    saver.save_as(after, (), bodies)
    assert raw_bodies(store) == [body.body for body in bodies]


def test_an_unknown_serial_is_none(saver: Saver) -> None:
    saver.save(records(1))
    assert saver.store.snapshot(type(saver.newest.serial)(99)) is None
    assert saver.store.changes(type(saver.newest.serial)(99)) == ()


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
    assert len(saver.newest.records) == 3
