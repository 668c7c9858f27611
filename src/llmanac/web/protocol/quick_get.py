"""A short way for the one question that is asked most.

A plain GET or HEAD of the catalogue is answered from ready bytes as soon as it is read, without a task, ASGI messages,
or writing field by field. A client that keeps its connection sends the very same bytes each time, so what they ask is
remembered, and not even parsed again. Everything that is not plain takes the long way.
"""

from llmanac.web.hot_path import PATH, RequestHead, read_head
from llmanac.web.protocol.limited_protocol import LimitedProtocol, Phase
from llmanac.web.protocol.representations import lines

_PATH = PATH.encode()
_METHODS = frozenset({b"GET", b"HEAD"})
_END = b"\r\n\r\n"
_MAX_BYTES, _MAX_KNOWN = 4096, 1024
_known: dict[bytes, RequestHead] = {}
"""Whole requests of this process that were answered on the short way. The gate is asked anew each time."""


class QuickGetProtocol(LimitedProtocol):
    """One connection. `hot_path` answers."""

    _plain: RequestHead | None = None
    """What the request that is being read asks, if it is plain."""
    _may_be_whole: bytes | None = None
    """What has just come, if nothing was half read before it."""
    _own_fields: list[tuple[bytes, bytes]] | None = None
    _own_lines = b""

    def data_received(self, data: bytes) -> None:
        """Answer what is known; else read it."""
        is_free = len(data) <= _MAX_BYTES and self._is_free()
        head = _known.get(data) if is_free else None
        if head is not None and self._answer(head, head_only=data.startswith(b"HEAD")):
            return
        self._may_be_whole = data if is_free else None
        super().data_received(data)

    def _is_free(self) -> bool:
        """Nothing is half read or half written."""
        return self.phase is Phase.IDLE or (self.phase is Phase.HEAD and not self.framing.unread_bytes)

    def on_headers_complete(self) -> None:
        """Take the short way or the long one."""
        self._plain = read_head(self.headers) if self._is_plain() else None
        if self._plain is None:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Answer, if it is on the short way."""
        head, self._plain = self._plain, None
        if head is None:
            super().on_message_complete()
        elif self._answer(head, head_only=self.parser.get_method() == b"HEAD"):
            self.reader.is_answering = False
            self._hold(self.framing.unread_bytes - self._held_bytes)
            self._remember(head)
        else:
            super().on_headers_complete()
            super().on_message_complete()

    def _is_plain(self) -> bool:
        """The bare path, no body, a connection that stays."""
        if self.url != _PATH or self.framing.in_body or self.parser.get_method() not in _METHODS:
            return False
        if self.expect_100_continue or self.parser.should_upgrade():
            return False
        return self.parser.get_http_version() == "1.1" and self.parser.should_keep_alive()

    def _answer(self, head: RequestHead, *, head_only: bool) -> bool:
        answer = self.hot_path.answer_at_once(head)
        if answer is None:
            return False
        lines_of_head, body = answer
        self._unset_keepalive_if_required()
        self._enter(Phase.IDLE, self.limits.keep_alive_seconds)
        self.server_state.total_requests += 1
        # Last, since the transport may say at once that the client does not keep up.
        self.transport.writelines([lines_of_head, self._server_lines(), b"" if head_only else body])
        return True

    def _remember(self, head: RequestHead) -> None:
        """Only what was answered, so that nobody without a token fills the memory; and only one request at a time."""
        whole = self._may_be_whole
        if whole is not None and whole.endswith(_END) and whole.count(_END) == 1:
            if len(_known) >= _MAX_KNOWN:
                _known.clear()
            _known[whole] = head

    def _server_lines(self) -> bytes:
        """The server's own fields (`Date`, which it renews every second) and the empty line."""
        if self.server_state.default_headers is not self._own_fields:
            self._own_fields = self.server_state.default_headers
            self._own_lines = lines(self._own_fields) + b"\r\n"
        return self._own_lines
