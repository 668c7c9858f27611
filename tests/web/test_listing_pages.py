"""Pages of the list: every model once, whatever is fetched meanwhile."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from tests.build import Record, architecture, pricing, record
from tests.remembered import LENIENT, Memory, at, learn, remembering
from tests.serving import Served, serving, settings_for
from tests.sync.pipeline import Pipeline
from tests.upstream_simulator import UpstreamSimulator
from tests.web.asking import answer, both, found, ids, next_page

BOTH = architecture(["text"], ["text", "image"])
IMAGE = architecture(["text"], ["image"])
VECTORS = architecture(["text"], ["embeddings"])


def models_of(count: int, *, price: str = "0.0000004") -> list[Record]:
    """Some give images only, some both, some neither."""
    shapes = (VECTORS, architecture(), architecture(), IMAGE, architecture(), BOTH, architecture())
    return [
        record(
            id=f"acme/owl-{number:02}",
            name=f"Owl {number}",
            pricing=pricing(prompt=price),
            architecture=shapes[number % len(shapes)],
        )
        for number in range(count)
    ]


FIRST = models_of(23)
LATER: Sequence[Sequence[Record]] = (
    list(reversed(FIRST)),
    [record(id="acme/new"), *FIRST],
    FIRST[:9],
    models_of(23, price="0.000009"),
    FIRST[5:],
    [],
    FIRST,
)
"""One after another, between the pages."""


def walk(
    served: Served, meanwhile: Iterator[None], **asked: object
) -> tuple[list[httpx2.Response], tuple[list[str], list[str]]]:
    """Every page and the ids of both lists; something else happens after each page."""
    page: httpx2.Response | None = found(served, **{name: str(value) for name, value in asked.items()})
    pages: list[httpx2.Response] = []
    text: list[str] = []
    image: list[str] = []
    while page is not None:
        pages.append(page)
        text += ids(page)
        image += ids(page, "image")
        next(meanwhile, None)
        page = next_page(served, page)
    return pages, (text, image)


def learning(memory: Memory, hour: int) -> Iterator[None]:
    """Other lists are had, one a step."""
    for number, listed in enumerate(LATER):
        memory.learn(hour + number / 10, listed or FIRST[:1])
        yield


def recalling(memory: Memory, hour: int) -> Iterator[None]:
    """Older lists are imported, one a step, so that Serials change."""
    for number in range(6):
        memory.recall(-100 - hour - number, models_of(number + 2))
        yield


QUESTIONS: Sequence[Mapping[str, object]] = (
    {},
    {"sort": "-name"},
    {"output_modalities": "image"},
    {"view": "full", "status": "active,removed"},
    {"max_age_days": 1000, "sort": "created"},
    {"fields": "id", "q": "owl"},
)


@pytest.mark.parametrize("limit", [pytest.param(1, marks=pytest.mark.slow), 7])
def test_every_model_is_on_one_page_while_other_lists_are_had_and_imported(
    limit: int, database_url: str, tmp_path: Path
) -> None:
    with remembering(database_url, tmp_path, (0, [*FIRST, record(id="acme/left")]), (1, FIRST)) as memory:
        for number, asked in enumerate(QUESTIONS):
            hour = 10 * number + 2
            memory.learn(hour, FIRST)
            whole = found(memory.served, "", **{"limit": 1000, **asked})
            meanwhile = learning(memory, hour + 1) if number % 2 else recalling(memory, hour)
            pages, walked = walk(memory.served, meanwhile, limit=limit, **asked)
            assert walked == both(whole), asked
            total = int(whole.headers["X-Total-Count"])
            assert {page.headers["X-Total-Count"] for page in pages} == {str(total)}
            assert len(pages) == -(-total // limit)
            assert {page.headers["Last-Modified"] for page in pages} == {whole.headers["Last-Modified"]}


def test_a_model_with_both_outputs_counts_once(tmp_path: Path) -> None:
    listed = [record(id="acme/both", architecture=BOTH), record(id="acme/none", architecture=VECTORS), *models_of(3)]
    with remembering(f"sqlite:///{tmp_path / 'db'}", tmp_path, (0, listed)) as memory:
        page = found(memory.served, limit=2)
        assert page.headers["X-Total-Count"] == "3"
        assert both(page) == (["acme/both", "acme/owl-01"], ["acme/both"])
        assert both(found(memory.served, offset=2)) == (["acme/owl-02"], [])
        assert both(found(memory.served, output_modalities="embeddings")) == ([], [])


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """For tests that only read; on SQLite."""
    directory = tmp_path_factory.mktemp("paged")
    with remembering(f"sqlite:///{directory / 'db'}", directory, (0, FIRST[:4]), (1, FIRST)) as made:
        yield made


@pytest.fixture
def served(memory: Memory) -> Served:
    return memory.served


def test_pages_by_offset_are_parts_of_the_whole_in_its_order(served: Served) -> None:
    every = ids(found(served, "fields=id&sort=id&output_modalities=text"))
    for limit in (1, 4, 9):
        for offset in (0, 1, 5, 16):
            page = found(served, sort="id", output_modalities="text", limit=limit, offset=offset)
            assert ids(page) == every[offset : offset + limit]
    past_the_end = found(served, offset=999, limit=5)
    assert both(past_the_end) == ([], [])
    assert (past_the_end.headers["X-Total-Count"], "next" in past_the_end.links) == ("19", False)


def test_the_first_page_can_be_had_again_from_any(served: Served) -> None:
    first = found(served, limit=8, sort="-id")
    last = next_page(served, first)
    while last is not None and (following := next_page(served, last)) is not None:
        last = following
    assert last is not None
    assert "next" not in last.links
    again = served.http.get(httpx2.URL(str(last.url)).join(last.links["first"]["url"]))
    assert both(again) == both(first)


def test_only_who_asks_for_a_part_is_led_to_others(served: Served) -> None:
    for query in ("", "view=full", "sort=id", "fields=id", "as_of=2", "status=active"):
        assert "Link" not in found(served, query).headers
    assert set(found(served, "limit=999").links) == {"first"}
    assert set(found(served, "limit=2").links) == {"first", "next"}
    assert set(found(served, "offset=2").links) == {"first"}


def test_the_address_of_a_page_says_what_was_asked_and_nothing_else(served: Served) -> None:
    odd = found(served, "q=ow%22l%3E%3B%0D%0AX-Injected%3A%C3%A9&limit=1&supported_parameters=tools&view=full&offset=0")
    assert odd.headers["X-Total-Count"] == "0"
    (link,) = odd.headers.get_list("link")
    assert link.isascii()
    first = httpx2.URL(odd.links["first"]["url"]).params
    assert dict(first.items()) == {
        "q": 'ow"l>;\r\nX-Injected:é',
        "limit": "1",
        "supported_parameters": "tools",
        "view": "full",
        "cursor": first["cursor"],
    }
    plain = found(served, "limit=1&view=listed&offset=1")
    assert plain.links["next"]["url"].startswith("?limit=1&cursor=")


def test_a_page_of_an_earlier_list_goes_on_in_that(served: Served) -> None:
    for as_of in ("1", at(0.5)):
        pages, walked = walk(served, iter(()), as_of=as_of, limit=1)
        assert walked == both(found(served, as_of=as_of))
        assert len(pages) == 3


def test_another_page_size_and_other_members_go_on_with_the_same_cursor(served: Served) -> None:
    first = found(served, limit=5, sort="id")
    cursor = httpx2.URL(first.links["next"]["url"]).params["cursor"]
    rest = found(served, cursor=cursor, sort="id", fields="id")
    every = found(served, sort="id")
    assert ids(first) + ids(rest) == ids(every)
    assert ids(first, "image") + ids(rest, "image") == ids(every, "image")


def refused(served: Served, **asked: object) -> dict[str, str]:
    given = answer(served, "", **asked)
    assert given.status_code == 400, given.text
    problem: dict[str, str] = given.json()
    assert problem["error"] == "INVALID_PARAMETER"
    return problem


@pytest.mark.parametrize(
    "other",
    [{"sort": "-id"}, {}, {"sort": "id", "q": "owl"}, {"sort": "id", "as_of": 1}, {"sort": "id", "status": "active"}],
)
def test_a_cursor_of_another_question_is_refused(other: Mapping[str, object], served: Served) -> None:
    cursor = httpx2.URL(found(served, limit=5, sort="id").links["next"]["url"]).params["cursor"]
    problem = refused(served, **{"cursor": cursor, "limit": 5, **other})
    assert problem["detail"] == "cursor: Expected one of this very question, got one of another"
    assert "with the same as_of, filters and sort" in problem["nextActions"]


def forged(*members: object) -> str:
    return urlsafe_b64encode(msgspec.json.encode(members)).decode().rstrip("=")


def said(cursor: str) -> list[Any]:
    members: list[Any] = msgspec.json.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return members


def test_a_damaged_cursor_is_refused(served: Served) -> None:
    good = httpx2.URL(found(served, limit=5).links["next"]["url"]).params["cursor"]
    question, _, instant, now = said(good)
    assert found(served, cursor=forged(question, 5, instant, now)).status_code == 200
    damaged = (
        "abc",
        good[:-4],
        "A" + good,
        "W" * 4000,
        forged(question, -1, instant, now),
        forged(question, 10**12, instant, now),
        forged(question, "5", instant, now),
        forged(question, 5, "2026-10-26", now),
        forged(question, 5, "2026-10-26T12:00:00", now),
        forged(question, 5, "2026-10-26T14:00:00+02:00", now),
        forged(question, 5, instant, "soon"),
        forged(question, 5, instant),
        forged(question, 5, instant, now, now),
        forged(*["["] * 3),
        urlsafe_b64encode(b"[" * 2900).decode(),
    )
    for cursor in damaged:
        assert refused(served, cursor=cursor)["detail"].startswith(
            "cursor: Expected a cursor as the page before gave it"
        )
    future = refused(served, cursor=forged(question, 5, "9999-01-01T00:00:00Z", now))
    assert future["detail"].startswith("cursor: Expected one of a list that was had")
    assert refused(served, cursor="a b")["detail"].startswith("cursor: Expected a cursor")


def test_a_cursor_and_an_offset_exclude_each_other(served: Served) -> None:
    cursor = httpx2.URL(found(served, limit=5).links["next"]["url"]).params["cursor"]
    assert "got both" in refused(served, cursor=cursor, offset=5)["detail"]


def test_a_list_that_is_gone_is_told(served: Served) -> None:
    cursor = httpx2.URL(found(served, limit=5).links["next"]["url"]).params["cursor"]
    question, *_ = said(cursor)
    for instant in ("2019-01-01T00:00:00Z", None):
        gone = answer(served, "", cursor=forged(question, 5, instant, None))
        assert (gone.status_code, gone.json()["error"]) == (404, "NO_LIST_THEN")
        assert gone.json()["detail"] == "The list that this cursor goes through is not known any more"
        assert gone.json()["nextActions"] == "Begin again without cursor."
        assert gone.json()["newest_serial"] == 2


def test_the_bundle_is_walked_whole_although_another_list_came(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'llmanac.db'}"
    asked = {"supported_parameters": "reasoning", "fields": "id"}

    with (
        UpstreamSimulator() as upstream,
        serving(settings_for(tmp_path, upstream.base_url, database_url=url, offline=True)) as served,
    ):
        pipeline = Pipeline(url, upstream, **LENIENT)

        def arriving() -> Iterator[None]:
            yield
            learn(pipeline, 0, FIRST)
            served.context.worker.follow()
            yield

        whole = found(served, "", **asked)
        pages, walked = walk(served, arriving(), limit=60, **asked)
        pipeline.close()
        assert walked == both(whole)
        assert len(pages) > 3
        assert {page.headers["X-Catalogue-Source"] for page in pages} == {"bundled"}
        assert both(found(served, "", **asked)) == ([], []), "it is another list by now"
