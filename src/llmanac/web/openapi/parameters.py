"""What a route can be asked, as OpenAPI tells of it."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from llmanac.query.fields import Field, FieldKind
from llmanac.web.openapi.describe import COMPONENTS, Described
from llmanac.web.protocol.problems import MEDIA_TYPE

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_NO_PROBLEMS: Mapping[int, Mapping[str, object]] = MappingProxyType({})


def as_parameters(fields: Mapping[str, Field]) -> list[dict[str, object]]:
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


def with_parameters(
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
    extra = {**(route["openapi_extra"] or {}), "parameters": [*as_parameters(fields), _CONDITION]}
    return Described(responses=responses, openapi_extra=extra)


def ref(*shapes: type[msgspec.Struct]) -> list[dict[str, object]]:
    """Where the document has these shapes."""
    return [{"$ref": COMPONENTS + shape.__name__} for shape in shapes]
