"""Bytes of one connection → requests, one at a time, by uvicorn's fast parser within the limits of the framing."""

from typing import Protocol

import httptools

from llmanac.errors import RequestError
from llmanac.web.protocol.request_framing import RequestFraming, RequestRefused, no_http


class RequestHandler(Protocol):
    """What uvicorn's protocol does with what the parser finds. Names are the parser's."""

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The fields of the request, names in lower case."""

    @property
    def may_begin(self) -> bool:
        """Whether another request may be begun."""

    def on_message_begin(self) -> None:
        """A head begins."""

    def on_url(self, url: bytes) -> None:
        """The target, or a part of it."""

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field."""

    def on_headers_complete(self) -> None:
        """The head is over: begin to answer."""

    def on_body(self, body: bytes) -> None:
        """Some of the body."""

    def on_message_complete(self) -> None:
        """The body is over."""


class RequestReader:
    """Feeds the parser, and hands on what it calls back as long as the request is good."""

    def __init__(self, framing: RequestFraming, handler: RequestHandler) -> None:
        self._framing = framing
        self._handler = handler
        self.parser = httptools.HttpRequestParser(self)
        self.is_answering = False
        """A request was read whose answer is not complete; the handler says so by setting it to False."""
        self._refusal: RequestError | None = None
        """What a callback found; the parser would hide it if it were raised there."""

    def read(self) -> None:
        """Read what has come, until a request is to be answered.

        Raises:
            RequestRefused: The connection cannot go on.
        """
        while piece := self._next_piece():
            try:
                self.parser.feed_data(piece)
            except httptools.HttpParserUpgrade:
                pass  # nothing else is spoken here, and a server may go on in HTTP/1.1 (RFC 9110 section 7.8)
            except httptools.HttpParserError:
                if not self.is_over:
                    raise RequestRefused(self._refusal or no_http("the parser cannot read it")) from None
            if self._refusal is not None:
                raise RequestRefused(self._refusal)

    @property
    def is_over(self) -> bool:
        """A chunked request was read. What follows it is dropped: it was parsed before that one could be answered."""
        return self._framing.is_chunked and not self._framing.in_body

    def _next_piece(self) -> bytes | None:
        if self._framing.in_body:
            return self._framing.next_body()
        if self.is_over:
            self._framing.drop()
            return None
        return None if self.is_answering or not self._handler.may_begin else self._framing.next_head()

    # What the parser calls

    def on_message_begin(self) -> None:
        """A head begins."""
        if not self.is_over:
            self._handler.on_message_begin()

    def on_url(self, url: bytes) -> None:
        """The target."""
        if not self.is_over:
            self._handler.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field; one that follows a body is dropped."""
        if not self._framing.is_chunked:
            self._handler.on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is over."""
        if self.is_over:
            return
        version, method = self.parser.get_http_version(), self.parser.get_method()
        try:
            self._framing.begin_body(method, version, self._handler.headers)
        except RequestRefused as problem:
            self._refusal = problem.refusal
            return
        self.is_answering = True
        self._handler.on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Some of the body, without its chunking."""
        if self._refusal is not None or self.is_over:
            return
        try:
            self._framing.count_body(body)
        except RequestRefused as problem:
            self._refusal = problem.refusal
            return
        self._handler.on_body(body)

    def on_message_complete(self) -> None:
        """The request is over."""
        if self._refusal is None and not self.is_over:
            self._framing.end()
            self._handler.on_message_complete()
