"""A look behind the store's door."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, select, update

from llmanac.catalogue.ids import Serial
from llmanac.store import blobs
from llmanac.store.digests import NounDigest, digests
from llmanac.store.rows import StoredSnapshot
from llmanac.store.schema import change, fetch, lease, metadata, raw_page, series, snapshot
from llmanac.store.store import Store


def row_counts(store: Store) -> dict[str, int]:
    """How many rows each table has."""
    with store._database.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def noun_digests(store: Store) -> dict[str, NounDigest]:
    """What it holds, by noun: equal for equal content."""
    with store._database.read() as connection:
        return {found.noun: found for found in digests(connection)}


def list_at(store: Store, series_id: int, at: datetime | Serial) -> StoredSnapshot | None:
    """The list of an instant or a Serial, whole."""
    found = store.past_list(series_id, at)
    return None if found is None else store.snapshot_of(found.id)


def lease_end(store: Store) -> datetime:
    """When the lease to sync that somebody holds is over."""
    with store._database.read() as connection:
        end: datetime = connection.execute(select(lease.c.expires_at)).scalar_one()
        return end


def raw_bodies(store: Store) -> list[bytes]:
    """The answers of upstream that are kept, fetch after fetch, pages in their order."""
    with store._database.read() as connection:
        pages = select(raw_page.c.blob_id).join(fetch, fetch.c.id == raw_page.c.fetch_id)
        ids = list(connection.scalars(pages.order_by(fetch.c.taken_at, raw_page.c.position)))
        bodies = blobs.read_many(connection, ids)
        return [bodies[blob_id] for blob_id in ids]


def empty(store: Store) -> None:
    """Leave nothing but the tables."""
    with store._database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))


def forget_comparisons(store: Store, serials: Iterable[int]) -> None:
    """As a migration leaves snapshots: yet to be compared."""
    with store._database.write() as connection:
        blank = select(snapshot.c.id).where(snapshot.c.serial.in_([*serials])).scalar_subquery()
        connection.execute(delete(change).where(change.c.snapshot_id.in_(blank)))
        connection.execute(update(snapshot).where(snapshot.c.id.in_(blank)).values(comparison=None, compared_id=None))
        connection.execute(update(series).values(flap_seconds=None))
