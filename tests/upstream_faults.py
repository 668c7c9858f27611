"""Every way of the upstream simulator to misbehave, by name, each with the outcome that a sync must record for it.

Faults of the answer's head, of the connection and of the coding are here; those that lead the client elsewhere in
`upstream_detours`, those of the list in an orderly answer in `upstream_lists`.
"""

import time
from collections.abc import Callable, Iterator
from email.utils import formatdate

from tests.upstream_detours import DETOURS
from tests.upstream_exchange import JSON_TYPE, Exchange, Fault, Outcome, as_json, head, in_chunks, list_body
from tests.upstream_gzip import bomb, gzipped
from tests.upstream_lists import LIST_FAULTS

MEBIBYTE = 1024 * 1024
DRIP_SECONDS = 0.05
RETRY_SECONDS = 1

BANNER = b"HTTP/1.1 200 OK\r\n"
CLOSE_DELIMITED = BANNER + b"Content-Type: application/json\r\nConnection: close\r\n\r\n"

_failing: list[Fault] = []


def failing(play: Callable[[Exchange], None]) -> Callable[[Exchange], None]:
    """Register a fault after which there is no answer worth judging, under its function's name."""
    _failing.append(Fault(play.__name__, Outcome.FAILED, play))
    return play


def status_fault(name: str, status: int, retry_after: Callable[[], str] | None = None) -> Fault:
    """An error of OpenRouter's shape; `retry_after` writes the header anew for each answer."""

    def play(exchange: Exchange) -> None:
        headers = {} if retry_after is None else {"Retry-After": retry_after()}
        exchange.respond(status, as_json({"error": {"code": status, "message": name}}), headers=headers)

    return Fault(name, Outcome.FAILED, play)


STATUS_FAULTS = (
    status_fault("bad_request", 400),
    status_fault("forbidden", 403),
    status_fault("not_found", 404),
    status_fault("internal_error", 500),
    status_fault("bad_gateway", 502),
    status_fault("unavailable_with_seconds", 503, lambda: str(RETRY_SECONDS)),
    status_fault("too_many_requests_with_seconds", 429, lambda: str(RETRY_SECONDS)),
    # A date has whole seconds only: one more than the others, so that it is never past when it arrives.
    status_fault("too_many_requests_with_date", 429, lambda: formatdate(time.time() + RETRY_SECONDS + 1, usegmt=True)),
    status_fault("too_many_requests_for_a_day", 429, lambda: "86400"),
    status_fault("too_many_requests_till_gibberish", 429, lambda: "soon\x80"),
    status_fault("no_content", 204),
    status_fault("not_modified_without_condition", 304),
)


@failing
def hang_before_headers(exchange: Exchange) -> None:
    exchange.hang()


@failing
def hang_in_headers(exchange: Exchange) -> None:
    exchange.send(BANNER + b"Content-Ty")
    exchange.hang()


@failing
def hang_in_body(exchange: Exchange) -> None:
    body = list_body(exchange.rows)
    exchange.send(head(200, {"Content-Type": JSON_TYPE, "Content-Length": str(len(body))}) + body[: len(body) // 2])
    exchange.hang()


@failing
def drip_body(exchange: Exchange) -> None:
    """One byte every 50 ms for ever: each is in time for a limit on the silence between two of them."""
    exchange.send(CLOSE_DELIMITED)
    _drip(exchange, b" ")


@failing
def drip_headers(exchange: Exchange) -> None:
    exchange.send(BANNER + b"X-Drip: ")
    _drip(exchange, b"x")


@failing
def interim_answers_for_ever(exchange: Exchange) -> None:
    _drip(exchange, b"HTTP/1.1 100 Continue\r\n\r\n")


@failing
def headers_for_ever(exchange: Exchange) -> None:
    exchange.send(BANNER)
    while not exchange.closing.is_set():
        exchange.send(b"X-More: more\r\n" * 1000)


@failing
def reset_before_answer(exchange: Exchange) -> None:
    exchange.reset()


@failing
def reset_in_body(exchange: Exchange) -> None:
    _half_of_body(exchange)
    exchange.reset()


@failing
def close_in_body(exchange: Exchange) -> None:
    """Fewer bytes than Content-Length."""
    _half_of_body(exchange)


@failing
def close_before_answer(exchange: Exchange) -> None:
    """The end of the connection in place of an answer."""


@failing
def close_in_chunk(exchange: Exchange) -> None:
    _in_chunks(exchange, lambda coded: coded[: len(coded) // 2])


@failing
def close_without_last_chunk(exchange: Exchange) -> None:
    """All of the list comes, but not the word that this was all."""
    _in_chunks(exchange, lambda coded: coded.removesuffix(b"0\r\n\r\n"))


@failing
def bad_chunk_size(exchange: Exchange) -> None:
    _in_chunks(exchange, lambda coded: b"zz" + coded)


@failing
def garbage_for_http(exchange: Exchange) -> None:
    exchange.send(bytes(range(256)) + b"\r\n\r\n")


@failing
def bad_content_length(exchange: Exchange) -> None:
    exchange.respond(200, list_body(exchange.rows), headers={"Content-Length": "many"})


@failing
def two_content_lengths(exchange: Exchange) -> None:
    body = list_body(exchange.rows)
    exchange.respond(200, body, headers={"Content-Length": f"{len(body)}\r\nContent-Length: {len(body) // 2}"})


@failing
def gzip_bomb(exchange: Exchange) -> None:
    """About a mebibyte on the wire; after a gibibyte of white space comes the list itself."""
    exchange.respond(200, bomb(list_body(exchange.rows)), headers={"Content-Encoding": "gzip"})


@failing
def hundred_megabytes(exchange: Exchange) -> None:
    body = list_body(exchange.rows)
    exchange.send(head(200, {"Content-Type": JSON_TYPE, "Content-Length": str(100 * MEBIBYTE + len(body))}))
    for _ in range(100):
        exchange.send(b" " * MEBIBYTE)
    exchange.send(body)


@failing
def hundred_megabytes_in_chunks(exchange: Exchange) -> None:
    exchange.send(head(200, {"Content-Type": JSON_TYPE, "Transfer-Encoding": "chunked"}))
    for _ in range(100):
        exchange.send(b"%x\r\n%s\r\n" % (MEBIBYTE, b" " * MEBIBYTE))
    exchange.send(in_chunks(list_body(exchange.rows)))


@failing
def corrupt_gzip(exchange: Exchange) -> None:
    body = bytearray(gzipped(list_body(exchange.rows)))
    middle = len(body) // 2
    body[middle : middle + 8] = bytes(octet ^ 0xFF for octet in body[middle : middle + 8])
    exchange.respond(200, bytes(body), headers={"Content-Encoding": "gzip"})


@failing
def gzip_of_nothing_compressed(exchange: Exchange) -> None:
    """The header says gzip, the body is plain JSON."""
    exchange.respond(200, list_body(exchange.rows), headers={"Content-Encoding": "gzip"})


@failing
def truncated_gzip(exchange: Exchange) -> None:
    """Content-Length agrees with the bytes that come: only the compressed stream knows that some are missing."""
    body = gzipped(list_body(exchange.rows))
    exchange.respond(200, body[: len(body) // 2], headers={"Content-Encoding": "gzip"})


@failing
def unknown_content_coding(exchange: Exchange) -> None:
    body = bytes(octet ^ 0x5A for octet in list_body(exchange.rows))
    exchange.respond(200, body, headers={"Content-Encoding": "x-rot"})


def _drip(exchange: Exchange, drop: bytes) -> None:
    while not exchange.closing.wait(DRIP_SECONDS):
        exchange.send(drop)


def _half_of_body(exchange: Exchange) -> None:
    body = list_body(exchange.rows)
    exchange.send(head(200, {"Content-Type": JSON_TYPE, "Content-Length": str(len(body))}) + body[: len(body) // 2])


def _in_chunks(exchange: Exchange, spoil: Callable[[bytes], bytes]) -> None:
    coded = spoil(in_chunks(list_body(exchange.rows)))
    exchange.send(head(200, {"Content-Type": JSON_TYPE, "Transfer-Encoding": "chunked"}) + coded)


def _all() -> Iterator[Fault]:
    yield from STATUS_FAULTS
    yield from _failing
    yield from (Fault(play.__name__, Outcome.FAILED, play) for play in DETOURS)
    yield from LIST_FAULTS


FAULTS: dict[str, Fault] = {fault.name: fault for fault in _all()}
