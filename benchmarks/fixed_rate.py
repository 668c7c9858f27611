"""Requests at fixed instants from a process of its own, and how long after its instant each answer was there.

The time counts from the instant at which a request was due, not from when it could be sent: a server that stalls
cannot hide its stall by keeping the generator from asking (no coordinated omission). Reads a Plan on stdin, writes
Latencies on stdout, both as JSON.
"""

import gc
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import msgspec

BUFFER_BYTES = 4 << 20
TIMEOUT_S = 30.0
LEAD_S = 0.2
"""Between the start of the threads and the first request."""


class Plan(msgspec.Struct, frozen=True):
    """Request n is due n / per_second after the begin, on connection n mod connections; each rotates the codings."""

    port: int
    path: str
    authorization: str
    per_second: float
    seconds: float
    connections: int
    codings: list[str]


class Latencies(msgspec.Struct, frozen=True):
    """Milliseconds per request, in no order. `late_ms`: how late the generator sent on a connection that was free."""

    answer_ms: list[float]
    late_ms: list[float]


def exchange(connection: socket.socket, request: bytes, buffer: memoryview) -> None:
    """Sends the request and reads its answer to the end.

    Raises:
        ValueError: the answer is no 200 with a Content-Length.
    """
    connection.sendall(request)
    filled, end = 0, None
    while end is None or filled < end:
        received = connection.recv_into(buffer[filled:])
        if received == 0:
            raise ValueError("the server closed the connection")
        filled += received
        if end is None:
            head, blank, _ = bytes(buffer[: min(filled, 8192)]).partition(b"\r\n\r\n")
            if blank:
                end = len(head) + len(blank) + _content_length(head)


def _content_length(head: bytes) -> int:
    status, *lines = head.split(b"\r\n")
    if status.split(b" ")[1] != b"200":
        raise ValueError(f"expected 200, got {status!r}")
    for line in lines:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError("the answer has no Content-Length")


def ask_on_time(plan: Plan, connection_number: int, begin: float) -> Latencies:
    """The share of one connection."""
    head = f"GET {plan.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {plan.authorization}\r\n"
    requests = [f"{head}Accept-Encoding: {coding}\r\n\r\n".encode() for coding in plan.codings]
    buffer = memoryview(bytearray(BUFFER_BYTES))
    answer_ms: list[float] = []
    late_ms: list[float] = []
    free_at = begin
    with socket.create_connection(("127.0.0.1", plan.port), timeout=TIMEOUT_S) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(connection_number, int(plan.per_second * plan.seconds), plan.connections):
            due = begin + number / plan.per_second
            time.sleep(max(0.0, due - time.perf_counter()))
            late_ms.append((time.perf_counter() - max(due, free_at)) * 1000)
            # Shifted by one every round, so that every connection asks for every coding.
            coding = (number + number // plan.connections) % len(requests)
            exchange(connection, requests[coding], buffer)
            free_at = time.perf_counter()
            answer_ms.append((free_at - due) * 1000)
    return Latencies(answer_ms, late_ms)


def run(plan: Plan) -> Latencies:
    """All connections at once, each in a thread of its own."""
    begin = time.perf_counter() + LEAD_S
    with ThreadPoolExecutor(plan.connections) as threads:
        shares = list(threads.map(lambda number: ask_on_time(plan, number, begin), range(plan.connections)))
    return Latencies(
        [value for share in shares for value in share.answer_ms],
        [value for share in shares for value in share.late_ms],
    )


def main() -> None:
    """One plan. The collector stays off: its pauses would count as the server's."""
    gc.disable()
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    sys.stdout.buffer.write(msgspec.json.encode(run(plan)))


if __name__ == "__main__":
    main()
