"""One connection, many requests: kept alive, pipelined, cut, and with headers nobody should send."""

import gzip
from pathlib import Path

import pytest

from tests.serving import TOKEN, Served
from tests.web.command import started
from tests.web.wire import BEARER, Answer, ask, connected, request

PATH = "/api/ai/models"
GZIP = ("Accept-Encoding", "gzip")
FAR_TOO_LONG = 4 << 20


def test_a_connection_is_kept_for_the_next_request(served: Served) -> None:
    with connected(served.url) as wire:
        bodies = []
        for method in ("GET", "HEAD", "GET"):
            wire.send(request(method, PATH, (*BEARER, GZIP)))
            bodies.append(wire.answer(method).body)
        assert bodies[0] == bodies[2] != b""
        assert bodies[1] == b""


def test_pipelined_requests_are_answered_in_their_order(served: Served) -> None:
    tag = ask(served.url, PATH, (*BEARER, GZIP))["ETag"]
    asked: list[tuple[str, str, tuple[tuple[str, str], ...], int]] = [
        ("GET", PATH, (*BEARER, GZIP), 200),
        ("GET", PATH, (*BEARER, GZIP, ("If-None-Match", tag)), 304),
        ("HEAD", PATH, (*BEARER,), 200),
        ("GET", PATH, (), 401),
        ("GET", "/healthz", (), 200),
        ("GET", f"{PATH}?view=full", (*BEARER,), 200),
        ("OPTIONS", PATH, (), 405),
        ("GET", "/nothing", (), 404),
        ("HEAD", PATH, (), 401),
        ("GET", PATH, (*BEARER, GZIP), 200),
    ]
    with connected(served.url) as wire:
        wire.send(b"".join(request(method, path, fields) for method, path, fields, _ in asked))
        answers: list[Answer] = [wire.answer(method) for method, _, _, _ in asked]
    assert [answer.status for answer in answers] == [status for *_, status in asked]
    assert answers[0].body == answers[-1].body
    assert gzip.decompress(answers[0].body) == ask(served.url, PATH).body


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", [PATH, "/healthz", "/api/ai/status"])
def test_a_body_that_nobody_reads_does_not_disturb_the_next_request(method: str, path: str, served: Served) -> None:
    body = b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n" * 4000
    with connected(served.url) as wire:
        wire.send(request(method, path, BEARER, body))
        assert wire.answer(method).status in (200, 405)
        wire.send(request("GET", PATH, (*BEARER, GZIP)))
        assert wire.answer().status == 200


def test_an_old_client_is_answered_and_the_connection_closed(served: Served) -> None:
    with connected(served.url) as wire:
        wire.send(f"GET {PATH} HTTP/1.0\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
        assert wire.answer().status == 200
        assert wire.ended()


def test_connection_close_is_obeyed(served: Served) -> None:
    with connected(served.url) as wire:
        wire.send(request("GET", PATH, (*BEARER, ("Connection", "close"))))
        assert wire.answer().status == 200
        assert wire.ended()


def test_the_absolute_form_of_the_target_is_understood(served: Served) -> None:
    assert ask(served.url, f"http://elsewhere.test{PATH}?view=full").status == 200


@pytest.mark.parametrize("host", ["[", "a/b?view=full", "", "ü", "a:b:c"])
def test_no_host_field_upsets_a_route(host: str, served: Served) -> None:
    for path, status in ((PATH, 200), ("/healthz", 200), ("/nothing", 404), ("/api/ai/status", 200)):
        with connected(served.url) as wire:
            wire.send(request("GET", path, BEARER, host=host))
            assert wire.answer().status == status


@pytest.mark.parametrize("name", ["Accept-Encoding", "If-None-Match", "Authorization", "X-API-Key", "Cookie"])
@pytest.mark.parametrize("path", [PATH, "/api/ai/status"])
def test_a_long_field_is_answered_and_harms_nobody(name: str, path: str, served: Served) -> None:
    fields = [(name, "x, " * 20_000)] + ([] if name == "Authorization" else [*BEARER])
    answer = ask(served.url, path, fields)
    assert answer.status in ((401, 431) if name == "Authorization" else (200, 431))
    assert len(answer.body) < 2000 or answer.status == 200
    assert ask(served.url, path).status == 200


def test_fields_without_end_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    """A stranger needs no token to send them; other servers stop at 8 to 64 KiB (RFC 6585 section 5: 431)."""
    with started(tmp_path, LLMANAC_OFFLINE="true", LLMANAC_TOKEN=TOKEN) as (url, _):
        with connected(url) as wire:
            try:
                wire.send(request("GET", PATH, [("X-Long", "x" * FAR_TOO_LONG)]))
                status = wire.answer().status
            except ConnectionError:
                status = 0
        assert ask(url, PATH).status == 200
    assert status in (0, 400, 431), f"{FAR_TOO_LONG >> 20} MiB of fields were read, and answered with {status}"


@pytest.mark.parametrize("path", [PATH, "/api/ai/status"])
@pytest.mark.parametrize("sent", ["Bearer \xff\xfe\x80", "Bearer ü", "\xff", "Bearer lmn_\xe9"])
def test_bytes_that_are_no_ascii_in_a_credential_are_a_wrong_credential(sent: str, path: str, served: Served) -> None:
    answer = ask(served.url, path, [("Authorization", sent)])
    assert answer.status == 401
    assert answer["WWW-Authenticate"].startswith('Bearer realm="llmanac"')
    assert ask(served.url, path, [("X-API-Key", sent)]).status == 401


@pytest.mark.parametrize(
    "raw",
    [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n"],
    ids=["binary", "no target", "TLS", "another version"],
)
def test_what_is_no_http_ends_its_own_connection_only(raw: bytes, served: Served) -> None:
    with connected(served.url) as wire, connected(served.url) as other:
        wire.send(raw + b"\r\n\r\n")
        other.send(request("GET", PATH, BEARER))
        assert other.answer().status == 200
        assert wire.answer().status == 400
        assert wire.ended()


def test_a_client_that_leaves_in_the_middle_of_an_answer_harms_nobody(served: Served) -> None:
    for _ in range(20):
        with connected(served.url) as wire:
            wire.send(request("GET", f"{PATH}?view=full", BEARER) * 20)
    assert ask(served.url, PATH).status == 200
