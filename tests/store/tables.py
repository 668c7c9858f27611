"""A look behind the store's door."""

from datetime import datetime

from sqlalchemy import func, select

from llmanac.store.schema import lease, metadata, raw_page
from llmanac.store.snapshots import decompress
from llmanac.store.store import Store


def row_counts(store: Store) -> dict[str, int]:
    """How many rows each table has."""
    with store._database.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def lease_end(store: Store) -> datetime:
    """When the lease to sync that somebody holds is over."""
    with store._database.read() as connection:
        end: datetime = connection.execute(select(lease.c.expires_at)).scalar_one()
        return end


def raw_bodies(store: Store) -> list[bytes]:
    """The answers of upstream that were kept, decompressed, in their order."""
    with store._database.read() as connection:
        rows = connection.execute(select(raw_page.c.body).order_by(raw_page.c.serial, raw_page.c.position))
        return [decompress(bytes(row.body)) for row in rows]
