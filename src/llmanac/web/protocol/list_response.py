"""An answer made of one list, with the fields of the catalogue's endpoint: for every route that shows a list."""

from collections.abc import Callable, Hashable, Mapping
from datetime import datetime

from fastapi import Request, Response

from llmanac.answers.list_ref import Then
from llmanac.query.query import Query
from llmanac.web.protocol.negotiation import choose_coding
from llmanac.web.protocol.representations import conditional_fields, fields_of
from llmanac.web.routes.request import Parts


def question_key(path: str, query: Query, now: datetime) -> Hashable:
    """Everything an answer depends on beside its list, the time only if models are asked for by their age.

    Answers are kept by it, so it is short however long the question is.
    """
    return path, query.digest, query.offset, query.limit, now if query.asks_age else None


async def catalogue_answer(
    request: Request,
    parts: Parts,
    then: Then,
    key: Hashable,
    make: Callable[[], bytes],
    *,
    media_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """200 in the coding that the caller wants, or 304 if the caller names its tag; `headers` go with both.

    The body is made once, in a thread, for all who ask the same of the same list, and kept in bounded memory.

    Args:
        key: Everything the body depends on beside the list: the route, and what it was asked.

    Raises:
        NotAcceptable: Every coding was ruled out.
    """
    coding = choose_coding(_joined(request, "accept-encoding"))
    coded = await parts.bodies.coded(then, (then.removed_by, key), coding, lambda: (make(), None))
    of_list = fields_of(then, parts.clock().timestamp())
    status, fields = conditional_fields(coded, of_list, _joined(request, "if-none-match"), media_type.encode())
    response = Response(b"" if status == 304 else coded.body, status)
    more = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    response.raw_headers = [*fields, *more]
    return response


def _joined(request: Request, name: str) -> str | None:
    """The fields of one name as RFC 9110 section 5.3 joins them; None when there is none."""
    sent = request.headers.getlist(name)
    return ",".join(sent) if sent else None
