"""`as_of`: the endpoint gives again, byte for byte, what it gave at any instant and under any Serial."""

import gzip
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

import brotli
import httpx2
import psycopg
import pytest
import zstandard
from structlog.testing import capture_logs

from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.snapshot import ListScope, Part, RawPage, Snapshot
from llmanac.sync.weave import Arrival, weave
from llmanac.upstream.decode import decode
from tests.build import answer, record
from tests.serving import Served, serving, settings_for, wait_for
from tests.sync.test_store_away import closed
from tests.web.steps import IDENTITY, PATH, TICK, VIEWS, Step, lists, now_served, stepped
from tests.web.wire import BEARER, Answer, ask

DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
    "gzip": gzip.decompress,
    "identity": bytes,
}
IMMUTABLE = "private, immutable"
NOT_SETTLED = "private, no-cache"


def at(served: Served, moment: object, **parameters: str) -> httpx2.Response:
    text = moment.isoformat() if isinstance(moment, datetime) else str(moment)
    return served.http.get(PATH, params={"as_of": text, **parameters}, headers=IDENTITY)


def coded(served: Served, moment: object, coding: str, *fields: tuple[str, str], method: str = "GET") -> Answer:
    path = f"{PATH}?as_of={quote(str(moment))}"
    return ask(served.url, path, (*BEARER, ("Accept-Encoding", coding), *fields), method=method)


def assert_again(served: Served, moment: object, step: Step) -> None:
    for view in VIEWS:
        again = at(served, moment, view=view)
        assert again.status_code == 200, again.text
        assert again.content == step.bodies[view], (moment, view)
        assert again.headers["ETag"] == step.etags[view]
        assert again.headers["X-Catalogue-Serial"] == str(step.serial)
        assert again.headers["Last-Modified"] == step.last_modified


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, list[Step]]]:
    """For tests that only read; on SQLite."""
    with stepped(tmp_path_factory.mktemp("past")) as told:
        yield told


@pytest.fixture
def served(past: tuple[Served, list[Step]]) -> Served:
    return past[0]


@pytest.fixture
def steps(past: tuple[Served, list[Step]]) -> list[Step]:
    return past[1]


def test_every_list_is_given_again_by_serial_and_by_every_instant_it_was_served(
    database_url: str, tmp_path: Path
) -> None:
    with stepped(tmp_path, database_url=database_url) as (served, steps):
        assert len({step.serial for step in steps}) == len(lists()) - 1, "the last list was there already"
        for step, following in zip(steps, [*steps[1:], None], strict=True):
            assert_again(served, step.serial, steps[[each.serial for each in steps].index(step.serial)])
            assert_again(served, step.fetched_at, step)
            assert_again(served, step.fetched_at + TICK, step)
            if following is not None:
                assert_again(served, following.fetched_at - TICK, step)


@pytest.mark.parametrize("coding", DECODERS)
def test_each_coding_holds_the_same_list_under_a_tag_of_its_own(coding: str, served: Served, steps: list[Step]) -> None:
    tags = set()
    for step in steps[:5]:
        given = coded(served, step.serial, coding)
        assert given["Content-Length"] == str(len(given.body))
        assert DECODERS[coding](given.body) == step.bodies["listed"]
        assert [value for name, value in given.fields if name == "content-encoding"] == (
            [] if coding == "identity" else [coding]
        )
        tags.add(given["ETag"])
    assert len(tags) == 5


def test_the_instant_may_be_spelt_with_any_offset(served: Served, steps: list[Step]) -> None:
    for offset in (timedelta(hours=2), timedelta(hours=-9, minutes=-30), timedelta(hours=14)):
        assert_again(served, steps[2].fetched_at.astimezone(timezone(offset)), steps[2])
    plain = steps[2].fetched_at.astimezone(timezone(timedelta(hours=2))).isoformat()
    assert "+" in plain
    unescaped = served.http.get(f"{PATH}?as_of={plain}", headers=IDENTITY)
    assert unescaped.content == steps[2].bodies["listed"], "a plus sign that was not escaped"


def test_before_the_first_list_is_404_and_names_the_first_instant_there_is(served: Served, steps: list[Step]) -> None:
    for moment in (steps[0].taken_at - TICK, "2019-12-31", "0001-01-02", "0999-01-01T00:00:00Z"):
        refused = at(served, moment)
        assert refused.status_code == 404
        assert refused.headers["Content-Type"] == "application/problem+json"
        problem = refused.json()
        first = problem["first"]
        assert problem["error"] == "NO_LIST_THEN"
        assert datetime.fromisoformat(first) == steps[0].taken_at
        assert f"the first is of {first}" in problem["detail"]
        assert problem["nextActions"] == f"Ask with as_of={first} or later."
        assert (problem["first_serial"], problem["newest_serial"]) == (1, steps[-1].serial)
        assert datetime.fromisoformat(problem["newest"]) == steps[-1].fetched_at
        assert_again(served, first, steps[0])


def test_an_unknown_serial_is_404_and_names_those_there_are(served: Served, steps: list[Step]) -> None:
    for serial in (steps[-1].serial + 1, 10**15 - 1):
        problem = at(served, serial)
        assert problem.status_code == 404
        assert (
            f"There is no list with Serial {serial}; the Serials of this list are 1 to {steps[-1].serial}"
            == (problem.json()["detail"])
        )
        assert problem.json()["newest_serial"] == steps[-1].serial


def test_the_future_is_400_and_names_now(served: Served) -> None:
    for moment in (datetime.now(UTC) + timedelta(minutes=1), "9999-12-31"):
        refused = at(served, moment)
        assert (refused.status_code, refused.json()["error"]) == (400, "INVALID_PARAMETER")
        found = refused.json()["detail"].partition("up to now, which is ")[2].partition(",")[0]
        assert abs(datetime.fromisoformat(found) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("moment", ["", "yesterday", "1.5", "-1", "2026-02-30", "2026-01-01T10:00:00", "1,2"])
def test_what_is_no_moment_is_400(moment: str, served: Served) -> None:
    assert at(served, moment).status_code == 400
    assert served.http.get(f"{PATH}?as_of=1&as_of=1").status_code == 400


def test_what_no_later_fetch_can_change_is_immutable(served: Served, steps: list[Step]) -> None:
    newest = steps[-1].fetched_at
    for moment in (1, steps[-1].serial, steps[0].fetched_at, newest - TICK, newest):
        assert at(served, moment).headers["Cache-Control"] == IMMUTABLE
    for moment in (newest + TICK, datetime.now(UTC)):
        assert at(served, moment).headers["Cache-Control"] == NOT_SETTLED


def test_it_has_the_fields_of_the_current_list(served: Served, steps: list[Step]) -> None:
    current = ask(served.url, PATH, (*BEARER, ("Accept-Encoding", "gzip")))
    given = coded(served, 2, "gzip")
    assert given.names() == current.names()
    assert given["Vary"] == "Authorization, Accept-Encoding"
    assert given["X-Catalogue-Source"] == "store"
    assert parsedate_to_datetime(given["Last-Modified"]) == steps[1].taken_at.replace(microsecond=0)
    agreed_at = max(step.fetched_at for step in steps if step.serial == 2)
    age = (datetime.now(UTC) - agreed_at).total_seconds()
    assert abs(int(given["X-Catalogue-Age"]) - age) <= 2


@pytest.mark.parametrize("coding", DECODERS)
def test_head_has_the_fields_of_get_and_no_body(coding: str, served: Served) -> None:
    got, headed = coded(served, 3, coding), coded(served, 3, coding, method="HEAD")
    assert (headed.status, headed.body) == (200, b"")
    assert headed.without("date", "x-catalogue-age") == got.without("date", "x-catalogue-age")


@pytest.mark.parametrize("coding", DECODERS)
def test_a_condition_that_names_the_tag_is_answered_with_304(coding: str, served: Served) -> None:
    whole = coded(served, 3, coding)
    for condition in (whole["ETag"], f'"other", W/{whole["ETag"]}', "*"):
        unchanged = coded(served, 3, coding, ("If-None-Match", condition))
        assert (unchanged.status, unchanged.body) == (304, b"")
        described = ("content-type", "content-length", "content-encoding", "x-content-type-options")
        assert unchanged.without("date", "x-catalogue-age") == whole.without("date", "x-catalogue-age", *described)
    assert coded(served, 4, coding, ("If-None-Match", whole["ETag"])).status == 200


def test_no_coding_that_is_acceptable_is_406(served: Served) -> None:
    assert coded(served, 3, "*;q=0").status == 406


def test_it_needs_a_token_with_the_right_to_read(served: Served) -> None:
    path = f"{PATH}?as_of=1"
    assert ask(served.url, path, ()).status == 401
    assert ask(served.url, path, (("Authorization", "Bearer lmn_unknown"),)).status == 401
    refused = ask(served.url, f"{PATH}?as_of=tomorrow", ())
    assert refused.status == 401, "a stranger is not even told what is wrong with the question"


def test_serial_0_is_the_bundle_and_there_is_no_list_before_the_first_sync(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, offline=True)) as served:
        bundled = now_served(served)
        assert_again(served, 0, bundled)
        again = at(served, 0)
        assert (again.headers["X-Catalogue-Source"], again.headers["Cache-Control"]) == ("bundled", NOT_SETTLED)
        for moment in (1, datetime.now(UTC), "2026-10-26"):
            refused = at(served, moment)
            assert (refused.status_code, refused.json()["error"]) == (404, "NO_LIST_THEN")
            assert refused.json()["first"] is None
        assert served.models().headers["X-Catalogue-Serial"] == "0"


def test_serial_0_stays_the_bundle_once_another_list_is_served(tmp_path: Path) -> None:
    with stepped(tmp_path, bundle=True) as (served, _):
        again = at(served, 0)
        assert again.headers["X-Catalogue-Serial"] == "0"
        assert len(again.json()["text"][0]["models"]) > 400


def test_without_the_bundle_there_is_no_serial_0(served: Served) -> None:
    refused = at(served, 0)
    assert (refused.status_code, refused.json()["error"]) == (404, "NO_LIST_THEN")


def test_without_any_list_it_is_503_as_for_the_current_one(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, offline=True, bundle=False)) as served:
        assert at(served, 1).status_code == 503
        assert at(served, "2026-01-01").json()["error"] == "NO_CATALOGUE"


def test_models_of_an_unconfigured_provider_stay_hidden(tmp_path: Path) -> None:
    with stepped(tmp_path, hide_unconfigured=True) as (served, steps):
        for step in steps:
            assert_again(served, step.serial, step)
        assert at(served, 1).json()["text"] == [{"provider": "openrouter", "configured": False, "models": []}]


@pytest.mark.parametrize("past_cache_bytes", [0, 5000])
def test_it_is_the_same_with_little_memory_or_none(past_cache_bytes: int, tmp_path: Path) -> None:
    with stepped(tmp_path, past_cache_bytes=past_cache_bytes) as (served, steps):
        for step in [*steps, *reversed(steps)]:
            assert_again(served, step.fetched_at, step)


def woven(served: Served, scope: ListScope, taken_at: datetime, *ids: str) -> None:
    """An import, as another process would do it: this server notices by itself."""
    pages = (RawPage(Part.MODELS, "https://example.test/models", answer([record(id=each) for each in ids])),)
    taken = decode(pages, source="openrouter", taken_at=taken_at)
    assert isinstance(taken, Snapshot)
    store = served.context.store
    assert store.acquire_lease("an import", timedelta(minutes=1))
    before = served.context.current.held
    with store.weaving("an import", store.series_state(before.state.id)) as loom:
        weave(loom, Arrival(taken, scope, Origin.IMPORT, pages), flap=timedelta(days=10), known={})
        loom.serve_newest()
    store.release_lease("an import")
    wait_for(lambda: served.context.current.held is not before)


def test_an_import_renumbers_what_serials_give_and_never_what_instants_do(database_url: str, tmp_path: Path) -> None:
    with stepped(tmp_path, *lists()[:3], database_url=database_url) as (served, steps):
        for step in steps:
            assert_again(served, step.serial, step)
        earlier = steps[0].taken_at - timedelta(days=30)
        woven(served, ListScope.ALL, earlier, "acme/ancient")
        found = at(served, 1)
        assert [model["id"] for model in found.json()["text"][0]["models"]] == ["acme/ancient"]
        assert (found.headers["X-Catalogue-Source"], found.headers["X-Catalogue-Serial"]) == ("import", "1")
        assert at(served, steps[0].taken_at - TICK).content == found.content
        for step in steps:
            again = at(served, step.fetched_at)
            assert again.content == step.bodies["listed"]
            assert again.headers["X-Catalogue-Serial"] == str(step.serial + 1)


def test_a_narrower_list_answers_only_at_its_very_instant(tmp_path: Path) -> None:
    with stepped(tmp_path, *lists()[:2]) as (served, steps):
        between = steps[0].fetched_at + (steps[1].fetched_at - steps[0].fetched_at) / 2
        woven(served, ListScope.TEXT, between, "acme/only-text")
        found = at(served, between)
        assert [model["id"] for model in found.json()["text"][0]["models"]] == ["acme/only-text"]
        assert found.headers["Cache-Control"] == IMMUTABLE
        for moment in (between - TICK, between + TICK):
            assert at(served, moment).content == steps[0].bodies["listed"]


def test_a_flood_for_one_list_gets_it_and_a_flood_for_many_gets_each(served: Served, steps: list[Step]) -> None:
    moments = [step.fetched_at + number * TICK for step in steps[:-1] for number in range(8)]
    wanted = [step.bodies["listed"] for step in steps[:-1] for _ in range(8)]
    with ThreadPoolExecutor(16) as threads:
        assert {found.content for found in threads.map(lambda _: at(served, 1), range(60))} == {
            steps[0].bodies["listed"]
        }
        assert [found.content for found in threads.map(lambda moment: at(served, moment), moments)] == wanted


def test_however_many_look_back_the_current_list_is_answered(postgres_url: str, tmp_path: Path) -> None:
    with (
        stepped(tmp_path, database_url=postgres_url) as (served, steps),
        ThreadPoolExecutor(40) as threads,
        psycopg.connect(postgres_url.replace("+psycopg", "")) as other,
    ):
        other.execute("LOCK TABLE snapshot IN ACCESS EXCLUSIVE MODE")
        looking = [threads.submit(at, served, step.fetched_at) for step in steps for _ in range(4)]
        for view in VIEWS:
            current = served.http.get(PATH, params={"view": view}, headers=IDENTITY)
            assert current.content == steps[-1].bodies[view]
        assert not any(found.done() for found in looking)
        other.rollback()
        wanted = [step.bodies["listed"] for step in steps for _ in range(4)]
        assert [found.result().content for found in looking] == wanted


def test_while_the_store_is_away_only_what_is_in_memory_is_given(postgres_url: str, tmp_path: Path) -> None:
    with stepped(tmp_path, database_url=postgres_url) as (served, steps), capture_logs():
        assert_again(served, 1, steps[0])
        with closed(postgres_url.rpartition("/")[2]):
            refused = at(served, 2)
            assert (refused.status_code, refused.json()["error"]) == (503, "STORE_UNAVAILABLE")
            assert refused.headers["Retry-After"]
            assert served.models().status_code == 200
            assert_again(served, 1, steps[0])
        assert_again(served, 2, steps[1])
