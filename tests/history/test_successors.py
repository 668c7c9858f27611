"""What may stand in for a model that left: what is pointed to, the same model elsewhere, newer ones of the family."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.ids import ModelId, is_alias
from llmanac.catalogue.model import Model
from llmanac.history.successors import MAX_SUCCESSORS, lineage, successors
from tests.build import CREATED, Json, architecture, record
from tests.strategies import page, quick, taken

DAY = 86_400


def model(name: str, age: int | None = 0, **members: Json) -> Model:
    """A model created that many days before `CREATED`; None: upstream does not say when."""
    stated = record(
        id=name, **{"created": None if age is None else CREATED - age * DAY, "canonical_slug": None, **members}
    )
    return taken(page([json.dumps(stated)])).models[0]


def proposed(gone: Model, *listed: Model, seen_at: datetime | None = None) -> list[str]:
    return [successor.model for successor in successors(gone, listed, seen_at=seen_at)]


@pytest.mark.parametrize(
    ("slug", "family", "versions", "size"),
    [
        ("owl", "owl", "", None),
        ("owl-2", "owl", "2", None),
        ("owl-3.5-sonnet", "owl sonnet", "3.5", None),
        ("owl-3-5-sonnet-20241022", "owl sonnet", "3.5", None),
        ("owl-sonnet-4", "owl sonnet", "4", None),
        ("owl-4o-mini-2024-07-18", "owl mini", "4", None),
        ("owl-2.0-flash-001", "owl flash", "2.0", None),
        ("owl-2.5-flash-lite-preview-09-2025", "owl flash lite", "2.5", None),
        ("owl-2.5-pro-exp-03-25", "owl pro", "2.5", None),
        ("owl-3.1-70b-instruct", "owl", "3.1", 70),
        ("owl3-235b-a22b-thinking-2507", "owl thinking", "3", 235),
        ("owl-r1-distill-newt-32b", "owl r distill newt", "1", 32),
        ("o3-mini", "o mini", "3", None),
        ("owl-5.1-codex", "owl codex", "5.1", None),
        ("owl-k2-0905", "owl k", "2", None),
        ("owl-chat-v3.1", "owl chat", "3.1", None),
        ("owl-4.5v", "owl v", "4.5", None),
        ("owl-8x7b-instruct-v0.3", "owl", "0.3", 56),
        ("owl-3n-e4b-it", "owl n", "3", 4),
        ("owl-2.4t-a95b", "owl", "", 2400),
        ("owl-embedding-500m", "owl embedding", "", Fraction(1, 2)),
        ("owl-medium-128k-instruct:free", "owl medium", "", None),
        ("owl-v4.1-flash-1017", "owl flash", "4.1", None),
    ],
)
def test_a_slug_tells_family_version_and_size(slug: str, family: str, versions: str, size: Fraction | None) -> None:
    found = lineage(ModelId(f"acme/{slug}"))
    assert (" ".join(found.family), "-".join(found.versions), found.size) == (family, versions, size)


@quick
@given(st.text(max_size=30) | st.from_regex(r"[a-z0-9.:/²٣-]{0,20}", fullmatch=True))
def test_any_id_has_a_lineage_and_versions_that_are_numbers(name: str) -> None:
    found = lineage(ModelId(name))
    assert found.size is None or found.size >= 0
    assert (found.number is None) == (not found.versions)


def names() -> st.SearchStrategy[str]:
    return st.builds(
        "{}acme/owl{}{}{}".format,
        st.sampled_from(("", "", "", "~")),
        st.sampled_from(("", "-2", "-3", "-3.5")),
        st.sampled_from(("", "-mini", "-7b", "-8b", "-70b", "-vision")),
        st.sampled_from(("", ":free", ":batch")),
    )


@quick
@given(
    names(), st.lists(st.tuples(names(), st.none() | st.integers(-3, 3)), max_size=9, unique_by=lambda each: each[0])
)
def test_successors_are_listed_others_few_and_each_for_a_reason(
    name: str, listed: Sequence[tuple[str, int | None]]
) -> None:
    gone, models = model(name), [model(*each) for each in listed]
    found = successors(gone, models)
    assert len(found) <= MAX_SUCCESSORS
    assert {each.model for each in found} <= {each.id for each in models} - {gone.id}
    assert not any(is_alias(each.model) for each in found)
    assert all(each.reason for each in found)
    assert len({each.model.partition(":")[0] for each in found}) == len(found)
    assert found == successors(gone, reversed(models))


@quick
@given(
    names().filter(lambda name: not is_alias(ModelId(name))),
    st.lists(st.tuples(names(), st.integers(-3, 3)), max_size=9, unique_by=lambda each: each[0]),
)
def test_where_all_dates_are_stated_a_successor_is_newer_or_the_same_model(
    name: str, listed: Sequence[tuple[str, int]]
) -> None:
    gone, ages = model(name), dict(listed)
    for found in successors(gone, [model(*each) for each in listed]):
        if found.model.partition(":")[0] == name.partition(":")[0]:
            assert found.reason.startswith("The same model ")
        else:
            assert found.reason.startswith("Newer: ")
            assert ages[found.model] < 0


def test_a_description_of_any_length_is_read_at_its_beginning_only() -> None:
    """Read whole, the second one would take an hour."""
    pointing = "Deprecated: use zebra/brush instead. "
    brush = model("zebra/brush")
    assert proposed(model("acme/owl", description=pointing + "a" * 3_000_000), brush) == ["zebra/brush"]
    assert proposed(model("acme/owl", description=f"Deprecated {'a-' * 3_000_000} {pointing}"), brush) == []


def test_newer_models_of_the_family_are_proposed_the_newest_first() -> None:
    gone = model("acme/owl-3.5-sonnet", 100)
    listed = [
        model("acme/owl-3.5-haiku", 1),
        model("acme/owl-3-sonnet", 200),
        model("acme/owl-3.7-sonnet", 50),
        model("acme/owl-sonnet-4", 10),
        model("other/owl-sonnet-5", 1),
    ]
    first, second = successors(gone, listed)
    assert (first.model, second.model) == ("acme/owl-sonnet-4", "acme/owl-3.7-sonnet")
    assert first.reason == "Newer: created 2026-10-11, after 2026-07-13 (family owl sonnet)"


def test_another_release_of_the_same_version_comes_before_newer_versions() -> None:
    gone = model("acme/owl-2.5-flash-preview-05-20", 100)
    assert proposed(gone, model("acme/owl-3-flash", 1), model("acme/owl-2.5-flash", 90)) == [
        "acme/owl-2.5-flash",
        "acme/owl-3-flash",
    ]


def test_models_of_nearly_the_same_size_stand_in_for_each_other_the_nearest_first() -> None:
    gone = model("acme/owl-2-7b", 100)
    listed = [model(f"acme/owl-3-{size}", 10) for size in ("3b", "4b", "8b", "14b", "15b")]
    assert proposed(gone, *listed) == ["acme/owl-3-8b", "acme/owl-3-4b", "acme/owl-3-14b"]


def test_another_size_of_the_same_version_is_no_successor() -> None:
    assert proposed(model("acme/owl-3-32b", 100), model("acme/owl-3-30b", 10)) == []


@pytest.mark.parametrize(("later", "found"), [("acme/owl-4.1", True), ("acme/owl-4.20", True), ("acme/owl-3.9", False)])
def test_an_earlier_generation_is_no_successor_though_it_was_created_later(later: str, *, found: bool) -> None:
    assert bool(proposed(model("acme/owl-4.5", 100), model(later, 10))) is found


def test_a_lower_version_created_later_comes_after_higher_ones() -> None:
    gone = model("acme/owl-4.5", 100)
    assert proposed(gone, model("acme/owl-4.1", 1), model("acme/owl-5", 50)) == ["acme/owl-5", "acme/owl-4.1"]


@pytest.mark.parametrize(
    ("inputs", "outputs", "found"),
    [
        (("image", "text"), ("text",), True),
        (("image", "text", "audio"), ("text", "image"), True),
        (("text",), ("text",), False),
        (("text", "image"), ("image",), False),
    ],
)
def test_a_successor_takes_and_gives_at_least_what_the_model_did(
    inputs: tuple[str, ...], outputs: tuple[str, ...], *, found: bool
) -> None:
    gone = model("acme/owl-2", 100, architecture=architecture(("text", "image")))
    later = model("acme/owl-3", 1, architecture=architecture(inputs, outputs))
    assert bool(proposed(gone, later)) is found


@pytest.mark.parametrize(("parameters", "found"), [(["reasoning"], True), (["tools"], False)])
def test_a_model_that_thought_is_followed_by_one_that_can(parameters: list[str], *, found: bool) -> None:
    gone = model("acme/owl-2-flash-thinking", 100)
    assert bool(proposed(gone, model("acme/owl-3-flash", 1, supported_parameters=parameters))) is found


def test_of_a_free_model_free_ones_come_first_then_itself_at_a_price_then_newer_ones() -> None:
    gone = model("acme/owl-2:free", 100)
    listed = [model("acme/owl-3", 2), model("acme/owl-2", 100), model("acme/owl-4:free", 1), model("acme/owl-4", 1)]
    assert [(each.model, each.reason) for each in successors(gone, listed)] == [
        ("acme/owl-4:free", "Newer: created 2026-10-20, after 2026-07-13 (family owl)"),
        ("acme/owl-2", "The same model without :free"),
        ("acme/owl-3", "Newer: created 2026-10-19, after 2026-07-13 (family owl), without :free"),
    ]


@pytest.mark.parametrize(
    ("gone", "listed"),
    [
        (model("acme/owl-3-5-mini", 100), model("acme/owl-3.5-mini-20241022", 100)),
        (
            model("acme/owl-small", 100, canonical_slug="acme/o-2505"),
            model("acme/o-2505", 90, canonical_slug="acme/o-2505"),
        ),
    ],
    ids=["before canonical slugs", "one canonical slug"],
)
def test_the_same_model_under_another_id_is_recognised(gone: Model, listed: Model) -> None:
    (found,) = successors(gone, [listed])
    assert (found.model, found.reason) == (listed.id, "The same model under another id")


def test_a_model_that_is_about_to_leave_itself_comes_after_those_that_stay() -> None:
    gone = model("acme/owl-2", 100)
    listed = [model("acme/owl-4", 1, expiration_date="2026-12-01"), model("acme/owl-3", 50)]
    assert proposed(gone, *listed) == ["acme/owl-3", "acme/owl-4"]


@pytest.mark.parametrize(
    "words",
    [
        "This model has been deprecated in favor of (another)[newt/eft-1.5].",
        "An owl. Please use https://openrouter.ai/newt/eft-1.5 instead",
        "Superseded by [Eft](/models/newt/eft-1.5)!\nIt was good.",
    ],
)
def test_a_model_that_the_description_points_to_comes_first(words: str) -> None:
    gone = model("acme/owl-2", 100, description=words)
    first, second = successors(gone, [model("acme/owl-3", 1), model("newt/eft-1.5", 300)])
    assert (first.model, second.model) == ("newt/eft-1.5", "acme/owl-3")
    assert first.reason == "The description of acme/owl-2 names it as what to use instead"


@pytest.mark.parametrize(
    "words",
    [
        "A faster version of [Eft](/models/newt/eft-1.5), moderated by itself instead of OpenRouter.",
        "Deprecated. Trained on the output of newt/eft-1.5.",
        "Use newt/eft-9 instead.",
    ],
)
def test_a_model_that_is_only_mentioned_or_not_listed_is_not_pointed_to(words: str) -> None:
    assert proposed(model("acme/owl-2", 100, description=words), model("newt/eft-1.5", 1)) == []


def test_a_model_that_calls_itself_the_successor_is_believed() -> None:
    heir = model("newt/hoot", 1, description="It is the successor of [Owl 2](/models/acme/owl-2). It hoots.")
    (found,) = successors(model("acme/owl-2", 100), [heir])
    assert (found.model, found.reason) == ("newt/hoot", "Its own description calls it the successor of acme/owl-2")


def test_without_a_date_nothing_is_called_newer_and_the_reason_says_so() -> None:
    gone, listed = model("acme/owl-2", None), [model("acme/owl-1", 1), model("acme/owl-3", 1)]
    (found,) = successors(gone, listed)
    assert found.model == "acme/owl-3"
    assert found.reason == "Related, but no date of acme/owl-2 is stated, so it may be older (family owl)"
    undated = [model("acme/owl-3", None), model("acme/owl-2.1", 50)]
    assert proposed(model("acme/owl-2", 100), *undated) == ["acme/owl-2.1", "acme/owl-3"]


def test_what_was_created_after_the_model_was_first_listed_is_newer_without_its_date() -> None:
    seen_at = datetime.fromtimestamp(CREATED - 100 * DAY, UTC)
    (found,) = successors(model("acme/owl-2", None), [model("acme/owl-3", 1)], seen_at=seen_at)
    assert found.reason == "Newer: created 2026-10-20, after 2026-07-13, when acme/owl-2 was listed (family owl)"


def test_what_leaves_no_later_than_the_model_itself_is_no_successor() -> None:
    gone = model("acme/owl-2", 30, expiration_date="2026-11-30")
    newer = [model("acme/owl-3", expiration_date=day) for day in ("2026-11-30", "2026-12-01", "2098-12-31")]
    assert [proposed(gone, each) for each in newer] == [[], ["acme/owl-3"], ["acme/owl-3"]]
