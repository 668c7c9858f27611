"""`llmanac doctor` finds each thing that stands in the way, and says the others are well."""

import json
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from llmanac.access.token import AccessScope, mint
from llmanac.assemble import open_store
from llmanac.cli.main import make_app
from llmanac.clock import now
from llmanac.settings_sources import read_settings
from llmanac.store.migrate import SCHEMA_VERSION
from llmanac.sync import load
from tests.build import records
from tests.cli.command import llmanac
from tests.upstream_simulator import FAULTS, UpstreamSimulator


@pytest.fixture(autouse=True)
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[UpstreamSimulator]:
    """An upstream that is well."""
    with UpstreamSimulator(records(20)) as simulator:
        monkeypatch.setenv("OPENROUTER_BASE_URL", simulator.base_url)
        monkeypatch.setenv("LLMANAC_SYNC_TIMEOUT_SECONDS", "1")
        monkeypatch.setenv("LLMANAC_PORT", "0")
        yield simulator


def findings(**environment: str) -> tuple[int, dict[str, tuple[str, str]]]:
    """Exit code, and finding and detail by check."""
    ended = llmanac("doctor", "--format", "json", **environment)
    return ended.code, {row["check"]: (row["finding"], row["detail"]) for row in json.loads(ended.out)}


def test_a_sound_installation_has_no_problem(upstream: UpstreamSimulator) -> None:
    ended = llmanac("doctor", "--format", "csv")
    assert (ended.code, ended.err) == (0, "")
    rows = dict(line.split(",", 1) for line in ended.out.splitlines()[1:])
    assert rows["settings"] == 'ok,"4 set, the others at their defaults"'
    assert rows["store"].startswith('note,"sqlite:///')
    assert "the first `llmanac serve` mints" in rows["store"]
    assert rows["bundle"] == 'ok,"2026-10-26, 472 text and 63 image models"'
    assert rows["port"] == "ok,127.0.0.1 port 0 is free"
    assert rows["upstream"] == f'ok,"{upstream.base_url}: 20 models, 0 rejects"'


def test_one_token_is_told_in_the_singular() -> None:
    assert llmanac("token", "create", "one").code == 0
    assert findings()[1]["store"][1].endswith(", 1 good token")


def test_a_setting_that_means_nothing_is_a_problem() -> None:
    code, found = findings(LLMANAC_PROT="1")
    assert (code, found["settings"]) == (1, ("problem", "no such settings: LLMANAC_PROT"))


def test_a_database_that_cannot_be_opened_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, found = findings(LLMANAC_DATA_DIR=str(tmp_path / "file"))
    assert (code, found["store"][0]) == (1, "problem")
    assert "LLMANAC_DATA_DIR" in found["store"][1]
    assert [check for check, (finding, _) in found.items() if finding == "problem"] == ["store"]


def test_a_database_of_a_newer_llmanac_is_a_problem(tmp_path: Path) -> None:
    assert findings(LLMANAC_OFFLINE="true")[0] == 0
    database = sqlite3.connect(tmp_path / "data" / "llmanac.db")
    with database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    code, found = findings(LLMANAC_OFFLINE="true")
    assert (code, found["store"][0]) == (1, "problem")
    assert "schema 9999" in found["store"][1]
    assert SCHEMA_VERSION in found["store"][1]


def test_a_store_whose_tokens_are_all_revoked_is_a_problem() -> None:
    store = open_store(read_settings().settings)
    minted = mint("gone", (AccessScope.READ,), created_at=now())
    store.add_token(minted.row)
    assert findings()[1]["store"][0] == "ok"
    store.revoke_token(minted.row.id, now())
    store.close()
    code, found = findings()
    assert (code, found["store"][0]) == (1, "problem")
    assert "llmanac token create" in found["store"][1]


@pytest.mark.parametrize(("wanted", "finding", "code"), [("true", "problem", 1), ("false", "note", 0)])
def test_a_missing_bundle_is_a_problem_where_it_is_wanted(
    wanted: str, finding: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise FileNotFoundError

    monkeypatch.setattr(load, "load_bundle", missing)
    # In this process, since an installed bundle cannot be taken away from another.
    done = CliRunner(env={"LLMANAC_BUNDLE": wanted}).invoke(make_app(), ["doctor", "--format", "json"])
    found = {row["check"]: row["finding"] for row in json.loads(done.stdout)}
    assert (done.exit_code, found["bundle"]) == (code, finding)


def test_a_port_in_use_is_a_note_and_an_impossible_address_a_problem() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, found = findings(LLMANAC_PORT=str(other.getsockname()[1]))
    assert (code, found["port"][0]) == (0, "note")
    code, found = findings(LLMANAC_HOST="192.0.2.1")
    assert (code, found["port"][0]) == (1, "problem")


@pytest.mark.parametrize(
    "fault",
    ["internal_error", "close_before_answer", "hang_before_headers", "html_page", "empty_list", "rows_of_wrong_types"],
)
def test_an_upstream_that_gives_no_models_is_a_problem(fault: str, upstream: UpstreamSimulator) -> None:
    upstream.change(fault=FAULTS[fault])
    code, found = findings()
    assert (code, found["upstream"][0]) == (1, "problem")


def test_a_key_that_upstream_rejects_is_a_problem(upstream: UpstreamSimulator) -> None:
    upstream.change(require_key="another-key")
    code, found = findings(OPENROUTER_API_KEY="not-the-key", LLMANAC_OPENROUTER_SCOPE="account")
    assert (code, found["upstream"][0]) == (1, "problem")
    assert "not-the-key" not in found["upstream"][1]


def test_an_offline_server_asks_nobody(upstream: UpstreamSimulator) -> None:
    code, found = findings(LLMANAC_OFFLINE="true")
    assert (code, found["upstream"][0]) == (0, "note")
    assert upstream.requests == []
