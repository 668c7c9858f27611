"""Web pages of other origins: none may read an answer, but those of the origins that are set."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import Served, serving, settings_for
from tests.web.test_short_way import Line, question
from tests.web.wire import BEARER, Answer, Fields, ask

APP, OTHER = "https://app.example.com", "https://evil.example.com"
ORIGIN: Fields = (("Origin", APP),)
PATHS = (
    ("/api/ai/models", 200), ("/api/ai/models?limit=1", 200), ("/api/ai/models?nonsense=1", 400),
    ("/api/ai/models/openai/gpt-4o", 200), ("/api/ai/status", 200), ("/api/v1/models", 200), ("/v1/models", 200),
    ("/exports/models.csv", 200), ("/healthz", 200), ("/v1/models/none", 404), ("/nothing/here", 404),
)  # fmt: skip


def preflight(served: Served, path: str, *, origin: str = APP, method: str = "GET", fields: str = "") -> Answer:
    asked = [("Origin", origin), ("Access-Control-Request-Method", method)]
    return ask(
        served.url,
        path,
        [*asked, ("Access-Control-Request-Headers", fields)] if fields else asked,
        method="OPTIONS",
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    origins = f"{APP}, http://localhost:3000"
    with serving(settings_for(tmp_path_factory.mktemp("data"), offline=True, cors_origins=origins)) as server:
        yield server


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(settings_for(tmp_path_factory.mktemp("closed"), offline=True)) as server:
        yield server


@pytest.mark.parametrize(("path", "status"), PATHS)
def test_without_the_setting_no_page_of_another_origin_reads_anything(path: str, status: int, closed: Served) -> None:
    answer = ask(closed.url, path, (*BEARER, *ORIGIN))
    assert answer.status == status
    assert [name for name in answer.names() if name.startswith("access-control")] == []
    refused = preflight(closed, path)
    assert refused.status in (404, 405)
    assert [name for name in refused.names() if name.startswith("access-control")] == []


@pytest.mark.parametrize(("path", "status"), PATHS)
@pytest.mark.parametrize("origin", [APP, "http://localhost:3000"])
def test_a_page_of_an_origin_that_is_set_reads_every_answer_and_its_fields(
    path: str, status: int, origin: str, served: Served
) -> None:
    answer = ask(served.url, path, (*BEARER, ("Origin", origin)))
    assert (answer.status, answer["Access-Control-Allow-Origin"]) == (status, origin)
    vary = ", ".join(value for name, value in answer.fields if name == "vary")
    assert "Origin" in vary
    exposed = answer["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "X-Catalogue-Serial", "X-Catalogue-Source", "X-Catalogue-Age", "X-Total-Count", "Link"} < {*exposed}
    assert "access-control-allow-credentials" not in answer.names()
    plain = ask(served.url, path, BEARER)
    assert "access-control-allow-origin" not in plain.names()
    if "status" not in path and status == 200:
        assert answer.body == plain.body


def test_refusals_and_304_are_read_too(served: Served) -> None:
    nobody = ask(served.url, "/api/ai/models", ORIGIN)
    assert (nobody.status, nobody["Access-Control-Allow-Origin"]) == (401, APP)
    tag = ask(served.url, "/api/ai/models", BEARER)["ETag"]
    unchanged = ask(served.url, "/api/ai/models", (*BEARER, *ORIGIN, ("If-None-Match", tag)))
    assert (unchanged.status, unchanged["ETag"], unchanged["Access-Control-Allow-Origin"]) == (304, tag, APP)


@pytest.mark.parametrize("path", [path for path, _ in PATHS])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_a_preflight_is_answered_without_a_token(path: str, method: str, served: Served) -> None:
    fields = "authorization,if-none-match,x-api-key,x-stainless-lang"
    answer = preflight(served, path, method=method, fields=fields)
    assert (answer.status, answer["Access-Control-Allow-Origin"]) == (200, APP)
    assert answer["Access-Control-Allow-Headers"] == fields
    assert method in answer["Access-Control-Allow-Methods"].split(", ")


@pytest.mark.parametrize("origin", [OTHER, "null", f"{APP}.evil.example", f"{APP}:8443", "http://app.example.com"])
def test_a_page_of_any_other_origin_reads_nothing(origin: str, served: Served) -> None:
    refused = preflight(served, "/api/ai/models", origin=origin, fields="authorization")
    assert (refused.status, "access-control-allow-origin" in refused.names()) == (400, False)
    for path, status in PATHS:
        answer = ask(served.url, path, (*BEARER, ("Origin", origin)))
        assert (answer.status, "access-control-allow-origin" in answer.names()) == (status, False)


def test_a_star_lets_pages_of_any_origin_read(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, offline=True, cors_origins="*")) as public:
        for path in ("/api/ai/models", "/api/ai/status"):
            assert ask(public.url, path, (*BEARER, ("Origin", OTHER)))["Access-Control-Allow-Origin"] == "*"
            assert preflight(public, path, origin=OTHER)["Access-Control-Allow-Origin"] == "*"
            assert ask(public.url, path, (("Origin", OTHER),)).status == 401


def test_questions_with_and_without_an_origin_alternate_on_one_connection(served: Served) -> None:
    line = Line(served)
    plain, sharing = question(), question().replace(b"\r\n\r\n", f"\r\nOrigin: {APP}\r\n\r\n".encode())
    answers = [line.ask(asked) for asked in (plain, sharing, plain, sharing, sharing, plain)]
    assert {(status, body) for status, _, body in answers} == {(200, served.models().content)}
    allowed = [fields.get("access-control-allow-origin") for _, fields, _ in answers]
    assert allowed == [None, APP, None, APP, APP, None]
    assert len({fields["etag"] for _, fields, _ in answers}) == 1
    line.close()


def test_what_is_answered_at_once_varies_by_origin_as_well(served: Served, closed: Served) -> None:
    for server, expected in ((served, True), (closed, False)):
        for fields in (BEARER, (*BEARER, ("Connection", "close"))):
            answer = ask(server.url, "/api/ai/models", fields)
            vary = ", ".join(value for name, value in answer.fields if name == "vary")
            assert ("Origin" in vary) is expected
            assert vary.startswith("Authorization, Accept-Encoding")
