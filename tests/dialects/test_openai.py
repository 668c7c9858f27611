"""`/v1`: the list and its models as OpenAI's API has them, at the root of the host."""

import json

import pytest

from tests.build import CREATED
from tests.dialects.conftest import LISTED
from tests.remembered import Memory
from tests.serving import TOKEN
from tests.web.wire import BEARER, ask

PATH = "/v1/models"
SHOWN = [str(model["id"]) for model in LISTED if model["id"] != "acme/vectors"]
"""The models of `/api/ai/models`: those with text or images for output."""


def test_the_list_has_the_models_of_the_catalogues_endpoint_in_upstreams_order(memory: Memory) -> None:
    body = memory.ask(PATH).json()
    assert [*body] == ["object", "data"]
    assert body["object"] == "list"
    assert [model["id"] for model in body["data"]] == SHOWN
    listing = memory.ask("/api/ai/models").json()
    assert set(SHOWN) == {model["id"] for kind in ("text", "image") for model in listing[kind][0]["models"]}
    assert body["data"][2] == {"id": "acme/owl-4", "object": "model", "created": CREATED, "owned_by": "acme"}
    assert body["data"][-1] == {"id": "bare/old", "object": "model", "created": 0, "owned_by": "bare"}
    assert body["data"][0]["owned_by"] == "acme", "an alias is its author's"


def test_other_outputs_and_other_days_can_be_asked_for(memory: Memory) -> None:
    def ids(**asked: str) -> list[str]:
        return [model["id"] for model in memory.ask(PATH, **asked).json()["data"]]

    assert ids(output_modalities="all") == [model["id"] for model in LISTED]
    assert ids(output_modalities="embeddings") == ["acme/vectors"]
    assert "acme/gone" in ids(as_of="1")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("acme/owl-4", "acme/owl-4"),
        ("acme%2Fowl-4", "acme/owl-4"),
        ("acme%2Fowl:free", "acme/owl:free"),
        ("acme/owl%3afree", "acme/owl:free"),
        ("fernweh%2F%C3%BCbersee-1", "fernweh/übersee-1"),
        ("~acme/owl-latest", "~acme/owl-latest"),
        ("acme%2Fvectors", "acme/vectors"),
        ("acme/gone?as_of=1", "acme/gone"),
    ],
)
def test_one_model_is_found_however_its_id_is_escaped(asked: str, found: str, memory: Memory) -> None:
    answer = ask(memory.served.url, f"{PATH}/{asked}")
    assert answer.status == 200, answer.body
    assert json.loads(answer.body)["id"] == found
    assert ask(memory.served.url, f"{PATH}/{asked}", (*BEARER, ("If-None-Match", answer["ETag"]))).status == 304


@pytest.mark.parametrize("asked", ["acme/gone", "nobody/this", "gpt-4o", "", "acme/"])
def test_one_model_that_is_not_there_is_an_unknown_model(asked: str, memory: Memory) -> None:
    answer = ask(memory.served.url, f"{PATH}/{asked}")
    problem = json.loads(answer.body)["error"]
    assert (answer.status, answer["Content-Type"]) == (404, "application/json")
    assert (problem["code"], problem["param"], problem["type"]) == (
        "model_not_found", "model", "invalid_request_error",
    )  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "limit=1000", "limit=1", "limit=0&limit=many", "limit=", "after=acme/owl-4", "before=x", "order=desc",
        "order=odd", "after_id=acme/owl-4&limit=20", "before_id=acme/owl-4", "beta=true", "client_version=0.146.0",
        "api-version=2026-10-21", "limit=100&order=asc&after=acme%2Fowl-4",
    ],
)  # fmt: skip
def test_what_clients_send_and_openai_passes_over_changes_nothing(query: str, memory: Memory) -> None:
    plain, answer = memory.served.http.get(PATH), memory.served.http.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.text
    assert (answer.content, answer.headers["ETag"]) == (plain.content, plain.headers["ETag"])
    assert memory.served.http.get(f"{PATH}?{query}&output_modalities=embeddings").json()["data"] != []


@pytest.mark.parametrize("query", ["beta=true", "client_version=0.146.0", "api-version=2026-10-21"])
def test_so_it_is_with_one_model(query: str, memory: Memory) -> None:
    assert memory.served.http.get(f"{PATH}/acme/owl-4?{query}").json()["id"] == "acme/owl-4"


def test_a_token_in_what_is_passed_over_is_told_all_the_same(memory: Memory) -> None:
    problem = memory.served.http.get(f"{PATH}?after={TOKEN}").json()["error"]
    assert problem["code"] == "auth_token_in_query"
    assert TOKEN not in problem["message"]


def test_a_wrong_parameter_is_named(memory: Memory) -> None:
    for query, name in (("?limits=3", "limits"), ("?as_of=never", "as_of"), ("?as_of=1&as_of=2", "as_of")):
        problem = json.loads(ask(memory.served.url, PATH + query).body)["error"]
        assert (problem["param"], problem["code"]) == (name, "invalid_parameter")
