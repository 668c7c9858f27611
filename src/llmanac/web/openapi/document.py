"""The OpenAPI 3.1 document: routes from the router, shapes from the records, parameters from the table of fields."""

from collections.abc import Iterable
from copy import deepcopy

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from llmanac.web.hot_path import PATH
from llmanac.web.openapi.describe import COMPONENTS
from llmanac.web.openapi.listing import listing_path


def make_openapi(app: FastAPI, version: str, shapes: Iterable[type[msgspec.Struct]]) -> bytes:
    """The document, as it is served.

    Args:
        shapes: Everything that the routes read and answer.
    """
    document = get_openapi(
        title="llmanac",
        version=version,
        openapi_version="3.1.0",
        summary="A self-hosted almanac of AI models",
        description="Every text and image model available from OpenRouter: what it can do and what it costs.",
        routes=app.routes,
    )
    _drop_framework_errors(document)
    document["paths"] = {PATH: listing_path(), **document["paths"]}
    _restore_examples(document["paths"])
    for path in document["paths"].values():
        if "get" in path:
            path["head"] = _head_of(path["get"])
    _, components = msgspec.json.schema_components(shapes, ref_template=COMPONENTS + "{name}")
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
