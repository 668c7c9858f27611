"""`http.md`: every route, from the OpenAPI document that a server of this code serves."""

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx2
import msgspec

from llmanac.application import make_app_context, make_asgi
from llmanac.assemble import open_store
from llmanac.settings import Settings
from scripts.reference.codes import attempt_codes, refusal_codes
from scripts.reference.markdown import code, fence, one_line, page, table

_INTRODUCTION = """
Send the token as `Authorization: Bearer <token>` or `X-API-Key: <token>`, never in the address. `admin` includes
`models:read`. A running server shows the same at `/schema`, and as OpenAPI 3.1 at `/schema/openapi.json`.

Every refusal is `application/problem+json` (RFC 9457) in the shape `Problem`. `error` is stable and meant for programs;
`nextActions` says what to do. 401 and 403 carry `WWW-Authenticate`, 405 `Allow`, 503 `Retry-After`. An unknown
query parameter is refused, so that a misspelt one is never ignored.
"""

_REFUSALS = "`error` of a refusal. Another status that the framework raises by itself has `HTTP_` and its number."

_ATTEMPTS = "`code` of an attempt to sync, in `/api/ai/status` and in the answer of `POST /api/ai/sync`."


class _Parameter(msgspec.Struct):
    name: str
    place: str = msgspec.field(name="in")
    description: str = ""
    schema: dict[str, object] = {}
    example: object = None


class _Content(msgspec.Struct):
    schema: dict[str, object] = {}
    example: object = None


class _Header(msgspec.Struct):
    description: str = ""


class _Response(msgspec.Struct):
    description: str
    content: dict[str, _Content] = {}
    headers: dict[str, _Header] = {}


class _Body(msgspec.Struct):
    content: dict[str, _Content]


class _Operation(msgspec.Struct):
    summary: str
    responses: dict[str, _Response]
    description: str = ""
    parameters: list[_Parameter] = []
    security: list[dict[str, list[str]]] = []
    body: _Body | None = msgspec.field(name="requestBody", default=None)


class _Components(msgspec.Struct):
    schemas: dict[str, dict[str, object]]


class _Document(msgspec.Struct):
    paths: dict[str, dict[str, _Operation]]
    components: _Components


def http_page() -> str:
    """The page."""
    document = msgspec.json.decode(openapi_document(), type=_Document)
    routes = [
        _route(method, path, route) for path, methods in document.paths.items() for method, route in methods.items()
    ]
    shapes = [_shape(name, schema) for name, schema in document.components.schemas.items()]
    return page(
        "HTTP",
        "the OpenAPI document",
        _INTRODUCTION,
        *routes,
        f"## Codes of refusals\n\n{_REFUSALS}\n\n{refusal_codes()}",
        f"## Codes of attempts\n\n{_ATTEMPTS}\n\n{attempt_codes()}",
        "## Shapes",
        *shapes,
    )


def openapi_document() -> bytes:
    """The document as a server answers it, asked of the whole application over an empty store."""
    with tempfile.TemporaryDirectory() as directory:
        settings = Settings.model_validate({"data_dir": Path(directory), "offline": True}, by_name=True)
        store = open_store(settings)
        try:
            transport = httpx2.ASGITransport(make_asgi(settings, make_app_context(settings, store)))
            return asyncio.run(_ask(transport))
        finally:
            store.close()


async def _ask(transport: httpx2.ASGITransport) -> bytes:
    async with httpx2.AsyncClient(transport=transport, base_url="http://llmanac") as client:
        return (await client.get("/schema/openapi.json")).raise_for_status().content


def _route(method: str, path: str, route: _Operation) -> str:
    parameters = [
        (code(parameter.name), parameter.place, _type(parameter.schema), _says(parameter))
        for parameter in route.parameters
    ]
    answers = [
        (status, response.description, ", ".join(_shown_as(*each) for each in response.content.items()))
        for status, response in sorted(route.responses.items())
    ]
    opening = [f"## `{method.upper()} {path}`", f"{route.summary}. {one_line(route.description)}"]
    if method == "head":
        return "\n\n".join([*opening, "Asked and answered as `GET`, without a body."])
    parts = [
        *opening,
        _rights(route.security),
        table(("parameter", "in", "value", "what"), parameters),
        *_body(route.body),
        table(("status", "answer", "shape"), answers),
        *_fields(route.responses),
        *_examples(route.responses),
    ]
    return "\n\n".join(part for part in parts if part)


def _shown_as(media_type: str, content: _Content) -> str:
    """The shape of an answer; of one in several shapes with the parameter that tells them apart."""
    parameter = media_type.partition("; ")[2]
    return f"{_type(content.schema)} ({code(parameter)})" if parameter else _type(content.schema)


def _rights(security: list[dict[str, list[str]]]) -> str:
    """A requirement may list the scopes it needs (OpenAPI 3.1, Security Requirement Object)."""
    if not security:
        return "Needs no token."
    scopes = sorted({scope for requirement in security for listed in requirement.values() for scope in listed})
    return f"Needs a token with {' and '.join(map(code, scopes))}." if scopes else "Needs a token."


def _says(parameter: _Parameter) -> str:
    example = f" Example: {code(str(parameter.example))}." if parameter.example is not None else ""
    return parameter.description + example


def _body(body: _Body | None) -> Iterator[str]:
    for media_type, content in body.content.items() if body else ():
        yield f"Body: {code(media_type)}, {_type(content.schema)}."
        if content.example is not None:
            yield _json(content.example)


def _fields(responses: Mapping[str, _Response]) -> Iterator[str]:
    """Header fields, once for all statuses that have the same."""
    by_field: dict[tuple[str, str], list[str]] = {}
    for status, response in responses.items():
        for name, header in response.headers.items():
            if not header.description:
                continue
            by_field.setdefault((name, header.description), []).append(status)
    yield table(
        ("field", "with", "what"), [(code(name), ", ".join(with_), says) for (name, says), with_ in by_field.items()]
    )


def _examples(responses: Mapping[str, _Response]) -> Iterator[str]:
    for status, response in responses.items():
        for media_type, content in response.content.items():
            if content.example is not None:
                parameter = media_type.partition("; ")[2]
                yield f"Example of {status} ({code(parameter)}):" if parameter else f"Example of {status}:"
                yield _json(content.example)


def _json(value: object) -> str:
    return fence(msgspec.json.format(msgspec.json.encode(value)).decode(), "json")


def _shape(name: str, schema: Mapping[str, object]) -> str:
    members = schema.get("properties", {})
    assert isinstance(members, dict)
    described = one_line(str(schema.get("description", "")))
    needed = schema.get("required", [])
    assert isinstance(needed, list)
    rows = [
        (
            code(member),
            _type(inner) + ("" if member in needed else ", may be left out"),
            str(inner.get("description", "")),
        )
        for member, inner in members.items()
    ]
    values = f"One of {_type(schema)}." if "enum" in schema else ""
    parts = (f"### {name}", described, values, table(("member", "type", "what"), rows))
    return "\n\n".join(part for part in parts if part)


def _type(schema: object) -> str:
    """A JSON schema in words, with a link to each shape it names."""
    match schema:
        case {"$ref": str(reference)}:
            name = reference.rpartition("/")[2]
            words = f"[{name}](#{name.lower()})"
        case {"anyOf": list(choices)}:
            words = " or ".join(map(_type, choices))
        case {"allOf": list(parts)}:
            words = " with the members of ".join(map(_type, parts))
        case {"enum": list(values)}:
            words = " or ".join(code(str(value)) for value in values)
        case {"type": "array", "items": inner}:
            words = f"list of {_type(inner)}"
        case {"type": "string", "format": "date-time"}:
            words = "instant (RFC 3339)"
        case {"type": str(kind)}:
            words = kind
        case _:
            words = ""
    return words
