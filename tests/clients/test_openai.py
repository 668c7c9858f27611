"""OpenAI's own clients, older and newer, in two languages: they spell the slash of an id in two ways."""

from collections.abc import Iterator
from typing import cast

import msgspec
import pytest

from tests.build import CREATED, Record, record
from tests.clients.asking import client
from tests.remembered import remembering
from tests.serving import TOKEN, Served
from tests.upstream_simulator import make_records

CLIENTS = (("openai", "openai_sdk.py"), ("openai-1", "openai_sdk.py"), ("openai-js", "openai_sdk.mjs"))
GET = ["fernweh/übersee-1", "acme/owl:free", "~acme/owl-latest", "acme/owl.2/x"]
MODELS: list[Record] = [
    *(record(id=model) for model in GET),
    record(id="acme/undated", created=None),
    *cast("list[Record]", make_records(20)),
]


class Seen(msgspec.Struct):
    """What a client's program prints."""

    listed: list[tuple[str, str, int, str]]
    got: dict[str, str]
    refused: dict[str, tuple[str, int, str | None, str | None, str | None]]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    tmp = tmp_path_factory.mktemp("openai")
    with remembering(f"sqlite:///{tmp / 'llmanac.db'}", tmp, (0, MODELS)) as memory:
        yield memory.served


@pytest.mark.parametrize(("name", "program"), CLIENTS, ids=[name for name, _ in CLIENTS])
def test_openais_own_client_lists_and_gets_every_model(name: str, program: str, served: Served) -> None:
    asked = {"url": served.url, "token": TOKEN, "get": GET}
    seen = msgspec.json.decode(client(name, program, asked), type=Seen)
    shown = served.http.get("/api/ai/models").json()
    expected = {model["id"] for kind in ("text", "image") for model in shown[kind][0]["models"]}
    assert [model for model, *_ in seen.listed] == [model["id"] for model in MODELS if model["id"] in expected]
    assert seen.listed[0] == (GET[0], "model", CREATED, "fernweh")
    assert ("acme/undated", "model", 0, "acme") in seen.listed
    assert seen.got == {model: model for model in GET}
    assert seen.refused == {
        "unknown": ("NotFoundError", 404, "model_not_found", "model", "invalid_request_error"),
        "unasked": ("BadRequestError", 400, "invalid_parameter", "no_such", "invalid_request_error"),
        "stranger": ("AuthenticationError", 401, "invalid_api_key", None, "invalid_request_error"),
        "chat": ("NotFoundError", 404, "not_found", None, "invalid_request_error"),
    }
