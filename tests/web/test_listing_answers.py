"""Answers to questions are answers of the catalogue: their tags, codings and conditions, with any list, and kept."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import brotli
import pytest
import zstandard

from llmanac.answers import list_models
from llmanac.query import search as searching
from tests.build import architecture, pricing, record
from tests.remembered import Memory, at, remembering
from tests.serving import TOKEN, Served, serving, settings_for
from tests.upstream_simulator import UpstreamSimulator
from tests.web.asking import answer, both, found, ids, models
from tests.web.steps import PATH
from tests.web.wire import BEARER, Answer, ask

DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
    "gzip": gzip.decompress,
    "identity": bytes,
}
QUESTIONS = (
    "q=owl",
    "supported_parameters=tools&sort=-price&limit=2",
    "fields=id,pricing&facets=author",
    "status=removed,active&view=full",
    "as_of=1&model_authors=acme",
    "max_age_days=99999",
)

OWL = record(id="acme/owl", name="Acme: Owl", pricing=pricing(prompt="0.000001"), created=1_790_000_000)
HAWK = record(id="beta/hawk", name="Beta: Hawk", pricing=pricing(prompt="0.000004"), created=1_780_000_000)
WREN = record(id="acme/wren", name="Acme: Wren", architecture=architecture(["text"], ["image"]), created=1_784_000_000)
GONE = record(id="acme/gone", name="Acme: Gone", pricing=pricing(prompt="0.000002"))
DEARER = {**OWL, "pricing": pricing(prompt="0.000009")}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("remembered")


@pytest.fixture(scope="module")
def memory(directory: Path) -> Iterator[Memory]:
    """For tests that only read: `gone` leaves with the second list, `owl` gets dearer with the third."""
    lists = (0, [OWL, GONE, HAWK]), (24, [OWL, HAWK]), (48, [DEARER, HAWK, WREN])
    with remembering(f"sqlite:///{directory / 'db'}", directory, *lists) as made:
        yield made


@pytest.fixture
def served(memory: Memory) -> Served:
    return memory.served


def coded(served: Served, query: str, coding: str, *fields: tuple[str, str], method: str = "GET") -> Answer:
    return ask(served.url, f"{PATH}?{query}", (*BEARER, ("Accept-Encoding", coding), *fields), method=method)


@pytest.mark.parametrize("query", QUESTIONS)
def test_each_coding_has_the_same_answer_under_a_tag_of_its_own(query: str, served: Served) -> None:
    whole = found(served, query)
    tags = set()
    for coding, decode in DECODERS.items():
        given = coded(served, query, coding)
        assert decode(given.body) == whole.content
        assert given["Content-Length"] == str(len(given.body))
        assert not given["ETag"].startswith("W/")
        tags.add(given["ETag"])
        unchanged = coded(served, query, coding, ("If-None-Match", f'"other", {given["ETag"]}'))
        assert (unchanged.status, unchanged.body) == (304, b"")
        described = ("content-type", "content-length", "content-encoding", "x-content-type-options")
        changing = ("date", "x-catalogue-age")
        assert unchanged.without(*changing) == given.without(*changing, *described)
        headed = coded(served, query, coding, method="HEAD")
        assert (headed.status, headed.body) == (200, b"")
        assert headed.without(*changing) == given.without(*changing)
    assert len(tags) == len(DECODERS)
    assert coded(served, query, "*;q=0").status == 406


@pytest.mark.parametrize("query", QUESTIONS)
def test_it_has_every_field_of_the_plain_answer(query: str, served: Served) -> None:
    plain, given = coded(served, "view=listed", "gzip"), coded(served, query, "gzip")
    assert {*plain.names()} <= {*given.names()} <= {*plain.names(), "x-total-count", "link"}
    view = "picked" if "fields" in query else "full" if "view=full" in query else ""
    assert given["Content-Type"] == "application/json" + (f"; view={view}" if view else "")
    assert given["Vary"] == "Authorization, Accept-Encoding"
    assert given["Cache-Control"] == ("private, immutable" if "as_of" in query else "private, no-cache")


def test_the_tag_tells_answers_apart_and_joins_equal_ones(served: Served) -> None:
    def tag(query: str) -> str:
        return str(found(served, query).headers["ETag"])

    assert tag("sort=price") != tag("sort=-price")
    assert tag("model_authors=acme,beta") == tag("model_authors=Beta,%20acme") == tag("context=1")
    assert tag("sort=id") != tag("sort=id&view=full")
    assert tag("sort=id&as_of=1") == tag(f"as_of={quote(at(0))}&sort=id") == tag(f"as_of={quote(at(9.5))}&sort=id")


def test_a_question_that_comes_again_is_answered_from_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[object] = []

    def counting(*given: object, **named: object) -> object:
        asked.append(given)
        return searching.search(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(list_models, "search", counting)
    with remembering(f"sqlite:///{tmp_path / 'db'}", tmp_path, (0, [OWL, GONE, HAWK]), (1, [OWL, HAWK])) as memory:
        for query in ("model_authors=acme,beta&sort=price", "sort=price,price&model_authors=BETA,acme"):
            for _ in range(3):
                assert ids(found(memory.served, query)) == ["acme/owl", "beta/hawk"]
        assert len(asked) == 1
        found(memory.served, "model_authors=acme,beta&sort=price&limit=1")
        assert len(asked) == 2
        for as_of in ("1", at(0), at(0.3)):
            assert len(ids(found(memory.served, sort="price", as_of=as_of))) == 3
        assert len(asked) == 3, "three names of one list"
        memory.learn(2, [DEARER, HAWK])
        assert ids(found(memory.served, "model_authors=acme,beta&sort=price")) == ["beta/hawk", "acme/owl"]
        assert len(asked) == 4


def test_another_list_in_which_the_answer_is_the_same_has_the_same_tag(served: Served) -> None:
    asked = {"model_authors": "beta", "fields": "id,pricing"}
    assert found(served, "", **asked).headers["ETag"] == found(served, "", **asked, as_of=1).headers["ETag"]
    assert (
        found(served, "model_authors=acme").headers["ETag"]
        != found(served, "as_of=1&model_authors=acme").headers["ETag"]
    )


def test_filters_are_asked_of_the_list_as_it_was(served: Served) -> None:
    for as_of, cheap in (("1", ["acme/owl", "acme/gone"]), (at(24), ["acme/owl"]), (at(30.5), ["acme/owl"])):
        assert ids(found(served, as_of=as_of, max_price="2")) == cheap
    assert ids(found(served, max_price="2")) == []
    assert ids(found(served, as_of=at(30), sort="-price")) == ["beta/hawk", "acme/owl"]
    assert both(found(served, as_of=3, model_authors="acme", fields="id")) == (["acme/owl"], ["acme/wren"])
    facets = found(served, as_of=1, facets="author").json()["facets"]["author"]
    assert facets == [{"value": "acme", "count": 2}, {"value": "beta", "count": 1}]


def test_filters_are_asked_of_what_has_left_too(served: Served) -> None:
    assert ids(found(served, status="removed", model_authors="acme")) == ["acme/gone"]
    assert ids(found(served, status="removed", model_authors="beta")) == []
    assert ids(found(served, status="removed,active", sort="price")) == ["acme/gone", "beta/hawk", "acme/owl"]
    assert ids(found(served, status="removed", as_of=1)) == []
    asked = {"status": "removed", "view": "full", "fields": "id,llmanac.status,llmanac.removed_at"}
    (gone,) = models(found(served, "", **asked))
    assert gone == {"id": "acme/gone", "llmanac": {"status": "removed", "removed_at": at(24)}}
    counted = found(served, status="removed,active,expiring", facets="status").json()["facets"]["status"]
    assert counted == [{"value": "active", "count": 3}, {"value": "removed", "count": 1}]


def test_ages_are_those_of_the_day_that_is_asked_for(served: Served) -> None:
    """At noon of 2026-10-26 `owl` is 34 whole days old, `gone` 5, `hawk` 150; two days later `wren` is 106."""
    assert ids(found(served, as_of=1, min_age_days=34, sort="created")) == ["beta/hawk", "acme/owl"]
    assert ids(found(served, as_of=1, max_age_days=34)) == ["acme/owl", "acme/gone"]
    assert ids(found(served, as_of=1, max_age_days=33)) == ["acme/gone"]
    assert both(found(served, as_of=3, min_age_days=106)) == (["beta/hawk"], ["acme/wren"])
    assert both(found(served, as_of=3, min_age_days=107)) == (["beta/hawk"], [])


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("q=", "q: Expected"),
        ("q=%20-", "q: Expected"),
        ("contxt=3", "Did you mean context?"),
        ("context=many", "context: Expected a whole number"),
        ("limit=0", "limit: Expected a whole number from 1 to 1000"),
        ("limit=1001", "limit: Expected a whole number from 1 to 1000"),
        ("limit=5&limit=5", "Expected limit once"),
        ("offset=-1", "offset: Expected a whole number"),
        ("sort=cheapest", "sort: Expected"),
        ("sort=throughput-high-to-low", "sort: "),
        ("max_price=1e3", "max_price: Expected"),
        ("min_price=5&max_price=2", "Expected min_price to be at most max_price"),
        ("price_state=cheap", "price_state: Expected"),
        ("min_age_days=2&max_age_days=1", "Expected min_age_days to be at most max_age_days"),
        ("status=gone", "status: Expected"),
        ("cursor=%21", "cursor: Expected"),
        ("as_of=2999-01-01&sort=id", "as_of: Expected an instant up to now"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(query: str, told: str, served: Served) -> None:
    refused = answer(served, query)
    problem = refused.json()
    assert (refused.status_code, problem["error"]) == (400, "INVALID_PARAMETER"), problem
    assert told in problem["detail"] + problem["nextActions"]
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert ask(served.url, f"{PATH}?{query}", ()).status == 401, "a stranger is not even told what is wrong"


def test_a_token_is_not_searched_for(served: Served) -> None:
    refused = answer(served, q=TOKEN, limit=1)
    assert (refused.status_code, refused.json()["error"]) == (400, "AUTH_TOKEN_IN_QUERY")
    assert TOKEN not in refused.text


def test_a_sync_makes_new_answers_and_pages_go_on(tmp_path: Path) -> None:
    with UpstreamSimulator([OWL, HAWK]) as upstream:
        settings = settings_for(tmp_path, upstream.base_url, quarantine_min_share=0, bundle=False)
        with serving(settings) as live:
            assert live.sync().status_code == 200
            first = found(live, sort="price", limit=1)
            assert ids(first) == ["acme/owl"]
            upstream.change(records=[WREN, HAWK])
            assert live.sync().json()["attempt"]["outcome"] == "changed"
            address = f"{PATH}{first.links['next']['url']}"
            assert [row["id"] for row in live.http.get(address).json()["text"][0]["models"]] == ["beta/hawk"]
            assert both(found(live, sort="price", limit=1)) == ([], ["acme/wren"])


def test_without_any_list_it_is_503(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, offline=True, bundle=False)) as empty:
        for query in ("q=owl", "limit=1", "facets=author", "sort=id&as_of=1"):
            refused = answer(empty, query)
            assert (refused.status_code, refused.json()["error"]) == (503, "NO_CATALOGUE")


def test_hidden_models_are_found_by_no_question(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, offline=True, hide_unconfigured=True)) as hidden:
        for query in ("q=gpt", "sort=price&limit=5", "as_of=0&sort=id", "status=removed,active", "fields=id&view=full"):
            given = found(hidden, query)
            assert given.json()["text"] == [{"provider": "openrouter", "configured": False, "models": []}]
            assert given.headers["X-Total-Count"] == "0"
            assert "next" not in given.links
        assert found(hidden, "facets=author,status").json()["facets"] == {"author": [], "status": []}
        one = hidden.http.get(f"{PATH}/openai/gpt-4o")
        assert (one.status_code, one.json()["error"], one.json()["near"]) == (404, "MODEL_UNKNOWN", [])
        assert "LLMANAC_HIDE_UNCONFIGURED" in one.json()["nextActions"]
    with_key = settings_for(tmp_path / "key", offline=True, hide_unconfigured=True, openrouter_api_key="k" * 20)
    with serving(with_key) as shown:
        assert len(ids(found(shown, "q=gpt&limit=5"))) == 5
        assert shown.http.get(f"{PATH}/openai/gpt-4o").status_code == 200


@pytest.mark.parametrize("past_cache_bytes", [0, 20_000])
def test_it_is_the_same_with_little_memory_or_none(
    past_cache_bytes: int, memory: Memory, directory: Path, tmp_path: Path
) -> None:
    settings = settings_for(
        tmp_path,
        memory.pipeline.upstream.base_url,
        database_url=f"sqlite:///{directory / 'db'}",
        offline=True,
        past_cache_bytes=past_cache_bytes,
    )
    with serving(settings) as forgetful:
        for query in (*QUESTIONS, *reversed(QUESTIONS)):
            assert found(forgetful, query).content == found(memory.served, query).content
