"""uvicorn's fast protocol, with bounds on a request's head, and a short way for the one question that is asked most.

Bounds: a stranger needs no token to send fields without end, or to begin one and fall silent, so bytes and seconds are
counted before all else; the fast parser has no limits of its own.

The short way: a plain GET or HEAD of the catalogue is answered from ready bytes as soon as its head is read, without a
task, ASGI messages, or writing field by field. A client that keeps its connection sends the very same bytes each time,
so what they ask is remembered, and not even parsed again. Everything that is not plain takes the long way.
"""

import asyncio
import time
from urllib.parse import unquote

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from llmanac.errors import HeadTooLarge, RequestError
from llmanac.web.hot_path import PATH, HotPath, RequestHead, read_head
from llmanac.web.protocol.problems import problem_body, problem_headers, unexpected
from llmanac.web.protocol.representations import lines

_PATH = PATH.encode()
_METHODS = frozenset({b"GET", b"HEAD"})
_BODY_FIELDS = frozenset({b"content-length", b"transfer-encoding"})
_END = b"\r\n\r\n"
_MAX_KNOWN, _MAX_KNOWN_BYTES = 1024, 4096
_known: dict[bytes, RequestHead] = {}
"""Whole requests of this process that were answered on the short way. The gate is asked anew each time."""


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
        self._front = self.app if isinstance(self.app, HotPath) else None
        self._between = True
        """No request is half read."""
        self._chunk: bytes | None = None
        """What is being read, if it may be one whole request."""
        self._asked: RequestHead | None = None
        """Of a request on the short way."""
        self._own_fields: list[tuple[bytes, bytes]] = []
        self._own_lines = b""

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
        """Answer what is known; else read it, and count what comes while a head is not complete."""
        asked = _known.get(data)
        if asked is not None and self._between and self._is_free():
            answer = self._front.answer_at_once(asked) if self._front else None
            if answer is not None:
                self._head_begun = None
                self._unset_keepalive_if_required()
                self._write(answer, head_only=data.startswith(b"HEAD"))
                return
        self._chunk = data if self._between and len(data) <= _MAX_KNOWN_BYTES else None
        super().data_received(data)
        if self._head_begun is None:
            return
        self._head_bytes += len(data)
        if self._head_bytes > self._max_head_bytes and not self.transport.is_closing():
            self._refuse(HeadTooLarge(f"Expected a line and fields of at most {self._max_head_bytes} bytes, got more"))

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP. uvicorn would answer in plain text."""
        self._refuse(unexpected(400, msg))

    def _refuse(self, refusal: RequestError) -> None:
        """Answer what never became a request, in the shape of its path as far as that came, and hang up."""
        url: bytes | None = self.url
        path = unquote((url or b"").partition(b"?")[0].decode("latin-1"))
        body = problem_body(refusal, path)
        fields = problem_headers(refusal, path) | {"Connection": "close", "Content-Length": str(len(body))}
        head = lines((name.lower().encode(), value.encode()) for name, value in fields.items())
        self.transport.write(b"HTTP/1.1 %d %s\r\n" % (refusal.status, refusal.title.encode()) + head + b"\r\n" + body)
        self.transport.close()

    def on_message_begin(self) -> None:
        """A head begins: the parser calls this at its first byte."""
        self._head_begun, self._head_bytes = time.monotonic(), 0
        self._between = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is over: take the short way or the long one."""
        self._head_begun = None
        self._asked = read_head(self.headers) if self._is_plain() else None
        if self._asked is None:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is over: answer, if it is on the short way."""
        self._between = True
        asked, self._asked = self._asked, None
        if asked is None:
            super().on_message_complete()
            return
        answer = self._front.answer_at_once(asked) if self._front else None
        if answer is None:
            super().on_headers_complete()
            super().on_message_complete()
            return
        self._remember(asked)
        self._write(answer, head_only=self.parser.get_method() == b"HEAD")

    def _write(self, answer: tuple[bytes, bytes], *, head_only: bool) -> None:
        head, body = answer
        self.transport.writelines([head, self._server_lines(), b"" if head_only else body])
        self.on_response_complete()

    def _remember(self, asked: RequestHead) -> None:
        """Only what was answered, so that nobody without a token fills the memory; and only one request at a time."""
        chunk = self._chunk
        if chunk is not None and chunk.endswith(_END) and chunk.count(_END) == 1:
            if len(_known) >= _MAX_KNOWN:
                _known.clear()
            _known[chunk] = asked

    def _is_plain(self) -> bool:
        """The bare path, no body, nothing before it unanswered, a connection that stays."""
        if self.url != _PATH or self.parser.get_method() not in _METHODS or not self._is_free():
            return False
        if self.expect_100_continue or self.parser.should_upgrade():
            return False
        if self.parser.get_http_version() != "1.1" or not self.parser.should_keep_alive():
            return False
        return not any(name in _BODY_FIELDS for name, _ in self.headers)

    def _is_free(self) -> bool:
        """Nothing is being answered, and the reader keeps up."""
        # uvicorn has no cycle before the first request that takes the long way, whatever its annotation says.
        cycle: RequestResponseCycle | None = self.cycle
        return (cycle is None or cycle.response_complete) and not self.flow.write_paused

    def _server_lines(self) -> bytes:
        """The server's own fields (`Date`, which it renews every second) and the empty line."""
        if self.server_state.default_headers is not self._own_fields:
            self._own_fields = self.server_state.default_headers
            self._own_lines = lines(self._own_fields) + b"\r\n"
        return self._own_lines

    def _look(self) -> None:
        begun = self._head_begun
        if begun is not None and time.monotonic() - begun >= self._max_head_seconds:
            self.transport.close()
            return
        self._watch = self.loop.call_later(self._max_head_seconds, self._look)
