"""The simulator does what it claims; read with http.client, or from the bare socket where a fault is no HTTP."""

import gzip
import http.client
import json
import socket
import struct
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from decimal import Decimal
from urllib.parse import urlsplit

import pytest

from tests.upstream_gzip import BLOCK, BLOCKS, bomb
from tests.upstream_lists import repriced, under_half
from tests.upstream_simulator import FAULTS, Fault, Outcome, UpstreamSimulator, make_records

RECORDS = make_records(20)
ALL = "/api/v1/models?output_modalities=all"

# Faults that never end an answer by themselves: the client has to leave, or the simulator to close.
ENDLESS = {name for name in FAULTS if name.startswith("hang_")} | {
    "drip_body",
    "drip_headers",
    "interim_answers_for_ever",
    "headers_for_ever",
}


@pytest.fixture
def upstream() -> Iterator[UpstreamSimulator]:
    with UpstreamSimulator(RECORDS) as running:
        yield running


def ask(upstream: UpstreamSimulator, target: str = ALL, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    """One answer on a connection of its own; an underscore in a header's name stands for a dash."""
    with closing(http.client.HTTPConnection(urlsplit(upstream.base_url).netloc, timeout=10)) as connection:
        connection.request("GET", target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response, response.read()


def open_socket(upstream: UpstreamSimulator) -> socket.socket:
    address = urlsplit(upstream.base_url)
    connection = socket.create_connection((address.hostname or "", address.port or 0), timeout=10)
    connection.sendall(f"GET {ALL} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
    return connection


def drain(connection: socket.socket) -> bytes:
    """Read to the end and keep what came first; raises ConnectionResetError where the end is a reset."""
    begun = b""
    while piece := connection.recv(1 << 20):
        begun = begun or piece
    return begun


def rows_of(body: bytes) -> list[dict[str, object]]:
    found = json.loads(body)["data"]
    assert isinstance(found, list)
    return found


def test_list_comes_whole_and_the_request_is_recorded(upstream: UpstreamSimulator) -> None:
    before = time.monotonic()
    response, body = ask(upstream, X_Mark="one")
    assert (response.status, rows_of(body)) == (200, RECORDS)
    [seen] = upstream.wait_for_requests(1)
    assert (seen.method, seen.path, seen.query) == ("GET", "/api/v1/models", "output_modalities=all")
    assert seen.headers["x-mark"] == "one"
    assert before <= seen.at <= time.monotonic()


def test_without_the_parameter_only_text_output_comes(upstream: UpstreamSimulator) -> None:
    _, body = ask(upstream, "/api/v1/models")
    outputs = Counter(str(row["architecture"]["output_modalities"]) for row in rows_of(body))  # type: ignore[index]  # JSON
    assert set(outputs) == {"['text']", "['text', 'image']"}


def test_one_connection_carries_many_requests(upstream: UpstreamSimulator) -> None:
    with closing(http.client.HTTPConnection(urlsplit(upstream.base_url).netloc, timeout=10)) as connection:
        for _ in range(3):
            connection.request("GET", ALL)
            assert rows_of(connection.getresponse().read()) == RECORDS
    assert len(upstream.requests) == 3


@pytest.mark.parametrize("relative", [False, True])
def test_pages_follow_each_other_to_the_end(upstream: UpstreamSimulator, *, relative: bool) -> None:
    upstream.change(page_size=8, relative_links=relative)
    target, rows = ALL, []
    while target:
        page = json.loads(ask(upstream, target)[1])
        assert page["total_count"] == len(RECORDS)
        rows += page["data"]
        target = page["links"]["next"]
        assert target is None or target.startswith("/api/v1/models?" if relative else upstream.base_url)
    assert rows == RECORDS
    assert len(upstream.requests) == 3


def test_etag_is_answered_with_304_until_the_list_changes(upstream: UpstreamSimulator) -> None:
    upstream.change(etag=True)
    etag = ask(upstream)[0].headers["ETag"]
    unchanged, body = ask(upstream, If_None_Match=etag)
    assert (unchanged.status, body) == (304, b"")
    upstream.change(records=make_records(21))
    assert ask(upstream, If_None_Match=etag)[0].status == 200


@pytest.mark.parametrize("chunked", [False, True])
def test_gzip_is_for_those_who_accept_it(upstream: UpstreamSimulator, *, chunked: bool) -> None:
    upstream.change(gzip=True, chunked=chunked)
    packed, body = ask(upstream, Accept_Encoding="gzip, br")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Transfer-Encoding"] == ("chunked" if chunked else None)
    assert rows_of(gzip.decompress(body)) == RECORDS
    plain, body = ask(upstream)
    assert plain.headers["Content-Encoding"] is None
    assert rows_of(body) == RECORDS


def test_wrong_key_is_refused_in_upstreams_words(upstream: UpstreamSimulator) -> None:
    upstream.change(require_key="right")
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        response, body = ask(upstream, **headers)
        assert (response.status, json.loads(body)["error"]["code"]) == (401, 401)
    assert ask(upstream, Authorization="Bearer right")[0].status == 200


def test_account_sees_its_models_and_nobody_without_a_key(upstream: UpstreamSimulator) -> None:
    wanted = str(RECORDS[0]["id"])
    upstream.change(account_ids=frozenset({wanted}))
    assert ask(upstream, "/api/v1/models/user")[0].status == 401
    _, body = ask(upstream, "/api/v1/models/user", Authorization="Bearer any")
    assert [row["id"] for row in rows_of(body)] == [wanted]


def test_raw_bytes_are_answered_as_they_are(upstream: UpstreamSimulator) -> None:
    upstream.change(records=b"[]\n")
    assert ask(upstream)[1] == b"[]\n"


def test_held_requests_are_recorded_and_answered_after_the_hold(upstream: UpstreamSimulator) -> None:
    with upstream.held():
        connection = open_socket(upstream)
        upstream.wait_for_requests(1)
        connection.settimeout(0.05)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    connection.settimeout(10)
    assert connection.recv(8) == b"HTTP/1.1"
    connection.close()


def test_waiting_for_requests_that_do_not_come_ends(upstream: UpstreamSimulator) -> None:
    with pytest.raises(TimeoutError, match="saw 0 requests"):
        upstream.wait_for_requests(1, timeout=0.01)


def test_fault_ends_after_its_count_and_spoils_only_its_path(upstream: UpstreamSimulator) -> None:
    upstream.change(fault=FAULTS["internal_error"], fault_count=2, fault_path="/api/v1/models")
    assert ask(upstream, "/api/v1/models/user", Authorization="Bearer any")[0].status == 200
    assert [ask(upstream)[0].status for _ in range(3)] == [500, 500, 200]


@pytest.mark.parametrize("name", sorted(ENDLESS))
def test_close_ends_the_faults_that_never_end(name: str) -> None:
    threads = threading.active_count()
    with UpstreamSimulator(RECORDS, fault=FAULTS[name]) as upstream, closing(open_socket(upstream)) as connection:
        upstream.wait_for_requests(1)
        upstream.close()
        drain(connection)
    assert threading.active_count() == threads


@pytest.mark.parametrize("fault", [fault for fault in FAULTS.values() if fault.name not in ENDLESS], ids=str)
def test_other_faults_end_their_answer_and_the_next_is_good(upstream: UpstreamSimulator, fault: Fault) -> None:
    upstream.change(fault=fault, fault_count=1)
    begun = b""
    with closing(open_socket(upstream)) as connection, suppress(ConnectionResetError):
        begun = drain(connection)
    assert (fault.outcome is Outcome.FAILED) or begun.startswith(b"HTTP/1.1 200 ")
    assert rows_of(ask(upstream)[1]) == RECORDS


def test_faults_of_the_list_are_orderly_answers(upstream: UpstreamSimulator) -> None:
    for fault in FAULTS.values():
        if fault.outcome is Outcome.QUARANTINED:
            upstream.change(fault=fault)
            response, body = ask(upstream)
            assert (response.status, int(response.headers["Content-Length"])) == (200, len(body)), fault


def test_resets_are_resets(upstream: UpstreamSimulator) -> None:
    for name in ("reset_before_answer", "reset_in_body"):
        upstream.change(fault=FAULTS[name])
        with closing(open_socket(upstream)) as connection, pytest.raises(ConnectionResetError):
            drain(connection)


def test_other_host_tells_what_it_was_shown(upstream: UpstreamSimulator) -> None:
    upstream.change(fault=FAULTS["redirect_to_other_host"])
    target = urlsplit(ask(upstream)[0].headers["Location"])
    assert target.netloc != urlsplit(upstream.base_url).netloc
    with closing(http.client.HTTPConnection(target.netloc, timeout=10)) as connection:
        connection.request("GET", target.path, headers={"Authorization": "Bearer leaked"})
        assert connection.getresponse().status == 404
    assert [seen.authorization for seen in upstream.foreign_requests] == ["Bearer leaked"]
    assert len(upstream.requests) == 1


@pytest.mark.slow
def test_bomb_is_small_on_the_wire_and_inflates_past_a_gibibyte() -> None:
    """Every block is inflated as one of the equals it is; who inflates them one by one holds a mebibyte at a time."""
    body = json.dumps({"data": RECORDS}).encode()
    packed = bomb(body)
    assert len(packed) < 2 * len(BLOCK)
    inflater, inflated, rest, tail = zlib.decompressobj(16 + zlib.MAX_WBITS), 0, packed, b""
    while rest or not inflater.eof:
        piece = inflater.decompress(rest, len(BLOCK))
        inflated, rest, tail = inflated + len(piece), inflater.unconsumed_tail, (tail + piece)[-len(body) :]
    assert (inflated, tail) == (len(BLOCK) * BLOCKS + len(body), body)
    assert struct.unpack("<I", packed[-4:]) == (inflated % 2**32,)
    assert inflated > 1024**3


def test_records_differ_in_id_and_hold_every_kind() -> None:
    rows = make_records(200, seed=7)
    assert rows == make_records(200, seed=7)
    assert len({row["id"] for row in rows}) == 200
    text = json.dumps(RECORDS)
    for mark in ('"embeddings"', '"-1"', '"~', '"alias_target"', '"min_prompt_tokens"', '"utc_start"', ":free"):
        assert mark in text, mark
    assert min(row["created"] for row in rows) > 0  # type: ignore[type-var, operator]  # JSON


def test_half_less_one_is_the_most_that_is_under_half() -> None:
    assert [len(under_half(RECORDS[:count])) for count in (0, 1, 2, 7, 8)] == [0, 0, 0, 3, 3]


def test_prices_are_multiplied_exactly_and_routers_left_alone() -> None:
    row = {"pricing": {"prompt": "0.0000015", "completion": "-1", "overrides": [{"utc_start": 100, "prompt": "2"}]}}
    assert repriced([row], Decimal(10)) == [
        {"pricing": {"prompt": "0.000015", "completion": "-1", "overrides": [{"utc_start": 100, "prompt": "20"}]}}
    ]
    assert repriced([row], Decimal(0))[0]["pricing"] == {
        "prompt": "0",
        "completion": "-1",
        "overrides": [{"utc_start": 100, "prompt": "0"}],
    }
