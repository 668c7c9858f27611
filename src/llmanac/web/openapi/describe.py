"""What each route says of itself, for the OpenAPI document: its answers come from the records it really sends."""

from collections.abc import Iterable
from typing import TypedDict

import msgspec

from llmanac.access.token import AccessScope
from llmanac.errors import (
    BodyTooLarge,
    Forbidden,
    InvalidBody,
    InvalidParameter,
    RequestError,
    Unauthorized,
    Unavailable,
    UnsupportedBody,
)
from llmanac.web.protocol.problems import Dialect

COMPONENTS = "#/components/schemas/"

OPEN = (InvalidParameter,)
"""Refusals of every route."""

GUARDED = (*OPEN, Unauthorized, Forbidden)
"""Refusals of every route that wants a token."""

STORED = (*GUARDED, Unavailable)
"""Refusals of every route that cannot do without the store."""

WITH_BODY = (*STORED, BodyTooLarge, UnsupportedBody, InvalidBody)
"""Refusals of every route that reads a body and keeps it."""


class Described(TypedDict):
    """What FastAPI's decorators take."""

    responses: dict[int | str, dict[str, object]]
    openapi_extra: dict[str, object] | None


def described(
    shape: type[msgspec.Struct] | None,
    example: msgspec.Struct | None = None,
    *,
    status: int = 200,
    says: str = "Done",
    refusals: Iterable[type[RequestError]] = GUARDED,
    reads: type[msgspec.Struct] | None = None,
    reads_example: msgspec.Struct | None = None,
    scope: AccessScope | None = AccessScope.READ,
    dialect: Dialect = Dialect.OWN,
) -> Described:
    """A route's answers, refusals in the shape of its dialect, body and rights."""
    responses: dict[int | str, dict[str, object]] = {status: {"description": says}}
    if shape is not None:
        responses[status]["content"] = {"application/json": content_of(shape, example)}
    for refusal in refusals:
        responses[refusal.status] = _refusal(refusal, dialect)
    extra: dict[str, object] = {"security": security(scope)}
    if reads is not None:
        extra["requestBody"] = {"required": True, "content": {"application/json": content_of(reads, reads_example)}}
    return Described(responses=responses, openapi_extra=extra)


def security(scope: AccessScope | None) -> list[dict[str, list[str]]]:
    """Either scheme, with the scope as OpenAPI 3.1 lets any scheme name its roles; None is open to all."""
    return [] if scope is None else [{"bearer": [scope.value]}, {"apiKey": [scope.value]}]


def content_of(shape: type[msgspec.Struct], example: msgspec.Struct | None) -> dict[str, object]:
    """What a media type holds."""
    content: dict[str, object] = {"schema": {"$ref": COMPONENTS + shape.__name__}}
    if example is not None:
        # As text, since the framework would drop its nulls; `make_openapi` makes it JSON again.
        content["example"] = msgspec.json.encode(example).decode()
    return content


def _refusal(refusal: type[RequestError], dialect: Dialect) -> dict[str, object]:
    content: dict[str, object] = {"schema": {"$ref": COMPONENTS + dialect.shape.__name__}}
    if (example := dialect.example(refusal)) is not None:
        content["example"] = example.decode()
    described: dict[str, object] = {"description": refusal.title, "content": {dialect.media_type: content}}
    if refusal in (Unauthorized, Forbidden):
        described["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
    if refusal is Unavailable:
        described["headers"] = {"Retry-After": {"required": True, "schema": {"type": "integer"}}}
    return described
