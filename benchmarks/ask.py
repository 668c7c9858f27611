"""One plain HTTP request and its answer as it came over the wire: nothing decompressed, no redirect followed."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from types import MappingProxyType

MODELS_PATH = "/api/ai/models"
SYNC_PATH = "/api/ai/sync"
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` has lower-case names."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def wire_bytes(self) -> int:
        """What a client reads for it: status line, headers, blank line, body."""
        line = len("HTTP/1.1 200 \r\n\r\n") + len(self.reason)
        return line + sum(len(name) + len(value) + 4 for name, value in self.headers.items()) + len(self.body)


def ask(
    port: int,
    path: str = MODELS_PATH,
    headers: Mapping[str, str] = NO_HEADERS,
    *,
    method: str = "GET",
    timeout_s: float = 30,
) -> Answer:
    """Asks 127.0.0.1 on a connection of its own.

    Raises:
        OSError, http.client.HTTPException: no whole answer came.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if method == "POST":
            connection.putheader("Content-Length", "0")
        connection.endheaders()
        response = connection.getresponse()
        headers_seen = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, response.reason, headers_seen, response.read())
    finally:
        connection.close()
