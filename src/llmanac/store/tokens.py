"""Statements on credentials. Only hashes come in here."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, func, insert, or_, select, update

from llmanac.store.rows import StoredToken
from llmanac.store.schema import token


def add(connection: Connection, row: StoredToken) -> None:
    """Keep a new token."""
    values = msgspec.structs.asdict(row) | {"scopes": msgspec.json.encode(row.scopes).decode()}
    connection.execute(insert(token), [values])


def every(connection: Connection) -> tuple[StoredToken, ...]:
    """All tokens, revoked and expired ones too, oldest first."""
    return tuple(_token(row) for row in connection.execute(select(token).order_by(token.c.created_at, token.c.id)))


def count(connection: Connection) -> int:
    """How many tokens were ever made."""
    return connection.execute(select(func.count()).select_from(token)).scalar_one()


def revoke(connection: Connection, token_id: str, revoked_at: datetime) -> bool:
    """Whether there is such a token. Revoking twice keeps the first instant."""
    known = connection.scalar(select(token.c.id).where(token.c.id == token_id)) is not None
    connection.execute(
        update(token).where(token.c.id == token_id, token.c.revoked_at.is_(None)).values(revoked_at=revoked_at)
    )
    return known


def mark_used(connection: Connection, token_ids: Iterable[str], day: str) -> None:
    """Note the day (`YYYY-MM-DD`, UTC) of last use; never backwards."""
    connection.execute(
        update(token)
        .where(token.c.id.in_(list(token_ids)), or_(token.c.last_used_on.is_(None), token.c.last_used_on < day))
        .values(last_used_on=day)
    )


def _token(row: Row[tuple[object, ...]]) -> StoredToken:
    values = {str(name): value for name, value in row._mapping.items()}  # noqa: SLF001  its documented name
    values["scopes"] = msgspec.json.decode(str(values["scopes"]))
    return msgspec.convert(values, StoredToken)
