"""The key: sent to upstream's own origin and to nobody else; rejected, it shows, and the list stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from llmanac.settings import Settings
from tests.serving import serving, settings_for, wait_for
from tests.sync.process import running
from tests.upstream_exchange import Exchange, Fault, Outcome, as_json, list_body
from tests.upstream_simulator import FAULTS, UpstreamSimulator, make_records

KEY = "sk-or-v1-a-key-of-the-account"
BEARER = f"Bearer {KEY}"
ROWS = make_records(12)
IDS = [str(row["id"]) for row in ROWS]


@pytest.fixture
def upstream() -> Iterator[UpstreamSimulator]:
    with UpstreamSimulator(ROWS) as simulated:
        yield simulated


def keyed(tmp_path: Path, upstream: UpstreamSimulator, **values: object) -> Settings:
    given: dict[str, object] = {"openrouter_api_key": KEY, "bundle": False}
    return settings_for(tmp_path, upstream.base_url, **(given | values))


def leading_to(address: str) -> Fault:
    return Fault("elsewhere", Outcome.FAILED, lambda exchange: exchange.respond(307, headers={"Location": address}))


def test_the_key_goes_to_upstream_with_every_page(tmp_path: Path, upstream: UpstreamSimulator) -> None:
    upstream.change(page_size=5)
    with serving(keyed(tmp_path, upstream)) as served:
        assert served.sync().json()["attempt"]["outcome"] in ("changed", "unchanged")
        assert served.status().json()["sources"][0]["configured"] is True
        assert served.models().json()["text"][0]["configured"] is True
    assert len(upstream.requests) >= 3
    assert {asked.authorization for asked in upstream.requests} == {BEARER}


def test_without_a_key_none_is_sent(tmp_path: Path, upstream: UpstreamSimulator) -> None:
    with serving(keyed(tmp_path, upstream, openrouter_api_key=None)) as served:
        served.sync()
        source = served.status().json()["sources"][0]
    assert (source["configured"], source["key"]) == (False, "none")
    assert {asked.authorization for asked in upstream.requests} == {None}


@pytest.mark.parametrize("detour", ["redirect_to_other_host", "next_page_on_other_host"])
def test_another_host_is_asked_without_the_key(detour: str, tmp_path: Path, upstream: UpstreamSimulator) -> None:
    upstream.change(fault=FAULTS[detour])
    with serving(keyed(tmp_path, upstream)) as served:
        assert served.sync().json()["attempt"]["outcome"] == "failed"
    assert upstream.foreign_requests
    assert {asked.authorization for asked in upstream.foreign_requests} == {None}


@pytest.mark.parametrize("linked", [False, True])
def test_a_list_that_lies_on_another_host_is_had_without_showing_it_the_key(
    tmp_path: Path, upstream: UpstreamSimulator, *, linked: bool
) -> None:
    with UpstreamSimulator(make_records(3, seed=9)) as other:
        elsewhere = f"{other.base_url}/models?output_modalities=all"

        def play(exchange: Exchange) -> None:
            exchange.respond(200, list_body(exchange.rows, links={"next": elsewhere}))

        upstream.change(fault=Fault("next elsewhere", Outcome.FAILED, play) if linked else leading_to(elsewhere))
        with serving(keyed(tmp_path, upstream)) as served:
            assert served.sync().json()["attempt"]["outcome"] in ("changed", "unchanged")
            served.sync()
        assert {asked.authorization for asked in other.requests} == {None}
    assert {asked.authorization for asked in upstream.requests} == {BEARER}


def test_the_key_is_shown_again_to_upstreams_own_host_after_a_redirect_to_itself(
    tmp_path: Path, upstream: UpstreamSimulator
) -> None:
    moved = f"{upstream.base_url}/models?output_modalities=all&moved=1"
    upstream.change(fault=leading_to(moved), fault_count=1)
    with serving(keyed(tmp_path, upstream)) as served:
        wait_for(lambda: served.models().status_code == 200)
    assert [asked.authorization for asked in upstream.requests] == [BEARER] * 2
    assert upstream.requests[1].parameters["moved"] == "1"


def test_a_rejected_key_shows_in_status_and_the_list_stays(tmp_path: Path, upstream: UpstreamSimulator) -> None:
    upstream.change(require_key=KEY)
    with serving(keyed(tmp_path, upstream, openrouter_scope="account", sync_retries=3)) as served:
        wait_for(lambda: served.models().status_code == 200)
        good = served.models()
        assert served.status().json()["sources"][0]["key"] == "accepted"

        upstream.change(require_key="another-key")
        asked = len(upstream.requests)
        attempt = served.sync().json()["attempt"]
        assert (attempt["outcome"], attempt["code"]) == ("failed", "UPSTREAM_KEY_REJECTED")
        assert KEY not in attempt["detail"]
        assert len(upstream.requests) == asked + 1
        source = served.status().json()["sources"][0]
        assert (source["key"], source["configured"], source["failures"]) == ("rejected", True, 1)
        assert served.models().content == good.content

        upstream.change(require_key=KEY)
        assert served.sync().json()["attempt"]["outcome"] == "unchanged"
        assert served.status().json()["sources"][0]["key"] == "accepted"


def test_a_key_that_only_the_open_list_saw_is_not_called_accepted(tmp_path: Path, upstream: UpstreamSimulator) -> None:
    with serving(keyed(tmp_path, upstream)) as served:
        wait_for(lambda: served.models().status_code == 200)
        assert served.status().json()["sources"][0]["key"] == "set"


def test_a_rejected_key_shows_in_the_log_and_is_not_written_there(tmp_path: Path, upstream: UpstreamSimulator) -> None:
    upstream.change(require_key="another-key")
    with running(tmp_path, upstream.base_url, OPENROUTER_API_KEY=KEY) as server:
        wait_for(lambda: b"UPSTREAM_KEY_REJECTED" in server.log.read_bytes())
        assert KEY.encode() not in server.log.read_bytes()


def test_a_host_that_never_saw_the_key_cannot_reject_it(tmp_path: Path, upstream: UpstreamSimulator) -> None:
    with UpstreamSimulator(ROWS, require_key="its own") as other:
        upstream.change(fault=leading_to(f"{other.base_url}/models"))
        with serving(keyed(tmp_path, upstream)) as served:
            attempt = served.sync().json()["attempt"]
            assert attempt["outcome"] == "failed"
            assert attempt["code"] != "UPSTREAM_KEY_REJECTED"
            assert served.status().json()["sources"][0]["key"] != "rejected"


@pytest.mark.parametrize("key", [KEY, "the-key-of-a-mirror"])
def test_a_key_that_upstream_repeats_in_its_error_is_not_passed_on(
    key: str, tmp_path: Path, upstream: UpstreamSimulator
) -> None:
    told = as_json({"error": {"code": 403, "message": f"The key {key} may not do this"}})
    upstream.change(fault=Fault("echo", Outcome.FAILED, lambda exchange: exchange.respond(403, told)))
    with serving(keyed(tmp_path, upstream, openrouter_api_key=key)) as served:
        assert "may not do this" in served.sync().json()["attempt"]["detail"]
        assert key not in served.status().text


def test_an_account_narrows_the_text_models_and_no_others(tmp_path: Path, upstream: UpstreamSimulator) -> None:
    mine = frozenset(IDS[:1] + IDS[5:7])
    upstream.change(account_ids=mine, require_key=KEY)
    with serving(keyed(tmp_path, upstream, openrouter_scope="account")) as served:
        wait_for(lambda: served.models().status_code == 200)
        listed = served.models().json()
        status = served.status().json()
    text = {model["id"] for model in listed["text"][0]["models"]}
    image = {model["id"] for model in listed["image"][0]["models"]}
    assert text == mine
    assert image - text == {str(row["id"]) for row in ROWS if _outputs(row) == ["image"]}
    assert status["sources"][0]["scope"] == "account"
    assert {(asked.path, asked.authorization) for asked in upstream.requests} == {
        ("/api/v1/models", BEARER),
        ("/api/v1/models/user", BEARER),
    }


def test_an_account_without_models_is_never_admitted_and_the_list_stays(
    tmp_path: Path, upstream: UpstreamSimulator
) -> None:
    with serving(keyed(tmp_path, upstream, openrouter_scope="account")) as served:
        wait_for(lambda: served.models().status_code == 200)
        good = served.models().content
        upstream.change(account_ids=frozenset())
        done = served.sync().json()
        assert done["attempt"]["outcome"] == "quarantined"
        assert served.http.post(f"/api/ai/quarantine/{done['quarantine_id']}").status_code == 409
        assert served.models().content == good


def _outputs(row: dict[str, object]) -> object:
    shape = row["architecture"]
    assert isinstance(shape, dict)
    return shape["output_modalities"]
