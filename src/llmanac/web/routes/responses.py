"""The one place where routes write their responses."""

from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from types import MappingProxyType

import msgspec
from fastapi import Request, Response

from llmanac.answers.list_ref import ListRef
from llmanac.errors import RequestError
from llmanac.query.query import Query
from llmanac.web.app_context import AppContext
from llmanac.web.protocol.negotiation import Coding, choose_coding
from llmanac.web.protocol.problems import problem_body, problem_headers
from llmanac.web.protocol.representations import JSON, Headers, conditional, encode, fields_of_list

REVALIDATED: Mapping[str, str] = MappingProxyType({"Cache-Control": "private, no-cache", "Vary": "Authorization"})
"""Keep it, but ask before using it: the next list may make another answer."""
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def conditional_answer(
    request: Request, body: bytes, headers: Mapping[str, str] = REVALIDATED, *, media_type: bytes = JSON
) -> Response:
    """200 with the body as it is, or 304 if the caller names its tag; `headers` go with both."""
    both = conditional(encode(body, Coding.IDENTITY), _fields(headers), media_type)
    answer = both.answer(_joined(request, "if-none-match"))
    return _response(answer.status, answer.fields, answer.body)


async def catalogue_answer(
    request: Request,
    context: AppContext,
    list_ref: ListRef,
    key: Hashable,
    make: Callable[[], bytes],
    *,
    media_type: str = "application/json",
    headers: Mapping[str, str] = _NO_HEADERS,
) -> Response:
    """200 in the coding that the caller wants, or 304 if the caller names its tag; `headers` go with both.

    The body is made once, in a thread, for all who ask the same of the same list, and kept in bounded memory.

    Args:
        key: Everything the body depends on beside the list: the route, and what it was asked.

    Raises:
        NotAcceptable: Every coding was ruled out.
    """
    coding = choose_coding(_joined(request, "accept-encoding"))
    coded = await context.bodies.coded(list_ref, (list_ref.removed_by, key), coding, lambda: (make(), None))
    both = conditional(coded, fields_of_list(list_ref, context.clock().timestamp()), media_type.encode())
    answer = both.answer(_joined(request, "if-none-match"))
    return _response(answer.status, (*answer.fields, *_fields(headers)), answer.body)


def question_key(path: str, query: Query, now: datetime) -> Hashable:
    """Everything an answer depends on beside its list, the time only if models are asked for by their age.

    Answers are kept by it, so it is short however long the question is.
    """
    return path, query.digest, query.offset, query.limit, now if query.asks_age else None


def answer(value: msgspec.Struct, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer that no cache keeps."""
    return Response(
        msgspec.json.encode(value),
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})},
    )


def nothing() -> Response:
    """204."""
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


def refuse(request: Request, refusal: RequestError, headers: Mapping[str, str] | None = None) -> Response:
    """A refusal in the shape of the path; `headers` beside those of every one."""
    path = request.scope["path"]
    return Response(problem_body(refusal, path), refusal.status, {**problem_headers(refusal, path), **(headers or {})})


def _response(status: int, fields: Headers, body: bytes) -> Response:
    response = Response(body, status)
    response.raw_headers = [*fields]
    return response


def _fields(headers: Mapping[str, str]) -> Headers:
    return tuple((name.lower().encode(), value.encode()) for name, value in headers.items())


def _joined(request: Request, name: str) -> str | None:
    """The fields of one name as RFC 9110 section 5.3 joins them; None when there is none."""
    sent = request.headers.getlist(name)
    return ",".join(sent) if sent else None
