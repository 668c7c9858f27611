"""A lease: the right to do something alone, which ends by itself when its holder dies."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from llmanac.store.schema import lease


def acquire(connection: Connection, name: str, holder: str, *, now: datetime, lasting: timedelta) -> bool:
    """Whether `holder` has the lease now: it was free, over, or already theirs (then it is prolonged).

    Needs a writing transaction; `now` is the database's clock.
    """
    row = connection.execute(select(lease.c.holder, lease.c.expires_at).where(lease.c.name == name)).one_or_none()
    if row is None:
        connection.execute(insert(lease), [{"name": name, "holder": holder, "expires_at": now + lasting}])
        return True
    if row.holder != holder and row.expires_at > now:
        return False
    connection.execute(update(lease).where(lease.c.name == name).values(holder=holder, expires_at=now + lasting))
    return True


def held_by(connection: Connection, name: str, holder: str, *, now: datetime) -> bool:
    """Whether `holder` still has it. Inside the saving transaction this fences off a holder that was too slow."""
    row = connection.execute(select(lease.c.holder, lease.c.expires_at).where(lease.c.name == name)).one_or_none()
    return row is not None and row.holder == holder and row.expires_at > now


def release(connection: Connection, name: str, holder: str) -> None:
    """Give it back, if it is still held."""
    connection.execute(delete(lease).where(lease.c.name == name, lease.c.holder == holder))
