"""Every error that any route documents is provoked, and has the shape of its path.

Own routes: RFC 9457 with four members more. Under /api/v1: OpenRouter's shape; under /v1: OpenAI's.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest

from llmanac.access.token import AccessScope, mint
from llmanac.clock import now
from tests.serving import Served, serving, settings_for
from tests.upstream_simulator import FAULTS, UpstreamSimulator, make_records
from tests.web.wire import BEARER, Answer, Fields, ask

MEMBERS = {
    "type": str, "title": str, "status": int, "detail": str, "instance": str,
    "error": str, "message": str, "statusCode": int, "nextActions": str,
}  # fmt: skip
BODIES = {
    "/api/ai/tokens": b'{"name": "a test"}',
    "/api/ai/cost": b'{"models": ["acme/owl"], "workload": {"prompt_tokens": 1}}',
}
"""What a route reads that would do something."""
FROM_A_LIST = ("/api/ai/models", "/api/v1/model", "/v1/models", "/exports")
CODE = re.compile(r"[A-Z]+(_[A-Z0-9]+)*")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
JSON, TEXT = ("Content-Type", "application/json"), ("Content-Type", "text/plain")
NO_CODING = ("Accept-Encoding", "*;q=0")
QUARANTINED = "1"
"""The entry that `full` holds, which cannot be admitted."""
REMOVED = make_records(20)[0]
"""The model that `full` has seen and that is no longer listed."""


@dataclass(frozen=True)
class House:
    """A server that has everything, one without a list, one whose store is gone, and tokens of lesser rights."""

    full: Served
    empty: Served
    storeless: Served
    reader: Fields
    nobody: Fields


@dataclass(frozen=True)
class Case:
    """One documented error of one route, on the way to be provoked."""

    method: str
    path: str
    status: int


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with UpstreamSimulator(make_records(20)) as upstream:
        settings = settings_for(tmp_path_factory.mktemp("full"), upstream.base_url, request_max_body_bytes=1024)
        nothing = settings_for(tmp_path_factory.mktemp("empty"), offline=True, bundle=False)
        gone = settings_for(tmp_path_factory.mktemp("gone"), upstream.base_url, sync_retry_seconds=86400)
        with serving(settings) as full, serving(nothing) as empty, serving(gone) as storeless:
            storeless.sync()
            take_store_away(gone.data_dir / "llmanac.db")
            full.sync()
            upstream.change(records=make_records(20)[1:])
            assert full.sync().json()["attempt"]["outcome"] == "changed"
            upstream.change(fault=FAULTS["html_page"])
            assert full.sync().json()["quarantine_id"] == int(QUARANTINED)
            yield House(full, empty, storeless, token(full, AccessScope.READ), token(full))


def token(served: Served, *scopes: AccessScope) -> Fields:
    minted = mint("a test", scopes, created_at=now())
    served.context.store.add_token(minted.row)
    served.context.worker.follow()
    return [("Authorization", f"Bearer {minted.plain}")]


def refused_right(house: House, case: Case) -> Answer:
    reads = case.path.startswith((*FROM_A_LIST, "/api/ai/changes", "/api/ai/status", "/api/ai/cost"))
    return ask(house.full.url, filled(case), house.nobody if reads else house.reader, method=case.method)


def conflicting(house: House, case: Case) -> Answer:
    if "quarantine" in case.path:
        return ask(house.full.url, filled(case, QUARANTINED), method=case.method)
    return ask(house.empty.url, case.path, method=case.method)


def unavailable(house: House, case: Case) -> Answer:
    listless = case.path.startswith((*FROM_A_LIST, "/readyz", "/api/ai/cost"))
    body = BODIES.get(case.path, b"") if case.method == "POST" else b""
    house_without = house.empty if listless else house.storeless
    return ask(house_without.url, filled(case), (*BEARER, JSON), method=case.method, body=body)


def take_store_away(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        for table in ("quarantine_page", "quarantine", "token", "lease", "change"):
            connection.execute(f"DROP TABLE {table}")
        connection.commit()


def lacking_its_extra(house: House, case: Case) -> Answer:
    with mock.patch("llmanac.render.parquet.find_spec", return_value=None):
        return ask(house.full.url, case.path, method=case.method)


def listless_query(case: Case) -> str:
    """What makes a list's endpoint know nothing."""
    return "?as_of=99" if case.path.startswith(FROM_A_LIST) and "{" not in case.path else ""


def unknown(house: House, case: Case) -> Answer:
    priced_then = case.path == "/api/ai/cost"
    body = BODIES[case.path].replace(b"}}", b'}, "as_of": "99"}') if priced_then else b""
    fields = (*BEARER, JSON) if priced_then else BEARER
    return ask(house.full.url, filled(case) + listless_query(case), fields, method=case.method, body=body)


def gone_from(case: Case) -> str:
    author, _, slug = str(REMOVED["id"]).partition("/")
    return case.path.replace("{author}", author).replace("{slug}", slug)


PROVOKED: dict[int, Callable[[House, Case], Answer]] = {
    400: lambda house, case: ask(house.full.url, f"{filled(case)}?no_such=1", method=case.method),
    401: lambda house, case: ask(house.full.url, filled(case), (), method=case.method),
    403: refused_right,
    404: unknown,
    406: lambda house, case: ask(house.full.url, case.path, (*BEARER, NO_CODING), method=case.method),
    409: conflicting,
    410: lambda house, case: ask(house.full.url, gone_from(case), method=case.method),
    413: lambda house, case: ask(house.full.url, case.path, (*BEARER, JSON), method=case.method, body=b" " * 2000),
    415: lambda house, case: ask(house.full.url, case.path, (*BEARER, TEXT), method="POST", body=b"{}"),
    422: lambda house, case: ask(house.full.url, case.path, (*BEARER, JSON), method=case.method, body=b"{}"),
    501: lacking_its_extra,
    503: unavailable,
}  # fmt: skip


def filled(case: Case, value: str = "99") -> str:
    """The path with something in place of each parameter."""
    return re.sub(r"\{\w+\}", value, case.path)


def documented(served: Served) -> dict[str, dict[str, dict[str, dict[str, object]]]]:
    paths: dict[str, dict[str, dict[str, dict[str, object]]]] = served.http.get("/schema/openapi.json").json()["paths"]
    return paths


def assert_shape(answer: Answer, status: int, path: str) -> None:
    assert answer.status == status
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Length"] == str(len(answer.body))
    if status == 401:
        assert answer["WWW-Authenticate"].startswith("Bearer ")
    if status == 503:
        assert int(answer["Retry-After"]) > 0
    problem = json.loads(answer.body)
    if path.startswith(("/api/v1/", "/v1/")) or path in ("/api/v1", "/v1"):
        assert answer["Content-Type"] == "application/json", "their clients read no other"
        (assert_openrouter_shape if path.startswith("/api") else assert_openai_shape)(problem, status)
        return
    assert answer["Content-Type"] == "application/problem+json"
    assert {name: type(problem[name]) for name in MEMBERS} == MEMBERS
    assert list(problem)[: len(MEMBERS)] == list(MEMBERS), "what only some refusals say comes after"
    assert problem["status"] == problem["statusCode"] == status
    assert problem["message"] == problem["detail"] != ""
    assert problem["instance"] == path
    assert problem["title"]
    assert CODE.fullmatch(problem["error"])


def assert_openrouter_shape(problem: dict[str, dict[str, object]], status: int) -> None:
    assert problem.keys() == {"error"}
    told = problem["error"]
    assert [*told] == ["code", "message", "metadata"]
    assert told["code"] == status
    assert isinstance(told["message"], str)
    assert told["message"]
    assert isinstance(told["metadata"], dict)
    assert CODE.fullmatch(told["metadata"]["error"])


def assert_openai_shape(problem: dict[str, dict[str, object]], status: int) -> None:
    assert problem.keys() == {"error"}
    told = problem["error"]
    assert [*told] == ["message", "type", "param", "code"]
    assert told["type"] == ("server_error" if status >= 500 else "invalid_request_error")
    assert isinstance(told["message"], str)
    assert told["message"]
    assert told["param"] is None or isinstance(told["param"], str)
    assert isinstance(told["code"], str)
    assert CODE.fullmatch(told["code"].upper())


def test_every_documented_error_of_every_route_has_the_shape(house: House) -> None:
    seen = set()
    for path, operations in documented(house.full).items():
        for method, operation in operations.items():
            for status in (int(status) for status in operation["responses"] if status >= "400"):
                case = Case(method.upper(), path, status)
                answer = PROVOKED[status](house, case)
                if case.method == "HEAD":
                    assert (answer.status, answer.body) == (status, b""), case
                    continue
                try:
                    at = gone_from(case) if status == 410 else filled(case, QUARANTINED if status == 409 else "99")
                    assert_shape(answer, status, at)
                except (AssertionError, ValueError) as problem:
                    raise AssertionError(f"{case}: {problem}\n{answer}") from problem
                seen.add(status)
    assert seen == set(PROVOKED), "every kind of error was documented somewhere"


def test_every_guarded_route_documents_its_401_and_403_and_no_open_one_does(house: House) -> None:
    for path, operations in documented(house.full).items():
        for method, operation in operations.items():
            status = ask(house.full.url, filled(Case(method, path, 0)), (), method=method.upper()).status
            guarded = status == 401
            assert ("401" in operation["responses"]) == guarded, (method, path)
            assert ("403" in operation["responses"]) == guarded, (method, path)
            assert bool(operation["security"]) == guarded, (method, path)


def test_every_other_method_is_405_with_those_that_are_allowed(house: House) -> None:
    for path in documented(house.full):
        at = filled(Case("", path, 405))
        allowed = ask(house.full.url, at, method="TRACE")["Allow"].split(", ")
        assert allowed == sorted(allowed)
        for method in METHODS:
            answer = ask(house.full.url, at, method=method)
            assert (answer.status == 405) == (method not in allowed), (method, path)
            if answer.status == 405:
                assert answer["Allow"].split(", ") == allowed
                if method != "HEAD":
                    assert_shape(answer, 405, at)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api",
        "/api/ai",
        "/api/ai/models/",
        "/api/ai/models/acme",
        "/api/ai/nothing",
        "/schema/",
        "/%F0%9F%A6%89",
        "/api/v1",
        "/api/v1/",
        "/api/v1/models/",
        "/api/v1/models/acme/owl/endpoints",
        "/api/v1/chat/completions",
        "/api/v1/model/acme",
        "/api/v1x",
        "/v1",
        "/v1/",
        "/v1/chat/completions",
        "/v10/models",
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_what_is_nowhere_is_404_whatever_the_method(path: str, method: str, house: House) -> None:
    answer = ask(house.full.url, path, method=method)
    assert answer.status == 404
    if method != "HEAD":
        assert_shape(answer, 404, path)


def test_no_instance_and_no_detail_grows_with_the_request(house: House) -> None:
    for path in ("/" + "a" * 30_000, "/" + "%F0%9F%A6%89" * 3000, "/api/ai/tokens/" + "a" * 30_000):
        answer = ask(house.full.url, path, method="DELETE")
        assert answer.status in (400, 404)
        assert len(answer.body) < 6000


def test_text_in_an_error_is_no_markup_for_a_browser(house: House) -> None:
    for path in ("/<script>alert(1)</script>", "/api/ai/models?<script>=1", "/api/ai/models?view=<script>"):
        answer = ask(house.full.url, path)
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["X-Content-Type-Options"] == "nosniff"
