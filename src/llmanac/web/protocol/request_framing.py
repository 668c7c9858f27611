"""Where requests begin and end (RFC 9112), and how large they may be, before a parser sees them.

The parser gets one whole head, and then no more than the body that the head announced. So it never holds an unfinished
line, never reads a second request before the first is answered, and no limit depends on how the bytes were cut.
"""

import re
from collections.abc import Callable, Sequence

from llmanac.errors import BodyTooLarge, HeadTooLarge, RequestError
from llmanac.web.protocol.limits import ConnectionLimits
from llmanac.web.protocol.problems import unexpected

_END = b"\r\n\r\n"
_EMPTY_LINE = b"\r\n"
_BARE_END = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)")
_DIGITS = re.compile(rb"[0-9]{1,18}")
_VERSIONS = ("1.1", "1.0")
_MAX_CHUNKING_BYTES = 64 << 10
"""What the chunks of a body and its trailers may take beside what is in them."""

Fields = Sequence[tuple[bytes, bytes]]
"""Names in lower case."""


class RequestRefused(Exception):
    """A request that is not read on."""

    def __init__(self, refusal: RequestError) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class RequestFraming:
    """The requests of one connection, one after the other: `next_head`, `begin_body`, `next_body` until `end`."""

    def __init__(self, limits: ConnectionLimits, refuse_body: Callable[[Fields], RequestError | None]) -> None:
        """Nothing has come yet.

        Args:
            refuse_body: Why a request with these fields may have no more than a small body; None when it may.
        """
        self._limits = limits
        self._refuse_body = refuse_body
        self._received = bytearray()
        self._searched = 0
        self._may_skip = True
        self._head = b""
        self._body_limit = 0
        self._body_refusal: RequestError | None = None
        self._body_bytes = self._raw_bytes = 0
        self._remaining = 0
        """Bytes of the body that are to come, where its length was announced."""
        self.in_body = False
        """The body of a request, or the rest of it, is to come."""
        self.is_chunked = False
        """The newest request came with a chunked body."""

    @property
    def unread_bytes(self) -> int:
        """What has come and is not read."""
        return len(self._received)

    @property
    def method(self) -> bytes:
        """Of the request that is read, as far as it came."""
        return self._line.split(b" ", 1)[0]

    @property
    def path(self) -> str:
        """As `method`, without the query; "" when it did not come so far."""
        words = self._line.split(b" ", 2)
        is_path = len(words) > 1 and words[1].startswith(b"/")
        return words[1].partition(b"?")[0].decode("latin-1") if is_path else ""

    @property
    def _line(self) -> bytes:
        return (self._head or bytes(self._received[: self._limits.max_head_bytes])).split(_EMPTY_LINE, 1)[0]

    def receive(self, data: bytes) -> None:
        """Take bytes in."""
        self._received += data

    def next_head(self) -> bytes | None:
        """The next request's line and fields with the empty line; None until they are whole.

        Raises:
            RequestRefused: They are too large, or no HTTP.
        """
        # RFC 9112 section 2.2: one empty line before a request is passed over.
        if self._may_skip and self._received.startswith(_EMPTY_LINE):
            self._may_skip = False
            del self._received[: len(_EMPTY_LINE)]
        if not self._received or (self._may_skip and self._received == b"\r"):
            return None
        if not 0x20 < self._received[0] < 0x7F:
            raise RequestRefused(no_http("it begins with a byte that no method begins with"))
        end = self._received.find(_END, max(self._searched - len(_END), 0))
        size = len(self._received) if end < 0 else end + len(_END)
        limit = self._limits.max_head_bytes
        if _BARE_END.search(self._received, max(self._searched - 1, 0), min(size, limit)):
            raise RequestRefused(no_http("a line ends in other than CR LF"))
        if size > limit:
            raise RequestRefused(HeadTooLarge(f"Expected a line and fields of at most {limit} bytes, got more"))
        self._searched = len(self._received)
        if end < 0:
            return None
        self._head = bytes(self._received[:size])
        del self._received[:size]
        return self._head

    def begin_body(self, method: bytes, version: str, fields: Fields) -> None:
        """Note what follows the head.

        Raises:
            RequestRefused: The request is ambiguous, has too many fields, or announces a body that is too large.
        """
        if version not in _VERSIONS:
            raise RequestRefused(unexpected(400, f"Expected HTTP/1.1 or HTTP/1.0, got HTTP/{version}"))
        if len(fields) > self._limits.max_fields:
            raise RequestRefused(HeadTooLarge(f"Expected at most {self._limits.max_fields} fields, got {len(fields)}"))
        hosts = sum(name == b"host" for name, _ in fields)
        if hosts > 1 or (not hosts and version == "1.1"):
            raise RequestRefused(no_http(f"Expected one Host field (section 3.2), got {hosts or 'none'}"))
        lengths = [value for name, value in fields if name == b"content-length"]
        codings = [value.lower() for name, value in fields if name == b"transfer-encoding"]
        if not lengths and not codings:
            return
        if len(lengths) + len(codings) > 1 or (codings and version != "1.1") or method == b"CONNECT":
            # Whoever sends this may try to smuggle a request past a proxy.
            raise RequestRefused(no_http("the length of its body is ambiguous (section 6.1)"))
        if codings and codings != [b"chunked"]:
            raise RequestRefused(unexpected(501, "Expected the transfer coding chunked or none"))
        if lengths and not _DIGITS.fullmatch(lengths[0]):
            raise RequestRefused(no_http("Content-Length is no number"))
        self._body_refusal = self._refuse_body(fields)
        stranger = self._body_refusal is not None
        self._body_limit = self._limits.max_anonymous_body_bytes if stranger else self._limits.max_body_bytes
        self._remaining = int(lengths[0]) if lengths else 0
        self._check_body(self._remaining)
        self._body_bytes = self._raw_bytes = 0
        self.is_chunked, self.in_body = bool(codings), bool(codings or self._remaining)

    def next_body(self) -> bytes:
        """More of the body, with its chunking; after a chunked one perhaps more than that. Empty until more has come.

        Raises:
            RequestRefused: It is too large.
        """
        piece = bytes(self._received if self.is_chunked else self._received[: self._remaining])
        del self._received[: len(piece)]
        if self.is_chunked:
            self._raw_bytes += len(piece)
            self._check_body(self._raw_bytes - _MAX_CHUNKING_BYTES)
        else:
            self._remaining -= len(piece)
        return piece

    def count_body(self, data: bytes) -> None:
        """Count what was in the body without its chunking.

        Raises:
            RequestRefused: It is too large.
        """
        self._body_bytes += len(data)
        self._check_body(self._body_bytes)

    def end(self) -> None:
        """The request is whole: the next one may begin."""
        self.in_body = False
        self._head, self._searched, self._may_skip = b"", 0, True

    def drop(self) -> None:
        """Forget what has come and is not read."""
        self._received.clear()

    def _check_body(self, size: int) -> None:
        if size > self._body_limit:
            words = f"Expected a body of at most {self._body_limit} bytes, got more"
            raise RequestRefused(self._body_refusal or BodyTooLarge(words))


def no_http(reason: str) -> RequestError:
    """The refusal of what is no request. It repeats nothing of it: there may be a secret in it."""
    return unexpected(400, f"This is no request of HTTP/1.1 (RFC 9112): {reason}")
