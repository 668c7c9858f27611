"""No stranger fills the memory or holds a connection: each state of a connection has a time, and each size a limit."""

import inspect
import json
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from importlib.metadata import version
from pathlib import Path

import pytest
import uvicorn.protocols.http.httptools_impl
from structlog.testing import capture_logs
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from llmanac.web.protocol.limited_protocol import LimitedProtocol
from tests.serving import TOKEN, Served, serving, settings_for, wait_for
from tests.web.command import started
from tests.web.wire import BEARER, ask, connected, request

QUICK: dict[str, object] = {
    "request_head_seconds": 0.2,
    "request_body_seconds": 0.2,
    "answer_seconds": 0.2,
    "keep_alive_seconds": 0.2,
    "offline": True,
}
UNREACHABLE = "http://127.0.0.1:9/api/v1"
COST = "/api/ai/cost"
HOST = b"Host: x\r\n"
ASKED = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
POST = b"POST /api/ai/cost HTTP/1.1\r\n" + HOST
KNOWN = f"Authorization: Bearer {TOKEN}\r\n".encode()
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that waits for nobody longer than a moment."""
    with serving(settings_for(tmp_path_factory.mktemp("quick"), UNREACHABLE, **QUICK)) as server:
        yield server


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        (b"", []),
        (b"\r\n", []),
        (b"GET /hea", [408]),
        (ASKED, [200]),
        (ASKED + b"\r\n", [200]),
        (ASKED + b"G", [200, 408]),
        (b"GET /api/ai/models HTTP/1.1\r\n" + HOST + b"\r\n\r\n", [401]),
        (b"GET /api/ai/models HTTP/1.1\r\n" + HOST + KNOWN + b"\r\n", [200]),
        (POST + b"Content-Length: 10\r\n\r\nx", [401]),
        (POST + KNOWN + b"Content-Length: 10\r\n\r\nx", [408]),
        (POST + KNOWN + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhe", [408]),
        (POST + KNOWN + b"Transfer-Encoding: chunked\r\n\r\n0\r\na: b\r\n", [408]),
        (POST + KNOWN + b"Expect: 100-continue\r\nContent-Length: 10\r\n\r\n", [100, 408]),
        (b"CONNECT a:1 HTTP/1.1\r\n" + HOST + b"\r\n", [400]),
        (b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", [200]),
    ],
)
def test_whoever_falls_silent_is_let_go_of(sent: bytes, statuses: list[int], quick: Served) -> None:
    assert answered(quick.url, sent) == statuses


def answered(url: str, sent: bytes) -> list[int]:
    """The statuses that come until the server hangs up."""
    host, port = url.removeprefix("http://").split(":")
    received = b""
    with socket.create_connection((host, int(port)), timeout=20) as connection, suppress(ConnectionError):
        connection.sendall(sent)
        while data := connection.recv(1 << 16):
            received += data
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", received)]


def test_a_client_that_takes_no_answer_is_let_go_of(quick: Served) -> None:
    many = request("GET", "/api/ai/models?view=full", BEARER) * 200_000
    with connected(quick.url) as wire, pytest.raises(ConnectionError):
        wire.send(many)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    "fields",
    [(("Content-Length", str(60 * MEGABYTE)),), (("Transfer-Encoding", "chunked"),)],
    ids=["length", "chunked"],
)
def test_a_body_beyond_its_limit_is_refused_and_not_read(
    fields: tuple[tuple[str, str], ...], *, known: bool, served: Served
) -> None:
    sent = 0
    with connected(served.url) as wire:
        wire.send(request("POST", COST, (*(BEARER if known else ()), *fields)))
        with suppress(ConnectionError):
            for _ in range(60):
                wire.send(b"100000\r\n" + b"x" * MEGABYTE + b"\r\n")
                sent += MEGABYTE
        answer = wire.answer("POST")
    assert answer.status == (413 if known else 401)
    assert sent < 40 * MEGABYTE, "it was read to its end"
    assert json.loads(answer.body)["error"] == ("BODY_TOO_LARGE" if known else "AUTH_MISSING_TOKEN")


def test_a_refusal_is_told_in_the_shape_of_its_path(served: Served) -> None:
    for path, member in (("/v1/models", "code"), ("/api/v1/models", "message"), ("/api/ai/models", None)):
        answer = ask(served.url, path, [("X", "x" * 70_000)])
        assert answer.status == 431
        error = json.loads(answer.body)["error"]
        assert error == "HEAD_TOO_LARGE" if member is None else member in error


def test_a_client_that_hangs_up_in_the_middle_of_a_body_is_no_fault_of_ours(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, offline=True)) as served, capture_logs() as lines:
        with connected(served.url) as wire:
            wire.send(request("POST", COST, (*BEARER, ("Content-Length", "1000"), ("Expect", "100-continue"))))
            assert wire.interim() == 100
            wire.send(b"{")
        wait_for(lambda: [line for line in lines if line.get("path") == COST])
    assert [line["status"] for line in lines if line.get("path") == COST] == [499]
    assert not [line for line in lines if line["log_level"] == "error"]


def test_silent_connections_make_room_for_new_ones(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, offline=True, max_connections_per_address=4)) as served, ExitStack() as opened:
        silent = [opened.enter_context(connected(served.url)) for _ in range(20)]
        assert ask(served.url, "/healthz", ()).status == 200
        assert sum(is_over(wire) for wire in silent[:15]) == 15


def is_over(wire: object) -> bool:
    try:
        return bool(wire.ended())  # type: ignore[attr-defined]
    except ConnectionError:
        return True


def test_nobody_who_is_being_answered_has_to_make_room(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, offline=True, max_connections=3, max_connections_per_address=3)
    body = b'{"models": ["openai/gpt-4o"], "workload": {}}'
    with serving(settings) as served, ExitStack() as opened:
        served.http.close()
        begun = [opened.enter_context(connected(served.url)) for _ in range(3)]
        for wire in begun:
            wire.send(request("POST", COST, (*BEARER, ("Content-Length", str(len(body))), ("Expect", "100-continue"))))
            assert wire.interim() == 100
        refused = ask(served.url, "/healthz", ())
        assert (refused.status, json.loads(refused.body)["error"], refused["Retry-After"]) == (503, "BUSY", "5")
        for wire in begun:
            wire.send(body)
            assert wire.answer("POST").status == 200


def test_all_unanswered_requests_together_have_a_limit(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, offline=True, request_max_pending_bytes=MEGABYTE, request_max_body_bytes=MEGABYTE)
    fields = (*BEARER, ("Content-Length", "900000"), ("Expect", "100-continue"))
    with serving(settings) as served, connected(served.url) as one, connected(served.url) as other:
        for wire in (one, other):
            wire.send(request("POST", COST, fields))
            assert wire.interim() == 100
        for wire in (one, other, one, other):
            with suppress(ConnectionError):
                wire.send(b" " * 450_000)
        answers = sorted((wire.answer("POST") for wire in (one, other)), key=lambda answer: answer.status)
        assert [answer.status for answer in answers] == [422, 503]
        assert json.loads(answers[1].body)["error"] == "BUSY"
        assert ask(served.url, COST, body=b" " * 900_000, method="POST").status == 422


@pytest.mark.parametrize("limit", ["0", "1000"], ids=["by the limit of files", "set beyond it"])
def test_running_out_of_descriptors_is_logged_and_survived(limit: str, tmp_path: Path) -> None:
    settings = {"LLMANAC_OFFLINE": "true", "LLMANAC_TOKEN": TOKEN, "LLMANAC_MAX_CONNECTIONS": limit}
    with started(tmp_path, 100, **settings) as (url, written), ExitStack() as opened:
        for _ in range(150):
            opened.enter_context(connected(url))
        assert ask(url, "/api/ai/models").status == 200
    words = written.read_text("utf-8")
    assert "connections.full" in words
    assert "Traceback" not in words
    assert ("warning: LLMANAC_MAX_CONNECTIONS: 1000" in words) == (limit == "1000")


def test_an_upgrade_that_is_not_offered_is_passed_over_without_a_word(tmp_path: Path) -> None:
    with started(tmp_path, LLMANAC_OFFLINE="true", LLMANAC_TOKEN=TOKEN) as (url, written):
        for upgrade in ("h2c", "websocket"):
            assert ask(url, "/healthz", (("Connection", "Upgrade"), ("Upgrade", upgrade))).status == 200
        assert "pgrade request" not in written.read_text("utf-8")
        assert "WebSocket" not in written.read_text("utf-8")


def test_a_chunked_body_is_read_and_its_connection_closed_after_the_answer(served: Served) -> None:
    body = b'{"models": ["acme/none"], "workload": {}}'
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\nX-Trailer: a\r\n\r\n"
    with connected(served.url) as wire:
        wire.send(request("POST", COST, (*BEARER, ("Transfer-Encoding", "chunked"))) + chunks + request("GET", "/a"))
        answer = wire.answer("POST")
        assert (answer.status, json.loads(answer.body)["rejected"][0]["id"]) == (200, "acme/none")
        assert wire.ended()


def test_the_answer_to_a_stranger_is_not_lost_while_it_still_sends(served: Served) -> None:
    fields = (("Transfer-Encoding", "chunked"),)
    with connected(served.url) as wire:
        wire.send(request("POST", COST, fields) + b"5\r\n")
        assert wire.answer("POST").status == 401
        wire.send(b"hello\r\n0\r\n\r\n")
        assert wire.ended()


def test_uvicorn_is_the_one_whose_inside_we_know() -> None:
    """What LimitedProtocol overrides and reads. Look at it anew before raising the ceiling in pyproject.toml."""
    assert version("uvicorn").startswith("0.54.")
    for name in ("data_received", "on_headers_complete", "on_message_complete", "on_response_complete", "on_body"):
        ours, theirs = (inspect.signature(getattr(of, name)) for of in (LimitedProtocol, HttpToolsProtocol))
        assert ours.parameters.keys() == theirs.parameters.keys()
    source = inspect.getsource(uvicorn.protocols.http.httptools_impl)
    for words in (
        "self.parser.get_method()", "self.parser.should_keep_alive()", "self.flow.resume_reading()",
        "on_response=self.on_response_complete", "self.timeout_keep_alive_task = self.loop.call_later(",
        "self.cycle.message_event.set()", "if self.disconnected:",
    ):  # fmt: skip
        assert words in source
