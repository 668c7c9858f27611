"""The sockets of the upstream simulator: a listener with a thread for each connection, all of which end on demand."""

import contextlib
import socketserver
import threading
import time
from collections.abc import Callable
from socket import AF_INET, SHUT_RDWR, SO_LINGER, SOL_SOCKET, socket
from urllib.parse import urlsplit

from tests.upstream_exchange import RESET_ON_CLOSE, SeenRequest

Answer = Callable[["Listener", socket, SeenRequest], bool]
"""Answers one request on its socket and says whether the connection can carry another."""


def foreign_host() -> str:
    """A second loopback address where the system has one, so that not the port alone is another."""
    with contextlib.suppress(OSError), socket(AF_INET) as probe:
        probe.bind(("127.0.0.2", 0))
        return "127.0.0.2"
    return "127.0.0.1"


class Listener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """One listening socket, its thread, and a thread for each connection."""

    request_queue_size = 64

    def __init__(self, host: str, answer: Answer) -> None:
        super().__init__((host, 0), _Connection)
        self.answer = answer
        self.origin = f"http://{host}:{self.server_address[1]}"
        self._open: set[socket] = set()
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name=f"upstream {self.origin}")
        self._thread.start()

    def close(self) -> None:
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(SHUT_RDWR)
        self.server_close()

    # Connections are noted here, in the listening thread: one that is noted by its own thread could be missed by close.
    def process_request(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        assert isinstance(request, socket)
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket | tuple[bytes, socket]) -> None:
        assert isinstance(request, socket)
        with self._guard:
            self._open.discard(request)
        # An orderly shutdown before the close would turn a reset into an end.
        if request.getsockopt(SOL_SOCKET, SO_LINGER, len(RESET_ON_CLOSE)) == RESET_ON_CLOSE:
            request.close()
        else:
            super().shutdown_request(request)


class _Connection(socketserver.StreamRequestHandler):
    server: Listener
    disable_nagle_algorithm = True

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError, OSError):
            while request := self._read():
                if not self.server.answer(self.server, self.connection, request):
                    return

    def _read(self) -> SeenRequest | None:
        """The next request, its body swallowed; nothing when the client has left."""
        line = self.rfile.readline(65537).decode("latin-1")
        if not line.endswith("\n"):
            return None
        method, target, _ = line.split(" ", 2)
        headers: dict[str, str] = {}
        while (field := self.rfile.readline(65537).decode("latin-1").strip()) != "":
            name, _, value = field.partition(":")
            headers[name.lower()] = value.strip()
        self.rfile.read(int(headers.get("content-length", "0")))
        address = urlsplit(target)  # an absolute address is as good a target as a path
        return SeenRequest(method, address.path, address.query, headers, time.monotonic())
