"""`GET /api/ai/status` tells the truth about the list, its source, the key and the store."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from llmanac.access.token import AccessScope, mint
from tests.build import Record, record, records
from tests.databases import POSTGRES
from tests.serving import Served, serving, settings_for, wait_for
from tests.upstream_simulator import FAULTS, UpstreamSimulator, make_records

KEY = "sk-or-v1-0123456789abcdef"
STATUS = [
    "version", "started_at", "offline", "serial", "source", "counts", "rejects", "age_seconds", "store", "sources",
]  # fmt: skip
SOURCE = [
    "provider", "configured", "key", "base_url", "scope", "serial", "source", "counts", "rejects", "first_rejects",
    "warning", "taken_at", "agreed_at", "age_seconds", "last_attempt", "next_attempt_at", "failures", "quarantine",
]  # fmt: skip


def source_of(served: Served) -> dict[str, object]:
    (source,) = served.status().json()["sources"]
    assert isinstance(source, dict)
    return source


def test_it_counts_what_is_served_and_shows_what_was_rejected(tmp_path: Path) -> None:
    bad: list[Record] = [{**record(id="acme/bad"), "context_length": [1]}, {"name": "no id"}]
    outputs = [("text",), ("image",), ("text", "image"), ("embeddings",)]
    good = [
        record(id=f"acme/{index}", architecture={"output_modalities": [*given], "input_modalities": ["text"]})
        for index, given in enumerate(outputs)
    ]
    sent: list[Record] = [*bad, *good, *records(20)]
    with UpstreamSimulator(sent) as upstream, serving(settings_for(tmp_path, upstream.base_url)) as served:
        wait_for(lambda: served.models().headers["X-Catalogue-Source"] == "live")
        before = datetime.now(UTC)
        answer = served.status()
        assert answer.headers["Cache-Control"] == "no-store"
        status = answer.json()
        source = source_of(served)
        assert (list(status), list(source)) == (STATUS, SOURCE)
        assert status["counts"] == source["counts"] == {"text": 22, "image": 2, "all": 24}
        assert (status["rejects"], status["serial"], status["source"]) == (2, 1, "live")
        shown = source["first_rejects"]
        assert isinstance(shown, list)
        assert [reject["path"] for reject in shown] == ["$.data[0].context_length", "$.data[1]"]
        assert all(reject["reason"] for reject in shown)
        assert (source["base_url"], source["scope"], source["provider"]) == (upstream.base_url, "all", "openrouter")
        assert status["store"]["problem"] is None
        due = datetime.fromisoformat(str(source["next_attempt_at"]))
        assert abs(due - before - timedelta(hours=1)) < timedelta(minutes=7), "the interval, a tenth either way"
        assert datetime.fromisoformat(status["started_at"]) <= before


def test_a_failure_is_told_and_counted_until_it_is_over(tmp_path: Path) -> None:
    with UpstreamSimulator(make_records(20)) as upstream, serving(settings_for(tmp_path, upstream.base_url)) as served:
        wait_for(lambda: served.models().headers["X-Catalogue-Source"] == "live")
        agreed_at = source_of(served)["agreed_at"]
        upstream.change(fault=FAULTS["bad_gateway"])
        for failures in (1, 2):
            served.sync()
            source = source_of(served)
            assert source["failures"] == failures
            attempt = source["last_attempt"]
            assert isinstance(attempt, dict)
            assert (attempt["outcome"], attempt["code"]) == ("failed", "UPSTREAM_REFUSED")
            assert "502" in attempt["detail"]
            assert (source["agreed_at"], source["source"]) == (agreed_at, "store")
        upstream.change(fault=None)
        served.sync()
        source = source_of(served)
        assert (source["failures"], source["source"]) == (0, "live")
        assert str(source["agreed_at"]) > str(agreed_at)


def test_the_key_is_told_as_none_accepted_or_rejected_and_never_shown(tmp_path: Path) -> None:
    with UpstreamSimulator(make_records(20)) as upstream:
        with serving(settings_for(tmp_path, upstream.base_url)) as served:
            assert source_of(served)["key"] == "none"
        with serving(settings_for(tmp_path, upstream.base_url, openrouter_api_key=KEY)) as served:
            served.sync()
            assert source_of(served)["key"] in ("set", "accepted")
            before = served.models()
            upstream.change(require_key="another-key")
            assert served.sync().json()["attempt"]["code"] == "UPSTREAM_KEY_REJECTED"
            source = source_of(served)
            assert (source["key"], source["configured"]) == ("rejected", True)
            assert served.models().content == before.content, "the last list stays"
            assert KEY not in served.status().text
            assert KEY not in served.sync().text


def test_it_takes_the_scope_to_read_and_no_more(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, offline=True)) as served:
        minted = mint("a reader", (AccessScope.READ,), created_at=datetime.now(UTC))
        served.context.store.add_token(minted.row)
        served.context.worker.follow()
        bearer = {"Authorization": f"Bearer {minted.plain}"}
        assert served.http.get("/api/ai/status", headers=bearer).status_code == 200
        assert served.http.get("/api/ai/status", headers={"Authorization": "Bearer nonsense"}).status_code == 401


class Switch:
    """A PostgreSQL database that can be taken away and given back."""

    def __init__(self, url: str) -> None:
        self._name = url.rpartition("/")[2]

    def turn(self, *, on: bool) -> None:
        with psycopg.connect(POSTGRES, autocommit=True) as admin:
            admin.execute(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS {"true" if on else "false"}'.encode())
            if not on:
                admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self._name])


@pytest.mark.parametrize("noticed", [True, False], ids=["once noticed", "at once"])
def test_while_the_store_is_away_the_list_and_the_status_are_served(
    *, noticed: bool, tmp_path: Path, postgres_url: str
) -> None:
    switch = Switch(postgres_url)
    url = postgres_url.replace("postgres@", "postgres:a-password-nobody-asks-for@")
    poll = 0.05 if noticed else 2
    with UpstreamSimulator(make_records(20)) as upstream:
        settings = settings_for(tmp_path, upstream.base_url, database_url=url, poll_seconds=poll)
        with serving(settings) as served:
            wait_for(lambda: served.models().headers["X-Catalogue-Source"] == "live")
            before = served.models()
            assert "a-password" not in served.status().text
            switch.turn(on=False)
            if noticed:
                wait_for(lambda: served.context.worker.store_problem is not None)
            answer = served.status()
            assert served.models().content == before.content
            assert served.http.get("/readyz").status_code == 200
            refused = served.http.get("/api/ai/tokens")
            assert (refused.status_code, refused.json()["error"]) == (503, "STORE_UNAVAILABLE")
            assert int(refused.headers["Retry-After"]) > 0
            switch.turn(on=True)
            assert answer.status_code == 200, answer.text
            assert answer.json()["store"]["problem"]
            assert "a-password" not in answer.text
            wait_for(lambda: served.status().json()["store"]["problem"] is None)
            assert served.http.get("/api/ai/tokens").status_code == 200
