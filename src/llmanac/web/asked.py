"""What each route of the framework can be asked: the fields that the reader reads by, and that OpenAPI tells of."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
from starlette.convertors import Convertor, register_url_convertor

from llmanac.query.fields import CHANGES_FIELDS, HISTORY_FIELDS, MODEL_FIELDS, Field, FieldKind
from llmanac.web.describe import COMPONENTS, Described
from llmanac.web.dialect_fields import (
    MIRROR_COUNT_FIELDS,
    MIRROR_LIST_FIELDS,
    MIRROR_MODEL_FIELDS,
    OPENAI_LIST_FIELDS,
    OPENAI_MODEL_FIELDS,
)
from llmanac.web.export_fields import EXPORTS_ASKED
from llmanac.web.problems import MEDIA_TYPE


class _Slug(Convertor[str]):
    """What follows the author in an id: any characters, slashes and line ends too, which `path` leaves out."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("slug", _Slug())

CHANGES_PATH = "/api/ai/changes"
MODEL_PATH = "/api/ai/models/{author}/{slug:slug}"
HISTORY_PATH = "/api/ai/models/{author}/{slug:slug}/history"
MIRROR_LIST_PATH = "/api/v1/models"
MIRROR_COUNT_PATH = "/api/v1/models/count"
MIRROR_USER_PATH = "/api/v1/models/user"
MIRROR_MODEL_PATH = "/api/v1/model/{author}/{slug:slug}"
OPENAI_LIST_PATH = "/v1/models"
OPENAI_MODEL_PATH = "/v1/models/{id:slug}"

ASKED: Mapping[str, Mapping[str, Field]] = MappingProxyType(
    {
        CHANGES_PATH: CHANGES_FIELDS,
        MODEL_PATH: MODEL_FIELDS,
        HISTORY_PATH: HISTORY_FIELDS,
        **EXPORTS_ASKED,
        MIRROR_LIST_PATH: MIRROR_LIST_FIELDS,
        MIRROR_COUNT_PATH: MIRROR_COUNT_FIELDS,
        MIRROR_USER_PATH: MIRROR_LIST_FIELDS,
        MIRROR_MODEL_PATH: MIRROR_MODEL_FIELDS,
        OPENAI_LIST_PATH: OPENAI_LIST_FIELDS,
        OPENAI_MODEL_PATH: OPENAI_MODEL_FIELDS,
    }
)
"""By the route's path. A route that is not here is asked nothing."""

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_NO_PROBLEMS: Mapping[int, Mapping[str, object]] = MappingProxyType({})


def told(fields: Mapping[str, Field]) -> list[dict[str, object]]:
    """Fields as OpenAPI's parameters."""
    return [_parameter(field) for field in fields.values()]


def _parameter(field: Field) -> dict[str, object]:
    schema: dict[str, object] = {"type": "string"}
    example: str | int = field.example
    if field.kind is FieldKind.CHOICE:
        schema["enum"] = [*field.allowed]
    if field.default:
        schema["default"] = field.default
    if field.kind is FieldKind.WHOLE:
        schema = {"type": "integer", "minimum": field.at_least, "maximum": field.at_most}
        if field.default:
            schema["default"] = int(field.default)
        example = int(field.example)
    return {
        "name": field.name,
        "in": "query",
        "required": False,
        "description": field.help,
        "schema": schema,
        "example": example,
    }


_CONDITION: dict[str, object] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "Entity tags the caller has; 304 when the answer is one of them.",
    "schema": {"type": "string"},
}
_VALIDATORS = {
    "ETag": "Strong. Send it back as If-None-Match.",
    "Cache-Control": "`private, no-cache`: keep it, but ask before using it.",
    "Vary": "Always `Authorization`.",
}


LIST_HEADERS = {
    "ETag": "Strong; one for each content coding. Send it back as If-None-Match.",
    "Last-Modified": "When the list was taken that first held this content.",
    "Cache-Control": "`private, no-cache`, or `private, immutable` with an `as_of` that no later fetch can change.",
    "Vary": "Always `Authorization, Accept-Encoding`; `Origin` too with `LLMANAC_CORS_ORIGINS`.",
    "X-Catalogue-Serial": "Number of the change set of the list; 0 is the bundle.",
    "X-Catalogue-Source": "`live`, `store`, `bundled` or `import`.",
    "X-Catalogue-Age": "Seconds since upstream was last seen to agree with the list. Not part of the ETag.",
}
"""What the fields say of an answer that `catalogue_answer` makes."""


def asking(
    fields: Mapping[str, Field],
    route: Described,
    headers: Mapping[str, str] = _NO_HEADERS,
    problems: Mapping[int, Mapping[str, object]] = _NO_PROBLEMS,
) -> Described:
    """A described route with its parameters and 304.

    Args:
        headers: What the fields of 200 and 304 say, beside those of every such route.
        problems: The schemas of refusals that say more than others.
    """
    told_of = {
        name: {"description": says, "schema": {"type": "string"}} for name, says in (_VALIDATORS | {**headers}).items()
    }
    responses = route["responses"]
    responses[200]["headers"] = told_of
    responses[304] = {"description": "The caller has it already", "headers": told_of}
    for status, schema in problems.items():
        responses[status]["content"] = {MEDIA_TYPE: {"schema": schema}}
    extra = {**(route["openapi_extra"] or {}), "parameters": [*told(fields), _CONDITION]}
    return Described(responses=responses, openapi_extra=extra)


def ref(*shapes: type[msgspec.Struct]) -> list[dict[str, object]]:
    """Where the document has these shapes."""
    return [{"$ref": COMPONENTS + shape.__name__} for shape in shapes]
