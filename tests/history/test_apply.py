"""`apply` undoes `diff`: what a diff says is enough to get from one list to the other, and back."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.change import Change, ChangeKind
from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.record import normal_form, split_volatile
from llmanac.catalogue.snapshot import Comparison, Snapshot
from llmanac.history.apply import apply
from llmanac.history.diff import diff, differences
from llmanac.history.fields import MAX_FIELD_BYTES, OVERRIDES_ORDER
from tests.contract.oracle import Json, Number
from tests.history.odd_records import entries, odd_records
from tests.shared_data import RealList, real_lists
from tests.strategies import good_row, page, quick, quick_lists, spell, taken

OWL = ModelId("acme/owl")


def lists() -> st.SearchStrategy[list[Json]]:
    """Up to three rows out of the same few ids, in any order."""
    names = st.lists(st.sampled_from(("good/a", "good/b", "good/c", "good/d")), max_size=3, unique=True)
    return names.flatmap(lambda chosen: st.tuples(*map(good_row, chosen)).map(list))


def plain(tree: Json) -> bytes:
    """What a record says without the member that is measured by others, by no code of history."""
    assert isinstance(tree, dict)
    return normal_form(spell({name: value for name, value in tree.items() if name != "benchmarks"}).encode())


def lanes() -> list[tuple[RealList, RealList]]:
    """Each real list with the next one of its folder; one pair that skips where there are none."""
    lists = real_lists()
    return [pair for pair in pairwise(lists) if pair[0].path.parent == pair[1].path.parent] or [(lists[0], lists[0])]


@lru_cache(maxsize=2)
def snapshot(real: RealList) -> Snapshot:
    return taken(real.raw())


def records(listed: Snapshot) -> dict[ModelId, bytes]:
    return {model.id: model.record for model in listed.models}


def led_on(before: RealList, changes: Sequence[Change]) -> Mapping[ModelId, bytes]:
    """A real list's records after changes; those of models that have none as they are."""
    touched = {change.model for change in changes}
    some = {model: record for model, record in records(snapshot(before)).items() if model in touched}
    others = {model: record for model, record in plain_records(before).items() if model not in touched}
    return others | apply(some, changes)


@lru_cache(maxsize=2)
def plain_records(real: RealList) -> dict[ModelId, bytes]:
    """A real list's records in normal form, the volatile member left out by its null."""
    found = {}
    for model in snapshot(real).models:
        stable = normal_form(split_volatile(model.record)[0])
        found[model.id] = stable.replace(b'"benchmarks":null,', b"")
    return found


@quick
@given(odd_records(), odd_records())
def test_the_differences_of_two_odd_records_lead_from_one_to_the_other(one: Json, other: Json) -> None:
    before, after = spell(one).encode(), spell(other).encode()
    changes = differences(before, after, model=OWL)
    assert apply({OWL: before}, changes) == {OWL: plain(other)}
    assert apply({OWL: after}, differences(after, before, model=OWL)) == {OWL: plain(one)}
    assert bool(changes) == (plain(one) != plain(other))


@quick
@given(entries(), entries())
def test_conditional_prices_survive_with_their_order(one: list[Json], other: list[Json]) -> None:
    before, after = (spell({"pricing": {"overrides": value}}).encode() for value in (one, other))
    assert apply({OWL: before}, differences(before, after, model=OWL)) == {OWL: normal_form(after)}


@quick
@given(entries().flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_same_entries_in_another_order_differ_by_their_order_only(
    spellings: tuple[list[Json], list[Json]],
) -> None:
    before, after = (spell({"pricing": {"overrides": value}}).encode() for value in spellings)
    changes = differences(before, after, model=OWL)
    assert apply({OWL: before}, changes) == {OWL: normal_form(after)}


@quick
@given(odd_records(), odd_records())
def test_no_field_is_empty_too_long_or_holds_a_nul_and_none_stands_twice(one: Json, other: Json) -> None:
    changes = differences(spell(one).encode(), spell(other).encode(), model=OWL)
    fields = [change.field for change in changes]
    texts = [text for change in changes for text in (change.field, change.before or "", change.after or "")]
    assert "" not in fields
    assert all(len(field.encode()) <= MAX_FIELD_BYTES for field in fields)
    assert not any("\0" in text for text in texts)
    assert len(set(fields)) == len(fields)


@quick_lists
@given(lists(), lists(), st.sampled_from([Comparison.SAME, Comparison.SEAM]))
def test_applying_a_diff_to_one_list_gives_the_other(
    one: list[Json], other: list[Json], comparison: Comparison
) -> None:
    before, after = (taken(page([spell(row) for row in rows])) for rows in (one, other))
    changes = diff(before, after, comparison=comparison)
    assert apply(records(before), changes) == {model.id: normal_form(model.record) for model in after.models}


@quick_lists
@given(lists())
def test_applying_the_first_diff_to_nothing_gives_the_list(rows: list[Json]) -> None:
    after = taken(page([spell(row) for row in rows]))
    assert apply({}, diff(None, after)) == {model.id: normal_form(model.record) for model in after.models}


def test_a_returned_model_has_the_record_it_came_back_with() -> None:
    after = b'{"id": "acme/owl", "name": "Owl"}'
    (change,) = differences(b'{"id": "acme/owl", "name": "Cat"}', after, model=OWL)
    returned = type(change)(OWL, ChangeKind.RETURNED, "", None, after.decode(), change.cause)
    assert apply({}, [returned, change]) == {OWL: normal_form(after)}


def test_a_name_that_stands_twice_counts_by_its_last_value() -> None:
    before, after = b'{"a": 1, "a": 2}', b'{"a": 3, "a": 2, "pricing": {"overrides": [{"x": 1, "x": 2}]}}'
    changes = differences(before, after, model=OWL)
    assert [(change.field, change.after) for change in changes] == [("pricing.overrides[x=2]", "{}")]
    assert apply({OWL: before}, changes) == {OWL: normal_form(after)}


def test_entries_that_are_no_objects_are_one_opaque_field() -> None:
    before, after = b'{"pricing": {"overrides": [1, {"prompt": "1"}]}}', b'{"pricing": {"overrides": [2]}}'
    (change,) = differences(before, after, model=OWL)
    assert (change.field, change.before, change.after) == ("pricing.overrides", '[1, {"prompt": "1"}]', "[2]")


def test_names_too_long_for_a_field_are_one_field_together() -> None:
    name = "n" * MAX_FIELD_BYTES
    before = spell({"m": "1", name: "2", "pricing": {name: "3"}}).encode()
    after = spell({"m": "1", name: "4", "pricing": {name: "3"}}).encode()
    (change,) = differences(before, after, model=OWL)
    assert (change.field, change.before, change.after) == (r"\*", f'{{"{name}":"2"}}', f'{{"{name}":"4"}}')
    assert apply({OWL: before}, [change]) == {OWL: normal_form(after)}


@pytest.mark.parametrize("length", range(MAX_FIELD_BYTES - 8, MAX_FIELD_BYTES + 2))
def test_no_field_is_longer_than_an_index_takes(length: int) -> None:
    one = spell({"n" * length: {"inner": "1", "m" * length: "2"}}).encode()
    fields = [change.field for change in differences(b"{}", one, model=OWL)]
    assert all(len(field) <= MAX_FIELD_BYTES for field in fields)


def test_entries_with_conditions_too_long_for_a_field_are_one_field() -> None:
    before, after = (
        spell({"pricing": {"overrides": [{"story": "told " * 200, "prompt": price}]}}).encode() for price in ("1", "2")
    )
    (change,) = differences(before, after, model=OWL)
    assert change.field == "pricing.overrides"
    assert apply({OWL: before}, [change]) == {OWL: normal_form(after)}


def test_an_order_that_is_not_to_be_expected_is_a_change_of_its_own() -> None:
    def entry(tokens: int) -> dict[str, Json]:
        return {"min_prompt_tokens": Number(str(tokens)), "prompt": f"0.{tokens}"}

    one = spell({"pricing": {"overrides": [entry(32000)]}}).encode()
    usual = spell({"pricing": {"overrides": [entry(32000), entry(64000), entry(200000)]}}).encode()
    unusual = spell({"pricing": {"overrides": [entry(200000), entry(32000), entry(64000)]}}).encode()
    assert OVERRIDES_ORDER not in {change.field for change in differences(one, usual, model=OWL)}
    (order,) = differences(usual, unusual, model=OWL)
    assert (order.field, order.before, order.after) == (
        OVERRIDES_ORDER,
        '["min_prompt_tokens=32000","min_prompt_tokens=64000","min_prompt_tokens=200000"]',
        '["min_prompt_tokens=200000","min_prompt_tokens=32000","min_prompt_tokens=64000"]',
    )


@pytest.mark.real_lists
@pytest.mark.parametrize("pair", lanes(), ids=lambda pair: f"{pair[0]}-{pair[1].path.name}")
def test_the_diff_of_two_real_lists_leads_from_one_to_the_other_and_back(pair: tuple[RealList, RealList]) -> None:
    before, after = map(snapshot, pair)
    assert diff(before, before) == ()
    assert led_on(pair[0], diff(before, after)) == plain_records(pair[1])
    assert led_on(pair[1], diff(after, before)) == plain_records(pair[0])
