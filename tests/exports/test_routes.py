"""`/exports/…` on a running server: one list, one tag, the filters of the one table, and the lists of earlier days."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import httpx2
import pytest
from pyarrow import parquet

from tests.build import Json, Record, architecture, pricing, record
from tests.remembered import NOON, Memory, at, remembering
from tests.serving import TOKEN

OWL = record(id="acme/owl")
GONE = record(id="acme/gone", expiration_date="2026-10-27")
DEAR = record(id="dear/owl", name="Dear", pricing=pricing(prompt="0.00001"))
EMBEDS = record(id="dear/embeds", name="Dear", architecture=architecture(outputs=("embeddings",)))
SOLD = record(id="dear/embeds-1", name="Dear", architecture=architecture(outputs=("embeddings",)))

FILES = {
    "litellm.json": "application/json",
    "models.dev.json": "application/json",
    "models.csv": "text/csv; charset=utf-8",
    "models.ndjson": "application/x-ndjson",
    "models.parquet": "application/vnd.apache.parquet",
}


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """Two lists, a day apart."""
    path = tmp_path_factory.mktemp("exports")
    lists: tuple[tuple[float, list[Record]], ...] = ((0, [OWL, GONE, SOLD]), (24, [EMBEDS, DEAR, OWL]))
    with remembering(f"sqlite:///{path / 'llmanac.db'}", path, *lists) as remembered:
        yield remembered


def ids(answer: httpx2.Response) -> list[str]:
    """Those of a CSV, in order."""
    assert answer.status_code == 200, answer.text
    return [line["id"] for line in csv.DictReader(io.StringIO(answer.text, newline=""))]


@pytest.mark.parametrize("file", FILES)
def test_an_export_has_the_fields_of_the_catalogue(memory: Memory, file: str) -> None:
    answer = memory.ask(f"/exports/{file}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == FILES[file]
    assert answer.headers["x-catalogue-serial"] == "2"
    assert answer.headers["x-catalogue-source"] == "store"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["vary"] == "Authorization, Accept-Encoding"
    assert (parsedate_to_datetime(answer.headers["last-modified"]) - NOON).total_seconds() == 24 * 3600
    again = memory.served.http.get(
        f"/exports/{file}", headers={"If-None-Match": answer.headers["etag"], "Accept-Encoding": "identity"}
    )
    assert (again.status_code, again.content) == (304, b"")
    head = memory.served.http.head(f"/exports/{file}", headers={"Accept-Encoding": "identity"})
    assert (head.content, head.headers["etag"]) == (b"", answer.headers["etag"])
    assert head.headers["content-length"] == str(len(answer.content))


@pytest.mark.parametrize("file", FILES)
def test_every_coding_is_the_same_body_under_a_tag_of_its_own(memory: Memory, file: str) -> None:
    plain = memory.ask(f"/exports/{file}")
    request = memory.served.http.build_request("GET", f"/exports/{file}", headers={"Accept-Encoding": "gzip"})
    coded = memory.served.http.send(request, stream=True)
    raw = b"".join(coded.iter_raw())
    assert coded.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert coded.headers["etag"] != plain.headers["etag"]


@pytest.mark.parametrize("file", FILES)
def test_nobody_reads_an_export_without_a_token(memory: Memory, file: str) -> None:
    answer = httpx2.get(f"{memory.served.url}/exports/{file}")
    assert (answer.status_code, answer.json()["error"]) == (401, "AUTH_MISSING_TOKEN")
    assert httpx2.get(f"{memory.served.url}/exports/{file}", headers={"X-API-Key": TOKEN}).status_code == 200


def test_opencode_finds_its_file_under_the_address_it_is_given(memory: Memory) -> None:
    # It asks for $OPENCODE_MODELS_URL/api.json.
    given, there = memory.ask("/exports/models.dev.json"), memory.ask("/exports/models.dev/api.json")
    assert (there.status_code, there.content, there.headers["etag"]) == (200, given.content, given.headers["etag"])


def test_all_models_are_exported_whatever_they_give(memory: Memory) -> None:
    assert ids(memory.ask("/exports/models.csv")) == ["dear/embeds", "dear/owl", "acme/owl"]
    assert list(memory.ask("/exports/litellm.json").json()) == [
        "openrouter/dear/owl", "openrouter/dear/embeds", "openrouter/acme/owl",
    ]  # fmt: skip
    assert list(memory.ask("/exports/models.dev.json").json()["openrouter"]["models"]) == ["dear/owl", "acme/owl"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"model_authors": "dear"}, ["dear/embeds", "dear/owl"]),
        ({"min_price": "5"}, ["dear/owl"]),
        ({"sort": "-price", "limit": "1"}, ["dear/owl"]),
        ({"q": "acme"}, ["acme/owl"]),
        ({"as_of": "1"}, ["acme/owl", "acme/gone", "dear/embeds-1"]),
        ({"as_of": at(1), "status": "expiring"}, ["acme/gone"]),
        ({"status": "removed"}, ["acme/gone", "dear/embeds-1"]),
        ({"max_age_days": "0"}, []),
    ],
)
def test_an_export_takes_the_filters_of_the_one_table(memory: Memory, asked: dict[str, str], found: list[str]) -> None:
    assert ids(memory.ask("/exports/models.csv", **asked)) == found
    lines = memory.ask("/exports/models.ndjson", **asked).content.splitlines()
    assert [json.loads(line)["id"] for line in lines] == found
    mapped = list(memory.ask("/exports/litellm.json", **asked).json())
    assert mapped == sorted((f"openrouter/{name}" for name in found), reverse=True)
    table = parquet.read_table(io.BytesIO(memory.ask("/exports/models.parquet", **asked).content))
    assert table["id"].to_pylist() == found


def test_an_export_of_an_earlier_list_says_so_and_never_changes(memory: Memory) -> None:
    answer = memory.ask("/exports/models.parquet", as_of="1")
    assert answer.headers["cache-control"] == "private, immutable"
    assert answer.headers["content-disposition"] == 'attachment; filename="llmanac-1.parquet"'
    about = parquet.read_schema(io.BytesIO(answer.content)).metadata
    assert about[b"llmanac.serial"] == b"1"
    assert about[b"llmanac.taken_at"].decode() == at(0)


def test_a_line_of_json_is_the_full_view_of_its_model(memory: Memory) -> None:
    lines = memory.ask("/exports/models.ndjson", ids="acme/owl").content.splitlines()
    assert [json.loads(line) for line in lines] == [memory.ask("/api/ai/models/acme/owl", view="full").json()]
    removed = memory.ask("/exports/models.ndjson", status="removed").content.splitlines()
    told: list[dict[str, Json]] = [json.loads(line)["llmanac"] for line in removed]
    assert [(each["status"], each["removed_at"], each["certainty"]) for each in told] == [
        ("removed", at(24), "confirmed"), ("removed", at(24), "suspected"),
    ]  # fmt: skip


def test_what_cannot_be_asked_is_refused(memory: Memory) -> None:
    for asked in ({"nope": "1"}, {"view": "full"}, {"min_price": "3", "max_price": "2"}, {"cursor": "abc"}):
        answer = memory.ask("/exports/models.csv", **asked)
        assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_PARAMETER"), asked
    missing = memory.ask("/exports/models.csv", as_of="77")
    assert (missing.status_code, missing.json()["error"]) == (404, "NO_LIST_THEN")
    refused = memory.served.http.get("/exports/models.csv", headers={"Accept-Encoding": "identity;q=0"})
    assert (refused.status_code, refused.json()["error"]) == (406, "NOT_ACCEPTABLE")
    assert memory.ask("/exports/models.xlsx").status_code == 404


def test_without_the_extra_the_refusal_says_which(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmanac.render.parquet.find_spec", lambda _: None)
    answer = memory.ask("/exports/models.parquet")
    assert (answer.status_code, answer.json()["error"]) == (501, "EXTRA_NOT_INSTALLED")
    assert "llmanac[parquet]" in answer.json()["message"]
    shown = {each["name"]: each["available"] for each in memory.ask("/exports").json()["exports"]}
    assert shown == {"litellm": True, "models.dev": True, "csv": True, "ndjson": True, "parquet": False}


def test_the_index_names_every_file(memory: Memory) -> None:
    shown = {each["path"].removeprefix("/exports/"): each for each in memory.ask("/exports").json()["exports"]}
    assert {name: each["media_type"] for name, each in shown.items()} == FILES
    assert all(each["available"] for each in shown.values())


def test_a_new_list_makes_a_new_export(memory: Memory) -> None:
    before = memory.ask("/exports/litellm.json")
    memory.learn(48, [OWL])
    after = memory.ask("/exports/litellm.json")
    assert list(after.json()) == ["openrouter/acme/owl"]
    assert after.headers["etag"] != before.headers["etag"]
    assert after.headers["x-catalogue-serial"] == "3"


def test_parquet_says_nothing_that_changes_while_its_list_does_not(memory: Memory) -> None:
    """Whether a server has just heard of upstream is in a header; in the file it would change the tag."""
    about = parquet.read_schema(io.BytesIO(memory.ask("/exports/models.parquet").content)).metadata
    assert {name for name in about if name.startswith(b"llmanac.")} == {
        b"llmanac.serial",
        b"llmanac.taken_at",
        b"llmanac.version",
    }
