"""The one maker of error answers, in the shape that whoever asks can read: the path tells which.

Own routes: RFC 9457, plus the four members that clients of the original API read. Under `/api/v1`: OpenRouter's shape.
Under `/v1`: OpenAI's.
"""

import http
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated
from urllib.parse import quote

import msgspec

from llmanac.errors import InvalidParameter, RequestError, redact

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


class NoList(Problem, frozen=True):
    """No list is known of what was asked for. How far those reach that are known; all null while there is none."""

    first: Annotated[datetime | None, msgspec.Meta(description="When the first list was had.")]
    newest: Annotated[datetime | None, msgspec.Meta(description="When the newest was had, or had again.")]
    first_serial: int | None
    newest_serial: int | None


class NoModel(Problem, frozen=True):
    """No list that was asked for has or had such a model."""

    near: Annotated[tuple[str, ...], msgspec.Meta(description="At most three ids that look like it, the likest first.")]


class OpenRouterError(msgspec.Struct, frozen=True):
    """`code` is the status; `metadata` holds our stable code as `error`, and what only some refusals say."""

    code: int
    message: str
    metadata: Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"type": "object", "required": ["error"]})]


class OpenRouterProblem(msgspec.Struct, frozen=True):
    """A refusal as OpenRouter words it."""

    error: OpenRouterError


class OpenAIError(msgspec.Struct, frozen=True):
    """`type` is `invalid_request_error` or `server_error`; `param` names what was wrong, if it has a name."""

    message: str
    type: str
    param: str | None
    code: str


class OpenAIProblem(msgspec.Struct, frozen=True):
    """A refusal as OpenAI words it."""

    error: OpenAIError


class Dialect(StrEnum):
    """In whose shape a refusal is told."""

    OWN = "own"
    OPENROUTER = "openrouter"
    OPENAI = "openai"

    @property
    def media_type(self) -> str:
        """Of refusals. Clients of the other two read nothing but plain JSON, whatever the status."""
        return MEDIA_TYPE if self is Dialect.OWN else "application/json"

    def example(self, refusal: type[RequestError]) -> bytes | None:
        """A refusal of this kind; None for own routes, where nothing depends on the kind."""
        if self is Dialect.OWN:
            return None
        shown = RequestError(refusal.title, code=refusal.code)
        shown.status = refusal.status
        return _MAKERS[self](shown, "")

    @property
    def shape(self) -> type[msgspec.Struct]:
        """Of refusals."""
        return _SHAPES[self]


_SHAPES: Mapping[Dialect, type[msgspec.Struct]] = MappingProxyType(
    {Dialect.OWN: Problem, Dialect.OPENROUTER: OpenRouterProblem, Dialect.OPENAI: OpenAIProblem}
)
_PREFIXES = MappingProxyType({"/api/v1": Dialect.OPENROUTER, "/v1": Dialect.OPENAI})
_OPENAI_CODES = MappingProxyType(
    {
        "AUTH_MISSING_TOKEN": "invalid_api_key",
        "AUTH_INVALID_TOKEN": "invalid_api_key",
        "AUTH_EXPIRED_TOKEN": "invalid_api_key",
        "MODEL_UNKNOWN": "model_not_found",
        "MODEL_REMOVED": "model_not_found",
    }
)
"""Where OpenAI has a word of its own; ours in small letters elsewhere."""


def dialect_of(path: str) -> Dialect:
    """The dialect of a path, known to us or not."""
    for prefix, dialect in _PREFIXES.items():
        if path == prefix or path.startswith(prefix + "/"):
            return dialect
    return Dialect.OWN


def problem_body(refusal: RequestError, path: str) -> bytes:
    """The answer's body. `path` is the request's, without its query: that may hold what must not come back."""
    return _MAKERS[dialect_of(path)](refusal, path)


def problem_headers(refusal: RequestError, path: str) -> dict[str, str]:
    """Fields of every error answer, those of this refusal included."""
    return {
        "Content-Type": dialect_of(path).media_type,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **refusal.headers,
    }


def _own_body(refusal: RequestError, path: str) -> bytes:
    problem = Problem(
        type="about:blank",
        title=refusal.title,
        status=refusal.status,
        detail=refusal.message,
        instance=quote(redact(path)[:_MAX_INSTANCE_CHARACTERS], safe="/~:@!$&'()*+,;="),
        error=refusal.code,
        message=refusal.message,
        statusCode=refusal.status,
        nextActions=refusal.hint,
    )
    return msgspec.json.encode({**msgspec.structs.asdict(problem), **refusal.members})


def _openrouter_body(refusal: RequestError, _: str) -> bytes:
    metadata = msgspec.Raw(msgspec.json.encode({"error": refusal.code, **refusal.members}))
    return msgspec.json.encode(OpenRouterProblem(OpenRouterError(refusal.status, _whole_message(refusal), metadata)))


def _openai_body(refusal: RequestError, _: str) -> bytes:
    code = _OPENAI_CODES.get(refusal.code, refusal.code.lower())
    parameter = refusal.parameter if isinstance(refusal, InvalidParameter) else None
    problem = OpenAIError(
        message=_whole_message(refusal),
        type="server_error" if refusal.status >= 500 else "invalid_request_error",
        param="model" if code == "model_not_found" else parameter,
        code=code,
    )
    return msgspec.json.encode(OpenAIProblem(problem))


def _whole_message(refusal: RequestError) -> str:
    """These shapes have no place for a hint, and their clients show nothing but the message."""
    return f"{refusal.message.rstrip('.')}. {refusal.hint}" if refusal.hint else refusal.message


_MAKERS: Mapping[Dialect, Callable[[RequestError, str], bytes]] = MappingProxyType(
    {Dialect.OWN: _own_body, Dialect.OPENROUTER: _openrouter_body, Dialect.OPENAI: _openai_body}
)


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
