"""The one door: who may do what, and what it remembers of those who passed."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from llmanac.access.gate import Gate
from llmanac.access.token import AccessScope, MintedToken, mint
from llmanac.errors import Forbidden, Unauthorized

NOW = datetime(2026, 10, 26, 4, tzinfo=UTC)
OUTSIDE = "an-outside-token-of-32-characters"
READ, ADMIN = AccessScope.READ, AccessScope.ADMIN


def reader(**changes: object) -> MintedToken:
    minted = mint("a reader", (READ,), created_at=NOW)
    return MintedToken(minted.plain, msgspec.structs.replace(minted.row, **changes))


def gate_with(*minted: MintedToken, outside: str | None = None) -> Gate:
    gate = Gate(outside)
    gate.replace(token.row for token in minted)
    return gate


def code_of(gate: Gate, credential: str | None, scope: AccessScope = READ, now: datetime = NOW) -> str:
    """`passed`, or the code of the refusal."""
    try:
        gate.admit(credential, scope, now.timestamp())
    except (Unauthorized, Forbidden) as refusal:
        return refusal.code
    return "passed"


def test_a_bearer_may_do_what_the_scopes_say_and_admin_includes_all() -> None:
    read, admin = reader(), mint("an administrator", (ADMIN,), created_at=NOW)
    nobody = reader(scopes=())
    gate = gate_with(read, admin, nobody)
    assert [code_of(gate, read.plain, scope) for scope in (READ, ADMIN)] == ["passed", "AUTH_MISSING_SCOPE"]
    assert [code_of(gate, admin.plain, scope) for scope in (READ, ADMIN)] == ["passed", "passed"]
    assert [code_of(gate, nobody.plain, scope) for scope in (READ, ADMIN)] == ["AUTH_MISSING_SCOPE"] * 2


@pytest.mark.parametrize("credential", [None, ""])
def test_nothing_sent_is_something_else_than_something_wrong(credential: str | None) -> None:
    with pytest.raises(Unauthorized) as refusal:
        gate_with().admit(credential, READ, NOW.timestamp())
    assert (refusal.value.code, refusal.value.sent) == ("AUTH_MISSING_TOKEN", False)


def test_a_typing_mistake_is_told_from_an_unknown_token() -> None:
    token = reader()
    gate = gate_with(token)
    last = "0" if token.plain[-1] != "0" else "1"
    with pytest.raises(Unauthorized, match="typing mistake"):
        gate.admit(token.plain[:-1] + last, READ, NOW.timestamp())
    for unknown in (reader().plain, "something else", token.row.hash.hex(), token.row.id):
        with pytest.raises(Unauthorized, match="unknown or was revoked"):
            gate.admit(unknown, READ, NOW.timestamp())


def test_a_token_ends_at_its_instant() -> None:
    token = reader(expires_at=NOW + timedelta(seconds=1))
    gate = gate_with(token)
    assert code_of(gate, token.plain, now=NOW + timedelta(microseconds=999_000)) == "passed"
    assert code_of(gate, token.plain, now=NOW + timedelta(seconds=1)) == "AUTH_EXPIRED_TOKEN"


def test_revoked_and_replaced_tokens_open_nothing() -> None:
    revoked, kept = reader(revoked_at=NOW), reader()
    gate = gate_with(revoked, kept)
    assert [code_of(gate, token.plain) for token in (revoked, kept)] == ["AUTH_INVALID_TOKEN", "passed"]
    gate.replace(())
    assert code_of(gate, kept.plain) == "AUTH_INVALID_TOKEN"


def test_the_token_from_outside_opens_everything_and_outlives_every_change() -> None:
    gate = gate_with(outside=OUTSIDE)
    assert [code_of(gate, OUTSIDE, scope) for scope in (READ, ADMIN)] == ["passed", "passed"]
    gate.replace(())
    assert code_of(gate, OUTSIDE) == "passed"
    for near in (OUTSIDE[:-1], OUTSIDE + "x", OUTSIDE.upper(), f" {OUTSIDE}"):
        assert code_of(gate, near) == "AUTH_INVALID_TOKEN"


def test_the_stored_tokens_that_passed_are_remembered_once() -> None:
    used, unused, expired = reader(), reader(), reader(expires_at=NOW)
    gate = gate_with(used, unused, expired, outside=OUTSIDE)
    for credential in (used.plain, used.plain, OUTSIDE, expired.plain, "nonsense", None):
        code_of(gate, credential)
    assert gate.take_used() == {used.row.id}
    assert gate.take_used() == frozenset()
