"""The credentials that there are, without the credentials."""

from datetime import datetime

import msgspec

from llmanac.store.rows import StoredToken


class TokenSeen(msgspec.Struct, frozen=True):
    """A token without the token: `hint` is its beginning. `last_used_on` is a day in UTC."""

    id: str
    name: str
    hint: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_on: str | None


class TokenList(msgspec.Struct, frozen=True):
    """All tokens, revoked and expired ones too, oldest first."""

    tokens: tuple[TokenSeen, ...]


def see_token(row: StoredToken) -> TokenSeen:
    """A token as it is shown."""
    return TokenSeen(**{name: getattr(row, name) for name in TokenSeen.__struct_fields__})
