"""`/api/v1`: OpenRouter's list, its pages, its parameters and its single models, as its own API has them."""

import gzip
import json
from collections.abc import Callable, Hashable
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest

from llmanac.answers.dialect_fields import MIRROR_LIST_FIELDS, UNANSWERED
from llmanac.answers.list_ref import ListRef
from llmanac.query.sort_names import OPENROUTER_SORTS, UNANSWERABLE
from llmanac.render.strictest import ReadModel
from llmanac.web.protocol.body_cache import BodyCache, Made
from llmanac.web.protocol.negotiation import Coding
from llmanac.web.protocol.representations import Coded
from tests.build import CREATED, Record, record, records
from tests.dialects.conftest import LISTED, TEXT
from tests.remembered import Memory, at, remembering
from tests.web.wire import BEARER, ask

PATH = "/api/v1/models"
DATA = Path(__file__).parents[1] / "data"


def listed(memory: Memory, query: str = "") -> list[str]:
    answer = memory.served.http.get(PATH + query)
    assert answer.status_code == 200, answer.text
    return [model["id"] for model in answer.json()["data"]]


def test_the_plain_list_has_every_model_with_text_output_in_upstreams_order(memory: Memory) -> None:
    answer = memory.ask(PATH)
    assert answer.headers["Content-Type"] == "application/json"
    assert [*answer.json()] == ["data", "links", "total_count"]
    assert (answer.json()["links"], answer.json()["total_count"]) == ({"next": None}, len(TEXT))
    assert listed(memory) == TEXT


def test_records_are_those_of_upstream_byte_for_byte(memory: Memory) -> None:
    catalogue = memory.served.context.current.held.catalogue
    assert catalogue is not None
    answer = memory.ask(PATH, output_modalities="all")
    for model in catalogue.snapshot.models[:-1]:
        assert model.record in answer.content
    *whole, bare = answer.json()["data"]
    assert whole == LISTED[:-1]
    assert (bare["created"], bare["supported_parameters"]) == (0, [])
    assert bare["links"] == {"details": f"/api/v1/models/{bare['canonical_slug']}/endpoints"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?output_modalities=all", [model["id"] for model in LISTED]),
        ("?output_modalities=image", ["acme/brush", "acme/both"]),
        ("?output_modalities=image,embeddings", ["acme/brush", "acme/both", "acme/vectors"]),
        ("?input_modalities=image", ["acme/both"]),
        ("?model_authors=fernweh", ["fernweh/übersee-1"]),
        ("?variant=free", ["acme/owl:free"]),
        ("?price_state=dynamic", ["fernweh/übersee-1"]),
        ("?max_price=0", ["acme/owl:free"]),
        ("?ids=acme/both,acme/vectors", ["acme/both"]),
        ("?sort=newest&model_authors=bare,fernweh", ["fernweh/übersee-1", "bare/old"]),
        ("?as_of=1&variant=none", ["acme/owl-4", "acme/owl-3", "acme/owl-2", "acme/owl-1", "acme/gone"]),
        (f"?as_of={quote(at(1))}&q=gone", ["acme/gone"]),
        ("?q=nothing-of-the-kind", []),
    ],
)
def test_what_the_list_can_answer_is_answered(query: str, expected: list[str], memory: Memory) -> None:
    assert listed(memory, query) == expected
    assert memory.ask(f"{PATH}/count{query.partition('&sort')[0].replace('sort=newest&', '')}").json() == {
        "data": {"count": len(expected)}
    }


@pytest.mark.parametrize("q", ["", " ", "!!!", "-", "/:.", "…", "🦉", "\x00", "_"])
def test_a_search_without_any_letter_or_digit_finds_nothing(q: str, memory: Memory) -> None:
    for path in (PATH, f"{PATH}/user"):
        answer = memory.ask(path, q=q, sort="newest", limit="3")
        assert answer.status_code == 200, answer.text
        assert answer.json() == {"data": [], "links": {"next": None}, "total_count": 0}
    assert memory.ask(f"{PATH}/count", q=q).json() == {"data": {"count": 0}}
    assert memory.ask(PATH, q=f"{q} owl").json()["total_count"] > 0
    assert memory.ask("/api/ai/models", q=q).status_code == 400, "our own route says what is wrong"


DOCUMENTED: dict[str, str] = {
    "offset": "0", "limit": "500", "category": "programming", "supported_parameters": "temperature",
    "output_modalities": "text", "sort": "newest", "q": "gpt-4", "input_modalities": "text,image", "context": "128000",
    "min_price": "0", "max_price": "10.5", "arch": "GPT", "model_authors": "openai,anthropic", "providers": "OpenAI",
    "distillable": "true", "zdr": "true", "region": "eu", "min_output_price": "0", "max_output_price": "10",
    "min_age_days": "0", "max_age_days": "90", "min_intelligence_index": "0.5", "max_intelligence_index": "60",
    "min_coding_index": "1", "max_coding_index": "60", "min_agentic_index": "1", "max_agentic_index": "60",
    "min_tool_success_rate": "0.9", "max_tool_success_rate": "1", "use_rss": "true", "use_rss_chat_links": "true",
}  # fmt: skip
"""The parameters of `GET /models` in OpenRouter's API reference (November 2026), each with a value."""


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_parameter_that_openrouter_documents_is_answered_or_refused_by_its_name(
    name: str, memory: Memory
) -> None:
    answer = memory.ask(PATH, **{name: DOCUMENTED[name]})
    if name in MIRROR_LIST_FIELDS:
        assert answer.status_code == 200, answer.text
    else:
        assert (answer.status_code, answer.json()["error"]["metadata"]["error"]) == (400, "INVALID_PARAMETER")
        assert answer.json()["error"]["message"].startswith(f"{name}: OpenRouter understands this parameter")
    assert (name in MIRROR_LIST_FIELDS) is not (name in UNANSWERED)
    ours = {"ids", "variant", "price_state", "as_of"}
    assert MIRROR_LIST_FIELDS.keys() | UNANSWERED.keys() == DOCUMENTED.keys() | ours


def test_a_long_question_takes_no_more_memory_than_a_short_one(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[Hashable] = []
    coded = BodyCache.coded

    async def noted(
        bodies: BodyCache, list_ref: ListRef, key: Hashable, coding: Coding, make: Callable[[], Made]
    ) -> Coded:
        keys.append(key)
        return await coded(bodies, list_ref, key, coding, make)

    monkeypatch.setattr(BodyCache, "coded", noted)
    long = ",".join(f"acme/no-such-model-of-a-long-name-{number}" for number in range(100))
    for path, name in (
        (PATH, "ids"),
        (f"{PATH}/user", "ids"),
        (f"{PATH}/count", "ids"),
        ("/v1/models", "output_modalities"),
    ):
        assert memory.ask(path, **{name: long}).status_code == 200
    assert len(keys) == 4
    assert max(len(repr(key)) for key in keys) < 400


@pytest.mark.parametrize("name", UNANSWERED)
def test_what_no_list_can_answer_is_refused_by_name_and_reason(name: str, memory: Memory) -> None:
    for path in (PATH, f"{PATH}/count", f"{PATH}/user"):
        answer = memory.ask(path, **{name: "true"})
        assert answer.status_code == 400
        assert answer.json()["error"]["message"].startswith(f"{name}: ")
        assert UNANSWERED[name] in answer.json()["error"]["message"]


def test_a_sort_that_no_list_can_answer_is_refused_by_name_and_reason(memory: Memory) -> None:
    for word, reason in dict(UNANSWERABLE).items():
        answer = memory.ask(PATH, sort=word)
        assert answer.status_code == 400
        assert word in answer.json()["error"]["message"]
        assert reason in answer.json()["error"]["message"]
    for word in OPENROUTER_SORTS:
        assert sorted(listed(memory, f"?sort={word}")) == sorted(TEXT)


def test_a_parameter_that_nobody_knows_is_refused_with_near_names(memory: Memory) -> None:
    message = memory.ask(PATH, suported_parameters="tools").json()["error"]["message"]
    assert "'suported_parameters'" in message
    assert message.endswith("Did you mean supported_parameters?")


def test_without_offset_and_limit_all_come_and_with_either_pages_of_it(memory: Memory) -> None:
    assert listed(memory, "?limit=3") == TEXT[:3]
    assert listed(memory, "?limit=3&offset=3") == TEXT[3:6]
    assert listed(memory, "?offset=4") == TEXT[4:]
    assert listed(memory, f"?offset={len(TEXT)}") == listed(memory, "?offset=500&limit=500") == []
    assert memory.ask(PATH, limit="2").json()["total_count"] == len(TEXT)
    for wrong in ("0", "1001", "-1", "2.5", "many", ""):
        assert memory.ask(PATH, limit=wrong).status_code == 400


def test_an_offset_alone_makes_pages_of_500(tmp_path_factory: pytest.TempPathFactory) -> None:
    tmp = tmp_path_factory.mktemp("many")
    with remembering(f"sqlite:///{tmp / 'llmanac.db'}", tmp, (0, records(1100))) as many:
        first = many.ask(PATH, offset="0").json()
        assert (len(first["data"]), first["total_count"]) == (500, 1100)
        assert len(many.ask(PATH).json()["data"]) == 1100
        assert len(many.ask(PATH, limit="1000").json()["data"]) == 1000
        assert "limit=500" in first["links"]["next"]


@pytest.mark.parametrize("limit", [1, 2, 5, 1000])
@pytest.mark.parametrize("path", [PATH, f"{PATH}/user"])
def test_links_lead_through_every_row_once_whatever_is_fetched_meanwhile(
    limit: int, path: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tmp = tmp_path_factory.mktemp("paged")
    with remembering(f"sqlite:///{tmp / 'llmanac.db'}", tmp, (0, LISTED)) as paged:
        following: str | None = f"{path}?limit={limit}&output_modalities=all&sort=newest"
        seen: list[object] = []
        hours = 1
        whole = paged.ask(path, output_modalities="all", sort="newest").json()["data"]
        while following is not None:
            page = paged.served.http.get(following).json()
            assert page["total_count"] == len(LISTED)
            seen += page["data"]
            following = page["links"]["next"]
            assert following is None or following.startswith(f"{path}?")
            if hours < 3:
                # A model more in front, and one less behind.
                paged.learn(hours, [*records(5 + hours)[:1], *LISTED[:-1]])
                hours += 1
        assert seen == whole


def test_answers_are_conditional_coded_and_have_the_fields_of_every_list(memory: Memory) -> None:
    plain = ask(memory.served.url, PATH)
    zipped = ask(memory.served.url, PATH, (*BEARER, ("Accept-Encoding", "gzip")))
    assert gzip.decompress(zipped.body) == plain.body
    assert plain["ETag"] != zipped["ETag"]
    same = ask(memory.served.url, PATH, (*BEARER, ("If-None-Match", plain["ETag"])))
    assert (same.status, same.body) == (304, b"")
    head = ask(memory.served.url, PATH, method="HEAD")
    assert (head.status, head.body, head["ETag"], head["Content-Length"]) == (
        200, b"", plain["ETag"], plain["Content-Length"],
    )  # fmt: skip
    assert plain["X-Catalogue-Serial"] == "2"
    assert plain["Vary"] == "Authorization, Accept-Encoding"
    assert plain["Cache-Control"] == "private, no-cache"
    settled = ask(memory.served.url, f"{PATH}?as_of=1")
    assert settled["Cache-Control"] == "private, immutable"


def test_an_earlier_list_is_as_readable_as_the_served_one(tmp_path: Path) -> None:
    found: dict[str, Record] = {}
    for path in sorted(DATA.glob("202[34]-*.json")):
        found |= {model["id"]: model for model in json.loads(path.read_bytes())["data"]}
    old = [*found.values()]
    measured = record(benchmarks={"design_arena": []})
    with remembering(
        f"sqlite:///{tmp_path / 'llmanac.db'}", tmp_path, (0, old), (24, [measured]), (48, records(2))
    ) as memory:
        first, second = (
            memory.ask(PATH, output_modalities="all", as_of=serial).json()["data"] for serial in ("1", "2")
        )
    assert [model["id"] for model in first] == [*found] != []
    for model in first:
        msgspec.convert(model, ReadModel)
    assert second == [measured], "with what is volatile"


RAW = "acme/owl-4"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (RAW, RAW),
        ("acme%2Fowl-4", RAW),
        ("acme/owl:free", "acme/owl:free"),
        ("acme/owl%3Afree", "acme/owl:free"),
        ("acme%2fowl%3afree", "acme/owl:free"),
        ("fernweh/%C3%BCbersee-1", "fernweh/übersee-1"),
        ("~acme/owl-latest", RAW),
        ("%7Eacme%2Fowl-latest", RAW),
        ("~acme/lost-latest", "~acme/lost-latest"),
        ("acme/owl-4-20261021", RAW),
        ("acme/owl-20261021:free", "acme/owl:free"),
        ("acme/vectors", "acme/vectors"),
        ("acme/gone?as_of=1", "acme/gone"),
    ],
)
def test_one_model_is_found_by_id_alias_and_canonical_slug(asked: str, found: str, memory: Memory) -> None:
    answer = ask(memory.served.url, f"/api/v1/model/{asked}")
    assert answer.status == 200, answer.body
    body = json.loads(answer.body)
    assert [*body] == ["data"]
    assert body["data"]["id"] == found
    again = ask(memory.served.url, f"/api/v1/model/{asked}", (*BEARER, ("If-None-Match", answer["ETag"])))
    assert again.status == 304


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ("acme/owl-5", "MODEL_UNKNOWN", "Did you mean acme/owl-4"),
        ("acme/owl-4:free", "MODEL_UNKNOWN", "acme/owl:free"),
        ("acme/gone", "MODEL_REMOVED", "no longer listed"),
        ("acme/brush?as_of=1", "MODEL_UNKNOWN", "There is no model"),
        ("acme/owl-4?as_of=9", "NO_LIST_THEN", "There is no list"),
    ],
)
def test_one_model_that_is_not_there_is_404_and_says_why(asked: str, code: str, words: str, memory: Memory) -> None:
    answer = ask(memory.served.url, f"/api/v1/model/{asked}")
    problem = json.loads(answer.body)["error"]
    assert (answer.status, problem["code"], problem["metadata"]["error"]) == (404, 404, code)
    assert words in problem["message"]


def test_the_age_of_models_is_counted_from_now(memory: Memory) -> None:
    """The newest of four was made on CREATED, each of the others a day before the next."""
    days = (memory.served.context.clock().timestamp() - CREATED) // 86_400
    four = "ids=acme/owl-4,acme/owl-3,acme/owl-2,acme/owl-1"
    assert listed(memory, f"?min_age_days={days + 2:.0f}&{four}") == ["acme/owl-2", "acme/owl-1"]
    assert listed(memory, f"?max_age_days={days + 1:.0f}&{four}") == ["acme/owl-4", "acme/owl-3"]
    assert "bare/old" not in listed(memory, "?min_age_days=0")


def test_with_an_instant_ages_are_counted_from_it_on_every_page(memory: Memory) -> None:
    """The first list is of 2026-10-26; its four were made from the 21st back."""
    asked = f"as_of={quote(at(1))}&max_age_days=6&model_authors=acme&variant=none"
    assert listed(memory, f"?{asked}") == ["acme/owl-4", "acme/owl-3", "acme/gone"]
    following: str | None = f"{PATH}?{asked}&limit=1"
    seen = []
    while following is not None:
        page = memory.served.http.get(following).json()
        seen += [model["id"] for model in page["data"]]
        following = page["links"]["next"]
    assert seen == ["acme/owl-4", "acme/owl-3", "acme/gone"]
