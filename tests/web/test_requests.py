"""Every answer of the framework has a request id, and a fault of ours is told to nobody but the log."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.serving import TOKEN, Served, serving, settings_for
from tests.web.wire import BEARER, ask


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(settings_for(tmp_path_factory.mktemp("data"), offline=True)) as server:
        yield server


@pytest.mark.parametrize("path", ["/healthz", "/api/ai/status", "/schema", "/nothing", "/healthz?x=1"])
def test_a_request_without_an_id_is_given_one(path: str, served: Served) -> None:
    first, second = ask(served.url, path)["X-Request-Id"], ask(served.url, path)["X-Request-Id"]
    assert len(first) == 32
    assert first != second


@pytest.mark.parametrize("sent", ["a", "A-b_c.9", "0af7651916cd43dd8448eb211c80319c", "x" * 64])
def test_a_sane_id_of_the_callers_is_kept(sent: str, served: Served) -> None:
    for path in ("/healthz", "/nothing"):
        assert ask(served.url, path, (("X-Request-Id", sent),))["X-Request-Id"] == sent


@pytest.mark.parametrize("sent", ["", " ", "x" * 65, "a b", 'a"b', "é", "a\tb", "<script>"])
def test_any_other_id_is_replaced(sent: str, served: Served) -> None:
    assert ask(served.url, "/healthz", (("X-Request-Id", sent),))["X-Request-Id"] not in ("", sent)


def test_the_log_has_one_line_per_request_with_its_id_and_without_its_query(served: Served) -> None:
    with capture_logs() as lines:
        answer = ask(served.url, "/api/ai/status?token=secret", (*BEARER, ("X-Request-Id", "the-id")))
        assert answer.status == 400
        (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["method"], line["path"], line["status"], line["log_level"]) == ("GET", "/api/ai/status", 400, "info")
    assert line["milliseconds"] >= 0
    assert "secret" not in json.dumps(lines)


def break_the_store(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise RuntimeError(f"a detail that nobody may see, such as {TOKEN}")

    monkeypatch.setattr(type(served.context.store), "tokens", broken)


def test_a_fault_of_ours_is_500_without_its_details(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_for(tmp_path, offline=True, poll_seconds=2)
    with serving(settings) as served, capture_logs() as lines:
        break_the_store(served, monkeypatch)
        answer = ask(served.url, "/api/ai/tokens", (*BEARER, ("X-Request-Id", "the-id")))
        assert answer.status == 500
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["X-Request-Id"] == "the-id"
        problem = json.loads(answer.body)
        assert (problem["error"], problem["statusCode"]) == ("INTERNAL", 500)
        assert "nobody may see" not in answer.body.decode()
        assert TOKEN not in answer.body.decode()
        assert ask(served.url, "/api/ai/models").status == 200
        monkeypatch.undo()
        crashed = [line for line in lines if line["event"] == "request.crashed"]
    assert len(crashed) == 1


def test_a_fault_in_the_catalogues_endpoint_is_500_with_an_id_to_find_it_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a detail that nobody may see")

    with serving(settings_for(tmp_path, offline=True)) as served, capture_logs() as lines:
        monkeypatch.setattr(type(served.context.gate), "admit", broken)
        answer = ask(served.url, "/api/ai/models")
        monkeypatch.undo()
        assert answer.status == 500
        assert "nobody may see" not in answer.body.decode()
        (crashed,) = [line for line in lines if line["event"] == "request.crashed"]
        assert ask(served.url, "/api/ai/models").status == 200
    hint = json.loads(answer.body)["nextActions"]
    if "X-Request-Id" in hint:
        assert crashed["request_id"] == answer["X-Request-Id"]
