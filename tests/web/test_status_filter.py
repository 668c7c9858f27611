"""`status`: the list narrowed to what stays, what will leave, and what has left, now and as of then."""

import gzip
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from tests.build import Json, Record, architecture, pricing, record
from tests.serving import Served, serving, settings_for
from tests.sync.pipeline import Pipeline
from tests.upstream_simulator import UpstreamSimulator
from tests.web.steps import IDENTITY, PATH
from tests.web.wire import BEARER, ask

START = datetime(2026, 1, 10, 6, tzinfo=UTC)
DAY = timedelta(days=1)

STAYS = record(id="acme/stays", expiration_date=None)
SENTINEL = record(id="acme/sentinel", expiration_date="2098-12-31")
LEAVES = record(id="acme/leaves", expiration_date="2026-01-16", benchmarks={"score": 1})
BLINKS = record(id="acme/blinks", name="Acme: Blinks once")
GONE = record(id="acme/gone", pricing=pricing(prompt="0.0000007"))
BOTH = record(id="acme/both", architecture=architecture(["text"], ["text", "image"]))
SHOWS = record(id="acme/shows", architecture=architecture(["text"], ["image"]), expiration_date="2026-03-01")
VECTORS = record(id="acme/vectors", architecture=architecture(["text"], ["embeddings"]))
LATER = record(id="acme/later")

DAYS: Sequence[Sequence[Record]] = (
    [STAYS, SENTINEL, LEAVES, BLINKS, GONE, BOTH, SHOWS, VECTORS],
    [STAYS, SENTINEL, LEAVES, GONE, BOTH, SHOWS, VECTORS],
    [STAYS, SENTINEL, LEAVES, BLINKS, BOTH, SHOWS],
    [STAYS, SENTINEL, LEAVES, BLINKS, SHOWS],
    [STAYS, SENTINEL, BLINKS, SHOWS],
    [STAYS, SENTINEL, BLINKS, SHOWS],
    [STAYS, SENTINEL, BLINKS, SHOWS],
    [LATER, STAYS, SENTINEL, BLINKS, SHOWS],
)
"""`blinks` misses day 1; `gone` and `vectors` leave on day 2, `both` on day 3, `leaves` on day 4, before its time."""


def told(database_url: str, upstream: UpstreamSimulator, days: Sequence[Sequence[Record]]) -> None:
    """Fill the store with one list a day."""
    lenient = {"quarantine_min_share": 0, "quarantine_max_repriced_share": 1}
    pipeline = Pipeline(database_url, upstream, **lenient)
    try:
        for number, sent in enumerate(days):
            upstream.change(records=sent)
            pipeline.at = START + number * DAY
            assert pipeline.sync().attempt.outcome in ("changed", "unchanged")
    finally:
        pipeline.close()


@pytest.fixture(scope="module")
def upstream() -> Iterator[UpstreamSimulator]:
    with UpstreamSimulator() as simulator:
        yield simulator


@pytest.fixture(scope="module")
def served(upstream: UpstreamSimulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """For tests that only read; on SQLite."""
    path = tmp_path_factory.mktemp("served")
    url = f"sqlite:///{path / 'llmanac.db'}"
    told(url, upstream, DAYS)
    with serving(settings_for(path, upstream.base_url, database_url=url, offline=True)) as server:
        yield server


def answer(served: Served, **asked: object) -> httpx2.Response:
    found = served.http.get(PATH, params={name: str(value) for name, value in asked.items()}, headers=IDENTITY)
    assert found.status_code == 200, found.text
    return found


def models(served: Served, group: str = "text", **asked: object) -> list[dict[str, Json]]:
    found: list[dict[str, Json]] = answer(served, **asked).json()[group][0]["models"]
    return found


def ids(served: Served, group: str = "text", **asked: object) -> list[str]:
    return [str(model["id"]).removeprefix("acme/") for model in models(served, group, **asked)]


def ours(served: Served, model_id: str, group: str = "text", **asked: object) -> dict[str, Json]:
    """The conclusions on one model."""
    (found,) = [model for model in models(served, group, view="full", **asked) if model["id"] == f"acme/{model_id}"]
    concluded = found["llmanac"]
    assert isinstance(concluded, dict)
    return concluded


def day(number: float) -> str:
    return (START + number * DAY).isoformat()


def test_the_listed_models_are_active_or_expiring_and_a_sentinel_is_no_date(served: Served) -> None:
    assert ids(served, status="active") == ["later", "stays", "sentinel", "blinks"]
    assert ids(served, status="expiring") == []
    assert ids(served, "image", status="active") == []
    assert ids(served, "image", status="expiring") == ["shows"]


def test_removed_models_are_in_the_lists_they_were_in_the_latest_gone_first(served: Served) -> None:
    assert ids(served, status="removed") == ["leaves", "both", "gone"]
    assert ids(served, "image", status="removed") == ["both"]


def test_several_fit_with_commas_between_the_listed_before_the_removed(served: Served) -> None:
    assert ids(served, status="removed,active") == ["later", "stays", "sentinel", "blinks", "leaves", "both", "gone"]
    assert ids(served, "image", status=" expiring , removed,") == ["shows", "both"]
    whole, all_listed = answer(served), answer(served, status="active,expiring")
    assert all_listed.content == whole.content
    assert all_listed.headers["ETag"] == whole.headers["ETag"]


def test_a_removed_model_has_its_last_data_in_the_shape_of_the_list(served: Served) -> None:
    (before,) = [model for model in models(served, as_of=1) if model["id"] == "acme/gone"]
    (after,) = [model for model in models(served, status="removed") if model["id"] == "acme/gone"]
    assert after == before
    assert list(after) == list(before)


def test_the_full_view_says_when_it_left_and_how_sure_that_is(served: Served) -> None:
    assert ours(served, "gone", status="removed") == {
        "author": "acme",
        "variant": None,
        "alias": False,
        "price_state": "known",
        "status": "removed",
        "removed_at": "2026-01-12T06:00:00Z",
        "last_seen_at": "2026-01-11T06:00:00Z",
        "certainty": "confirmed",
        "announced": None,
    }
    left = ours(served, "leaves", status="removed")
    assert (left["removed_at"], left["announced"]) == ("2026-01-14T06:00:00Z", "2026-01-16")
    (shown,) = [model for model in models(served, view="full", status="removed") if model["id"] == "acme/leaves"]
    assert shown["expiration_date"] == "2026-01-16"
    assert shown["benchmarks"] is None, "volatile values are kept with lists, not with models"
    assert "removed_at" not in ours(served, "stays", status="active")


def test_a_removal_is_suspected_until_the_third_fetch_without_the_model(served: Served) -> None:
    for number, certainty in (
        (2, "suspected"),
        (2.5, "suspected"),
        (3, "suspected"),
        (4, "confirmed"),
        (6, "confirmed"),
    ):
        assert ours(served, "gone", as_of=day(number), status="removed")["certainty"] == certainty, number
    assert ours(served, "both", as_of=day(5), status="removed")["certainty"] == "confirmed"


def test_or_until_its_announced_day(upstream: UpstreamSimulator, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'llmanac.db'}"
    soon = record(id="acme/soon", expiration_date="2026-01-12")
    told(url, upstream, [[STAYS, LATER, soon], [STAYS, LATER], [STAYS, LATER]])
    with serving(settings_for(tmp_path, upstream.base_url, database_url=url, offline=True)) as served:
        assert ours(served, "soon", as_of=day(1), status="removed")["certainty"] == "suspected"
        assert ours(served, "soon", as_of=day(2), status="removed")["certainty"] == "confirmed"


@pytest.mark.parametrize(
    ("number", "text", "image"),
    [
        (0, [], []),
        (1, ["blinks"], []),
        (2, ["gone"], []),
        (3, ["both", "gone"], ["both"]),
        (4, ["leaves", "both", "gone"], ["both"]),
        (7, ["leaves", "both", "gone"], ["both"]),
    ],
)
def test_as_of_then_it_is_what_had_left_by_then(number: int, text: list[str], image: list[str], served: Served) -> None:
    for moment in (day(number), day(number + 0.5)):
        assert ids(served, as_of=moment, status="removed") == text
        assert ids(served, "image", as_of=moment, status="removed") == image
    assert ids(served, as_of=day(0), status="expiring") == ["leaves"]
    assert ids(served, as_of=day(1), status="active,removed") == ["stays", "sentinel", "gone", "both", "blinks"]


def test_by_serial_it_is_as_of_the_lists_first_fetch_and_so_never_changes(served: Served) -> None:
    """Day 4's list is that of days 5 and 6 too, in which a third absence confirms more."""
    serial = int(answer(served, as_of=day(4)).headers["X-Catalogue-Serial"])
    assert answer(served, as_of=day(6)).headers["X-Catalogue-Serial"] == str(serial)
    assert ours(served, "both", as_of=serial, status="removed")["certainty"] == "suspected"
    assert ours(served, "both", as_of=day(6), status="removed")["certainty"] == "confirmed"
    for moment in (serial, day(6)):
        assert answer(served, as_of=moment, status="removed").headers["Cache-Control"] == "private, immutable"


def test_it_is_answered_the_same_on_both_databases(
    database_url: str, upstream: UpstreamSimulator, served: Served, tmp_path: Path
) -> None:
    told(database_url, upstream, DAYS)
    with serving(settings_for(tmp_path, upstream.base_url, database_url=database_url, offline=True)) as other:
        for status in ("active", "expiring", "removed", "removed,expiring"):
            for asked in ({}, {"as_of": 3}, {"as_of": day(1)}, {"as_of": day(3.3)}):
                for view in ("listed", "full"):
                    one, two = (answer(each, status=status, view=view, **asked) for each in (served, other))
                    assert one.content == two.content
                    assert one.headers["ETag"] == two.headers["ETag"]


def test_the_fields_are_those_of_the_list_and_the_tag_is_of_what_is_shown(served: Served) -> None:
    whole = ask(served.url, PATH, (*BEARER, ("Accept-Encoding", "gzip")))
    path = f"{PATH}?status=removed"
    found = ask(served.url, path, (*BEARER, ("Accept-Encoding", "gzip")))
    own = ("etag", "content-length", "date", "x-catalogue-age", "x-total-count")
    assert found.without(*own) == whole.without(*own)
    assert found["ETag"] != whole["ETag"]
    assert gzip.decompress(found.body) == answer(served, status="removed").content
    same = ask(served.url, path, (*BEARER, ("Accept-Encoding", "gzip"), ("If-None-Match", found["ETag"])))
    assert (same.status, same.body) == (304, b"")
    headed = ask(served.url, path, (*BEARER, ("Accept-Encoding", "gzip")), method="HEAD")
    assert (headed.body, headed["Content-Length"]) == (b"", found["Content-Length"])


@pytest.mark.parametrize("status", ["", ",", "gone", "active;removed", "Active", "active,gone"])
def test_another_word_is_400_and_told_which_there_are(status: str, served: Served) -> None:
    refused = served.http.get(PATH, params={"status": status})
    assert (refused.status_code, refused.json()["error"]) == (400, "INVALID_PARAMETER")
    assert "active, expiring, removed" in refused.json()["detail"]


def test_a_sync_makes_new_answers(upstream: UpstreamSimulator, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, upstream.base_url, quarantine_min_share=0, bundle=False)
    upstream.change(records=[STAYS, GONE])
    with serving(settings) as live:
        assert live.sync().status_code == 200
        assert ids(live, status="removed") == []
        upstream.change(records=[STAYS])
        assert live.sync().json()["attempt"]["outcome"] == "changed"
        assert ids(live, status="removed") == ["gone"]
        assert ours(live, "gone", status="removed")["certainty"] == "suspected"
        for _ in range(2):
            assert live.sync().json()["attempt"]["outcome"] == "unchanged"
        assert ours(live, "gone", status="removed")["certainty"] == "confirmed"
        upstream.change(records=[STAYS, GONE])
        assert live.sync().json()["attempt"]["outcome"] == "changed"
        assert ids(live, status="removed") == []
        assert ids(live, status="active") == ["stays", "gone"]


def test_the_bundle_has_no_removed_models_and_hidden_ones_stay_hidden(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path / "bundle", offline=True)) as served:
        assert ids(served, status="removed") == []
        assert len(ids(served, status="active")) > 400
        assert "z-ai/glm-4.5" in ids(served, status="expiring")
    with serving(settings_for(tmp_path / "hidden", offline=True, hide_unconfigured=True)) as served:
        assert ids(served, status="active,expiring,removed") == []
