"""What every request gets that the framework answers: HEAD, a request id, and one log line without query or secret."""

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = frozenset({"/healthz", "/readyz"})
_MAX_PATH_CHARACTERS = 300
log = structlog.get_logger("llmanac.web")


class HeadAsGet:
    """ASGI middleware: every route that answers GET answers HEAD (RFC 9110 section 9.1); the server sends no body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)


class RequestLog:
    """ASGI middleware. A sane `X-Request-Id` of the caller's is kept, else one is made."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = Headers(scope=scope).get("x-request-id", "")
        if not _SANE_ID.fullmatch(request_id):
            request_id = uuid.uuid4().hex
        begun = time.perf_counter()
        status, answered = 500, False

        async def send_with_id(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            except Exception:
                # A fault that was answered is logged already; raised on, it would end the connection without a word.
                if status != 500 or not answered:
                    raise
            finally:
                path = scope["path"]
                say = log.debug if path in _QUIET else log.info
                say(
                    "request",
                    method=scope["method"][:20],
                    path=path if len(path) <= _MAX_PATH_CHARACTERS else f"({len(path)} characters)",
                    status=status,
                    milliseconds=round((time.perf_counter() - begun) * 1000, 1),
                )
