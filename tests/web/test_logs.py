"""What a whole server writes, at its most talkative: JSON lines with request ids, and not one secret in them."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.serving import wait_for
from tests.upstream_simulator import FAULTS, UpstreamSimulator, make_records
from tests.web.command import started
from tests.web.wire import ask, connected, request

OUTSIDE = "Outside+token/of.32~characters!!"
KEY = "sk-or-v1-5e3f0a9b8c7d6e5f4a3b2c1d0e9f8a7b"
BEARER = (("Authorization", f"Bearer {OUTSIDE}"),)


def talkative(upstream: UpstreamSimulator) -> dict[str, str]:
    """Settings under which a server says all that it can."""
    return {
        "LLMANAC_LOG_LEVEL": "debug",
        "LLMANAC_LOG_FORMAT": "json",
        "LLMANAC_LOG_SUMMARY_SECONDS": "1",
        "LLMANAC_SYNC_RETRIES": "0",
        "OPENROUTER_BASE_URL": upstream.base_url,
        "OPENROUTER_API_KEY": KEY,
    }


def lines(written: Path) -> list[dict[str, object]]:
    """What was logged: all that stands behind the greeting's last empty line."""
    logged = written.read_text("utf-8").rpartition("\n\n")[2]
    return [json.loads(line) for line in logged.splitlines()]


def in_every_wrong_place(url: str, secret: str) -> None:
    """A secret wherever somebody might put it by mistake."""
    escaped = quote(secret, safe="")
    for path in ("/api/ai/models", "/api/ai/status", "/healthz", f"/{escaped}", f"/{'a' * 280}{escaped}"):
        for query in ("", f"?token={escaped}", f"?{escaped}", f"?view={escaped}", f"?view=full&access_token={escaped}"):
            ask(url, path + query, ())
    for name in ("Authorization", "X-API-Key", "X-Request-Id", "User-Agent", "Cookie", "Accept-Encoding", "Referer"):
        for path in ("/api/ai/models", "/api/ai/status", "/nothing"):
            ask(url, path, ((name, secret), (name, f"Bearer {secret}")))
    for method, path in (("DELETE", f"/api/ai/tokens/{escaped}"), ("GET", f"/api/ai/quarantine/{escaped}")):
        ask(url, path, BEARER, method=method)
    for body in ({secret: 1}, {"name": "a", "scopes": [secret]}, {"name": "a", "expires_at": secret}, [secret]):
        ask(url, "/api/ai/tokens", BEARER, method="POST", body=json.dumps(body).encode())
    ask(url, "/api/ai/tokens", (*BEARER, ("Content-Type", secret)), method="POST", body=secret.encode())
    ask(url, "/api/ai/tokens", BEARER, method="POST", body=secret.encode() + b"\xff")
    for raw in (
        request("GET", f"/{secret} {secret}", BEARER),
        request(f"X{secret}", "/"),
        secret.encode() + b"\r\n\r\n",
    ):
        with connected(url) as wire:
            wire.send(raw)
            wire.answer()


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_no_secret_is_ever_logged_and_every_line_is_json(workers: str, tmp_path: Path) -> None:
    with (
        UpstreamSimulator(make_records(20)) as upstream,
        started(tmp_path, **talkative(upstream), LLMANAC_TOKEN=OUTSIDE, LLMANAC_WORKERS=workers) as (url, written),
    ):
        made = json.loads(ask(url, "/api/ai/tokens", BEARER, method="POST", body=b'{"name":"a"}').body)["token"]
        for secret in (OUTSIDE, made, KEY):
            in_every_wrong_place(url, secret)
        for fault in ("bad_request", "redirect_to_other_host", "error_object", "close_in_body"):
            upstream.change(fault=FAULTS[fault])
            ask(url, "/api/ai/sync", BEARER, method="POST")
        upstream.change(fault=None, require_key="another-key")
        ask(url, "/api/ai/sync", BEARER, method="POST")
        wait_for(lambda: "UPSTREAM_KEY_REJECTED" in written.read_text("utf-8"))
        wait_for(lambda: any(line["event"] == "catalogue.answered" for line in lines(written)))
    logged = lines(written)
    whole = written.read_text("utf-8")
    for secret in (OUTSIDE, made, KEY):
        for part in (secret, secret[:16], secret[-16:], quote(secret, safe="")):
            at = whole.find(part)
            assert at < 0, whole[max(at - 300, 0) : at + 60]
    assert all({"event", "level", "timestamp"} <= set(line) for line in logged)
    requests = [line for line in logged if line["event"] == "request"]
    assert len(requests) > 100
    assert all(line["request_id"] and "?" not in str(line["path"]) for line in requests)
    assert not any("token=" in json.dumps(line) for line in logged)


def test_the_first_token_is_shown_once_in_the_greeting_and_not_in_the_log(tmp_path: Path) -> None:
    with UpstreamSimulator(make_records(20)) as upstream:
        with started(tmp_path, **talkative(upstream)) as (url, written):
            greeting = written.read_text("utf-8")
            (token,) = set(re.findall(r"lmn_[0-9A-Za-z]{38}", greeting))
            assert ask(url, "/api/ai/tokens", (("Authorization", f"Bearer {token}"),)).status == 200
            in_every_wrong_place(url, token)
        logged = json.dumps(lines(written))
        assert token not in logged
        with started(tmp_path, **talkative(upstream)) as (url, written):
            assert ask(url, "/api/ai/tokens", (("Authorization", f"Bearer {token}"),)).status == 200
        assert "lmn_" not in written.read_text("utf-8")
