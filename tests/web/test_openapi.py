"""The OpenAPI document: valid, whole, and true."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from llmanac.query.fields import LISTING_FIELDS, FieldKind
from llmanac.web.app import _ROUTERS
from llmanac.web.hot_path import PATH
from tests.serving import Served
from tests.web.wire import ask

Object = dict[str, object]


@pytest.fixture(scope="module")
def document(served: Served) -> Object:
    answer = served.http.get("/schema/openapi.json", headers={"Authorization": ""})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    found: Object = answer.json()
    return found


def member(value: object, *names: str) -> Object:
    """The object at the end of a path of members."""
    for name in names:
        assert isinstance(value, dict)
        value = value[name]
    assert isinstance(value, dict)
    return value


def operations(document: Object) -> Iterator[tuple[str, str, Object]]:
    for path in member(document, "paths"):
        for method in member(document, "paths", path):
            yield method, path, member(document, "paths", path, method)


def contents(document: Object) -> Iterator[tuple[str, Object]]:
    """Every media type that has a shape: of answers, errors and bodies, with a name to find it by."""
    for method, path, operation in operations(document):
        parts = [(f"answer {status}", member(found)) for status, found in member(operation, "responses").items()]
        if "requestBody" in operation:
            parts.append(("body", member(operation, "requestBody")))
        for name, part in parts:
            for media_type, content in member(part, "content").items() if "content" in part else ():
                yield f"{method.upper()} {path} {name} {media_type}", member(content)


def problems(document: Object, schema: Object, value: object) -> list[str]:
    """How a value departs from one schema, whose references lead into the document."""
    whole = {**schema, "components": document["components"]}
    checker = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    return [problem.message for problem in checker.iter_errors(value)]


def test_it_is_valid_openapi_3_1(document: Object) -> None:
    assert document["openapi"] == "3.1.0"
    assert [str(problem) for problem in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_it_holds_every_path_of_the_server_and_no_other(document: Object) -> None:
    served = {str(getattr(route, "path_format", "")) for router in _ROUTERS for route in router.routes} | {PATH}
    assert set(member(document, "paths")) == served


def test_every_path_documents_just_the_methods_that_it_allows(document: Object, served: Served) -> None:
    told = {path: {method.upper() for method in member(document, "paths", path)} for path in member(document, "paths")}
    allowed = {
        path: set(ask(served.url, re.sub(r"{\w+}", "1", path), method="TRACE")["Allow"].split(", ")) for path in told
    }
    assert told == allowed


def test_every_example_has_the_shape_it_illustrates(document: Object) -> None:
    shown = 0
    for name, content in contents(document):
        if "example" in content:
            assert problems(document, member(content, "schema"), content["example"]) == [], name
            shown += 1
    for _, path, operation in operations(document):
        parameters = operation.get("parameters", [])
        assert isinstance(parameters, list)
        for parameter in parameters:
            if "example" in parameter:
                assert problems(document, member(parameter, "schema"), parameter["example"]) == [], path
                shown += 1
        assert operation["summary"], path
    assert shown > 10


def test_every_answer_and_body_in_json_has_an_example(document: Object) -> None:
    without = [
        name
        for name, content in contents(document)
        if "application/json" in name and "/schema/openapi.json" not in name and "example" not in content
    ]
    assert without == []


def test_a_schema_refuses_what_is_not_its_shape(document: Object) -> None:
    """The check above would pass on a document that allows everything."""
    for name in ("Listing", "Status", "Problem", "TokenMade"):
        assert problems(document, {"$ref": f"#/components/schemas/{name}"}, {})


def test_real_answers_have_the_shapes_of_the_document(document: Object, served: Served) -> None:
    for path in ("/api/ai/models", "/api/ai/status", "/api/ai/tokens", "/api/ai/quarantine", "/healthz", "/readyz"):
        schema = member(document, "paths", path, "get", "responses", "200", "content", "application/json", "schema")
        assert problems(document, schema, served.http.get(path).json()) == [], path


ALWAYS_THERE = {
    "Listing": ["text", "image"],
    "FullListing": ["text", "image"],
    "PickedListing": ["text", "image"],
    "ListedModel": [
        "id", "description", "architecture", "topProvider", "pricing", "per_request_limits", "supported_parameters",
    ],
    "ListedArchitecture": ["input_modalities", "output_modalities"],
    "ListedTopProvider": [],
    "ListedPricing": [],
}  # fmt: skip
"""Of shapes that leave out what was not asked for, and in the default view what upstream does not state."""


def test_no_other_member_of_an_answer_is_optional(document: Object) -> None:
    asked = {"NewToken", "CostAsked", "Workload", "Week", "Growth", "BreakEvenAsked"}
    for name, schema in member(document, "components", "schemas").items():
        if "properties" in member(schema) and name not in asked:
            there = ALWAYS_THERE.get(name, list(member(schema, "properties")))
            assert member(schema).get("required", []) == there, name


LISTED = ("paths", PATH, "get", "responses", "200", "content")


def test_nothing_in_the_default_view_is_nullable(document: Object) -> None:
    for name in ALWAYS_THERE:
        if name.startswith("Listed"):
            for inner in member(document, "components", "schemas", name, "properties").values():
                assert "null" not in repr(inner), name
                assert "anyOf" not in member(inner), name


def removed(answer: Any, name: str) -> None:
    del answer["text"][0]["models"][0][name]


def put(answer: Any, name: str, value: object) -> None:
    outer, _, inner = name.rpartition(".")
    model = answer["text"][0]["models"][0]
    (model[outer] if outer else model)[inner] = value


@pytest.mark.parametrize("name", ALWAYS_THERE["ListedModel"])
def test_a_model_that_lacks_what_is_always_there_fails_the_schema(name: str, document: Object, served: Served) -> None:
    answer = served.models().json()
    assert problems(document, member(document, *LISTED, "application/json", "schema"), answer) == []
    removed(answer, name)
    assert problems(document, member(document, *LISTED, "application/json", "schema"), answer)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", None), ("name", None), ("name", 1), ("created", None), ("created", "2026"), ("description", None),
        ("architecture", {}), ("architecture.instruct_type", None), ("topProvider.is_moderated", None),
        ("topProvider.context_length", "many"), ("pricing", None), ("pricing.prompt", None), ("pricing.image", 0),
        ("context_length", None), ("max_completion_tokens", None), ("per_request_limits", None),
        ("supported_parameters", None), ("supported_parameters", [1]),
    ],
)  # fmt: skip
def test_a_member_that_is_null_or_of_another_type_fails_the_schema(
    name: str, value: object, document: Object, served: Served
) -> None:
    answer = served.models().json()
    put(answer, name, value)
    assert problems(document, member(document, *LISTED, "application/json", "schema"), answer)


def test_the_answers_of_each_view_fail_the_schema_of_the_default_one(document: Object, served: Served) -> None:
    schema = member(document, *LISTED, "application/json", "schema")
    for query in ("view=full", "fields=name"):
        answer = served.http.get(f"{PATH}?{query}")
        assert problems(document, schema, answer.json()), query
        own = member(document, *LISTED, answer.headers["Content-Type"], "schema")
        assert problems(document, own, answer.json()) == [], query
    full = served.http.get(f"{PATH}?view=full").json()
    removed(full, "name")
    assert problems(document, member(document, *LISTED, "application/json; view=full", "schema"), full)


def test_the_listings_parameters_are_those_of_the_table(document: Object) -> None:
    parameters = member(document, "paths", PATH, "get")["parameters"]
    assert isinstance(parameters, list)
    queried = {parameter["name"]: parameter for parameter in parameters if parameter["in"] == "query"}
    assert set(queried) == set(LISTING_FIELDS)
    for name, field in LISTING_FIELDS.items():
        schema = queried[name]["schema"]
        assert schema["type"] == ("integer" if field.kind is FieldKind.WHOLE else "string")
        assert str(schema.get("default", "")) == field.default
        assert schema.get("enum") == ([*field.allowed] if field.kind is FieldKind.CHOICE else None)
        assert queried[name]["description"] == field.help


def test_the_headers_of_the_listing_are_documented(document: Object, served: Served) -> None:
    told = member(document, "paths", PATH, "get", "responses", "200", "headers")
    ordinary = {"date", "content-type", "content-length", "x-content-type-options"}
    plain, paged = (set(ask(served.url, target).names()) - ordinary for target in (PATH, f"{PATH}?limit=1"))
    assert plain | {"x-total-count", "link"} == paged
    sent = paged
    assert {name.lower() for name in told} == sent
