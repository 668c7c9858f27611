"""Tokens as they are made: their form, their checksum, and what of them is kept."""

import re
import string
import zlib
from datetime import UTC, datetime
from hashlib import sha256

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from llmanac.access.token import PREFIX, AccessScope, hash_token, is_mistyped, mint
from tests.strategies import examples

NOW = datetime(2026, 10, 26, 4, tzinfo=UTC)
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
FORM = re.compile(r"lmn_[0-9A-Za-z]{38}")


def plain() -> str:
    return mint("a name", (AccessScope.READ,), created_at=NOW).plain


TOKENS = st.builds(plain)
"""Really minted ones: hypothesis chooses only what happens to them."""


def checksum(body: str) -> str:
    """Six base62 digits of the CRC-32 of the random part, written here a second time."""
    rest, digits = zlib.crc32(body.encode()), ""
    while len(digits) < 6:
        digits = BASE62[rest % 62] + digits
        rest //= 62
    return digits


@given(TOKENS)
def test_a_token_is_the_prefix_32_random_and_6_checksum_characters(token: str) -> None:
    assert FORM.fullmatch(token)
    assert token[-6:] == checksum(token[4:-6])
    assert not is_mistyped(token)


@given(TOKENS, st.integers(0, 37), st.text(min_size=1, max_size=1))
def test_every_wrong_character_is_caught(token: str, place: int, character: str) -> None:
    at = len(PREFIX) + place
    slipped = token[:at] + character + token[at + 1 :]
    assert is_mistyped(slipped) == (slipped != token)


@given(TOKENS)
@examples(5)
def test_every_single_slip_of_base62_is_caught(token: str) -> None:
    slips = {
        token[:at] + character + token[at + 1 :] for at in range(len(PREFIX), len(token)) for character in BASE62
    } - {token}
    assert len(slips) == 38 * 61
    assert all(map(is_mistyped, slips))


@given(TOKENS, st.integers(0, 37), st.sampled_from(BASE62))
def test_a_character_too_many_or_too_few_is_caught(token: str, place: int, character: str) -> None:
    at = len(PREFIX) + place
    assert is_mistyped(token[:at] + token[at + 1 :])
    assert is_mistyped(token[:at] + character + token[at:])


@given(st.text())
def test_what_is_none_of_ours_is_not_called_mistyped(text: str) -> None:
    assert is_mistyped(text) is False or text.startswith(PREFIX)


def test_no_two_tokens_are_alike() -> None:
    minted = [mint("a name", (AccessScope.READ,), created_at=NOW) for _ in range(2000)]
    assert len({token.plain for token in minted}) == len({token.row.id for token in minted}) == len(minted)
    used = set("".join(token.plain[4:36] for token in minted))
    assert used == set(BASE62), "every character can occur"


def test_a_row_keeps_the_hash_and_four_characters_and_no_more() -> None:
    minted = mint("a name", (AccessScope.READ, AccessScope.ADMIN), created_at=NOW)
    row = minted.row
    assert row.hash == hash_token(minted.plain) == sha256(minted.plain.encode()).digest()
    assert row.hint == minted.plain[: len(PREFIX) + 4]
    assert (row.scopes, row.created_at) == (("models:read", "admin"), NOW)
    assert (row.expires_at, row.revoked_at, row.last_used_on) == (None, None, None)
    kept = msgspec.json.encode(row).decode()
    assert minted.plain[8:] not in kept
    assert minted.plain[-6:] not in kept
