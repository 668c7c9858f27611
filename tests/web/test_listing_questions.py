"""What users ask of the list, each with the same answer worked out in plain Python over the whole list."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.serving import Served, serving, settings_for
from tests.strategies import served_quick
from tests.web.asking import Model, Pick, age, both, found, ids, models, ordered, per_million, price_state


@dataclass(frozen=True)
class Asked:
    """A question, the models that answer it, and the value they are sorted by."""

    asked: Mapping[str, object]
    fits: Pick
    by: Callable[[Model], Any] | None = None
    descending: bool = False
    many: bool = field(default=True)
    """Whether the bundled list has several answers."""


def created(model: Model) -> Any:
    return model["created"]


def context(model: Model) -> Any:
    return model["context_length"]


def prompt(model: Model) -> Decimal | None:
    return per_million(model, "prompt")


def completion(model: Model) -> Decimal | None:
    return per_million(model, "completion")


def within(model: Model, rate: str, least: str, most: str) -> bool:
    price = per_million(model, rate)
    return price is not None and Decimal(least) <= price <= Decimal(most)


def has(model: Model, *parameters: str) -> bool:
    return {*parameters} <= {*model["supported_parameters"]}


def takes(model: Model, *modalities: str) -> bool:
    return bool({*modalities} & {*model["architecture"]["input_modalities"]})


def gives(model: Model, *modalities: str) -> bool:
    return bool({*modalities} & {*model["architecture"]["output_modalities"]})


def variant(model: Model) -> str:
    return str(model["id"]).partition(":")[2] or "none"


QUESTIONS = {
    "the cheapest with tools and 200,000 tokens of context": Asked(
        {"supported_parameters": "tools", "context": 200_000, "sort": "price"},
        lambda model: has(model, "tools") and (context(model) or 0) >= 200_000,
        prompt,
    ),
    "images for output, under a price": Asked(
        {"output_modalities": "image", "max_output_price": "40"},
        lambda model: gives(model, "image") and within(model, "completion", "0", "40"),
    ),
    "what is free": Asked({"price_state": "free"}, lambda model: price_state(model) == "free"),
    "what is decided per request": Asked({"price_state": "dynamic"}, lambda model: price_state(model) == "dynamic"),
    "what costs something": Asked({"price_state": "paid"}, lambda model: price_state(model) == "paid"),
    "paid, or not known": Asked(
        {"price_state": "paid,unknown"}, lambda model: price_state(model) in ("paid", "unknown")
    ),
    "of two authors, the newest first": Asked(
        {"model_authors": "openai,anthropic", "sort": "-created"},
        lambda model: model["llmanac"]["author"] in ("openai", "anthropic"),
        created,
        descending=True,
    ),
    "what reads files or hears": Asked({"input_modalities": "file,audio"}, lambda model: takes(model, "file", "audio")),
    "tools and structured outputs and reasoning": Asked(
        {"supported_parameters": "tools,structured_outputs,reasoning"},
        lambda model: has(model, "tools", "structured_outputs", "reasoning"),
    ),
    "the free variants": Asked({"variant": "free"}, lambda model: variant(model) == "free"),
    "free or plain": Asked({"variant": "free,none"}, lambda model: variant(model) in ("free", "none")),
    "just these": Asked(
        {"ids": "openai/gpt-4o,anthropic/claude-opus-4.5,acme/none"},
        lambda model: model["id"] in ("openai/gpt-4o", "anthropic/claude-opus-4.5"),
        many=False,
    ),
    "the largest context first": Asked({"sort": "-context"}, lambda _: True, context, descending=True),
    "the smallest context first": Asked({"sort": "context"}, lambda _: True, context),
    "by what an answer costs, the dearest first": Asked(
        {"sort": "-output_price"}, lambda _: True, completion, descending=True
    ),
    "between two prices": Asked(
        {"min_price": "0.5", "max_price": "2.50"}, lambda model: within(model, "prompt", "0.5", "2.5")
    ),
    "answers that cost at least ten dollars": Asked(
        {"min_output_price": "10"}, lambda model: within(model, "completion", "10", "Infinity")
    ),
    "what will leave": Asked({"status": "expiring"}, lambda model: model["llmanac"]["status"] == "expiring"),
    "what stays": Asked({"status": "active"}, lambda model: model["llmanac"]["status"] == "active"),
    "one family of tokenizers": Asked(
        {"arch": "claude"}, lambda model: str(model["architecture"]["tokenizer"]).lower() == "claude"
    ),
    "a vision model that can be steered, cheap": Asked(
        {"input_modalities": "image", "supported_parameters": "response_format", "max_price": "0.2"},
        lambda model: takes(model, "image") and has(model, "response_format") and within(model, "prompt", "0", "0.2"),
    ),
    "nothing at all": Asked({"model_authors": "acme-of-nowhere"}, lambda _: False, many=False),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The bundled list: real models."""
    with serving(settings_for(tmp_path_factory.mktemp("bundled"), offline=True)) as server:
        yield server


@pytest.fixture(scope="module")
def whole(served: Served) -> dict[str, list[dict[str, Any]]]:
    """Both lists, in the full view."""
    every = found(served, view="full")
    return {group: models(every, group) for group in ("text", "image")}


@pytest.mark.parametrize("asked", QUESTIONS.values(), ids=QUESTIONS)
def test_a_question_is_answered_as_plain_python_answers_it(
    asked: Asked, served: Served, whole: Mapping[str, list[dict[str, Any]]]
) -> None:
    given_ = found(served, "", **asked.asked)
    distinct = set[str]()
    for group, rows in whole.items():
        fitting = [row for row in rows if asked.fits(row)]
        wanted = [row["id"] for row in fitting]
        if asked.by is not None:
            wanted = ordered(fitting, asked.by, descending=asked.descending)
        assert ids(given_, group) == wanted
        distinct.update(wanted)
    assert given_.headers["X-Total-Count"] == str(len(distinct))
    assert not asked.many or len(distinct) > 1, "a question that tells nothing"


def test_ages_are_counted_from_the_instant_of_the_list_that_is_asked_for(
    served: Served, whole: Mapping[str, list[dict[str, Any]]]
) -> None:
    taken_at = datetime.fromisoformat(served.status().json()["sources"][0]["taken_at"])
    ages = {row["id"]: days for row in whole["text"] if (days := age(row, taken_at)) is not None}
    assert len(ages) < len(whole["text"]), "one that does not say since when is neither young nor old"
    young = found(served, as_of=0, max_age_days=60)
    assert ids(young) == [each for each, days in ages.items() if days <= 60]
    assert 0 < len(ids(young)) < len(ages)
    old = found(served, as_of=0, min_age_days=61)
    assert sorted([*ids(old), *ids(young)]) == sorted(ages)
    now = found(served, max_age_days=60)
    assert set(ids(now)) < set(ids(young)), "a list that was made earlier is older by now"


def test_the_members_and_bytes_of_a_model_are_those_of_the_whole_list(served: Served) -> None:
    for view in ("listed", "full"):
        every = {row["id"]: row for group in ("text", "image") for row in models(found(served, view=view), group)}
        narrowed = found(served, view=view, model_authors="openai", sort="-name")
        for row in (*models(narrowed), *models(narrowed, "image")):
            assert row == every[row["id"]]
            assert list(row) == list(every[row["id"]])


def test_the_best_match_of_words_comes_first_and_the_exact_id_before_all(served: Served) -> None:
    assert ids(found(served, q="openai/gpt-4o"))[0] == "openai/gpt-4o"
    sonnets = ids(found(served, q="sonnet claude"))
    assert sonnets
    assert all("sonnet" in each and "claude" in each for each in sonnets)
    assert sorted(sonnets) == sorted(ids(found(served, q="CLAUDE: sonnet!")))


FILTERS = {name: str(value) for asked in QUESTIONS.values() for name, value in asked.asked.items() if name != "sort"}
FILTERS["min_price"] = "0.1"  # of any two, the lower bound is not above the upper one


@served_quick
@given(names=st.lists(st.sampled_from(sorted(FILTERS)), unique=True, max_size=4), sort=st.sampled_from(["", "-price"]))
def test_filters_narrow_and_commute(names: list[str], sort: str, served: Served) -> None:
    asked = [(name, FILTERS[name]) for name in names]
    more = {"sort": sort} if sort else {}
    one = found(served, **dict(asked), **more)
    other = found(served, **dict(reversed(asked)), **more)
    assert (one.content, one.headers["ETag"]) == (other.content, other.headers["ETag"])
    wider = found(served, **dict(asked[1:]), **more)
    for group in ("text", "image"):
        narrowed = ids(one, group)
        assert narrowed == [each for each in ids(wider, group) if each in {*narrowed}]
    assert both(one) == both(found(served, limit=1000, **dict(asked), **more))
