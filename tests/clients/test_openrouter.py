"""OpenRouter's own clients against a server: every page, every kind of id, refusals, and lists as old as 2023."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import msgspec
import pytest

from tests.build import Json, Record, record
from tests.clients.asking import client
from tests.remembered import remembering
from tests.serving import TOKEN, Served
from tests.shared_data import real_lists
from tests.upstream_simulator import make_records

CLIENTS = (("openrouter", "openrouter_sdk.py"), ("openrouter-js", "openrouter_sdk.mjs"))
MODELS: list[Record] = [
    record(id="fernweh/übersee-1", canonical_slug="fernweh/übersee-1"),
    record(id="acme/owl:free"),
    record(id="~acme/owl-latest", alias_target={"slug": "acme/owl:free", "name": "Acme: Owl"}),
    *cast("list[Record]", make_records(620)),
]
"""More than one of the clients' pages."""
ALIAS = "~acme/owl-latest"
FOUND = {model: model for model in ("fernweh/übersee-1", "acme/owl:free")} | {ALIAS: "acme/owl:free"}
DATA = Path(__file__).parents[1] / "data"


class Listed(msgspec.Struct):
    """Of all pages."""

    ids: list[str]
    prices: list[str]
    pages: int
    total: int


class Seen(msgspec.Struct):
    """What a client's program prints."""

    plain: Listed
    paged: Listed
    asked: Listed
    count: int
    count_of_all: int
    user: Listed
    got: dict[str, str]
    refused: dict[str, tuple[str, int, str]]


def inside(model: Record, name: str) -> dict[str, Json]:
    found = model[name]
    assert isinstance(found, dict)
    return found


def outputs(model: Record) -> Sequence[Json]:
    found = inside(model, "architecture")["output_modalities"]
    assert isinstance(found, list)
    return found


def look(name: str, program: str, served: Served, **asked: object) -> Seen:
    question = {"url": served.url, "token": TOKEN, "limit": 250, "filters": {}, "get": []}
    return msgspec.json.decode(client(name, program, question | asked), type=Seen)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    tmp = tmp_path_factory.mktemp("openrouter")
    with remembering(f"sqlite:///{tmp / 'llmanac.db'}", tmp, (0, MODELS)) as memory:
        yield memory.served


@pytest.mark.parametrize(("name", "program"), CLIENTS, ids=[name for name, _ in CLIENTS])
def test_openrouters_own_client_reads_everything(name: str, program: str, served: Served) -> None:
    filters = {"max_price": 5.5, "supported_parameters": "tools", "sort": "pricing-low-to-high", "limit": 40}
    seen = look(name, program, served, filters=filters, get=[*FOUND])
    text = [model for model in MODELS if "text" in outputs(model)]
    ids = [str(model["id"]) for model in text]
    assert (seen.plain.ids, seen.plain.total, seen.count) == (ids, len(ids), len(ids))
    assert seen.plain.prices == [inside(model, "pricing")["prompt"] for model in text]
    assert seen.plain.pages > 1, "so that the client had to ask for a second page"
    assert seen.user == seen.plain
    assert seen.paged.ids == [model["id"] for model in MODELS]
    assert seen.paged.total == seen.count_of_all == len(MODELS)
    expected = served.http.get("/api/v1/models", params={key: str(filters[key]) for key in filters if key != "limit"})
    assert seen.asked.ids == [model["id"] for model in expected.json()["data"]] != []
    assert seen.got == FOUND
    kinds = {name: (kind, status) for name, (kind, status, _) in seen.refused.items()}
    assert kinds == {
        "unknown": ("NotFoundResponseError", 404),
        "unanswered": ("BadRequestResponseError", 400),
        "endpoints": ("NotFoundResponseError", 404),
        "stranger": (kinds["stranger"][0], 401),
    }
    assert "most-popular" in seen.refused["unanswered"][2]


def odd_models() -> list[Record]:
    """Real records of many days that are odd in some way, each of which any client must be able to read."""
    found: dict[str, Record] = {}
    for path in sorted(DATA.glob("*.json")):
        for model in json.loads(path.read_bytes())["data"]:
            found.setdefault(model["id"], model)
    bare: list[Record] = [
        {"id": "bare/nothing"},
        {"id": "bare/null", "name": None, "created": None, "pricing": None, "architecture": None, "top_provider": None},
        {"id": "bare/numbers", "created": "1700000000", "context_length": 25804.8, "pricing": {"prompt": 0.5}},
    ]
    return [*found.values(), *bare]


def real_models() -> list[Record]:
    """The oldest record of every id of all real lists."""
    found: dict[str, Record] = {}
    for real in sorted(real_lists(), key=lambda real: real.path.name):
        document = json.loads(real.raw())
        for model in document["data"] if isinstance(document, dict) else document:
            found.setdefault(model["id"], model)
    return [*found.values()]


@pytest.fixture(
    scope="module", params=[odd_models, pytest.param(real_models, marks=pytest.mark.real_lists)], ids=["odd", "real"]
)
def aged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Served, list[str]]]:
    """A server whose list is made of old records, and their ids."""
    models: list[Record] = request.param()
    tmp = tmp_path_factory.mktemp("aged")
    with remembering(f"sqlite:///{tmp / 'llmanac.db'}", tmp, (0, models)) as memory:
        yield memory.served, [str(model["id"]) for model in models]


@pytest.mark.parametrize(("name", "program"), CLIENTS, ids=[name for name, _ in CLIENTS])
def test_a_strict_client_reads_records_of_any_age(name: str, program: str, aged: tuple[Served, list[str]]) -> None:
    served, ids = aged
    assert look(name, program, served).paged.ids == ids
