"""The Changes between two lists: none between equal ones, and enough to get from one to the other."""

import json
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.change import Change, ChangeKind
from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.snapshot import Snapshot
from llmanac.history.diff import diff
from tests.build import Record, pricing, record, top_provider
from tests.contract.oracle import Json, parse
from tests.strategies import good_row, good_rows, page, quick_lists, spell, taken, throws

NESTED = ("architecture", "pricing", "top_provider")


def lists() -> st.SearchStrategy[list[Json]]:
    """Up to three rows out of the same few ids, in any order."""
    names = st.lists(st.sampled_from(("good/a", "good/b", "good/c", "good/d")), max_size=3, unique=True)
    return names.flatmap(lambda chosen: st.tuples(*map(good_row, chosen)).map(list))


def snapshot_of(*rows: Record) -> Snapshot:
    return taken(page([json.dumps(row) for row in rows]))


def flat(record_text: str | bytes) -> dict[str, Json]:
    """A record's members by path, by a reading of our own; what is measured by others left out."""
    members = parse(record_text.encode() if isinstance(record_text, str) else record_text)
    assert isinstance(members, dict)
    found: dict[str, Json] = {}
    for name, value in members.items():
        if name in NESTED and isinstance(value, dict):
            found |= {f"{name}.{inner}": part for inner, part in value.items()}
        elif name != "benchmarks":
            found[name] = value
    return found


def applied(before: Snapshot | None, changes: tuple[Change, ...]) -> dict[ModelId, dict[str, Json]]:
    """The list that a diff leads to."""
    found = {model.id: flat(model.record) for model in before.models} if before else {}
    for change in changes:
        if change.kind is ChangeKind.REMOVED:
            assert change.before is not None
            assert found.pop(change.model) == flat(change.before)
        elif change.kind is ChangeKind.ADDED:
            assert change.after is not None
            assert change.model not in found
            found[change.model] = flat(change.after)
        else:
            fields = found[change.model]
            was = fields.pop(change.field) if change.field in fields else None
            assert was == (None if change.before is None else parse(change.before.encode()))
            if change.after is not None:
                fields[change.field] = parse(change.after.encode())
    return found


@quick_lists
@given(good_rows(), throws())
def test_a_list_and_its_other_spelling_have_no_changes_between_them(rows: list[Json], dice: Random) -> None:
    one = taken(page([spell(row) for row in rows]))
    other = taken(page([spell(row, dice) for row in rows]))
    assert diff(one, one) == diff(one, other) == ()


@quick_lists
@given(lists(), lists())
def test_applying_a_diff_to_one_list_gives_the_other(one: list[Json], other: list[Json]) -> None:
    before, after = (taken(page([spell(row) for row in rows])) for rows in (one, other))
    assert applied(before, diff(before, after)) == {model.id: flat(model.record) for model in after.models}


@quick_lists
@given(lists())
def test_without_a_list_before_every_model_is_added_whole(rows: list[Json]) -> None:
    after = taken(page([spell(row) for row in rows]))
    assert diff(None, after) == tuple(
        Change(model.id, ChangeKind.ADDED, "", None, model.record.decode()) for model in after.models
    )


@quick_lists
@given(good_rows(3), st.permutations(range(3)))
def test_another_order_of_models_is_no_change(rows: list[Json], order: list[int]) -> None:
    texts = [spell(row) for row in rows]
    assert diff(taken(page(texts)), taken(page([texts[place] for place in order]))) == ()


def test_changes_name_the_field_by_its_path_and_keep_upstreams_own_text() -> None:
    before = snapshot_of(
        record(id="acme/gone", name="Gone"),
        record(pricing=pricing(prompt="0.10", request="0"), top_provider=top_provider(context_length=1)),
    )
    after = snapshot_of(
        record(pricing=pricing(prompt="0.1", image="0.5"), top_provider=top_provider(context_length=2), fresh=[1, 2]),
        record(id="acme/new", name="New"),
    )
    found = diff(before, after)
    assert [change.kind for change in found] == ["removed", *["changed"] * 5, "added"]
    assert {change.field: (change.before, change.after) for change in found[1:-1]} == {
        "pricing.prompt": ('"0.10"', '"0.1"'),
        "pricing.request": ('"0"', None),
        "pricing.image": (None, '"0.5"'),
        "top_provider.context_length": ("1", "2"),
        "fresh": (None, "[1, 2]"),
    }
    assert (found[0].model, found[0].field, found[0].before, found[0].after) == (
        "acme/gone",
        "",
        before.models[0].record.decode(),
        None,
    )
    assert (found[-1].model, found[-1].after) == ("acme/new", after.models[1].record.decode())


def test_a_member_that_becomes_null_is_changed_and_one_that_goes_is_not_there() -> None:
    sent = record(note="here", other="here")
    (nulled,) = diff(snapshot_of(sent), snapshot_of({**sent, "note": None}))
    assert (nulled.before, nulled.after) == ('"here"', "null")
    (gone,) = diff(snapshot_of(sent), snapshot_of({name: sent[name] for name in sent if name != "other"}))
    assert (gone.field, gone.before, gone.after) == ("other", '"here"', None)


def test_benchmarks_are_no_change() -> None:
    assert diff(snapshot_of(record(benchmarks={"elo": 1})), snapshot_of(record(benchmarks={"elo": 2}))) == ()


def test_an_object_in_place_of_none_is_a_change_of_its_members() -> None:
    found = diff(snapshot_of(record(top_provider=None)), snapshot_of(record(top_provider={"context_length": 5})))
    assert {(change.field, change.before, change.after) for change in found} == {
        ("top_provider", "null", None),
        ("top_provider.context_length", None, "5"),
    }
