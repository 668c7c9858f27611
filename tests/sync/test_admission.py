"""What an administrator does about a list kept aside, over HTTP, on both databases."""

from pathlib import Path

import httpx2
import pytest

from llmanac.settings import Settings
from tests.build import Record, answer, records
from tests.serving import Served, serving, settings_for, wait_for
from tests.upstream_simulator import FAULTS, UpstreamSimulator

WHOLE = records(10)
SHRUNK = WHOLE[:3]


def on(database_url: str, tmp_path: Path, upstream: UpstreamSimulator, **values: object) -> Settings:
    return settings_for(tmp_path, upstream.base_url, database_url=database_url, bundle=False, **values)


def began(served: Served) -> None:
    """The whole list has come."""
    wait_for(lambda: served.models().status_code == 200)


def kept_aside(served: Served, upstream: UpstreamSimulator, body: bytes) -> int:
    upstream.change(records=body)
    done = served.sync().json()
    assert done["attempt"]["outcome"] == "quarantined", done
    entry = done["quarantine_id"]
    assert isinstance(entry, int)
    return entry


def entries(served: Served) -> list[dict[str, object]]:
    found: list[dict[str, object]] = served.http.get("/api/ai/quarantine").json()["quarantine"]
    return found


def at(served: Served, entry: int, method: str) -> httpx2.Response:
    return served.http.request(method, f"/api/ai/quarantine/{entry}")


def test_a_list_kept_aside_is_admitted_at_once_and_leaves_the_quarantine(database_url: str, tmp_path: Path) -> None:
    with (
        UpstreamSimulator(answer(WHOLE), etag=True) as upstream,
        serving(on(database_url, tmp_path, upstream)) as served,
    ):
        began(served)
        entry = kept_aside(served, upstream, answer(SHRUNK))
        shown = at(served, entry, "GET").json()
        assert (shown["entry"]["reason"], shown["entry"]["model_count"], shown["entry"]["admissible"]) == (
            "shrunk",
            3,
            True,
        )
        assert shown["pages"][0]["bytes"] == len(answer(SHRUNK))
        assert len(served.ids()) == 10

        done = at(served, entry, "POST").json()
        assert (done["attempt"]["outcome"], done["serial"]) == ("changed", 2)
        assert "administrator" in done["warning"]
        assert served.ids() == [row["id"] for row in SHRUNK]
        assert entries(served) == []
        assert at(served, entry, "POST").status_code == 404
        assert served.sync().json()["attempt"]["outcome"] == "unchanged"
        assert served.models().headers["X-Catalogue-Serial"] == "2"


def test_a_list_kept_aside_can_be_dropped(database_url: str, tmp_path: Path) -> None:
    with UpstreamSimulator(answer(WHOLE)) as upstream, serving(on(database_url, tmp_path, upstream)) as served:
        began(served)
        entry = kept_aside(served, upstream, answer(SHRUNK))
        assert served.status().json()["sources"][0]["quarantine"]["newest_id"] == entry
        assert at(served, entry, "DELETE").status_code == 204
        assert [at(served, entry, method).status_code for method in ("GET", "POST", "DELETE")] == [404] * 3
        assert entries(served) == []
        assert served.status().json()["sources"][0]["quarantine"]["count"] == 0
        assert len(served.ids()) == 10


@pytest.mark.parametrize("fault", ["html_page", "empty_list", "rows_of_wrong_types"])
def test_what_is_no_list_of_models_cannot_be_admitted(fault: str, tmp_path: Path) -> None:
    with UpstreamSimulator(WHOLE) as upstream, serving(settings_for(tmp_path, upstream.base_url)) as served:
        wait_for(lambda: served.models().headers["X-Catalogue-Source"] == "live")
        good = served.models().content
        upstream.change(fault=FAULTS[fault])
        entry = served.sync().json()["quarantine_id"]
        assert at(served, entry, "GET").json()["entry"]["admissible"] is False
        refused = at(served, entry, "POST")
        assert (refused.status_code, refused.json()["error"]) == (409, "NOT_ADMISSIBLE")
        assert served.models().content == good
        assert [kept["id"] for kept in entries(served)] == [entry]


def test_a_list_with_many_rejects_that_was_admitted_stays_admitted_while_upstream_repeats_it(tmp_path: Path) -> None:
    """The guard's objection was heard and overruled: the same list again is agreement, not another objection."""
    bad: list[Record] = [{"id": place} for place in range(4)]
    with UpstreamSimulator(answer(WHOLE)) as upstream, serving(settings_for(tmp_path, upstream.base_url)) as served:
        wait_for(lambda: served.models().headers["X-Catalogue-Source"] == "live")
        entry = kept_aside(served, upstream, answer([*WHOLE, *bad]))
        assert at(served, entry, "POST").json()["rejects"] == 4
        assert served.status().json()["rejects"] == 4
        assert served.sync().json()["attempt"]["outcome"] == "unchanged"
        assert entries(served) == []


def test_an_admitted_list_is_the_next_yardstick(tmp_path: Path) -> None:
    with UpstreamSimulator(answer(WHOLE)) as upstream, serving(settings_for(tmp_path, upstream.base_url)) as served:
        wait_for(lambda: served.models().headers["X-Catalogue-Source"] == "live")
        entry = kept_aside(served, upstream, answer(SHRUNK))
        assert at(served, entry, "POST").status_code == 200
        upstream.change(records=answer(SHRUNK[:2]))
        assert served.sync().json()["attempt"]["outcome"] == "changed"
        assert len(served.ids()) == 2


def test_the_quarantine_keeps_so_many_lists_and_lets_the_oldest_go(tmp_path: Path) -> None:
    with (
        UpstreamSimulator(answer(WHOLE)) as upstream,
        serving(settings_for(tmp_path, upstream.base_url, quarantine_keep=3)) as served,
    ):
        wait_for(lambda: served.models().headers["X-Catalogue-Source"] == "live")
        made = [kept_aside(served, upstream, b"no list, number %d" % number) for number in range(5)]
        assert [kept["id"] for kept in entries(served)] == made[:1:-1]
        assert at(served, made[0], "GET").status_code == 404


def test_a_list_is_neither_admitted_nor_synced_while_another_sync_runs(tmp_path: Path) -> None:
    with UpstreamSimulator(answer(WHOLE)) as upstream, serving(settings_for(tmp_path, upstream.base_url)) as served:
        wait_for(lambda: served.models().headers["X-Catalogue-Source"] == "live")
        entry = kept_aside(served, upstream, answer(SHRUNK))
        asked = len(upstream.requests)
        with upstream.held():
            served.context.store.sync_soon(served.context.current.held.state.id)
            upstream.wait_for_requests(asked + 1)
            for refused in (at(served, entry, "POST"), served.http.post("/api/ai/sync")):
                assert (refused.status_code, refused.json()["error"]) == (409, "SYNC_RUNNING")
            assert served.models().status_code == 200
        wait_for(lambda: at(served, entry, "POST").status_code != 409)
        assert len(served.ids()) == 3
