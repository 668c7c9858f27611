"""Tokens: `lmn_` + 32 random base62 characters + 6 checksum characters. Shown once, kept as SHA-256."""

import secrets
import string
import zlib
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import msgspec

from llmanac.store.rows import StoredToken

PREFIX = "lmn_"
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM_CHARACTERS = 32
_CHECKSUM_CHARACTERS = 6
MAX_NAME_CHARACTERS = 100


class AccessScope(StrEnum):
    """What a token may do. `admin` includes everything that reads."""

    READ = "models:read"
    ADMIN = "admin"


class MintedToken(msgspec.Struct, frozen=True):
    """A new credential: `plain` is shown once and never kept, `row` is kept."""

    plain: str
    row: StoredToken


def mint(
    name: str, scopes: tuple[AccessScope, ...], *, created_at: datetime, expires_at: datetime | None = None
) -> MintedToken:
    """A new token with 190 bits of randomness."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))
    plain = PREFIX + body + _checksum(body)
    row = StoredToken(
        id="tok_" + secrets.token_hex(5),
        name=name,
        hint=plain[:8],
        hash=hash_token(plain),
        scopes=tuple(scope.value for scope in scopes),
        created_at=created_at,
        expires_at=expires_at,
        revoked_at=None,
        last_used_on=None,
    )
    return MintedToken(plain, row)


def hash_token(plain: str) -> bytes:
    """As it is kept. A fast hash is enough: there is nothing to guess in 190 random bits."""
    return sha256(plain.encode("utf-8", "surrogateescape")).digest()


def is_mistyped(plain: str) -> bool:
    """Whether it looks like one of ours but its checksum is wrong: a slip of the keyboard, no stranger."""
    if not plain.startswith(PREFIX):
        return False
    body = plain[len(PREFIX) : -_CHECKSUM_CHARACTERS]
    return len(body) != _RANDOM_CHARACTERS or plain[-_CHECKSUM_CHARACTERS:] != _checksum(body)


def _checksum(body: str) -> str:
    """CRC-32 in base62, as other makers of prefixed tokens do it: catches every single slip."""
    rest = zlib.crc32(body.encode("utf-8", "surrogateescape"))
    digits = ""
    for _ in range(_CHECKSUM_CHARACTERS):
        rest, digit = divmod(rest, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
