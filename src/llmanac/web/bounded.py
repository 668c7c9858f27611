"""uvicorn's fast protocol with bounds on a request's head, which its parser lacks: bytes and seconds.

A stranger needs no token to send fields without end, or to begin one and fall silent, so this comes before all else.
"""

import asyncio
import time

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

_REFUSAL = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class BoundedProtocol(HttpToolsProtocol):
    """One connection. uvicorn makes them by `functools.partial(BoundedProtocol, max_head_bytes=…, …)`."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        max_head_bytes: int,
        max_head_seconds: float,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._max_head_bytes = max_head_bytes
        self._max_head_seconds = max_head_seconds
        self._head_bytes = 0
        self._head_begun: float | None = None
        self._watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin to watch; a connection that says nothing at all counts as an unfinished head."""
        super().connection_made(transport)
        self._head_begun = time.monotonic()
        self._watch = self.loop.call_later(self._max_head_seconds, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes while a head is not complete."""
        super().data_received(data)
        if self._head_begun is None:
            return
        self._head_bytes += len(data)
        if self._head_bytes > self._max_head_bytes and not self.transport.is_closing():
            self.transport.write(_REFUSAL)
            self.transport.close()

    def on_message_begin(self) -> None:
        """A head begins: the parser calls this at its first byte."""
        self._head_begun, self._head_bytes = time.monotonic(), 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is over."""
        self._head_begun = None
        super().on_headers_complete()

    def _look(self) -> None:
        begun = self._head_begun
        if begun is not None and time.monotonic() - begun >= self._max_head_seconds:
            self.transport.close()
            return
        self._watch = self.loop.call_later(self._max_head_seconds, self._look)
