"""How routes read requests: who asks, what, and with which body."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import msgspec
from fastapi import Depends, Request

from llmanac.access.gate import Grant
from llmanac.access.token import AccessScope
from llmanac.answers.dialect_fields import refuse_unanswered
from llmanac.errors import BodyTooLarge, InvalidBody, UnsupportedBody
from llmanac.web.app_context import AppContext
from llmanac.web.protocol.credentials import credential, read_query
from llmanac.web.protocol.problems import Dialect, dialect_of
from llmanac.web.routes.table import ROUTE_FIELDS

Body = TypeVar("Body")


async def given(request: Request) -> AppContext:
    """As a dependency: on the event loop, so that it waits for no thread."""
    return context_of(request)


def context_of(request: Request) -> AppContext:
    """The parts of the app that answers."""
    context = request.app.state.context
    assert isinstance(context, AppContext)
    return context


Context = Annotated[AppContext, Depends(given)]


def requires(scope: AccessScope) -> Callable[[Request], Awaitable[Grant]]:
    """A dependency that lets in bearers of a scope only."""

    async def admit(request: Request) -> Grant:
        context = context_of(request)
        sent = credential(request.headers.get("authorization"), request.headers.get("x-api-key"))
        return context.gate.admit(sent, scope, context.clock().timestamp())

    return admit


async def _admit_public_reader(request: Request) -> None:
    context = context_of(request)
    sent = credential(request.headers.get("authorization"), request.headers.get("x-api-key"))
    if sent or not context.public_mirror:
        context.gate.admit(sent, AccessScope.READ, context.clock().timestamp())


READS = Depends(requires(AccessScope.READ))
READS_PUBLICLY = Depends(_admit_public_reader)
"""As READS; with LLMANAC_PUBLIC_MIRROR everybody, but a token that is sent must be good all the same."""
ADMINISTERS = Depends(requires(AccessScope.ADMIN))


async def params(request: Request) -> dict[str, str]:
    """As a dependency of the whole app: what the route is asked by query; a misspelt parameter must not be ignored."""
    path: str = request.scope["route"].path
    if dialect_of(path) is Dialect.OPENROUTER:
        refuse_unanswered(request.url.query)
    return read_query(request.url.query, ROUTE_FIELDS.get(path, {}), context_of(request).gate)


Params = Annotated[dict[str, str], Depends(params)]
"""The value of each field of the route, read once; `""` is "not asked"."""


async def read_body(request: Request, shape: type[Body], *, hint: str = "/schema shows what this route reads.") -> Body:
    """The JSON body in its shape; `{}` when none was sent.

    Raises:
        UnsupportedBody, BodyTooLarge, InvalidBody: As named; it says where and what was expected.
    """
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    limit = context_of(request).max_body_bytes
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge(f"Expected a body of at most {limit} bytes, got more")
    if body and media_type != "application/json":
        raise UnsupportedBody(f"Expected application/json, got {media_type[:60]!r}")
    try:
        return msgspec.json.decode(bytes(body) or b"{}", type=shape)
    except UnicodeDecodeError as problem:
        raise InvalidBody(f"Expected UTF-8 (RFC 8259 section 8.1), got {problem.reason}", hint=hint) from None
    except (msgspec.DecodeError, RecursionError) as problem:
        raise InvalidBody(str(problem), hint=hint) from None
