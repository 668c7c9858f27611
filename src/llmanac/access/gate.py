"""The one door: a credential as it was sent → what its bearer may do."""

import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

import msgspec

from llmanac.access.token import AccessScope, hash_token, is_mistyped
from llmanac.errors import Forbidden, Unauthorized
from llmanac.store.rows import StoredToken

OUTSIDE_TOKEN_ID = "env"  # noqa: S105  the name of LLMANAC_TOKEN in lists and logs, no credential
_HINT = "Send `Authorization: Bearer <token>`; `llmanac token create` makes a token."


class Grant(msgspec.Struct, frozen=True):
    """What the bearer of a token may do."""

    token_id: str
    hash: bytes
    scopes: frozenset[str]
    expires_at: float
    """Seconds since 1970; infinity when it never expires."""

    def may(self, scope: AccessScope) -> bool:
        """Whether the scope is there, or `admin`, which includes all."""
        return scope in self.scopes or AccessScope.ADMIN in self.scopes


class Gate:
    """The tokens that open, looked up by SHA-256; replaced whole when any of them changes."""

    def __init__(self, outside: str | None) -> None:
        """Only LLMANAC_TOKEN opens, if there is one, until `replace` is called.

        Args:
            outside: LLMANAC_TOKEN, which has every scope and is never stored.
        """
        self._outside = None
        if outside is not None:
            scopes = frozenset(scope.value for scope in AccessScope)
            self._outside = Grant(OUTSIDE_TOKEN_ID, hash_token(outside), scopes, float("inf"))
        self._grants: Mapping[bytes, Grant] = MappingProxyType({})
        self._used: set[str] = set()
        self.replace(())

    def replace(self, tokens: Iterable[StoredToken]) -> None:
        """Let in the bearers of these tokens, and of no others."""
        grants = {row.hash: _grant(row) for row in tokens if row.revoked_at is None}
        if self._outside is not None:
            grants[self._outside.hash] = self._outside
        self._grants = MappingProxyType(grants)

    def admit(self, credential: str | None, scope: AccessScope, now: float, *, digest: bytes | None = None) -> Grant:
        """Who this is, if they may do it.

        Args:
            credential: The token itself, None when none was sent.
            now: Seconds since 1970.
            digest: The credential's hash, where the caller has it already.

        Raises:
            Unauthorized: None was sent, or it is unknown, expired or revoked.
            Forbidden: It is good but lacks the scope.
        """
        if not credential:
            raise Unauthorized("This needs a token, and none was sent", hint=_HINT)
        digest = digest or hash_token(credential)
        grant = self._grants.get(digest)
        # The look-up compares hashes, which tell nothing of the token; the comparison below takes constant time.
        if grant is None or not hmac.compare_digest(grant.hash, digest):
            raise _refusal(credential)
        if now >= grant.expires_at:
            raise Unauthorized("This token has expired", hint=_HINT, code="AUTH_EXPIRED_TOKEN", sent=True)
        self._used.add(grant.token_id)
        if not grant.may(scope):
            have = ", ".join(sorted(grant.scopes)) or "none"
            raise Forbidden(
                f"This needs the scope {scope.value}; the token has {have}",
                scope=scope.value,
                hint=f"`llmanac token create --scope {scope.value}` makes such a token.",
            )
        return grant

    def opens(self, word: str) -> bool:
        """Whether a word is a credential that opens: such a word must never be repeated or logged."""
        return hash_token(word) in self._grants

    def take_used(self) -> frozenset[str]:
        """The ids of stored tokens used since the last call."""
        used, self._used = self._used, set()
        return frozenset(used - {OUTSIDE_TOKEN_ID})

    def put_back_used(self, token_ids: Iterable[str]) -> None:
        """Remember these uses again: noting them failed."""
        self._used.update(token_ids)


def _grant(row: StoredToken) -> Grant:
    expires_at = float("inf") if row.expires_at is None else row.expires_at.timestamp()
    return Grant(row.id, row.hash, frozenset(row.scopes), expires_at)


def _refusal(credential: str) -> Unauthorized:
    wrong = (
        "This token has a typing mistake: its checksum does not fit"
        if is_mistyped(credential)
        else ("This token is unknown or was revoked")
    )
    return Unauthorized(wrong, hint=_HINT, code="AUTH_INVALID_TOKEN", sent=True)


def is_expired(row: StoredToken, now: datetime) -> bool:
    """Whether a stored token's time is over."""
    return row.expires_at is not None and now >= row.expires_at
