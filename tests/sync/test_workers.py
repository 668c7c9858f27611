"""Several workers on one store: all follow the newest Serial and the tokens, and one of them syncs at a time."""

import json
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from llmanac.application import make_app_context
from llmanac.assemble import open_store
from llmanac.catalogue.ids import Serial
from llmanac.settings import Settings
from llmanac.store.rows import ChangeQuery
from tests.build import Record, answer, record, records
from tests.serving import DEADLINE_SECONDS, Served, serving, settings_for, wait_for
from tests.store.tables import list_at
from tests.upstream_simulator import UpstreamSimulator

TWO_SECONDS = 2.0
"""What the project promises its followers."""


@pytest.fixture
def shared(database_url: str, tmp_path: Path) -> Settings:
    """Settings of workers on one store."""
    return settings_for(tmp_path, database_url=database_url, bundle=False)


@pytest.fixture
def usual(shared: Settings) -> Settings:
    """As a user has them: a look at the store every second."""
    return shared.model_copy(update={"poll_seconds": 1})


def on(shared: Settings, upstream: UpstreamSimulator, **values: object) -> Settings:
    return shared.model_copy(update={"openrouter_base_url": upstream.base_url, **values})


def serial(served: Served) -> str | None:
    return served.models().headers.get("X-Catalogue-Serial")


def test_a_new_serial_and_a_revoked_token_reach_the_other_workers_within_two_seconds(usual: Settings) -> None:
    with (
        UpstreamSimulator(answer(records(5))) as upstream,
        serving(on(usual, upstream)) as one,
        serving(on(usual, upstream, offline=True)) as other,
    ):
        made = one.http.post("/api/ai/tokens", json={"name": "reader", "scopes": ["models:read"]}).json()
        bearer = f"Bearer {made['token']}"
        wait_for(lambda: serial(one) == serial(other) == "1")
        wait_for(lambda: other.models(Authorization=bearer).status_code == 200)

        upstream.change(records=answer(records(6)))
        assert one.sync().json()["serial"] == 2
        assert one.http.delete(f"/api/ai/tokens/{made['made']['id']}").is_success
        wait_for(lambda: serial(other) == "2", within=TWO_SECONDS)
        wait_for(lambda: other.models(Authorization=bearer).status_code == 401, within=TWO_SECONDS)
        assert one.models(Authorization=bearer).status_code == 401
        assert other.models().content == one.models().content
        assert other.models().headers["ETag"] == one.models().headers["ETag"]
        assert other.status().json()["sources"][0]["last_attempt"]["outcome"] == "changed"


@pytest.mark.parametrize("view", ["listed", "full"])
def test_all_workers_answer_with_the_same_bytes_and_tags_for_one_serial(shared: Settings, view: str) -> None:
    """Also for a model whose spelling changed while another model's content did."""
    limits: Record = {"prompt_tokens": "5", "completion_tokens": "6"}
    rows = [record(id="acme/limited", per_request_limits=limits), *records(3)]
    with (
        UpstreamSimulator(json.dumps({"data": rows}).encode()) as upstream,
        serving(on(shared, upstream)) as one,
        serving(on(shared, upstream, offline=True)) as other,
    ):
        wait_for(lambda: serial(one) == serial(other) == "1")
        turned = [dict(reversed(row.items())) for row in rows]
        turned[3]["name"] = "Renamed"
        upstream.change(records=json.dumps({"data": turned}, indent=1).encode())
        assert one.sync().json()["serial"] == 2
        wait_for(lambda: serial(other) == "2")
        answers = [served.http.get("/api/ai/models", params={"view": view}) for served in (one, other)]
        assert answers[0].content == answers[1].content
        assert answers[0].headers["ETag"] == answers[1].headers["ETag"]


def test_one_syncs_at_a_time_and_the_other_is_told_so(shared: Settings) -> None:
    with (
        UpstreamSimulator(answer(records(5))) as upstream,
        serving(on(shared, upstream)) as one,
        serving(on(shared, upstream)) as other,
    ):
        wait_for(lambda: serial(one) == serial(other) == "1")
        asked = len(upstream.requests)
        with upstream.held():
            one.context.store.sync_soon(one.context.current.held.state.id)
            upstream.wait_for_requests(asked + 1)
            for served in (one, other):
                refused = served.http.post("/api/ai/sync")
                assert (refused.status_code, refused.json()["error"]) == (409, "SYNC_RUNNING")
            assert len(upstream.requests) == asked + 1
        wait_for(lambda: one.http.post("/api/ai/sync").status_code == 200)
        wait_for(lambda: other.http.post("/api/ai/sync").status_code == 200)


def test_a_sync_that_is_due_is_done_by_one_worker_and_not_again_by_the_next(shared: Settings) -> None:
    """The second worker has not yet heard of the first one's sync when it begins its own."""
    with UpstreamSimulator(answer(records(5))) as upstream:
        store = open_store(on(shared, upstream))
        late = make_app_context(on(shared, upstream, poll_seconds=2), store)
        prompt = make_app_context(on(shared, upstream), store)
        prompt.worker.sync_now()
        assert len(upstream.requests) == 1
        late.worker.start()
        wait_for(lambda: late.current.held.catalogue is not None)
        late.worker.stop(within=timedelta(seconds=DEADLINE_SECONDS))
        store.close()
        assert len(upstream.requests) == 1


def test_a_holder_that_died_is_replaced_when_its_lease_is_over(shared: Settings) -> None:
    with UpstreamSimulator(answer(records(5))) as upstream, serving(on(shared, upstream, offline=True)) as idle:
        store = idle.context.store
        assert store.acquire_lease("a dead worker", timedelta(hours=1))
        with serving(on(shared, upstream)) as alive:
            assert alive.http.post("/api/ai/sync").json()["error"] == "SYNC_RUNNING"
            assert upstream.requests == []
            assert store.acquire_lease("a dead worker", timedelta(seconds=0.2))
            wait_for(lambda: serial(alive) == "1")


def test_workers_do_not_overtake_each_other_in_a_storm_of_syncs(shared: Settings) -> None:
    """Lists change at every answer while two workers sync as fast as they can: serials rise by one and none is lost."""
    counter = iter(range(1, 10_000))
    with UpstreamSimulator(lambda _: [record(id="acme/count", created=next(counter))]) as upstream:
        fast = on(shared, upstream, sync_interval_seconds=1)
        with serving(fast) as one, serving(fast) as other:
            for _ in range(5):
                one.sync()
                other.sync()
            extent = one.context.store.extent(one.context.current.held.state.id)
        assert extent is not None
        newest = extent.newest_serial
        seen = []
        with serving(on(shared, upstream, offline=True)) as reader:
            store, series_id = reader.context.store, reader.context.current.held.state.id
            for number in range(1, newest + 1):
                stored = list_at(store, series_id, Serial(number))
                assert stored is not None
                seen.append(json.loads(stored.records[0])["created"])
            found = store.changes(series_id, ChangeQuery(oldest_first=True, limit=9999))
        assert newest >= 10
        assert seen == sorted(set(seen))
        assert [change.serial for change in found] == list(range(1, newest + 1))
        assert [change.change.kind for change in found] == ["added"] + ["other"] * (newest - 1)
        moves = [(str(before), str(after)) for before, after in pairwise(seen)]
        assert [(each.change.before, each.change.after) for each in found[1:]] == moves
        assert [each.since_at for each in found[1:]] == [each.seen_at for each in found[:-1]]
