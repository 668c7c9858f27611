"""Every command, on the local store and on a running server; exit codes and the words of failure."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.build import records
from tests.cli.command import Ended, llmanac
from tests.serving import TOKEN, Served, serving, settings_for
from tests.upstream_simulator import FAULTS, UpstreamSimulator

WORDS_OF_SYNC = "asking upstream …\nreading the list …\njudging it …\nsaving what changed …\n"


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[UpstreamSimulator]:
    """What the commands of this test take for OpenRouter."""
    with UpstreamSimulator(records(20)) as simulator:
        monkeypatch.setenv("OPENROUTER_BASE_URL", simulator.base_url)
        monkeypatch.setenv("LLMANAC_SYNC_RETRIES", "0")
        yield simulator


@pytest.fixture
def served(tmp_path: Path, upstream: UpstreamSimulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A running server, which the commands of this test ask."""
    with serving(settings_for(tmp_path / "server", upstream.base_url)) as server:
        monkeypatch.setenv("LLMANAC_SERVER", server.url)
        monkeypatch.setenv("LLMANAC_TOKEN", TOKEN)
        server.sync()
        yield server


def fields(ended: Ended) -> dict[str, str]:
    """`status --format csv` by name."""
    return dict(line.split(",", 1) for line in ended.out.splitlines()[1:])


@pytest.mark.usefixtures("upstream")
def test_commands_work_on_the_local_store() -> None:
    bundled = llmanac("status", "--format", "csv")
    assert (bundled.code, bundled.err) == (0, "")
    assert {"source": "bundled", "serial": "0", "counts.text": "472", "counts.image": "63"}.items() <= fields(
        bundled
    ).items()

    assert "started_at" not in fields(bundled), "no server has"

    told = [line.split() for line in llmanac("status").out.splitlines()]
    assert ["counts.text", "472"] in told
    assert ["openrouter.scope", "all"] in told
    assert [line[0] for line in told if line and line[0].rpartition(".")[2] in ("serial", "age")] == ["serial", "age"]
    (age,) = (line[1:] for line in told if line[:1] == ["age"])
    assert re.fullmatch(r"([1-9][0-9]* days?,)? ?[0-9]{1,2}:[0-9]{2}:[0-9]{2}", " ".join(age))

    synced = llmanac("sync", "--format", "csv")
    assert (synced.code, synced.err) == (0, WORDS_OF_SYNC)
    assert synced.out.splitlines()[1] == "changed,,1,20,0,"
    assert llmanac("list", "--format", "csv").out.count("\nacme/owl-") == 20

    made = llmanac("token", "create", "picker", "--scope", "admin", "--expires-in-days", "3")
    assert (made.code, made.err) == (0, "A token for 'picker', shown this once:\n")
    assert made.out.startswith("lmn_")
    listed = json.loads(llmanac("token", "list", "--format", "json").out)["tokens"]
    assert [(token["name"], token["scopes"], token["revoked_at"]) for token in listed] == [("picker", ["admin"], None)]
    assert made.out.strip() not in json.dumps(listed)
    revoked = llmanac("token", "revoke", listed[0]["id"])
    assert (revoked.code, revoked.out, revoked.err) == (0, "", f"Revoked {listed[0]['id']}.\n")
    assert json.loads(llmanac("token", "list", "--format", "json").out)["tokens"][0]["revoked_at"]


def test_commands_work_on_a_running_server(served: Served) -> None:
    listed = llmanac("list", "--format", "json")
    assert (listed.code, listed.err) == (0, "")
    assert json.loads(listed.out) == served.models().json()

    status = fields(llmanac("status", "--format", "csv"))
    assert (status["source"], status["serial"], status["counts.text"]) == ("live", "1", "20")
    synced = llmanac("sync", "--format", "json")
    assert (synced.code, json.loads(synced.out)["attempt"]["outcome"]) == (0, "unchanged")

    made = llmanac("token", "create", "a reader")
    plain = made.out.strip()
    asked = httpx2.get(f"{served.url}/api/ai/models", headers={"Authorization": f"Bearer {plain}"})
    assert asked.status_code == 200
    refused = llmanac("token", "list", "--token", plain)
    assert (refused.code, refused.out) == (4, "")
    assert refused.err.startswith(
        f"error: {served.url} answered 403 to GET /api/ai/tokens: This needs the scope admin;"
    )
    assert "\n\nhint: " in refused.err
    (known,) = json.loads(llmanac("token", "list", "--format", "json").out)["tokens"]
    assert (known["name"], known["scopes"]) == ("a reader", ["models:read"])
    assert llmanac("token", "revoke", known["id"]).code == 0
    asked = httpx2.get(f"{served.url}/api/ai/models", headers={"Authorization": f"Bearer {plain}"})
    assert asked.status_code == 401


def test_a_server_and_its_token_may_be_given_as_options(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLMANAC_SERVER")
    monkeypatch.delenv("LLMANAC_TOKEN")
    ended = llmanac("list", "--server", served.url + "/", "--token", TOKEN, "--format", "csv")
    assert (ended.code, ended.out.count("\nacme/owl-")) == (0, 20)
    for wrong in ([], ["--token", "none-of-this-server"]):
        refused = llmanac("status", "--server", served.url, *wrong)
        assert (refused.code, refused.out) == (4, "")
        assert refused.err.startswith(f"error: {served.url} answered 401 to GET /api/ai/status: ")
        assert "\n\nhint: " in refused.err


def test_a_refusal_has_the_same_exit_code_from_a_server_as_here(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = [llmanac("token", "revoke", "not/a?token").code, llmanac("token", "create", " ").code]
    monkeypatch.delenv("LLMANAC_SERVER")
    here = [llmanac("token", "revoke", "tok_unknown").code, llmanac("token", "create", " ").code]
    assert served.status().status_code == 200
    assert there == here == [1, 2]


@pytest.mark.parametrize(
    ("fault", "code", "outcome"),
    [("internal_error", 3, "failed"), ("html_page", 1, "quarantined")],
)
def test_a_sync_that_brings_no_list_says_so_and_keeps_the_last(
    fault: str, code: int, outcome: str, upstream: UpstreamSimulator
) -> None:
    upstream.change(fault=FAULTS[fault])
    ended = llmanac("sync", "--format", "json")
    assert (ended.code, json.loads(ended.out)["attempt"]["outcome"]) == (code, outcome)


def test_a_key_that_upstream_rejects_ends_the_sync_with_exit_code_4(upstream: UpstreamSimulator) -> None:
    upstream.change(require_key="another-key")
    ended = llmanac("sync", "--format", "json", OPENROUTER_API_KEY="not-the-key", LLMANAC_OPENROUTER_SCOPE="account")
    assert ended.code == 4
    assert json.loads(ended.out)["attempt"]["code"] == "UPSTREAM_KEY_REJECTED"
    assert "not-the-key" not in ended.out + ended.err


def test_what_cannot_be_reached_ends_with_exit_code_3(tmp_path: Path) -> None:
    nobody = llmanac("list", "--server", "http://127.0.0.1:9", "--token", TOKEN)
    assert (nobody.code, nobody.out) == (3, "")
    assert nobody.err.startswith("error: Cannot reach http://127.0.0.1:9: ")
    assert nobody.err.endswith("\n\nhint: Is the server running? Check --server or LLMANAC_SERVER.\n")

    (tmp_path / "file").touch()
    ended = llmanac("list", LLMANAC_DATA_DIR=str(tmp_path / "file"))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.endswith("\n\nhint: Set LLMANAC_DATA_DIR to a directory that can be written.\n")


def test_an_answer_that_is_no_llmanacs_is_no_crash(upstream: UpstreamSimulator) -> None:
    upstream.change(records=b"<!DOCTYPE html><p>Hello")
    # The simulator answers this path only, so the server's address ends in the middle of it.
    ended = llmanac("list", "--server", f"{upstream.base_url}/models#", "--token", TOKEN)
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("error: ")
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("token", ["tökén-of-another-alphabet", "of-two\nlines-and-secret"])
def test_a_token_that_cannot_be_sent_is_refused_and_not_shown(token: str) -> None:
    ended = llmanac("list", "--server", "http://127.0.0.1:9", "--token", token)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: ")
    assert not any(part in ended.err for part in ("Traceback", "another-alphabet", "lines-and-secret"))


@pytest.mark.parametrize("arguments", [("nonsense",), ("list", "--format", "xml")], ids=["command", "option"])
def test_wrong_usage_is_told_as_every_other_error(arguments: tuple[str, ...]) -> None:
    ended = llmanac(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: ")
    assert "\n\nhint: " in ended.err


def test_a_wrong_setting_stops_every_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMANAC_PORT", "http")
    for command in ("serve", "config"):
        ended = llmanac(command)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith("error: LLMANAC_PORT: Expected a valid integer, got 'http'\n\nhint: ")
        # That command does not work either while a setting is wrong.
        assert "llmanac config" not in ended.err


def test_config_shows_values_and_origins_and_warns_of_names_that_mean_nothing() -> None:
    Path("llmanac.toml").write_text("workers = 3\noffline = true\n", encoding="utf-8")
    ended = llmanac("config", "--format", "json", LLMANAC_TOKEN=TOKEN, LLMANAC_PROT="1")
    rows = {row["setting"]: (row["value"], row["set by"]) for row in json.loads(ended.out)}
    assert ended.code == 0
    assert rows["LLMANAC_WORKERS"] == ("3", "llmanac.toml")
    assert rows["LLMANAC_OFFLINE"] == ("true", "llmanac.toml")
    assert rows["LLMANAC_TOKEN"] == ("********", "LLMANAC_TOKEN")
    assert rows["LLMANAC_PORT"] == ("8642", "default")
    assert TOKEN not in ended.out + ended.err
    assert ended.err == "warning: LLMANAC_PROT is no setting and means nothing; did you mean LLMANAC_PORT?\n"
