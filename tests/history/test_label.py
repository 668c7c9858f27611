"""Labels: which changes were a flap, from all rows of a model, whatever was said of them before."""

import json
from collections.abc import Iterable
from datetime import datetime
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.change import WHOLE_MODEL, Cause, ChangeKind
from llmanac.history.label import Entry, relabel
from tests.build import record
from tests.history.stories import (
    FLAP,
    Moment,
    absent,
    between,
    day_of,
    labelled,
    listed,
    moments,
    told,
)
from tests.strategies import quick, quick_lists, throws


def kinds(entries: Iterable[Entry]) -> list[str]:
    return [entry.change.kind for entry in entries]


@quick
@given(moments())
def test_relabelling_what_was_relabelled_changes_nothing(story: list[Moment]) -> None:
    once = relabel(told(*story), FLAP)
    assert relabel(once, FLAP) == once


@quick
@given(moments(), st.lists(st.sampled_from(list(Cause)), min_size=1))
def test_labels_that_rows_had_before_count_for_nothing(story: list[Moment], stale: list[Cause]) -> None:
    rows = told(*story)
    mislabelled = [Entry(row.seen_at, row.change, stale[n % len(stale)]) for n, row in enumerate(rows)]
    assert relabel(mislabelled, FLAP) == relabel(rows, FLAP)


@quick
@given(moments())
def test_no_fact_is_lost_and_none_is_made_up_but_what_a_return_differs_in(story: list[Moment]) -> None:
    def fact(entry: Entry) -> tuple[object, ...]:
        kind = "came" if entry.change.kind in {ChangeKind.ADDED, ChangeKind.RETURNED} else entry.change.kind
        return entry.seen_at, kind, entry.change.field, entry.change.before, entry.change.after, entry.change.cause

    rows = told(*story)
    found = relabel(rows, FLAP)
    returns = {entry.seen_at for entry in found if entry.change.kind is ChangeKind.RETURNED}
    kept = [entry for entry in found if entry.seen_at not in returns or not entry.change.field]
    assert list(map(fact, kept)) == list(map(fact, rows))


@quick
@given(moments())
def test_rows_stay_in_order_and_only_real_changes_become_a_flap(story: list[Moment]) -> None:
    found = relabel(told(*story), FLAP)
    order = [(entry.seen_at, entry.change.field) for entry in found]
    assert order == sorted(set(order))
    for entry in found:
        assert entry.label is entry.change.cause or (entry.label, entry.change.cause) == (Cause.FLAP, Cause.REAL)


@quick
@given(moments())
def test_a_model_is_added_once_and_then_goes_and_returns_in_turn(story: list[Moment]) -> None:
    whole = [kind for kind in kinds(relabel(told(*story), FLAP)) if kind in WHOLE_MODEL]
    assert whole == (["added"] + ["removed", "returned"] * len(whole))[: len(whole)]


@quick_lists
@given(moments(), throws())
def test_lists_that_come_in_any_order_leave_the_same_rows(story: list[Moment], dice: Random) -> None:
    arrivals = list(story)
    dice.shuffle(arrivals)
    known: list[Moment] = []
    rows: tuple[Entry, ...] = ()
    for moment in arrivals:
        rows = relabel(woven(rows, known, moment), FLAP)
        known = sorted([*known, moment], key=lambda each: each.at)
    assert rows == relabel(told(*story), FLAP)


def woven(rows: tuple[Entry, ...], known: list[Moment], moment: Moment) -> list[Entry]:
    """The rows with one list put in: its comparison with the one before, and that of the one after made anew."""
    earlier = [each for each in known if each.at < moment.at]
    later = [each for each in known if each.at > moment.at]
    fresh = [*between(earlier[-1].record if earlier else None, moment)]
    remade: datetime | None = None
    if later:
        remade = later[0].at
        fresh += between(moment.record, later[0])
    kept = [row for row in rows if row.seen_at != remade]
    return sorted([*kept, *fresh], key=lambda row: (row.seen_at, row.change.field))


@quick
@given(moments(), st.lists(st.sampled_from(("Owl", "Eagle", "Kite")), min_size=1))
def test_a_price_is_judged_without_regard_to_other_fields(story: list[Moment], names: list[str]) -> None:
    def renamed(moment: Moment, name: str) -> Moment:
        if moment.record is None:
            return moment
        return msgspec.structs.replace(moment, record=json.dumps(json.loads(moment.record) | {"name": name}).encode())

    busier = [renamed(moment, names[number % len(names)]) for number, moment in enumerate(story)]
    assert labelled(*busier) == labelled(*story)


def test_a_model_that_was_missing_for_one_fetch_never_left() -> None:
    found = relabel(told(listed(0, record()), absent(1), listed(2, record())), FLAP)
    assert kinds(found) == ["added", "removed", "returned"]
    assert [entry.label for entry in found] == ["real", "flap", "flap"]
    assert [entry.change.cause for entry in found] == ["real", "real", "real"]


@pytest.mark.parametrize(("days", "label"), [(10, "flap"), (10.0001, "real")])
def test_an_absence_is_a_flap_up_to_the_last_instant_of_the_time_allowed(days: float, label: str) -> None:
    found = relabel(told(listed(0, record()), absent(1), absent(4), listed(1 + days, record())), FLAP)
    assert [entry.label for entry in found] == ["real", label, label]


def test_each_absence_is_judged_by_itself() -> None:
    story = (listed(0, record()), absent(1), listed(2, record()), absent(3), listed(40, record()), absent(41))
    assert labelled(*story, field="") == ["real", "flap", "flap", "real", "real", "real"]


def test_a_model_that_is_there_for_a_short_time_only_is_no_flap() -> None:
    assert labelled(listed(0, record()), absent(1), field="") == ["real", "real"]


@pytest.mark.parametrize(
    ("story", "labels"),
    [
        ((listed(0, record()), absent(1, seam=True), listed(2, record())), ["real", "scope", "real"]),
        ((listed(0, record()), absent(1), listed(2, record(), seam=True)), ["real", "real", "scope"]),
        ((listed(0, record(), seam=True), absent(1), listed(2, record())), ["scope", "flap", "flap"]),
    ],
    ids=["gone at a seam", "back at a seam", "first seen at a seam"],
)
def test_a_seam_is_no_flap(story: tuple[Moment, ...], labels: list[str]) -> None:
    assert labelled(*story, field="") == labels


def test_a_model_that_comes_again_returns_with_its_differences_to_the_last_record() -> None:
    story = (
        listed(0, record(name="Owl")),
        listed(1, record(name="Owl 2")),
        absent(2),
        listed(30, record(name="Eagle")),
    )
    found = relabel(told(*story), FLAP)
    assert kinds(found) == ["added", "renamed", "removed", "returned", "renamed"]
    assert found[3].change.before is None
    assert (found[4].seen_at, found[4].change.before, found[4].change.after) == (day_of(30), '"Owl 2"', '"Eagle"')
    assert found[4].label is Cause.REAL


def test_members_that_the_last_record_lacked_are_no_news_at_a_return() -> None:
    lacking = record()
    del lacking["knowledge_cutoff"]
    found = relabel(told(listed(0, lacking), absent(1), listed(30, record(name="Eagle"))), FLAP)
    assert {entry.change.field: entry.label for entry in found[2:]} == {
        "": "real",
        "knowledge_cutoff": "representation",
        "name": "real",
    }


@pytest.mark.parametrize("seam", [1, 30], ids=["gone at it", "back at it"])
def test_differences_of_a_return_across_a_seam_are_those_of_the_question(seam: int) -> None:
    story = (
        listed(0, record(name="Owl")),
        absent(1, seam=seam == 1),
        listed(30, record(name="Eagle"), seam=seam == 30),
    )
    assert labelled(*story, field="name") == ["scope"]


def test_an_addition_becomes_a_return_when_an_older_list_is_woven_in_before_it() -> None:
    rows = relabel(told(listed(5, record(name="Eagle"))), FLAP)
    assert kinds(rows) == ["added"]
    older = told(listed(0, record(name="Owl")), absent(1))
    assert kinds(relabel((*older, *rows), FLAP)) == ["added", "removed", "returned", "renamed"]


def test_a_return_becomes_the_addition_when_what_was_before_it_is_taken_out() -> None:
    rows = relabel(told(listed(0, record(name="Owl")), absent(1), listed(5, record(name="Eagle"))), FLAP)
    assert kinds(relabel(rows[2:], FLAP)) == ["added"]


def test_no_rows_stay_none() -> None:
    assert relabel((), FLAP) == ()
