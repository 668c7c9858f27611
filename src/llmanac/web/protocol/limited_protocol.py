"""uvicorn's fast protocol, in which each state of a connection has a time, and nothing grows beyond its limit."""

import asyncio
import logging
from enum import Enum, auto
from typing import cast
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from llmanac.errors import RequestError, RequestTimeout, Unavailable
from llmanac.web.hot_path import HotPath
from llmanac.web.protocol.limits import ConnectionLimits, OpenConnections
from llmanac.web.protocol.problems import problem_body, problem_headers
from llmanac.web.protocol.representations import lines
from llmanac.web.protocol.request_framing import RequestFraming, RequestRefused
from llmanac.web.protocol.request_reader import RequestReader

_LINGER_SECONDS = 2.0
_LINGER_BYTES = 1 << 20
_RETRY_SECONDS = 5

# uvicorn warns of each bad request; strangers could fill the log with it. `HotPath.refused` counts them instead.
_logger = logging.getLogger("llmanac.web.protocol")
_logger.setLevel(logging.ERROR)

_open_connections: WeakKeyDictionary[ServerState, OpenConnections] = WeakKeyDictionary()
"""By the server, of which a process has one."""


class Phase(Enum):
    """What a connection waits for."""

    IDLE = auto()
    """The next request."""
    HEAD = auto()
    """The rest of a head, or the first byte of a new connection."""
    BODY = auto()
    """The rest of a body."""
    ANSWER = auto()
    """Our answer."""
    DRAIN = auto()
    """The client, to take what was written."""
    LINGER = auto()
    """The client, to hang up. What it sends is dropped: closing at once could lose what was written last."""


class LimitedProtocol(HttpToolsProtocol):
    """One connection. uvicorn makes them by `functools.partial(LimitedProtocol, limits=…)`."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        limits: ConnectionLimits,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        assert isinstance(self.app, HotPath), "uvicorn wraps it unless proxy_headers is off"
        self.hot_path = self.app
        self.logger = _logger
        self.timeout_keep_alive = cast("int", limits.keep_alive_seconds)  # call_later takes both
        self.framing = RequestFraming(limits, self.hot_path.refuse_stranger)
        self.reader = RequestReader(self.framing, self)
        self.parser = self.reader.parser
        self.limits = limits
        self.phase = Phase.HEAD
        self._deadline: float | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._held_bytes = self._dropped_bytes = 0
        self._others = _open_connections.setdefault(server_state, OpenConnections(limits))

    # What asyncio calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin to watch; a connection that says nothing at all counts as an unfinished head."""
        super().connection_made(transport)
        self._deadline = self.loop.time() + self.limits.head_seconds
        self._watch = self.loop.call_later(self.limits.look_seconds, self._look)
        if not self._others.open(self, self.client[0] if self.client else ""):
            self.refuse(Unavailable("There are too many connections", code="BUSY", retry_after_seconds=_RETRY_SECONDS))

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.cancel()
        self._others.close(self)
        self._hold(-self._held_bytes)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read it, unless this connection was refused."""
        if self.phase is Phase.LINGER:
            self._dropped_bytes += len(data)
            if self._dropped_bytes > _LINGER_BYTES:
                self.transport.abort()
        elif self._hold(len(data)):
            self._unset_keepalive_if_required()
            self.framing.receive(data)
            self._read()
        else:
            words = "There are too many unanswered requests"
            self.refuse(Unavailable(words, code="BUSY", retry_after_seconds=_RETRY_SECONDS))

    def pause_writing(self) -> None:
        """The client does not take what is written."""
        super().pause_writing()
        self._note_phase()

    def resume_writing(self) -> None:
        """It does again."""
        super().resume_writing()
        if not self.reader.is_answering:
            self.flow.resume_reading()
        self._read()

    def _read(self) -> None:
        try:
            self.reader.read()
        except RequestRefused as problem:
            self.refuse(problem.refusal)
            return
        if self.framing.unread_bytes and (self.reader.is_answering or not self.may_begin):
            self.flow.pause_reading()
        self._note_phase()

    @property
    def may_begin(self) -> bool:
        """The client takes what is written: nobody may have answers made without reading them."""
        return not self.flow.write_paused

    # What uvicorn calls

    def on_response_complete(self) -> None:
        """Go on with what has come meanwhile."""
        self.reader.is_answering = False
        self._hold(self.framing.unread_bytes - self._held_bytes)
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if self.framing.is_chunked:
            self._linger()
            return
        self._read()
        if self.phase is not Phase.IDLE:
            self._unset_keepalive_if_required()

    # What the other connections call

    @property
    def is_idle(self) -> bool:
        """It waits for its client: nothing is lost when it is closed."""
        return self.phase in (Phase.IDLE, Phase.HEAD)

    def make_room(self) -> None:
        """Close at once."""
        self.transport.abort()

    # Refusing, and running out of time

    def refuse(self, refusal: RequestError) -> None:
        """Answer what never became a request, in the shape of its path as far as that came, and hang up."""
        if self.transport.is_closing():
            return
        cycle: RequestResponseCycle | None = self.cycle
        if self.reader.is_answering and cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.abort()  # half an answer is written, so that no other can begin
                return
        if self.reader.is_answering or not self.framing.in_body:
            self._write_refusal(refusal)
        self._linger()

    def _linger(self) -> None:
        """Say nothing more, and let the client hang up."""
        self._enter(Phase.LINGER, _LINGER_SECONDS)
        self._hold(-self._held_bytes)
        self.flow.resume_reading()
        self.transport.write_eof()

    def _write_refusal(self, refusal: RequestError) -> None:
        self.hot_path.refused[refusal.status] += 1
        path = unquote(self.framing.path)
        body = problem_body(refusal, path)
        fields = problem_headers(refusal, path) | {"Connection": "close", "Content-Length": str(len(body))}
        head = lines((name.lower().encode(), value.encode()) for name, value in fields.items())
        status = b"HTTP/1.1 %d %s\r\n" % (refusal.status, refusal.title.encode())
        self.transport.write(status + head + b"\r\n" + (b"" if self.framing.method == b"HEAD" else body))

    def _hold(self, count: int) -> bool:
        self._held_bytes += count
        return self._others.hold(count)

    def _note_phase(self) -> None:
        phase = self._phase_now()
        if phase is not self.phase:
            self._enter(phase, self._seconds_of(phase))

    def _enter(self, phase: Phase, seconds: float | None) -> None:
        self.phase = phase
        self._deadline = None if seconds is None else self.loop.time() + seconds

    def _phase_now(self) -> Phase:
        if self.phase is Phase.LINGER:
            return Phase.LINGER
        if self.flow.write_paused:
            return Phase.DRAIN
        if self.framing.in_body:
            return Phase.BODY
        if self.reader.is_answering:
            return Phase.ANSWER
        return Phase.HEAD if self.framing.unread_bytes else Phase.IDLE

    def _seconds_of(self, phase: Phase) -> float | None:
        return {
            Phase.IDLE: self.limits.keep_alive_seconds,
            Phase.HEAD: self.limits.head_seconds,
            Phase.BODY: self.limits.body_seconds,
            Phase.DRAIN: self.limits.answer_seconds,
            Phase.LINGER: _LINGER_SECONDS,
        }.get(phase)

    def _look(self) -> None:
        self._watch = self.loop.call_later(self.limits.look_seconds, self._look)
        if self.transport.is_closing() and self.phase is not Phase.LINGER:
            # What was written is still to be taken.
            self._enter(Phase.LINGER, self.limits.answer_seconds)
        if self._deadline is not None and self.loop.time() >= self._deadline:
            self._expire()

    def _expire(self) -> None:
        match self.phase:
            case Phase.HEAD if self.framing.unread_bytes:
                self.refuse(RequestTimeout(f"Expected a whole head within {self.limits.head_seconds:g} s"))
            case Phase.BODY:
                self.refuse(RequestTimeout(f"Expected a whole body within {self.limits.body_seconds:g} s"))
            case _:
                self.transport.abort()
