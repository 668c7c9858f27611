"""Every refusal in the shape that its asker can read: also those made before there is a request, and faults of ours.

`tests/web/test_error_shape.py` provokes what the OpenAPI document tells of; here is the rest.
"""

import json

import pytest
from structlog.testing import capture_logs

from llmanac.answers import dialects
from llmanac.errors import redact
from tests.remembered import Memory
from tests.web.test_error_shape import assert_shape
from tests.web.wire import BEARER, Fields, ask, connected, request

PATHS = ("/api/v1/models", "/api/v1/models/count", "/api/v1/models/user", "/api/v1/model/acme/owl-4", "/v1/models",
         "/v1/models/acme/owl-4")  # fmt: skip
TOO_MUCH: Fields = (*BEARER, *((f"X-Field-{number}", "x" * 8000) for number in range(12)))


@pytest.mark.parametrize("path", [*PATHS, "/v1/nothing", "/api/v1/nothing?a=/v1/", "/healthz", "/"])
def test_a_head_that_is_too_large_is_refused_in_the_shape_of_its_path(path: str, memory: Memory) -> None:
    with connected(memory.served.url) as wire:
        wire.send(request("GET", path, TOO_MUCH).removesuffix(b"\r\n"))
        assert_shape(wire.answer(), 431, path.partition("?")[0])
        assert wire.ended()


@pytest.mark.parametrize(("begin", "path"), [("/v1/models", "/v1/models"), ("/api/v1/model/x", "/api/v1/model/x")])
def test_so_is_an_address_that_does_not_end(begin: str, path: str, memory: Memory) -> None:
    with connected(memory.served.url) as wire:
        wire.send(f"GET {begin}?q={'x' * 40_000}".encode())
        wire.send(b"x" * 40_000)
        assert_shape(wire.answer(), 431, path)


@pytest.mark.parametrize("path", [*PATHS, "/healthz"])
def test_what_is_no_http_is_refused_in_the_shape_of_its_path(path: str, memory: Memory) -> None:
    with connected(memory.served.url) as wire:
        wire.send(request("GET", path, [("X-Odd", "a\0b")]))
        assert_shape(wire.answer(), 400, path)
        assert wire.ended()


def test_what_is_no_http_at_all_is_refused_too(memory: Memory) -> None:
    with connected(memory.served.url) as wire:
        wire.send(b"\x16\x03\x01 hello\r\n\r\n")
        assert_shape(wire.answer(), 400, "")


@pytest.mark.parametrize("path", PATHS)
def test_a_fault_of_ours_is_told_in_their_shape_and_says_nothing_of_itself(
    path: str, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret of the house")

    for name in ("search", "mirrored", "openai_model"):
        monkeypatch.setattr(dialects, name, fail)
    with capture_logs() as logged:
        answer = ask(memory.served.url, f"{path}?as_of=1" if path.count("/") < 4 else f"{path}?as_of=2")
    assert_shape(answer, 500, path)
    assert b"secret" not in answer.body
    assert any(line["event"] == "request.crashed" for line in logged)


@pytest.mark.parametrize("path", PATHS)
def test_a_token_in_the_address_is_not_repeated(path: str, memory: Memory) -> None:
    secret = "lmn_" + "s" * 38
    for query in (f"?{secret}=1", f"?as_of={secret}", f"?token={secret}"):
        answer = ask(memory.served.url, path + query)
        assert_shape(answer, 400, path)
        assert secret.encode() not in answer.body
        assert redact(secret) != secret


@pytest.mark.parametrize("path", PATHS)
def test_a_message_says_what_to_do_next(path: str, memory: Memory) -> None:
    told = json.loads(ask(memory.served.url, path, ()).body)["error"]["message"]
    assert told == (
        "This needs a token, and none was sent. "
        "Send `Authorization: Bearer <token>`; `llmanac token create` makes a token."
    )
