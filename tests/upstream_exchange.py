"""One request and the raw connection it came on, as the upstream simulator hands them to an answer or to a fault.

In: a parsed request and its socket. Out: any bytes at all, at any pace, or none. Nothing here keeps to HTTP for the
caller; `respond` does when asked to.
"""

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode

Record = Mapping[str, object]
"""One row of the list, ready for JSON."""

JSON_TYPE = "application/json; charset=utf-8"

# SO_LINGER on with zero seconds: closing then sends a reset in place of an orderly end.
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A request as it arrived; header names are in lower case, `at` is in seconds of the monotonic clock."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    at: float

    @property
    def parameters(self) -> dict[str, str]:
        """The query, decoded; of a repeated name the last value."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def authorization(self) -> str | None:
        return self.headers.get("authorization")


class Outcome(Enum):
    """What a fault must lead to, in the words of the sync's attempts."""

    FAILED = "failed"
    """There was no answer worth judging."""
    QUARANTINED = "quarantined"
    """There was an answer with status 200, which is no admissible list."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave: `play` takes the place of the answer, and the connection ends after it."""

    name: str
    outcome: Outcome
    play: Callable[["Exchange"], None]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to be answered.

    Args:
        origin: scheme, host and port that the client asked.
        foreign_origin: the same for a host that the client has no business to show its key to.
        closing: set when the simulator ends; whatever waits gives up then.
        last: whether the connection ends after this exchange; an orderly answer says so.
    """

    request: SeenRequest
    rows: Sequence[Record]
    connection: socket.socket
    origin: str
    foreign_origin: str
    closing: threading.Event
    last: bool = False

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def respond(
        self, status: int, body: bytes = b"", *, headers: Mapping[str, str] | None = None, content_type: str = JSON_TYPE
    ) -> None:
        """Send a whole answer; `headers` overrule the ones set here, and Content-Length is left out for chunks."""
        fields = {"Content-Type": content_type, "Content-Length": str(len(body)), **(headers or {})}
        chunked = fields.get("Transfer-Encoding") == "chunked"
        if self.last:
            fields["Connection"] = "close"
        bodiless = status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
        if chunked or bodiless:
            del fields["Content-Length"]
        self.send(head(status, fields) + (b"" if bodiless else in_chunks(body) if chunked else body))

    def hang(self) -> None:
        """Say nothing more until the client leaves or the simulator closes."""
        while self.connection.recv(65536):
            pass

    def reset(self) -> None:
        """Make the end of this exchange a connection reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)

    def own_url(self, **parameters: str) -> str:
        """The address that was asked, absolute, with these query parameters in place of those it had."""
        query = urlencode({**self.request.parameters, **parameters})
        return f"{self.origin}{self.request.path}" + (f"?{query}" if query else "")


def head(status: int, fields: Mapping[str, str]) -> bytes:
    """Status line and header fields, up to and including the empty line."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def in_chunks(body: bytes, *, size: int = 8192) -> bytes:
    """The body in chunked transfer coding, closing chunk included."""
    pieces = (body[start : start + size] for start in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def as_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def list_body(rows: Sequence[Record], **more: object) -> bytes:
    """An answer of `GET /models` with these rows, and members such as `links` beside `data`."""
    return as_json({"data": list(rows), **more})
