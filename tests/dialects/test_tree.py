"""A tree of mirrors: upstream → A → B, each a real server that only knows the address of the one above it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from structlog.testing import capture_logs

from tests.build import Json, Record, pricing, record, records
from tests.serving import TOKEN, Served, serving, settings_for
from tests.shared_data import real_lists
from tests.upstream_simulator import UpstreamSimulator, make_records

LENIENT: dict[str, object] = {"bundle": False, "quarantine_min_share": 0, "quarantine_max_repriced_share": 1}
MEASURED: Record = {
    "design_arena": [],
    "artificial_analysis": {"coding_index": 1, "agentic_index": 2, "intelligence_index": 3},
}
ALL = "/api/v1/models?output_modalities=all"


@dataclass(frozen=True)
class Tree:
    """The three, and how often B was answered from A's list."""

    upstream: UpstreamSimulator
    above: Served
    below: Served

    def learn(self, listed: list[Record]) -> tuple[str, str]:
        """Have upstream list this, and both sync: A's outcome and B's."""
        self.upstream.change(records=listed)
        return outcome(self.above), outcome(self.below)


def outcome(served: Served) -> str:
    answer = served.sync()
    assert answer.status_code == 200, answer.text
    said: str = answer.json()["attempt"]["outcome"]
    return said


@contextmanager
def tree(tmp_path: Path, *, public: bool = False, key: str | None = TOKEN, **of_below: object) -> Iterator[Tree]:
    with UpstreamSimulator(etag=True, gzip=True) as upstream:
        first = settings_for(tmp_path / "above", upstream.base_url, public_mirror=public, **LENIENT)
        with serving(first) as above:
            own: dict[str, object] = {"openrouter_api_key": key, **LENIENT, **of_below}
            with serving(settings_for(tmp_path / "below", f"{above.url}/api/v1", **own)) as below:
                # Their first syncs, which find nothing.
                outcome(above), outcome(below)
                yield Tree(upstream, above, below)


def rows(served: Served) -> list[bytes]:
    """The records as the server keeps them, in its order."""
    catalogue = served.context.current.held.catalogue
    assert catalogue is not None
    return [model.record for model in catalogue.snapshot.models]


def digest(served: Served) -> str:
    catalogue = served.context.current.held.catalogue
    assert catalogue is not None
    return catalogue.snapshot.digest


def changes(served: Served) -> list[tuple[Json, ...]]:
    found = served.http.get("/api/ai/changes", params={"cause": "all", "limit": "1000", "since": "0"}).json()["changes"]
    return sorted(
        (one["model"], one["kind"], one["field"] or "", json.dumps([one["before"], one["after"]])) for one in found
    )


@pytest.mark.parametrize("public", [False, True])
def test_a_mirror_of_a_mirror_has_the_same_list_to_the_byte(*, public: bool, tmp_path: Path) -> None:
    odd = record(id="acme/first", benchmarks=MEASURED, unknown={"b": 1.50, "a": "ü"})
    listed = [odd, *records(3), *cast("list[Record]", make_records(20))]
    with tree(tmp_path, public=public, key=None if public else TOKEN) as grown:
        assert grown.learn(listed) == ("changed", "changed")
        assert [json.loads(row) for row in rows(grown.above)] == listed
        assert rows(grown.below) == rows(grown.above)
        assert digest(grown.below) == digest(grown.above)
        assert grown.below.http.get(ALL).content == grown.above.http.get(ALL).content
        configured = grown.below.models().json()["text"][0]["configured"]
        assert configured is not public, "a token of A's is B's credential for its upstream"
        assert [model["id"] for model in grown.below.http.get(ALL).json()["data"]] == [model["id"] for model in listed]


def test_changes_flow_down_and_nothing_new_costs_nothing(tmp_path: Path) -> None:
    first = records(6)
    cheaper = [{**first[0], "pricing": pricing(prompt="0.0000001")}, *first[1:]]
    lists = [
        first,
        cheaper,
        cheaper[:-1],
        [record(id="acme/new"), *cheaper],
        [{**record(id="acme/new"), "name": "New"}, *cheaper],
    ]
    with tree(tmp_path) as grown:
        for listed in lists:
            assert grown.learn(listed) == ("changed", "changed")
            assert rows(grown.below) == rows(grown.above)
            before = grown.below.http.get(ALL)
            with capture_logs() as logged:
                assert grown.learn(listed) == ("unchanged", "unchanged")
            asked = [(line["path"], line["status"]) for line in logged if line["event"] == "request"]
            assert ("/api/v1/models", 304) in asked, "what B asked of A"
            assert "if-none-match" in grown.upstream.requests[-1].headers, "what A asked of upstream"
            assert grown.below.http.get(ALL, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
        assert changes(grown.below) == changes(grown.above)
        kinds = {kind for _, kind, *_ in changes(grown.below)}
        assert {"added", "removed", "price"} <= kinds


def test_volatile_values_come_down_with_the_next_list(tmp_path: Path) -> None:
    with tree(tmp_path) as grown:
        grown.learn([record(benchmarks=MEASURED)])
        newer: Record = {
            **MEASURED,
            "design_arena": [{"arena": "x", "category": "y", "elo": 1, "rank": 2, "win_rate": 3}],
        }
        grown.learn([record(benchmarks=newer)])
        assert json.loads(rows(grown.below)[0])["benchmarks"] == newer
        assert rows(grown.below) == rows(grown.above)


def test_a_mirror_above_that_has_no_list_yet_or_knows_another_token_costs_no_list(tmp_path: Path) -> None:
    with tree(tmp_path, key=TOKEN) as grown:
        grown.upstream.change(records=b"<html>")
        outcome(grown.above)
        failed = grown.below.sync().json()["attempt"]
        assert (failed["outcome"], failed["code"]) == ("failed", "UPSTREAM_REFUSED")
        assert grown.learn(records(2)) == ("changed", "changed")
    with tree(tmp_path / "stranger", key="another-token-altogether") as grown:
        outcome(grown.above)
        assert grown.below.sync().json()["attempt"]["code"] == "UPSTREAM_KEY_REJECTED"


def test_an_account_of_a_mirror_is_what_its_token_may_read(tmp_path: Path) -> None:
    with tree(tmp_path, openrouter_scope="account") as grown:
        assert grown.learn(records(3)) == ("changed", "changed")
        assert rows(grown.below) == rows(grown.above)


@pytest.mark.real_lists
def test_a_real_list_comes_down_to_the_byte(tmp_path: Path) -> None:
    newest = max((real for real in real_lists() if real.path.parent.name == "daily-all"), key=str)
    sent = newest.raw()
    with tree(tmp_path) as grown:
        grown.upstream.change(records=sent)
        assert (outcome(grown.above), outcome(grown.below)) == ("changed", "changed")
        assert all(row in sent for row in rows(grown.below))
        assert rows(grown.below) == rows(grown.above)
        assert len(rows(grown.below)) == len(json.loads(sent)["data"])
