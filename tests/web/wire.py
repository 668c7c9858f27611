"""HTTP as it stands on the wire: no field of a client library's own, no decoding, several answers per connection."""

import io
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from urllib.parse import urlsplit

from tests.serving import DEADLINE_SECONDS, TOKEN

Fields = Sequence[tuple[str, str]]
BEARER: Fields = (("Authorization", f"Bearer {TOKEN}"),)


@dataclass(frozen=True)
class Answer:
    """One answer. `fields` are as they were sent, names in lower case; `body` is still in its content coding."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes

    def __getitem__(self, name: str) -> str:
        """The only field of that name."""
        (value,) = (value for found, value in self.fields if found == name.lower())
        return value

    def names(self) -> list[str]:
        """The fields' names, sorted, so that a doubled one shows."""
        return sorted(name for name, _ in self.fields)

    def without(self, *names: str) -> dict[str, str]:
        """All fields but these."""
        return {name: value for name, value in self.fields if name not in names}


class Wire:
    """One connection. Requests may be sent before the answers to earlier ones are read."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._received = _Shared(socket.SocketIO(connection, "rb"))

    def send(self, raw: bytes) -> None:
        """These bytes, whatever they are."""
        self._connection.sendall(raw)

    def answer(self, method: str = "GET") -> Answer:
        """The next answer; `method` is the one it answers to, since HEAD decides where it ends."""
        response = HTTPResponse(self._connection, method=method)
        response.fp = self._received
        response.begin()
        body = response.read()
        return Answer(response.status, tuple((name.lower(), value) for name, value in response.getheaders()), body)

    def interim(self) -> int:
        """The status of an answer without fields that comes before the answer, such as 100."""
        status = self._received.readline()
        assert self._received.readline() == b"\r\n"
        return int(status.split()[1])

    def ended(self) -> bool:
        """Whether the server has closed the connection; waits for it or for another byte."""
        return not self._received.peek(1)


class _Shared(io.BufferedReader):
    """What one answer leaves unread belongs to the next, so that reading one to its end must not close this."""

    def close(self) -> None:
        pass


@contextmanager
def connected(url: str) -> Iterator[Wire]:
    """A connection to the server at this address."""
    address = urlsplit(url)
    assert address.hostname is not None
    with socket.create_connection((address.hostname, address.port or 80), timeout=DEADLINE_SECONDS) as connection:
        yield Wire(connection)


def request(method: str, path: str, fields: Fields = (), body: bytes = b"", *, host: str = "llmanac.test") -> bytes:
    """A request's bytes; `Content-Length` is there if there is a body."""
    length = [("Content-Length", str(len(body)))] if body else []
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in [("Host", host), *fields, *length])]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def ask(url: str, path: str, fields: Fields = BEARER, *, method: str = "GET", body: bytes = b"") -> Answer:
    """One request on a connection of its own, by default with the token of the tests."""
    with connected(url) as wire:
        wire.send(request(method, path, fields, body))
        return wire.answer(method)
