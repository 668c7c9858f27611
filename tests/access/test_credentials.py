"""Credentials over HTTP: where they may stand, how refusals read, and what the database keeps of them."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from llmanac.access.token import AccessScope, mint
from tests.serving import TOKEN, Served, serving, settings_for, wait_for
from tests.web.wire import Fields, ask

MISSING = 'Bearer realm="llmanac"'
INVALID = 'Bearer realm="llmanac", error="invalid_token"'
CATALOGUE, STATUS, TOKENS = "/api/ai/models", "/api/ai/status", "/api/ai/tokens"
BASIC = f"Basic {b64encode(b'user:password').decode()}"
READS = (CATALOGUE, STATUS)
ADMINISTERS = (
    ("GET", TOKENS), ("POST", TOKENS), ("DELETE", f"{TOKENS}/tok_0"), ("POST", "/api/ai/sync"),
    ("GET", "/api/ai/quarantine"), ("GET", "/api/ai/quarantine/1"), ("POST", "/api/ai/quarantine/1"),
    ("DELETE", "/api/ai/quarantine/1"),
)  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(settings_for(tmp_path_factory.mktemp("data"), offline=True)) as server:
        yield server


def made(served: Served, **wanted: object) -> str:
    """A new token of the server's."""
    answer = served.http.post(TOKENS, json={"name": "a test", **wanted})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def bearer(token: str) -> Fields:
    return [("Authorization", f"Bearer {token}")]


def kept(served: Served, *scopes: AccessScope, expires_at: datetime | None = None) -> str:
    """A token put into the store as no request could."""
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    minted = mint("a test", scopes, created_at=long_ago, expires_at=expires_at)
    served.context.store.add_token(minted.row)
    served.context.worker.follow()
    return minted.plain


@pytest.mark.parametrize(
    "fields",
    [
        [("Authorization", f"Bearer {TOKEN}")],
        [("authorization", f"bearer {TOKEN}")],
        [("AUTHORIZATION", f"BEARER   {TOKEN}  ")],
        [("X-API-Key", TOKEN)],
        [("x-api-key", f"  {TOKEN} ")],
        [("Authorization", f"Bearer {TOKEN}"), ("X-API-Key", "another")],
        [("Authorization", BASIC), ("X-API-Key", TOKEN)],
        [("Authorization", "Bearer"), ("X-API-Key", TOKEN)],
        [("Authorization", ""), ("X-API-Key", TOKEN)],
    ],
)
@pytest.mark.parametrize("path", READS)
def test_a_token_opens_from_either_field(fields: Fields, path: str, served: Served) -> None:
    assert ask(served.url, path, fields).status == 200


@pytest.mark.parametrize(
    ("fields", "challenge", "code"),
    [
        ([], MISSING, "AUTH_MISSING_TOKEN"),
        ([("Authorization", "")], MISSING, "AUTH_MISSING_TOKEN"),
        ([("Authorization", "Bearer")], MISSING, "AUTH_MISSING_TOKEN"),
        ([("Authorization", "Bearer ")], MISSING, "AUTH_MISSING_TOKEN"),
        ([("X-API-Key", "")], MISSING, "AUTH_MISSING_TOKEN"),
        ([("Authorization", BASIC)], MISSING, "AUTH_MISSING_TOKEN"),
        ([("Authorization", TOKEN)], MISSING, "AUTH_MISSING_TOKEN"),
        ([("Cookie", f"token={TOKEN}")], MISSING, "AUTH_MISSING_TOKEN"),
        ([("Authorization", "Bearer nonsense")], INVALID, "AUTH_INVALID_TOKEN"),
        ([("Authorization", f"Bearer {TOKEN}x")], INVALID, "AUTH_INVALID_TOKEN"),
        ([("Authorization", f"Bearer {TOKEN} {TOKEN}")], INVALID, "AUTH_INVALID_TOKEN"),
        ([("Authorization", f"Bearer {TOKEN[:-1]}")], INVALID, "AUTH_INVALID_TOKEN"),
        ([("X-API-Key", "nonsense")], INVALID, "AUTH_INVALID_TOKEN"),
        ([("X-API-Key", f"Bearer {TOKEN}")], INVALID, "AUTH_INVALID_TOKEN"),
        ([("Authorization", "Bearer nonsense"), ("X-API-Key", TOKEN)], INVALID, "AUTH_INVALID_TOKEN"),
        ([("Authorization", BASIC), ("X-API-Key", "nonsense")], INVALID, "AUTH_INVALID_TOKEN"),
    ],
)
@pytest.mark.parametrize("path", READS)
def test_a_missing_or_wrong_token_is_401_with_its_challenge(
    fields: Fields, challenge: str, code: str, path: str, served: Served
) -> None:
    answer = ask(served.url, path, fields)
    assert (answer.status, answer["WWW-Authenticate"]) == (401, challenge)
    assert f'"error":"{code}"'.encode() in answer.body
    assert TOKEN.encode() not in answer.body
    headed = ask(served.url, path, fields, method="HEAD") if path == CATALOGUE else answer
    assert (headed.status, headed["WWW-Authenticate"]) == (401, challenge)


@pytest.mark.parametrize("order", [(TOKEN, "nonsense"), ("nonsense", TOKEN)], ids=["good first", "bad first"])
@pytest.mark.parametrize("name", ["Authorization", "X-API-Key"])
def test_two_credentials_in_one_field_name_mean_the_same_to_every_route(
    name: str, order: tuple[str, str], served: Served
) -> None:
    before = "Bearer " if name == "Authorization" else ""
    fields = [(name, before + token) for token in order]
    assert ask(served.url, CATALOGUE, fields).status == ask(served.url, STATUS, fields).status


def test_a_minted_token_reads_and_does_no_more(served: Served) -> None:
    token = made(served)
    for path in READS:
        assert ask(served.url, path, bearer(token)).status == 200
    for method, path in ADMINISTERS:
        refused = ask(served.url, path, bearer(token), method=method)
        assert refused.status == 403
        assert b'"error":"AUTH_MISSING_SCOPE"' in refused.body
        assert b"admin" in refused.body
        assert ask(served.url, path, (), method=method).status == 401


def test_an_administrators_token_reads_too(served: Served) -> None:
    token = made(served, scopes=["admin"])
    for path in (*READS, TOKENS):
        assert ask(served.url, path, bearer(token)).status == 200


def test_a_token_without_scopes_is_403_everywhere(served: Served) -> None:
    token = kept(served)
    for method, path in (*(("GET", path) for path in READS), ("HEAD", CATALOGUE), *ADMINISTERS):
        assert ask(served.url, path, bearer(token), method=method).status == 403


def test_a_wrong_checksum_is_told_from_an_unknown_token(served: Served) -> None:
    token = made(served)
    mistyped = token[:-1] + ("a" if token[-1] != "a" else "b")
    for path in READS:
        assert b"typing mistake" in ask(served.url, path, bearer(mistyped)).body
        assert b"typing mistake" not in ask(served.url, path, bearer("lm" + token)).body


def test_an_expired_token_is_401(served: Served) -> None:
    token = kept(served, AccessScope.ADMIN, expires_at=datetime(2026, 2, 1, tzinfo=UTC))
    for path in (*READS, TOKENS):
        answer = ask(served.url, path, bearer(token))
        assert (answer.status, answer["WWW-Authenticate"]) == (401, INVALID)
        assert b'"error":"AUTH_EXPIRED_TOKEN"' in answer.body


def test_a_token_expires_while_the_server_runs(served: Served) -> None:
    token = made(served, expires_at=(datetime.now(UTC) + timedelta(seconds=1)).isoformat())
    assert ask(served.url, CATALOGUE, bearer(token)).status == 200
    wait_for(lambda: ask(served.url, CATALOGUE, bearer(token)).status == 401, within=3)


def test_revoking_shuts_out_at_once_here_and_within_two_seconds_elsewhere(tmp_path: Path, database_url: str) -> None:
    settings = settings_for(tmp_path, offline=True, database_url=database_url, poll_seconds=1)
    with serving(settings) as here, serving(settings) as elsewhere:
        token = made(here)
        assert ask(here.url, CATALOGUE, bearer(token)).status == 200
        wait_for(lambda: ask(elsewhere.url, CATALOGUE, bearer(token)).status == 200, within=2)
        (row,) = here.http.get(TOKENS).json()["tokens"]
        assert here.http.delete(f"{TOKENS}/{row['id']}").status_code == 204
        for path in READS:
            refused = ask(here.url, path, bearer(token))
            assert (refused.status, refused["WWW-Authenticate"]) == (401, INVALID)
        wait_for(lambda: ask(elsewhere.url, CATALOGUE, bearer(token)).status == 401, within=2)


def test_the_database_holds_the_hash_and_never_the_token(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, offline=True)) as served:
        tokens = [made(served, scopes=[scope]) for scope in ("models:read", "admin")]
        for token in (*tokens, TOKEN):
            assert ask(served.url, CATALOGUE, bearer(token)).status == 200
        wait_for(lambda: all(row["last_used_on"] for row in served.http.get(TOKENS).json()["tokens"]))
        assert "lmn_" not in served.http.get(TOKENS).text.replace('"hint":"lmn_', "")
        files = {path.name: path.read_bytes() for path in tmp_path.glob("llmanac.db*")}
    assert set(files) >= {"llmanac.db", "llmanac.db-wal"}
    whole = b"".join(files.values())
    for token in tokens:
        assert sha256(token.encode()).digest() in whole
        for secret in (token[8:], token[4:36], token[-12:]):
            assert secret.encode() not in whole
            assert secret.encode().hex().encode() not in whole
    assert TOKEN.encode() not in whole
    assert sha256(TOKEN.encode()).digest() not in whole, "LLMANAC_TOKEN is not stored at all"
