"""`GET /api/ai/models/{author}/{slug}`: a model as lists show it; one that has left, with what is known of it."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from llmanac.access.token import AccessScope
from tests.build import Record, pricing, record, records
from tests.remembered import NOON, Memory, at, remembering
from tests.serving import serving, settings_for
from tests.upstream_simulator import UpstreamSimulator
from tests.web.test_error_shape import MEMBERS, token
from tests.web.test_openapi import member, problems
from tests.web.wire import BEARER, ask

PATH = "/api/ai/models"
OTHERS = records(3)
ODD = (
    "acme/a b",
    "acme/owl:free",
    "~acme/owl-latest",
    "acme/deep/er/owl",
    "acme/owl.v1.5",
    "acme/100%25",
    "acme/“owl”<>",
    'acme/owl",x="y',
    "acme/owl;rel=next, <evil>",
    "acme/new\r\nX-Injected: yes",
    "acme/🦉",
    "acme/",
    "a/history/x",
    "acme/?q=1#f",
)
"""Ids that upstream might send; each is asked for as it must be escaped."""

GONE = record(id="acme/heron-1", name="Heron 1", created=1_700_000_000, expiration_date="2026-10-27")
HEIR = record(id="acme/heron-2", name="Heron 2", created=1_780_000_000)


def path_of(model: str) -> str:
    return f"{PATH}/{quote(model, safe='')}"


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """For tests that only read; on SQLite."""
    directory = tmp_path_factory.mktemp("remembered")
    lists = (0, [*OTHERS, *(record(id=model) for model in ODD)]), (1, [*OTHERS, *(record(id=model) for model in ODD)])
    with remembering(f"sqlite:///{directory / 'llmanac.db'}", directory, *lists) as made:
        yield made


def listed_as(memory: Memory, model: str, **parameters: str) -> object:
    """What the whole list says of it."""
    (found,) = (row for row in memory.ask(PATH, **parameters).json()["text"][0]["models"] if row["id"] == model)
    return found


@pytest.mark.parametrize("model", [*ODD, "acme/owl-1"])
@pytest.mark.parametrize("view", ["listed", "full"])
def test_a_model_is_answered_as_the_list_shows_it_whatever_its_id(model: str, view: str, memory: Memory) -> None:
    answer = memory.ask(path_of(model), view=view)
    assert answer.status_code == 200, answer.text
    assert answer.json() == listed_as(memory, model, view=view)


@pytest.mark.parametrize("model", ODD)
@pytest.mark.parametrize("unescaped", ["/", ":", "~", "/:~", "/:~@!$&'()*+,;="])
def test_what_may_stand_in_a_path_may_be_escaped_or_not(model: str, unescaped: str, memory: Memory) -> None:
    """As the bytes of the request line have it: no client in between that escapes or normalises."""
    escaped = ask(memory.served.url, path_of(model))
    for spelling in (
        quote(model, safe=unescaped),
        re.sub("%..", lambda code: code[0].lower(), quote(model, unescaped)),
    ):
        answer = ask(memory.served.url, f"{PATH}/{spelling}")
        assert (answer.status, answer.body) == (200, escaped.body), spelling
    assert escaped.status == 200


@pytest.mark.parametrize(
    "spelling", ["acme/owl:free", "acme%2Fowl:free", "acme/owl%3Afree", "acme%2fowl%3afree", "%61cme/owl:free"]
)
def test_every_spelling_of_an_id_means_the_same(spelling: str, memory: Memory) -> None:
    answer = ask(memory.served.url, f"{PATH}/{spelling}")
    assert (answer.status, b'"id":"acme/owl:free"' in answer.body) == (200, True)


@pytest.mark.parametrize(
    "path",
    [
        "/none", "/acme/none", "/acme//owl-1", "//owl-1", "/acme/owl-1/", "/acme/owl-1%00", "/%00/%00", "/acme/%FF%FE",
        "/acme/%ED%A0%80", "/acme/%", "/acme/%zz", "/acme/owl-1%0A", "/acme/../../status", "/acme/" + "a" * 8000,
        "/acme/%252F", "/acme/'%20OR%201=1--", "/" + "a/" * 500,
    ],
)  # fmt: skip
def test_what_is_no_model_is_404_and_never_a_fault(path: str, memory: Memory) -> None:
    answer = ask(memory.served.url, PATH + path)
    assert answer.status == 404, answer
    assert len(answer.body) < 2000
    assert ask(memory.served.url, f"{PATH}{path}/history").status == 404


def test_an_unknown_model_is_told_with_ids_that_look_like_it(memory: Memory) -> None:
    answer = memory.ask(f"{PATH}/Acme/OWL-11")
    problem = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert list(problem) == [*MEMBERS, "near"]
    assert problem["error"] == "MODEL_UNKNOWN"
    assert problem["detail"] == "There is no model 'Acme/OWL-11'"
    assert problem["near"][0] == "acme/owl-1"
    assert len(problem["near"]) == 3
    assert problem["nextActions"] == f"Did you mean {' or '.join(problem['near'])}?"
    assert memory.ask(f"{PATH}/zzz/zzzzzzzzzzzz").json()["near"] == []
    assert memory.ask(f"{PATH}/Acme/OWL-11/history").json() == {**problem, "instance": f"{PATH}/Acme/OWL-11/history"}


def test_the_answer_has_the_fields_of_the_list(memory: Memory) -> None:
    url = memory.served.url
    answer, whole = ask(url, f"{PATH}/acme/owl-1"), ask(url, PATH)
    own = ("etag", "content-length", "x-request-id", "vary", "x-catalogue-age")
    assert answer.without("date", *own) == whole.without("date", *own)
    assert answer["Vary"] == "Authorization"
    assert abs(int(answer["X-Catalogue-Age"]) - int(whole["X-Catalogue-Age"])) <= 1
    again = ask(url, f"{PATH}/acme/owl-1", (*BEARER, ("If-None-Match", answer["ETag"])))
    assert (again.status, again.body) == (304, b"")
    assert again.without("date", "x-request-id", "x-catalogue-age") == answer.without(
        "date", "x-request-id", "x-catalogue-age", "content-type", "content-length", "x-content-type-options"
    )
    head = ask(url, f"{PATH}/acme/owl-1", method="HEAD")
    assert (head.status, head.body, head["ETag"]) == (200, b"", answer["ETag"])
    assert head.names() == answer.names()
    assert answer["ETag"] != ask(url, f"{PATH}/acme/owl-2")["ETag"]
    assert not {"deprecation", "sunset", "link"} & {*answer.names()}


def test_a_last_day_is_told_in_the_fields_from_its_announcement_on(database_url: str, tmp_path: Path) -> None:
    plain = {**GONE, "expiration_date": None}
    sentinel = {**GONE, "expiration_date": "2098-12-31"}
    with remembering(database_url, tmp_path, (0, [plain, *OTHERS]), (1, [sentinel, *OTHERS])) as memory:

        def fields(**parameters: str) -> tuple[str | None, ...]:
            answer = memory.ask(f"{PATH}/acme/heron-1", **parameters)
            assert answer.status_code == 200
            return tuple(answer.headers.get(name) for name in ("Deprecation", "Sunset", "Link"))

        assert fields() == (None, None, None)
        memory.learn(2, [GONE, *OTHERS])
        announced = (f"@{int(NOON.timestamp()) + 2 * 3600}", "Tue, 27 Oct 2026 00:00:00 GMT")
        assert fields() == (*announced, None)
        memory.learn(3, [{**GONE, "expiration_date": "2026-11-30"}, HEIR, *OTHERS])
        link = '</api/ai/models/acme/heron-2>; rel="successor-version"'
        moved = "Mon, 30 Nov 2026 00:00:00 GMT"
        assert fields() == (announced[0], moved, link), "a day that is moved was announced before"
        memory.learn(4, [plain, HEIR, *OTHERS])
        assert fields() == (None, None, None), "withdrawn"
        memory.learn(5, [GONE, HEIR, *OTHERS])
        again = f"@{int(NOON.timestamp()) + 5 * 3600}"
        assert fields() == (again, announced[1], link)
        assert [fields(as_of=at(hour))[0] for hour in (1, 2, 3, 4, 5)] == [
            None,
            announced[0],
            announced[0],
            None,
            again,
        ]
        assert fields(as_of=at(2)) == (*announced, None), "there was no successor then"


def test_a_model_that_came_announced_is_deprecated_from_its_first_sight(database_url: str, tmp_path: Path) -> None:
    with remembering(database_url, tmp_path, (0, OTHERS), (1, [GONE, *OTHERS]), (2, [GONE, *OTHERS])) as memory:
        answer = memory.ask(f"{PATH}/acme/heron-1")
    assert answer.headers["Deprecation"] == f"@{int(NOON.timestamp()) + 3600}"


def test_an_announcement_seen_after_its_day_is_not_later_than_the_day(database_url: str, tmp_path: Path) -> None:
    # RFC 9745 section 4: the Sunset must not be earlier than the Deprecation.
    late = {**GONE, "expiration_date": "2026-10-20"}
    with remembering(database_url, tmp_path, (0, OTHERS), (1, [late, *OTHERS])) as memory:
        headers = memory.ask(f"{PATH}/acme/heron-1").headers
        (row,) = memory.changes(model="acme/heron-1")
    sunset = parsedate_to_datetime(headers["Sunset"])
    assert headers["Deprecation"] == f"@{int(sunset.timestamp())}"
    assert row["seen_at"] == at(1)


def test_a_removed_model_is_gone_with_all_that_is_known_of_it(database_url: str, tmp_path: Path) -> None:
    lists = ((0, [GONE, HEIR, *OTHERS]), (1, [GONE, HEIR, *OTHERS]), (20, [HEIR, *OTHERS]))
    with remembering(database_url, tmp_path, *lists) as memory:
        listed = memory.ask(f"{PATH}/acme/heron-1", as_of=at(1)).json()
        answer = memory.ask(f"{PATH}/acme/heron-1")
        full = memory.ask(f"{PATH}/acme/heron-1", view="full").json()["model"]
        head = ask(memory.served.url, f"{PATH}/acme/heron-1", method="HEAD")
    problem = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (410, "application/problem+json")
    assert {name: problem.pop(name) for name in MEMBERS} == {
        "type": "about:blank",
        "title": "Gone",
        "status": 410,
        "detail": "acme/heron-1 is no longer listed; it was last seen on 2026-10-26",
        "instance": "/api/ai/models/acme/heron-1",
        "error": "MODEL_REMOVED",
        "message": "acme/heron-1 is no longer listed; it was last seen on 2026-10-26",
        "statusCode": 410,
        "nextActions": f"acme/heron-2 may stand in for it. {problem['successors'][0]['reason']}.",
    }
    assert problem == {
        "model": listed,
        "last_seen_at": at(1),
        "removed_at": at(20),
        "certainty": "confirmed",
        "confirmed_at": at(20),
        "announced": "2026-10-27",
        "announced_at": at(0),
        "successors": [{"id": "acme/heron-2", "name": "Heron 2", "reason": problem["successors"][0]["reason"]}],
    }
    assert "Newer" in problem["successors"][0]["reason"]
    assert full["llmanac"]["status"] == "removed"
    assert full["knowledge_cutoff"] == GONE["knowledge_cutoff"]
    assert answer.headers["Deprecation"] == f"@{int(NOON.timestamp())}"
    assert answer.headers["Sunset"] == "Tue, 27 Oct 2026 00:00:00 GMT"
    assert answer.headers["Link"] == '</api/ai/models/acme/heron-2>; rel="successor-version"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Catalogue-Serial"] == "2"
    assert (head.status, head.body) == (410, b"")
    assert {"deprecation", "sunset", "link"} <= {*head.names()}


def test_a_model_that_left_without_a_word_is_gone_but_was_not_deprecated(database_url: str, tmp_path: Path) -> None:
    unannounced = {**GONE, "expiration_date": None}
    with remembering(database_url, tmp_path, (0, [unannounced, HEIR, *OTHERS]), (1, [HEIR, *OTHERS])) as memory:
        answer = memory.ask(f"{PATH}/acme/heron-1")
        problem = answer.json()
        assert (problem["certainty"], problem["confirmed_at"]) == ("suspected", None)
        assert (problem["announced"], problem["announced_at"]) == (None, None)
        assert "Deprecation" not in answer.headers
        assert "Sunset" not in answer.headers
        assert answer.headers["Link"].endswith('/acme/heron-2>; rel="successor-version"')
        memory.learn(2, [HEIR, *OTHERS])
        memory.learn(3, [HEIR, *OTHERS])
        assert memory.ask(f"{PATH}/acme/heron-1").json()["confirmed_at"] == at(3)


def test_a_model_is_as_it_was_at_any_instant(database_url: str, tmp_path: Path) -> None:
    cheaper = {**HEIR, "pricing": pricing(prompt="0.0000001")}
    lists: list[tuple[float, Sequence[Record]]] = [
        (0, OTHERS), (1, [HEIR, *OTHERS]), (2, [cheaper, *OTHERS]), (3, OTHERS), (4, OTHERS), (5, OTHERS),
        (6, [cheaper, *OTHERS]),
    ]  # fmt: skip
    with remembering(database_url, tmp_path, *lists) as memory:

        def asked(moment: str) -> tuple[int, object]:
            answer = memory.ask(f"{PATH}/acme/heron-2", as_of=moment)
            body = answer.json()
            return answer.status_code, body["pricing"]["prompt"] if answer.status_code == 200 else body["error"]

        assert asked(at(0)) == asked(at(0.9)) == asked("1") == (404, "MODEL_UNKNOWN")
        assert asked(at(1)) == asked(at(1.9)) == asked("2") == (200, "0.0000004")
        assert asked(at(2)) == asked("3") == (200, "0.0000001")
        assert asked(at(3)) == asked(at(5.9)) == asked("4") == (410, "MODEL_REMOVED")
        assert asked(at(6)) == asked("5") == (200, "0.0000001")
        gone = [memory.ask(f"{PATH}/acme/heron-2", as_of=at(hour)).json() for hour in (3, 4, 5)]
        assert [each["certainty"] for each in gone] == ["suspected", "suspected", "confirmed"]
        assert {each["last_seen_at"] for each in gone} == {at(2)}
        assert memory.ask(f"{PATH}/acme/heron-2", as_of=at(0)).json()["detail"].endswith(f"in the list of {at(0)}")

        past, now = memory.ask(f"{PATH}/acme/heron-2", as_of=at(2)), memory.ask(f"{PATH}/acme/heron-2")
        assert past.headers["Cache-Control"] == "private, immutable"
        assert (past.headers["X-Catalogue-Serial"], past.headers["X-Catalogue-Source"]) == ("3", "store")
        assert now.headers["Cache-Control"] == "private, no-cache"
        assert past.headers["ETag"] == now.headers["ETag"], "the model is the same again"

        early = memory.ask(f"{PATH}/acme/heron-2", as_of="2020-01-01")
        assert (early.status_code, early.json()["error"]) == (404, "NO_LIST_THEN")
        assert early.json()["first"] == at(0)
        assert memory.ask(f"{PATH}/acme/heron-2", as_of="99").status_code == 404
        assert memory.ask(f"{PATH}/acme/heron-2", as_of="2099-01-01").status_code == 400


@pytest.mark.parametrize(
    "model", ["acme/h\r\nX-Injected: yes", 'acme/h>; rel="x", <y', "acme/h 🦉%2F", "acme/h:free", "acme/h/~i"]
)
def test_a_successors_id_cannot_break_out_of_the_field(model: str, tmp_path: Path) -> None:
    gone, heir = GONE, record(id=model, name="Heir", canonical_slug=GONE["canonical_slug"])
    with remembering(f"sqlite:///{tmp_path / 'llmanac.db'}", tmp_path, (0, [gone, heir, *OTHERS])) as memory:
        answer = ask(memory.served.url, f"{PATH}/acme/heron-1")
        found = re.fullmatch(r'</api/ai/models/([A-Za-z0-9%/:~._-]+)>; rel="successor-version"', answer["Link"])
        assert found, answer["Link"]
        assert unquote(found[1]) == model
        assert "x-injected" not in answer.names()
        assert ask(memory.served.url, f"{PATH}/{found[1]}").status == 200


def test_the_bundle_has_models_too(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, offline=True)) as served:
        listed = served.models().json()["text"][0]["models"][0]
        answer = served.http.get(path_of(listed["id"]))
        assert (answer.status_code, answer.json()) == (200, listed)
        assert (answer.headers["X-Catalogue-Serial"], answer.headers["X-Catalogue-Source"]) == ("0", "bundled")
        assert served.http.get(f"{PATH}/no/such").status_code == 404


def test_before_there_is_a_list_nothing_can_be_said(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, offline=True, bundle=False)) as served:
        for path in (f"{PATH}/acme/owl", f"{PATH}/acme/owl/history"):
            answer = served.http.get(path)
            assert (answer.status_code, answer.json()["error"]) == (503, "NO_CATALOGUE")


def test_a_listed_model_is_answered_from_memory_while_the_store_is_away(tmp_path: Path) -> None:
    with UpstreamSimulator([GONE, HEIR, *OTHERS]) as upstream:
        settings = settings_for(tmp_path, upstream.base_url, sync_retry_seconds=86400)
        with serving(settings) as served:
            served.sync()
            take_away(settings.data_dir / "llmanac.db", "change")
            assert served.http.get(f"{PATH}/acme/heron-2").status_code == 200
            for path in (f"{PATH}/acme/none", f"{PATH}/acme/heron-2/history", "/api/ai/changes"):
                answer = served.http.get(path)
                assert (answer.status_code, answer.json()["error"]) == (503, "STORE_UNAVAILABLE"), path


def take_away(database: Path, table: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(f"DROP TABLE {table}")
        connection.commit()


def test_readers_may_ask_and_others_not(memory: Memory) -> None:
    reader, nobody = token(memory.served, AccessScope.READ), token(memory.served)
    for path in (f"{PATH}/acme/owl-1", f"{PATH}/acme/none", f"{PATH}/acme/owl-1/history", "/api/ai/changes"):
        statuses = [ask(memory.served.url, path, fields).status for fields in ((), nobody, reader)]
        assert statuses == [401, 403, 404 if "none" in path else 200], path


def test_answers_and_refusals_have_the_shapes_and_fields_of_the_document(tmp_path: Path) -> None:
    lists = (0, [GONE, *OTHERS]), (1, OTHERS), (2, [{**GONE, "id": "acme/heron-1.1"}, HEIR, *OTHERS])
    with remembering(f"sqlite:///{tmp_path / 'llmanac.db'}", tmp_path, *lists) as memory:
        document = memory.ask("/schema/openapi.json").json()
        for path, route, status in (
            ("acme/heron-1.1", "", 200),
            ("acme/heron-1.1?view=full", "", 200),
            ("acme/heron-1", "", 410),
            ("acme/heron-1?view=full", "", 410),
            ("acme/none", "", 404),
            ("acme/heron-2?as_of=2020-01-01", "", 404),
            ("acme/heron-1/history?cause=all", "/history", 200),
            ("acme/none/history", "/history", 404),
        ):
            answer = memory.ask(f"{PATH}/{path}")
            told = member(document, "paths", f"{PATH}/{{author}}/{{slug}}{route}", "get", "responses", str(status))
            schema = member(told, "content", answer.headers["Content-Type"], "schema")
            assert answer.status_code == status, path
            assert problems(document, schema, answer.json()) == [], path
            if status == 200:
                sent = {name.lower() for name in answer.headers} - ORDINARY
                assert sent == {name.lower() for name in member(told, "headers")}, path


ORDINARY = {"date", "content-type", "content-length", "x-content-type-options", "x-request-id"}
