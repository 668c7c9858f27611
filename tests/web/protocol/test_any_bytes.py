"""Whatever strangers send, cut anywhere: every connection ends in time, no status is a fault, memory does not grow."""

import re
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.serving import TOKEN
from tests.web.command import started_process
from tests.web.protocol.test_request_reader import PIECES
from tests.web.wire import ask

EXPECTED = {100, 200, 400, 401, 404, 405, 408, 413, 422, 431, 501}
SECONDS = 0.3
WITHIN_SECONDS = 15.0
"""Every time of the server is 0.3 s, a refusal lingers for 2; the rest is for a machine that does other things."""
MAX_GROWTH_KIB = 24 << 10
LONG = st.integers(1, 200_000).map(lambda count: b"x" * count)
AUTHORIZED = f"Authorization: Bearer {TOKEN}\r\n".encode()
BEGINNINGS = st.sampled_from([b"GET /api/ai/models HTTP/1.1\r\n", b"POST /api/ai/cost HTTP/1.1\r\n", AUTHORIZED])
REQUEST = st.lists(st.one_of(PIECES, BEGINNINGS, LONG), max_size=15).map(b"".join)
SENT = st.tuples(REQUEST, st.lists(st.integers(0, 400_000), max_size=6))
"""Bytes, and where they are cut."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Its address and its process, after the first questions, which load what is loaded once."""
    times = ("REQUEST_HEAD", "REQUEST_BODY", "ANSWER", "KEEP_ALIVE")
    quick = {f"LLMANAC_{name}_SECONDS": str(SECONDS) for name in times}
    directory = tmp_path_factory.mktemp("server")
    with started_process(directory, LLMANAC_OFFLINE="true", LLMANAC_TOKEN=TOKEN, **quick) as (url, written, pid):
        for path in ("/api/ai/models", "/api/ai/models?q=a", "/api/ai/status", "/v1/models", "/nothing"):
            ask(url, path)
        ask(url, "/api/ai/cost", method="POST", body=b'{"models": [], "workload": {}}')
        yield url, pid
        assert "Traceback" not in written.read_text("utf-8")


def resident_kib(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text("ascii"))
    assert found is not None
    return int(found[1])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(SENT, min_size=8, max_size=24))
def test_every_connection_ends_in_time_with_an_expected_status(
    server: tuple[str, int], sent: list[tuple[bytes, list[int]]]
) -> None:
    url, pid = server
    before = resident_kib(pid)
    for received in exchange(url, [pieces_of(*one) for one in sent]):
        assert {int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)} <= EXPECTED
    assert resident_kib(pid) - before < MAX_GROWTH_KIB
    assert ask(url, "/healthz", ()).status == 200


HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
CHUNKS = HEALTH + b"Transfer-Encoding: chunked\r\n\r\n"
ASK = b"POST /api/ai/cost HTTP/1.1\r\nHost: x\r\n"
ENDLESS = b"Content-Length: 99999999\r\n\r\n"
FLOODS = {
    "trailers": (CHUNKS + b"0\r\n", b"a:b\r\n"),
    "small chunks": (CHUNKS, b"1;a=b\r\nx\r\n"),
    "the extension of a chunk": (CHUNKS + b"1;a=", b"x"),
    "chunks of a stranger": (CHUNKS, b"186a0\r\n" + b"x" * 100_000 + b"\r\n"),
    "fields": (HEALTH, b"a:b\r\n"),
    "a field": (HEALTH + b"a: ", b"x"),
    "a target": (b"GET /", b"x"),
    "empty lines": (b"", b"\r\n"),
    "the body of a stranger": (ASK + ENDLESS, b"x"),
    "a body": (ASK + AUTHORIZED + ENDLESS, b"x"),
}
UNREAD = {
    "descriptions": b"GET /schema/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n",
    "whole lists": b"GET /api/ai/models HTTP/1.1\r\nHost: x\r\n" + AUTHORIZED + b"\r\n",
    "one list after another": b"GET /api/ai/models?view=full HTTP/1.1\r\nHost: x\r\n" + AUTHORIZED + b"\r\n",
}


@pytest.mark.parametrize("what", FLOODS)
def test_a_flood_without_end_does_not_make_the_process_grow(what: str, server: tuple[str, int]) -> None:
    beginning, flood = FLOODS[what]
    grows_little(server, [piece for piece in [beginning, *many(flood)] if piece], reads=True)


@pytest.mark.parametrize("what", UNREAD)
def test_answers_that_nobody_takes_do_not_make_the_process_grow(what: str, server: tuple[str, int]) -> None:
    grows_little(server, many(UNREAD[what]), reads=False)


def many(flood: bytes) -> list[bytes]:
    """Twenty megabytes of it."""
    return [flood * (200_000 // len(flood) + 1)] * 100


def grows_little(server: tuple[str, int], pieces: list[bytes], *, reads: bool) -> None:
    url, pid = server
    before = resident_kib(pid)
    exchange(url, [pieces] * 2, reads=reads)
    assert resident_kib(pid) - before < MAX_GROWTH_KIB
    assert ask(url, "/healthz", ()).status == 200


def pieces_of(raw: bytes, ends: list[int]) -> list[bytes]:
    cuts = [0, *sorted(end for end in ends if end < len(raw)), len(raw)]
    return [raw[start:end] for start, end in pairwise(cuts) if start < end]


def exchange(url: str, sent: list[list[bytes]], *, reads: bool = True) -> list[bytes]:
    """What comes back on as many connections at once, each until it ends.

    Args:
        reads: Whether what comes is taken; else only the end is waited for.
    """
    host, port = url.removeprefix("http://").split(":")
    received = [b""] * len(sent)
    with selectors.DefaultSelector() as selector, ExitStack() as opened:
        for number, pieces in enumerate(sent):
            connection = opened.enter_context(socket.create_connection((host, int(port))))
            connection.settimeout(0)
            events = selectors.EVENT_WRITE | (selectors.EVENT_READ if reads else 0)
            selector.register(connection, events, (number, list(pieces)))
        deadline = time.monotonic() + WITHIN_SECONDS
        while selector.get_map():
            assert time.monotonic() < deadline, f"{len(selector.get_map())} connections are still open"
            for key, events in selector.select(timeout=1):
                assert isinstance(key.fileobj, socket.socket)
                number, pieces = key.data
                try:
                    if events & selectors.EVENT_READ:
                        data = key.fileobj.recv(1 << 16)
                        received[number] += data
                        over = not data
                    else:
                        over = send_some(key.fileobj, pieces) and not reads
                        if not pieces:
                            selector.modify(key.fileobj, selectors.EVENT_READ, key.data)
                except ConnectionError:
                    over = True
                if over:
                    selector.unregister(key.fileobj)
    return received


def send_some(connection: socket.socket, pieces: list[bytes]) -> bool:
    """Send what the connection takes of the first piece, and whether that was the last of all."""
    if pieces:
        pieces[0] = pieces[0][connection.send(pieces[0]) :]
        del pieces[: not pieces[0]]
    return not pieces
