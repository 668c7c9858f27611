"""The Changes between two lists: which there are, what they are called, and when they are not the model's own."""

import json
from random import Random

import pytest
from hypothesis import given

from llmanac.catalogue.change import Cause, Change, ChangeKind
from llmanac.catalogue.record import split_volatile
from llmanac.catalogue.snapshot import Comparison, Snapshot
from llmanac.history.diff import SHAPE_MODELS, diff
from tests.build import Json as Plain
from tests.build import Record, pricing, record, records, top_provider
from tests.contract.oracle import Json
from tests.strategies import good_rows, page, quick_lists, spell, taken, throws


def snapshot_of(*rows: Record) -> Snapshot:
    return taken(page([json.dumps(row) for row in rows]))


def kind(name: str, before: Plain, after: Plain) -> ChangeKind:
    """Of a change of one member, nested ones by their path."""
    outer, _, inner = name.partition(".")
    sides = [record(**{outer: {inner: value} if inner else value}) for value in (before, after)]
    (change,) = diff(*map(snapshot_of, sides))
    assert change.field == name
    return change.kind


@quick_lists
@given(good_rows(), throws())
def test_a_list_and_its_other_spelling_have_no_changes_between_them(rows: list[Json], dice: Random) -> None:
    one = taken(page([spell(row) for row in rows]))
    other = taken(page([spell(row, dice) for row in rows]))
    assert diff(one, one) == diff(one, other) == ()


@quick_lists
@given(good_rows(), good_rows())
def test_changes_are_sorted_by_model_and_field_which_none_has_twice(one: list[Json], other: list[Json]) -> None:
    before, after = (taken(page([spell(row) for row in rows])) for rows in (one, other))
    places = [(change.model, change.field) for change in diff(before, after)]
    assert places == sorted(set(places))


@quick_lists
@given(good_rows())
def test_without_a_list_before_every_model_is_added_whole_and_tells_the_scope(rows: list[Json]) -> None:
    after = taken(page([spell(row) for row in rows]))
    assert diff(None, after) == tuple(
        Change(model.id, ChangeKind.ADDED, "", None, model.record.decode(), Cause.SCOPE) for model in after.models
    )


def test_changes_name_the_field_by_its_path_and_keep_upstreams_own_text() -> None:
    before = snapshot_of(
        record(id="acme/gone", name="Gone"),
        record(pricing=pricing(prompt="0.10", request="0.5"), top_provider=top_provider(context_length=1)),
    )
    after = snapshot_of(
        record(pricing=pricing(prompt="0.2", image="0.5"), top_provider=top_provider(context_length=2), fresh=[1, 2]),
        record(id="acme/new", name="New"),
    )
    gone, new = (next(m.record.decode() for m in side.models if m.name in {"Gone", "New"}) for side in (before, after))
    found = [(change.model, change.kind, change.field, change.before, change.after) for change in diff(before, after)]
    assert found == [
        ("acme/gone", "removed", "", gone, None),
        ("acme/new", "added", "", None, new),
        ("acme/owl-2", "other", "fresh", None, "[1, 2]"),
        ("acme/owl-2", "price", "pricing.image", None, '"0.5"'),
        ("acme/owl-2", "price", "pricing.prompt", '"0.10"', '"0.2"'),
        ("acme/owl-2", "price", "pricing.request", '"0.5"', None),
        ("acme/owl-2", "context", "top_provider.context_length", "1", "2"),
    ]
    assert {change.cause for change in diff(before, after)} == {Cause.REAL}


@pytest.mark.parametrize(
    ("name", "before", "after", "expected"),
    [
        ("context_length", 1, 2, ChangeKind.CONTEXT),
        ("top_provider.context_length", 1, 2, ChangeKind.CONTEXT),
        ("top_provider.max_completion_tokens", 1, None, ChangeKind.OUTPUT_LIMIT),
        ("top_provider.is_moderated", False, True, ChangeKind.MODERATION),
        ("top_provider.region", 1, 2, ChangeKind.OTHER),
        ("architecture.modality", "text->text", "text->image", ChangeKind.MODALITIES),
        ("architecture.input_modalities", ["text"], ["image"], ChangeKind.MODALITIES),
        ("architecture.output_modalities", ["text"], [], ChangeKind.MODALITIES),
        ("architecture.tokenizer", "GPT", "Other", ChangeKind.TOKENIZER),
        ("architecture.instruct_type", None, "chatml", ChangeKind.TOKENIZER),
        ("supported_parameters", ["seed"], [], ChangeKind.PARAMETERS),
        ("default_parameters.top_p", 0.1, 0.2, ChangeKind.PARAMETERS),
        ("default_parameters", None, [], ChangeKind.PARAMETERS),
        ("name", "One", "Two", ChangeKind.RENAMED),
        ("canonical_slug", "a/b", "a/c", ChangeKind.RENAMED),
        ("description", "One.", "Two.", ChangeKind.DESCRIPTION),
        ("alias_target", None, {"slug": "a/b", "name": "B"}, ChangeKind.ALIAS_MOVED),
        ("alias_target", {"slug": "a/b", "name": "B"}, {"slug": "a/c", "name": "B"}, ChangeKind.ALIAS_MOVED),
        ("alias_target", {"slug": "a/b", "name": "B"}, {"slug": "a/b", "name": "C"}, ChangeKind.OTHER),
        ("alias_target", 5, None, ChangeKind.OTHER),
        ("expiration_date", None, "2026-12-31", ChangeKind.EXPIRY_ANNOUNCED),
        ("expiration_date", "2098-12-31", "2026-12-31", ChangeKind.EXPIRY_ANNOUNCED),
        ("expiration_date", "2026-12-31", "2027-01-31", ChangeKind.EXPIRY_MOVED),
        ("expiration_date", "2026-12-31", "2098-12-31", ChangeKind.EXPIRY_WITHDRAWN),
        ("expiration_date", "2026-12-31", None, ChangeKind.EXPIRY_WITHDRAWN),
        ("expiration_date", "2098-12-31", None, ChangeKind.OTHER),
        ("pricing.prompt", "1", "2", ChangeKind.PRICE),
        ("pricing.overrides", None, 5, ChangeKind.PRICE),
        ("created", 1, 2, ChangeKind.OTHER),
        ("reasoning.mandatory", True, False, ChangeKind.OTHER),
    ],
)
def test_the_kind_follows_the_field(name: str, before: Plain, after: Plain, expected: ChangeKind) -> None:
    assert kind(name, before, after) is expected


def test_a_conditional_price_is_a_field_by_condition_and_rate() -> None:
    one: list[Plain] = [{"min_prompt_tokens": 200000, "prompt": "1", "completion": "2"}]
    other: list[Plain] = [{"min_prompt_tokens": 200000, "prompt": "1.5", "completion": "2"}]
    (change,) = diff(*(snapshot_of(record(pricing=pricing(overrides=side))) for side in (one, other)))
    assert (change.field, change.before, change.after) == (
        "pricing.overrides[min_prompt_tokens=200000].prompt",
        '"1"',
        '"1.5"',
    )


def test_a_member_that_becomes_null_is_changed_and_one_that_goes_is_not_there() -> None:
    sent = record(note="here", other="here")
    (nulled,) = diff(snapshot_of(sent), snapshot_of({**sent, "note": None}))
    assert (nulled.before, nulled.after) == ('"here"', "null")
    (gone,) = diff(snapshot_of(sent), snapshot_of({name: sent[name] for name in sent if name != "other"}))
    assert (gone.field, gone.before, gone.after) == ("other", '"here"', None)


def test_an_object_in_place_of_none_is_a_change_of_its_members() -> None:
    found = diff(snapshot_of(record(top_provider=None)), snapshot_of(record(top_provider={"context_length": 5})))
    assert {(change.field, change.before, change.after) for change in found} == {
        ("top_provider", "null", None),
        ("top_provider.context_length", None, "5"),
    }


def test_benchmarks_are_no_change_whether_they_are_there_or_left_out() -> None:
    measured = record(benchmarks={"elo": 1})
    stored = taken(page([split_volatile(json.dumps(measured).encode())[0].decode()]))
    for other in (snapshot_of(record(benchmarks={"elo": 2})), snapshot_of(record()), stored):
        assert diff(snapshot_of(measured), other) == diff(other, snapshot_of(measured)) == ()


def test_a_model_that_came_or_went_is_told_without_its_benchmarks() -> None:
    listed = snapshot_of(record(benchmarks={"elo": 1}))
    (added,), (removed,) = diff(None, listed), diff(listed, snapshot_of())
    assert added.after == removed.before == json.dumps(record(benchmarks=None))


def test_another_order_of_models_and_other_rejects_are_no_change() -> None:
    rows = [json.dumps(row) for row in records(3)]
    assert diff(taken(page(rows)), taken(page([*rows[::-1], '{"id": 5}']))) == ()


@pytest.mark.parametrize("comparison", [Comparison.FIRST, Comparison.SEAM])
def test_across_a_seam_every_change_tells_the_scope(comparison: Comparison) -> None:
    before = snapshot_of(record(name="One"), record(id="acme/gone"))
    after = snapshot_of(record(name="Two"), record(id="acme/new"))
    found = diff(before, after, comparison=comparison)
    assert [change.kind for change in found] == ["removed", "added", "renamed"]
    assert {change.cause for change in found} == {Cause.SCOPE}


def test_a_silent_list_makes_no_changes() -> None:
    assert diff(snapshot_of(record()), snapshot_of(), comparison=Comparison.SILENT) == ()


def test_an_alias_that_comes_or_goes_is_real() -> None:
    (change,) = diff(snapshot_of(), snapshot_of(record(id="~acme/owl-latest")))
    assert (change.kind, change.cause) == (ChangeKind.ADDED, Cause.REAL)


def test_a_member_that_no_model_had_before_is_the_lists_growth() -> None:
    plain = records(SHAPE_MODELS)
    grown = [row | {"reasoning": {"mandatory": True}} for row in plain[:2]] + plain[2:]
    found = diff(snapshot_of(*plain), snapshot_of(*grown))
    assert [(change.field, change.cause) for change in found] == [("reasoning.mandatory", Cause.REPRESENTATION)] * 2
    shrunk = diff(snapshot_of(*grown), snapshot_of(*plain))
    assert [change.cause for change in shrunk] == [Cause.REPRESENTATION] * 2


def test_a_member_that_another_model_had_before_is_news() -> None:
    plain = records(SHAPE_MODELS)
    one = [plain[0] | {"reasoning": {"mandatory": True}}, *plain[1:]]
    two = [plain[0] | {"reasoning": {"mandatory": True}}, plain[1] | {"reasoning": {"mandatory": True}}, *plain[2:]]
    (change,) = diff(snapshot_of(*one), snapshot_of(*two))
    assert (change.model, change.cause) == (plain[1]["id"], Cause.REAL)


def test_a_short_list_says_nothing_of_the_records_shape() -> None:
    plain = records(SHAPE_MODELS - 1)
    (change,) = diff(snapshot_of(*plain), snapshot_of(plain[0] | {"reasoning": {"mandatory": True}}, *plain[1:]))
    assert change.cause is Cause.REAL
