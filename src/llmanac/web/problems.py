"""The one maker of error answers: RFC 9457, plus the four members that clients of the original API read."""

import http
from urllib.parse import quote

import msgspec

from llmanac.errors import RequestError, redact

MEDIA_TYPE = "application/problem+json"
_MAX_INSTANCE_CHARACTERS = 300


class Problem(msgspec.Struct, frozen=True, omit_defaults=False):
    """`error` is stable and meant for programs; `message` is `detail` again, as clients of the original API want it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    error: str
    message: str
    statusCode: int  # noqa: N815  the original API's spelling
    nextActions: str  # noqa: N815  as above


def problem_body(refusal: RequestError, path: str) -> bytes:
    """The answer's body. `path` is the request's, without its query: that may hold what must not come back."""
    problem = Problem(
        type="about:blank",
        title=refusal.title,
        status=refusal.status,
        detail=refusal.message,
        instance=redact(quote(path[:_MAX_INSTANCE_CHARACTERS], safe="/~:@!$&'()*+,;=")),
        error=refusal.code,
        message=refusal.message,
        statusCode=refusal.status,
        nextActions=refusal.hint,
    )
    return msgspec.json.encode({**msgspec.structs.asdict(problem), **refusal.members})


def problem_headers(refusal: RequestError) -> dict[str, str]:
    """Fields of every error answer, those of this refusal included."""
    return {
        "Content-Type": MEDIA_TYPE,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **refusal.headers,
    }


def unexpected(status: int, detail: str) -> RequestError:
    """A refusal the framework raised, for which there is no class of ours."""
    refusal = RequestError(detail)
    refusal.status = status
    refusal.title = http.HTTPStatus(status).phrase if status in {*http.HTTPStatus} else "Error"
    refusal.code = f"HTTP_{status}"
    return refusal


def internal_error() -> RequestError:
    """What a caller is told of a fault of ours: nothing but that the log has it."""
    return RequestError("Something went wrong on our side", hint="The server's log has it under the X-Request-Id.")
