"""The OpenAPI 3.1 document: routes from the router, shapes from the records, parameters from the table of fields."""

from copy import deepcopy

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from llmanac.access.token import AccessScope
from llmanac.errors import NotAcceptable, NotFound, Unavailable
from llmanac.query.fields import LISTING_FIELDS
from llmanac.render.changes import ChangePage
from llmanac.render.history import ModelHistory
from llmanac.render.listing import (
    ListedArchitecture,
    ListedGroup,
    ListedModel,
    ListedPricing,
    ListedTopProvider,
    Listing,
)
from llmanac.render.removed import RemovedModel
from llmanac.web.administration import QuarantineDetail, QuarantineList, SyncDone
from llmanac.web.asked import told
from llmanac.web.describe import COMPONENTS, GUARDED, described, security
from llmanac.web.front import PATH
from llmanac.web.health import Health
from llmanac.web.past import NoList
from llmanac.web.problems import Problem
from llmanac.web.status import Status
from llmanac.web.tokens import NewToken, TokenList, TokenMade
from llmanac.web.unknown import NoModel

_SHAPES = (
    Listing, ChangePage, ModelHistory, RemovedModel, Problem, NoList, NoModel, Status, SyncDone, QuarantineList,
    QuarantineDetail, NewToken, TokenMade, TokenList, Health,
)  # fmt: skip

_EXAMPLE = Listing(
    text=(
        ListedGroup(
            "openrouter",
            configured=True,
            models=(
                ListedModel(
                    id="acme/owl-2",
                    name="Acme: Owl 2",
                    created=1792713600,
                    description="An invented model.",
                    architecture=ListedArchitecture(("text", "image"), ("text",), "Other", None),
                    topProvider=ListedTopProvider(
                        is_moderated=False, context_length=262144, max_completion_tokens=65536
                    ),
                    pricing=ListedPricing("0.000002", "0.00001", None, None, "0.01", None, "0.0000002", None),
                    context_length=262144,
                    max_completion_tokens=65536,
                    per_request_limits=msgspec.Raw(b"{}"),
                    supported_parameters=("max_tokens", "tools"),
                ),
            ),
        ),
    ),
    image=(ListedGroup("openrouter", configured=True, models=()),),
)

_ANSWER_HEADERS = {
    "ETag": "Strong; one for each content coding. Send it back as If-None-Match.",
    "Last-Modified": "When the list was taken that first held this content. Not evaluated in requests: use the ETag.",
    "Cache-Control": "`private, no-cache`, or `private, immutable` with an `as_of` that no later fetch can change.",
    "Vary": "Always `Authorization, Accept-Encoding`.",
    "X-Catalogue-Serial": "Number of the list that is shown; 0 is the bundle.",
    "X-Catalogue-Source": "`live`, `store`, `bundled` or `import`; never `live` with `as_of`.",
    "X-Catalogue-Age": "Seconds since upstream was last seen to agree with this list. Not part of the ETag.",
}


def make_openapi(app: FastAPI, version: str) -> bytes:
    """The document, as it is served."""
    document = get_openapi(
        title="llmanac",
        version=version,
        openapi_version="3.1.0",
        summary="A self-hosted almanac of AI models",
        description="Every text and image model available from OpenRouter: what it can do and what it costs.",
        routes=app.routes,
    )
    _drop_framework_errors(document)
    document["paths"] = {PATH: _listing_path(), **document["paths"]}
    _restore_examples(document["paths"])
    for path in document["paths"].values():
        if "get" in path:
            path["head"] = _head_of(path["get"])
    _, components = msgspec.json.schema_components(_SHAPES, ref_template=COMPONENTS + "{name}")
    document["components"] = {
        "schemas": components,
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "description": "A llmanac token"},
            "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same token"},
        },
    }
    return msgspec.json.encode(document)


def _restore_examples(tree: object) -> None:
    """Examples come as text, since the framework drops nulls, and ours are always there and mean "not stated"."""
    if isinstance(tree, list):
        for branch in tree:
            _restore_examples(branch)
    elif isinstance(tree, dict):
        if "example" in tree and "$ref" in tree.get("schema", {}):
            tree["example"] = msgspec.json.decode(tree["example"])
        for branch in tree.values():
            _restore_examples(branch)


def _drop_framework_errors(document: dict[str, dict[str, dict[str, dict[str, dict[str, object]]]]]) -> None:
    """The framework promises a 422 of its own for bad path parameters; ours is a 400."""
    for path in document["paths"].values():
        for operation in path.values():
            body = operation.get("requestBody")
            if "422" in operation["responses"] and body is None:
                del operation["responses"]["422"]


def _listing_path() -> dict[str, object]:
    parameters = told(LISTING_FIELDS)
    for name, says in (
        ("If-None-Match", "Entity tags the caller has; 304 when the list is one of them."),
        ("Accept-Encoding", "br, zstd, gzip and identity are offered, by quality values."),
    ):
        schema = {"type": "string"}
        parameters.append({"name": name, "in": "header", "required": False, "description": says, "schema": schema})
    operation: dict[str, object] = {
        "summary": "Every text and image model",
        "description": "Answers from memory, whatever upstream does. Members are always there; null is not stated. "
        "With `as_of` just what this answered then: the same models, members and order.",
        "operationId": "models",
        "parameters": parameters,
        "security": security(AccessScope.READ),
    }
    refusals = (*GUARDED, NotFound, NotAcceptable, Unavailable)
    responses = described(Listing, _EXAMPLE, says="The list", refusals=refusals)["responses"]
    no_list = {"application/problem+json": {"schema": {"$ref": COMPONENTS + NoList.__name__}}}
    responses[404] = {"description": "No list is known of that instant or Serial", "content": no_list}
    headers = {name: {"description": says, "schema": {"type": "string"}} for name, says in _ANSWER_HEADERS.items()}
    responses[200]["headers"] = headers
    responses[304] = {"description": "The caller has it already", "headers": headers}
    operation["responses"] = {str(status): response for status, response in sorted(responses.items())}
    return {"get": operation}


def _head_of(operation: dict[str, object]) -> dict[str, object]:
    """HEAD for a GET: the same parameters and statuses, no body."""
    head = deepcopy(operation) | {
        "operationId": f"{operation['operationId']}_head",
        "summary": "The fields of the answer, without the answer",
    }
    responses = operation["responses"]
    assert isinstance(responses, dict)
    head["responses"] = {
        status: {name: part for name, part in response.items() if name != "content"}
        for status, response in responses.items()
    }
    return head
