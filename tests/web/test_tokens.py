"""`/api/ai/tokens`: making, listing and revoking, and every way to ask wrongly."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from tests.serving import Served, serving, settings_for

PATH = "/api/ai/tokens"
SEEN = ["id", "name", "hint", "scopes", "created_at", "expires_at", "revoked_at", "last_used_on"]
LIMIT = 2048


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = settings_for(tmp_path_factory.mktemp("data"), offline=True, request_max_body_bytes=LIMIT)
    with serving(settings) as server:
        yield server


def post(served: Served, body: bytes, media_type: str | None = "application/json") -> httpx2.Response:
    headers = {"Content-Type": media_type} if media_type is not None else {}
    return served.http.post(PATH, content=body, headers=headers)


def listed(served: Served) -> list[dict[str, object]]:
    tokens: list[dict[str, object]] = served.http.get(PATH).json()["tokens"]
    return tokens


def test_a_token_is_made_listed_and_revoked(served: Served) -> None:
    begun = datetime.now(UTC)
    expires_at = (begun + timedelta(days=30)).replace(microsecond=0)
    answer = served.http.post(
        PATH, json={"name": "model picker ✓", "scopes": ["admin"], "expires_at": expires_at.isoformat()}
    )
    assert (answer.status_code, answer.headers["Content-Type"]) == (201, "application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    made = answer.json()
    assert list(made) == ["token", "made"]
    assert list(made["made"]) == SEEN
    assert re.fullmatch(r"lmn_[0-9A-Za-z]{38}", made["token"])
    assert made["made"] | {"id": 0, "created_at": 0} == {
        "id": 0, "name": "model picker ✓", "hint": made["token"][:8], "scopes": ["admin"], "created_at": 0,
        "expires_at": expires_at.isoformat().replace("+00:00", "Z"), "revoked_at": None, "last_used_on": None,
    }  # fmt: skip
    assert begun <= datetime.fromisoformat(made["made"]["created_at"]) <= datetime.now(UTC)

    assert listed(served)[-1] == made["made"]
    assert made["token"] not in served.http.get(PATH).text

    revoked = served.http.delete(f"{PATH}/{made['made']['id']}")
    assert (revoked.status_code, revoked.content) == (204, b"")
    assert revoked.headers["Cache-Control"] == "no-store"
    first = listed(served)[-1]["revoked_at"]
    assert first is not None
    assert served.http.delete(f"{PATH}/{made['made']['id']}").status_code == 204, "twice does no harm"
    assert listed(served)[-1]["revoked_at"] == first


def test_a_name_is_enough_and_gives_the_right_to_read(served: Served) -> None:
    made = served.http.post(PATH, json={"name": "a"}).json()["made"]
    assert (made["scopes"], made["expires_at"]) == (["models:read"], None)


def test_tokens_are_listed_oldest_first_whatever_their_state(served: Served) -> None:
    names = [f"number {index}" for index in range(5)]
    for name in names:
        served.http.post(PATH, json={"name": name})
    assert [row["name"] for row in listed(served)][-5:] == names


def test_many_at_once_are_all_different_and_all_kept(served: Served) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda index: served.http.post(PATH, json={"name": f"at once {index}"}), range(32)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["token"] for answer in answers}) == 32
    assert {f"at once {index}" for index in range(32)} <= {str(row["name"]) for row in listed(served)}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", ""),
        (b"{}", ""),
        (b"[]", ""),
        (b"null", ""),
        (b'"a"', ""),
        (b"not json", ""),
        (b'{"name":"a"', ""),
        (b'{"name":"a"} {}', ""),
        (b'{"name":NaN}', ""),
        (b'\xef\xbb\xbf{"name":"a"}', ""),
        ('{"name":"a"}'.encode("utf-16"), ""),
        (b'{"name":1}', "$.name"),
        (b'{"name":null}', "$.name"),
        (b'{"name":""}', "$.name"),
        (b'{"name":" \\t "}', "$.name"),
        (b'{"name":"\\ud800"}', ""),
        (json.dumps({"name": "a" * 101}).encode(), "$.name"),
        (b'{"name":"a","scopes":[]}', "$.scopes"),
        (b'{"name":"a","scopes":"admin"}', "$.scopes"),
        (b'{"name":"a","scopes":["root"]}', "$.scopes[0]"),
        (b'{"name":"a","scopes":["admin","models:read","admin"]}', "$.scopes"),
        (b'{"name":"a","expires_at":"tomorrow"}', "$.expires_at"),
        (b'{"name":"a","expires_at":"2030-01-01T00:00:00"}', "$.expires_at"),
        (b'{"name":"a","expires_at":1900000000}', "$.expires_at"),
        (b'{"name":"a","expires_at":"2020-01-01T00:00:00Z"}', "$.expires_at"),
        (b'{"name":"a","expires_at":"0001-01-01T00:00:00+23:59"}', "$.expires_at"),
        (b'{"name":"a","expires_at":"9999-12-31T23:59:59-01:00"}', "$.expires_at"),
        (b'{"name":"a","scope":["admin"]}', "scope"),
        (b'{"name":"\xff"}', ""),
        (b'{"\xff":"a"}', ""),
        (b"[" * 1000, ""),
    ],
)
def test_a_body_of_another_shape_is_422_with_the_place(body: bytes, path: str, served: Served) -> None:
    before = len(listed(served))
    answer = post(served, body)
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["error"] == "INVALID_BODY"
    assert path in problem["detail"]
    assert len(listed(served)) == before


def test_an_unknown_scope_is_answered_with_those_there_are(served: Served) -> None:
    problem = post(served, b'{"name":"a","scopes":["root"]}').json()
    assert "models:read" in problem["nextActions"]
    assert "admin" in problem["nextActions"]


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "json", ""]
)
def test_another_media_type_is_415(media_type: str, served: Served) -> None:
    answer = post(served, b'{"name":"a"}', media_type)
    assert answer.status_code == 415
    assert answer.json()["error"] == "UNSUPPORTED_MEDIA_TYPE"
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON", "application/json; charset=utf-8", None]
)
def test_json_is_read_however_it_is_announced(media_type: str | None, served: Served) -> None:
    assert post(served, b'{"name":"a"}', media_type).status_code == 201


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1, 300_000])
@pytest.mark.parametrize("chunked", [False, True], ids=["whole", "chunked"])
def test_a_body_may_have_the_size_of_the_setting_and_no_byte_more(*, size: int, chunked: bool, served: Served) -> None:
    body = b'{"name":"a"}'.ljust(size)
    content = (body[at : at + 1000] for at in range(0, size, 1000)) if chunked else body
    answer = served.http.post(PATH, content=content, headers={"Content-Type": "application/json"})
    if size <= LIMIT:
        assert answer.status_code == 201
    else:
        assert (answer.status_code, answer.json()["error"]) == (413, "BODY_TOO_LARGE")
        assert str(LIMIT) in answer.json()["detail"]


@pytest.mark.parametrize("token_id", ["tok_0000000000", "env", "x", "%ff", "a%2Fb", "..", "a" * 64])
def test_revoking_what_is_not_there_is_404(token_id: str, served: Served) -> None:
    answer = served.http.delete(f"{PATH}/{token_id}")
    assert (answer.status_code, answer.json()["error"]) == (404, "NOT_FOUND")


def test_an_impossible_id_is_400(served: Served) -> None:
    answer = served.http.delete(f"{PATH}/{'a' * 65}")
    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_PARAMETER")
    assert "token_id" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["a\x00b", "\x00"])
def test_every_name_fares_alike_on_both_databases(name: str, tmp_path: Path, database_url: str) -> None:
    with serving(settings_for(tmp_path, offline=True, database_url=database_url)) as served:
        answer = served.http.post(PATH, json={"name": name})
        assert answer.status_code in (201, 422), answer.text


def test_an_id_that_no_database_could_hold_is_404_on_both(tmp_path: Path, database_url: str) -> None:
    with serving(settings_for(tmp_path, offline=True, database_url=database_url)) as served:
        assert served.http.delete(f"{PATH}/%00").status_code in (400, 404)


def test_an_instant_keeps_its_moment_whatever_its_offset(served: Served) -> None:
    made = served.http.post(PATH, json={"name": "a", "expires_at": "2030-01-01T01:30:00+05:30"}).json()["made"]
    kept = listed(served)[-1]["expires_at"]
    instant = datetime(2029, 12, 31, 20, tzinfo=UTC)
    assert datetime.fromisoformat(made["expires_at"]) == datetime.fromisoformat(str(kept)) == instant
    assert made["expires_at"] == kept, "one instant is written in one way"
