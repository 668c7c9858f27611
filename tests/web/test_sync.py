"""`POST /api/ai/sync`: what an administrator is told, whatever upstream does."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest

from tests.serving import Served, serving, settings_for, wait_for
from tests.upstream_simulator import FAULTS, UpstreamSimulator, make_records

PATH = "/api/ai/sync"
DONE = ["attempt", "serial", "changes", "rejects", "warning", "quarantine_id"]
GOOD = make_records(20)


@pytest.fixture
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, UpstreamSimulator]]:
    with UpstreamSimulator(GOOD) as upstream:
        settings = settings_for(tmp_path_factory.mktemp("data"), upstream.base_url, sync_timeout_seconds=20)
        with serving(settings) as served:
            wait_for(lambda: served.models().headers["X-Catalogue-Source"] == "live")
            yield served, upstream


def test_each_outcome_is_told_as_it_is(pair: tuple[Served, UpstreamSimulator]) -> None:
    served, upstream = pair
    begun = datetime.now(UTC)
    answer = served.sync()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    same = answer.json()
    assert list(same) == DONE
    assert begun <= datetime.fromisoformat(same["attempt"].pop("attempted_at")) <= datetime.now(UTC)
    assert same == {
        "attempt": {"outcome": "unchanged", "code": None, "detail": None}, "serial": 1, "changes": 0, "rejects": 0,
        "warning": None, "quarantine_id": None,
    }  # fmt: skip

    upstream.change(records=[{**GOOD[0], "name": "Another name"}, *GOOD[1:], {"id": 17}])
    changed = served.sync().json()
    assert (changed["attempt"]["outcome"], changed["serial"], changed["rejects"]) == ("changed", 2, 1)
    assert changed["changes"] == 1

    upstream.change(fault=FAULTS["internal_error"])
    failed = served.sync()
    assert failed.status_code == 200, "an upstream in trouble is no error of ours"
    assert failed.json()["attempt"]["outcome"] == "failed"
    assert failed.json()["attempt"]["code"] == "UPSTREAM_REFUSED"
    assert failed.json()["attempt"]["detail"]
    assert failed.json()["serial"] == 2

    upstream.change(fault=FAULTS["html_page"])
    kept = served.sync().json()
    assert (kept["attempt"]["outcome"], kept["attempt"]["code"], kept["serial"]) == ("quarantined", "HTML", 2)
    assert kept["quarantine_id"] == 1


def test_two_at_once_are_one_sync_and_one_refusal(pair: tuple[Served, UpstreamSimulator]) -> None:
    served, upstream = pair
    answers: list[httpx2.Response] = []
    asked = len(upstream.requests)
    with upstream.held():
        first = threading.Thread(target=lambda: answers.append(served.http.post(PATH)))
        first.start()
        upstream.wait_for_requests(asked + 1)
        second = served.http.post(PATH)
        assert (second.status_code, second.json()["error"]) == (409, "SYNC_RUNNING")
        assert served.http.get("/api/ai/models").status_code == 200, "the list is served meanwhile"
        assert served.http.get("/api/ai/status").status_code == 200
        assert served.http.post("/api/ai/quarantine/1").status_code == 409
    first.join()
    assert answers[0].status_code == 200
    assert len(upstream.requests) == asked + 1


def test_a_sync_wants_no_body_and_no_parameter(pair: tuple[Served, UpstreamSimulator]) -> None:
    served, _ = pair
    assert served.http.post(PATH, params={"force": "1"}).status_code == 400
    assert served.http.post(PATH, json={}).status_code == 200
    refused = served.http.get(PATH)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")


def test_an_offline_server_refuses(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving(settings_for(tmp_path_factory.mktemp("data"), offline=True)) as served:
        refused = served.http.post(PATH)
        assert (refused.status_code, refused.json()["error"]) == (409, "OFFLINE")
        assert "LLMANAC_OFFLINE" in refused.json()["nextActions"]
        status = served.status().json()
        assert status["offline"] is True
        assert status["sources"][0]["next_attempt_at"] is None


def test_replicas_take_over_what_one_of_them_synced(
    tmp_path_factory: pytest.TempPathFactory, pair: tuple[Served, UpstreamSimulator]
) -> None:
    here, upstream = pair
    settings = settings_for(
        tmp_path_factory.mktemp("other"), upstream.base_url, database_url=here.context.store.shown_url
    )
    with serving(settings) as there:
        upstream.change(records=[{**GOOD[0], "name": "Another name"}, *GOOD[1:]])
        assert here.sync().json()["attempt"]["outcome"] == "changed"
        wait_for(lambda: there.models().headers["ETag"] == here.models().headers["ETag"], within=2)
        assert there.models().content == here.models().content
