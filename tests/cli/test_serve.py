"""`llmanac serve`: what it says when it starts, and what keeps it from starting."""

import json
import shutil
import socket
import subprocess
from datetime import UTC, datetime

import httpx2

from tests.build import records
from tests.cli.command import Started, llmanac, started
from tests.serving import DEADLINE_SECONDS, TOKEN, wait_for
from tests.upstream_simulator import UpstreamSimulator

QUICK = {"LLMANAC_POLL_SECONDS": "0.05", "LLMANAC_LOG_LEVEL": "error"}


def source_of(server: Started) -> str:
    asked = httpx2.get(f"{server.url}/api/ai/models", headers={"Authorization": f"Bearer {TOKEN}"})
    assert asked.status_code == 200
    return asked.headers["X-Catalogue-Source"]


def test_the_first_start_says_everything_and_its_curl_line_works_when_pasted() -> None:
    with started("--offline", **QUICK) as server:
        said = server.err
        address, catalogue, upstream, store, schema, *rest = said.splitlines()
        assert address == f"llmanac 0.1.0 on {server.url}"
        age = (datetime.now(UTC) - datetime(2026, 10, 26, tzinfo=UTC)).days
        assert catalogue == f"  catalogue  bundled, 2026-10-26 ({age} days old): 472 text and 63 image models"
        assert upstream == "  upstream   offline, without a key"
        assert store.startswith("  store      sqlite:///")
        assert schema == f"  schema     {server.url}/schema"

        (token,) = [line.strip() for line in rest if line.strip().startswith("lmn_")]
        (line,) = [line.strip() for line in rest if line.startswith("  curl ")]
        assert line == f"curl --compressed -H 'Authorization: Bearer {token}' {server.url}/api/ai/models"
        if shutil.which("curl"):
            pasted = subprocess.run(
                line,
                shell=True,
                capture_output=True,
                timeout=DEADLINE_SECONDS,
                check=True,
                env={"PATH": "/usr/bin:/bin"},
            )
            assert len(json.loads(pasted.stdout)["text"][0]["models"]) == 472
        created = httpx2.get(f"{server.url}/api/ai/tokens", headers={"Authorization": f"Bearer {token}"})
        assert created.json()["tokens"][0]["scopes"] == ["models:read", "admin"]

    with started("--offline", **QUICK) as server:
        assert "lmn_" not in server.err
        again = httpx2.get(f"{server.url}/api/ai/models", headers={"Authorization": f"Bearer {token}"})
        assert again.status_code == 200


def test_nothing_is_minted_where_a_token_is_set_from_outside() -> None:
    with UpstreamSimulator(records(3)) as upstream:
        environment = {"LLMANAC_TOKEN": TOKEN, "OPENROUTER_BASE_URL": upstream.base_url, "OPENROUTER_API_KEY": "a-key"}
        with started(LLMANAC_PROT="1", **QUICK, **environment) as server:
            assert "lmn_" not in server.err
            assert TOKEN not in server.err
            assert "a-key" not in server.err
            assert f"  upstream   {upstream.base_url}, with a key\n" in server.err
            assert server.err.startswith("warning: LLMANAC_PROT is no setting and means nothing; did you mean ")
            wait_for(lambda: source_of(server) == "live")
            listed = httpx2.get(f"{server.url}/api/ai/tokens", headers={"Authorization": f"Bearer {TOKEN}"})
            assert listed.json() == {"tokens": []}
        # The list is kept: the next start has it before it has asked anybody.
        with started("--offline", **QUICK, **environment) as server:
            assert "  catalogue  store, " in server.err
            assert "3 text and 0 image models, serial 1\n" in server.err
            assert source_of(server) == "store"


def test_a_start_without_a_list_says_so_and_is_not_ready() -> None:
    with started("--offline", LLMANAC_BUNDLE="false", LLMANAC_TOKEN=TOKEN, **QUICK) as server:
        assert "  catalogue  none yet\n" in server.err
        asked = httpx2.get(f"{server.url}/api/ai/models", headers={"Authorization": f"Bearer {TOKEN}"})
        assert (asked.status_code, asked.headers["Retry-After"]) == (503, "5")
        assert httpx2.get(f"{server.url}/readyz").status_code == 503


def test_a_port_in_use_stops_the_start_says_what_to_do_and_mints_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        ended = llmanac("serve", "--offline", "--port", port)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"error: Cannot listen on 127.0.0.1 port {port}: Address already in use")
    assert ended.err.endswith("\n\nhint: Another server may be there; choose a port with --port or LLMANAC_PORT.\n")
    assert json.loads(llmanac("token", "list", "--format", "json").out) == {"tokens": []}


def test_an_address_of_another_machine_stops_the_start_and_does_not_blame_the_port() -> None:
    ended = llmanac("serve", "--offline", "--host", "192.0.2.1", "--port", "0")
    assert ended.code == 1
    assert ended.err.startswith("error: Cannot listen on 192.0.2.1 port 0: ")
    assert "--host" in ended.err
