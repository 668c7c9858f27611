"""`fields` and `facets`: some members of each model, and the values of all counted."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.serving import Served, serving, settings_for
from tests.web.asking import answer, found, ids, models, price_state
from tests.web.test_openapi import member, problems


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The bundled list: real models."""
    with serving(settings_for(tmp_path_factory.mktemp("bundled"), offline=True)) as server:
        yield server


def test_only_the_named_members_are_there_in_the_order_of_the_model(served: Served) -> None:
    picked = models(found(served, fields="pricing.completion,name,pricing.prompt,id"))
    wanted = [
        {
            "id": row["id"],
            "name": row["name"],
            "pricing": {"prompt": row["pricing"]["prompt"], "completion": row["pricing"]["completion"]},
        }
        for row in models(found(served))
    ]
    assert picked == wanted
    assert {tuple(row) for row in picked} == {("id", "name", "pricing")}
    assert {tuple(row["pricing"]) for row in picked} == {("prompt", "completion")}


@pytest.mark.parametrize("names", ["pricing,pricing.prompt", "pricing.prompt,pricing", "pricing", " pricing ,,pricing"])
def test_a_member_that_is_named_whole_is_whole(names: str, served: Served) -> None:
    for row, picked in zip(models(found(served)), models(found(served, fields=names)), strict=True):
        assert picked == {"pricing": row["pricing"]}


def test_the_full_view_has_more_to_pick_from(served: Served) -> None:
    asked = "id,llmanac.price_state,expiration_date,pricing.audio"
    picked = models(found(served, fields=asked, view="full"))
    whole = models(found(served, view="full"))
    for row, some in zip(whole, picked, strict=True):
        pricing = {"audio": row["pricing"]["audio"]} if "audio" in row["pricing"] else {}
        dated = {"expiration_date": row["expiration_date"]} if "expiration_date" in row else {}
        ours = {"price_state": row["llmanac"]["price_state"]}
        assert some == {"id": row["id"], "pricing": pricing, **dated, "llmanac": ours}
    assert 0 < sum("audio" in row["pricing"] for row in picked) < len(picked)


MORE = "view=full shows every member that upstream sent."


@pytest.mark.parametrize(
    ("asked", "detail", "hint"),
    [
        ({"fields": "id,nmae"}, "got 'nmae'; there are architecture, context_length, created", "Did you mean name?"),
        ({"fields": "prompt"}, "got 'prompt'; there are architecture", "Did you mean pricing.prompt?"),
        ({"fields": "pricing.promt"}, "'pricing.promt'; pricing has completion, image", "Did you mean pricing.prompt?"),
        ({"fields": "id.x"}, "got 'id.x'; id has no members", MORE),
        ({"fields": "hugging_face_id"}, "got 'hugging_face_id'; there are architecture", MORE),
        ({"fields": "top_provider", "view": "full"}, "got 'top_provider'; there are", "Did you mean topProvider?"),
        ({"fields": "expiration_dat", "view": "full"}, "hugging_face_id, id", "Did you mean expiration_date?"),
    ],
)
def test_a_member_that_no_model_has_is_refused(
    asked: Mapping[str, str], detail: str, hint: str, served: Served
) -> None:
    refused = answer(served, "", **asked)
    problem = refused.json()
    assert (refused.status_code, problem["error"]) == (400, "INVALID_PARAMETER")
    assert problem["detail"].startswith("fields: Expected members of a model, got ")
    assert detail in problem["detail"]
    assert problem["nextActions"] == hint
    narrowed = answer(served, "", **asked, model_authors="acme-of-nowhere")
    assert narrowed.json()["detail"] == problem["detail"], "no filter decides whether a question is right"


@pytest.mark.parametrize("names", ["", ",", "id,", "a.b.c.d.e", "id;name", "id." + "x" * 70, "*"])
def test_what_is_no_name_is_refused_too_unless_only_commas_are_odd(names: str, served: Served) -> None:
    assert answer(served, "", fields=names).status_code == (200 if names == "id," else 400)


def counts(given: Any, name: str) -> dict[str, int]:
    return {each["value"]: each["count"] for each in given.json()["facets"][name]}


def test_facets_count_all_that_the_filters_leave_and_not_only_the_page(served: Served) -> None:
    asked = {"supported_parameters": "tools", "facets": "author,price_state,input_modality"}
    given = found(served, "", **asked)
    assert list(given.json()) == ["text", "image", "facets"]
    every = models(found(served, supported_parameters="tools", view="full"))
    assert counts(given, "author") == Counter(row["llmanac"]["author"] for row in every)
    assert counts(given, "price_state") == Counter(price_state(row) for row in every)
    modalities = Counter(each for row in every for each in row["architecture"]["input_modalities"])
    assert counts(given, "input_modality") == modalities
    assert sum(counts(given, "author").values()) == int(given.headers["X-Total-Count"])
    page = found(served, "", **asked, limit=1)
    assert page.json()["facets"] == given.json()["facets"]
    assert len(ids(page)) == 1


def test_the_most_frequent_value_comes_first_and_the_facets_are_in_the_order_asked(served: Served) -> None:
    given = found(served, facets="status,author,status").json()["facets"]
    assert list(given) == ["status", "author"]
    numbers = [each["count"] for each in given["author"]]
    assert numbers == sorted(numbers, reverse=True)


def test_nobody_who_does_not_ask_gets_facets(served: Served) -> None:
    for query in ("", "limit=1", "fields=id", "q=owl"):
        assert list(found(served, query).json()) == ["text", "image"]


@pytest.mark.parametrize("names", ["", "price", "author,prices", "author;status"])
def test_what_cannot_be_counted_is_refused_with_what_can(names: str, served: Served) -> None:
    refused = answer(served, "", facets=names)
    assert refused.status_code == 400
    assert "author, input_modality, output_modality" in refused.json()["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=2",
        "fields=id,pricing.prompt",
        "facets=author",
        "fields=id&facets=arch,status&view=full",
        "model_authors=acme-of-nowhere&facets=author",
        "view=full&sort=name",
    ],
)
def test_every_answer_has_the_shape_of_the_document(query: str, served: Served) -> None:
    document = served.http.get("/schema/openapi.json").json()
    given = found(served, query)
    path = ("paths", "/api/ai/models", "get", "responses", "200", "content", given.headers["Content-Type"], "schema")
    assert problems(document, member(document, *path), given.json()) == []
    assert problems(document, member(document, *path), {"text": [], "image": [], "facets": {"author": [{"value": 1}]}})


def test_a_member_that_a_model_does_not_state_is_left_out_of_what_is_picked_and_null_in_the_full_view(
    served: Served,
) -> None:
    names = "architecture.instruct_type,pricing.image,max_completion_tokens"
    rows, picked, full = (models(found(served, **asked)) for asked in ({}, {"fields": names}, FULL | {"fields": names}))
    for row, some, whole in zip(rows, picked, full, strict=True):
        longest = {key: row[key] for key in ("max_completion_tokens",) if key in row}
        shape = {key: row["architecture"][key] for key in ("instruct_type",) if key in row["architecture"]}
        price = {key: row["pricing"][key] for key in ("image",) if key in row["pricing"]}
        assert some == {"architecture": shape, "pricing": price, **longest}
        assert whole == {
            "architecture": {"instruct_type": shape.get("instruct_type")},
            "pricing": {"image": price.get("image")},
            "max_completion_tokens": longest.get("max_completion_tokens"),
        }
    assert 0 < sum("max_completion_tokens" in some for some in picked) < len(picked)


FULL = {"view": "full"}
