"""Statements on snapshots and fetches: reading lists as they were."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import zstandard
from sqlalchemy import BindParameter, ColumnElement, Connection, Row, Select, bindparam, func, insert, or_, select

from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.ids import Serial
from llmanac.catalogue.record import join_volatile
from llmanac.catalogue.snapshot import ListScope, Part, RawPage, Reject
from llmanac.store import blobs
from llmanac.store.rows import StoredFetch, StoredSnapshot
from llmanac.store.schema import blob, fetch, raw_page, reject, snapshot
from llmanac.store.versions import read_order, read_volatile, select_versions

_ZSTD_LEVEL = 9
_BROAD = tuple(scope for scope in ListScope if scope.breadth)


def compress(body: bytes) -> bytes:
    """As quarantined bytes are stored."""
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(body)


def decompress(stored: bytes) -> bytes:
    """The inverse of `compress`."""
    return zstandard.ZstdDecompressor().decompress(stored)


def page_rows(pages: Sequence[RawPage]) -> list[dict[str, object]]:
    """Pages as rows, compressed, numbered in their order."""
    return [
        {"part": page.part, "position": position, "url": page.url, "body": compress(page.body)}
        for position, page in enumerate(pages)
    ]


def put_pages(connection: Connection, fetch_id: int, pages: Sequence[RawPage], like: Sequence[int]) -> None:
    """Keep the bytes of a fetch. `like`: the blobs of a neighbouring fetch's pages, in their order."""
    rows = [
        {
            "fetch_id": fetch_id,
            "part": page.part,
            "position": position,
            "url": page.url,
            "blob_id": blobs.put(connection, page.body, like=like[position] if position < len(like) else None),
        }
        for position, page in enumerate(pages)
    ]
    if rows:
        connection.execute(insert(raw_page), rows)


def copy_pages(connection: Connection, fetch_id: int, from_fetch: int) -> None:
    """Upstream said "not modified": the bytes are those of the fetch before."""
    columns = (raw_page.c.part, raw_page.c.position, raw_page.c.url, raw_page.c.blob_id)
    rows = connection.execute(select(*columns).where(raw_page.c.fetch_id == from_fetch)).mappings().all()
    if rows:
        connection.execute(insert(raw_page), [{"fetch_id": fetch_id, **row} for row in rows])


def page_blobs(connection: Connection, fetch_id: int) -> list[int]:
    """The blobs of a fetch's pages, in their order."""
    wanted = select(raw_page.c.blob_id).where(raw_page.c.fetch_id == fetch_id).order_by(raw_page.c.position)
    return list(connection.scalars(wanted))


def page_digests(connection: Connection, series_id: int, taken_at: datetime) -> list[bytes]:
    """The digests of the pages of the fetch of an instant; none when there is no such fetch."""
    wanted = (
        select(blob.c.digest)
        .join(raw_page, raw_page.c.blob_id == blob.c.id)
        .join(fetch, fetch.c.id == raw_page.c.fetch_id)
        .where(fetch.c.series_id == series_id, fetch.c.taken_at == taken_at)
        .order_by(raw_page.c.position)
    )
    return list(map(bytes, connection.scalars(wanted)))


def snapshot_of_id(connection: Connection, snapshot_id: int) -> StoredSnapshot | None:
    """The list of a snapshot."""
    row = connection.execute(
        select(snapshot, fetch.c.origin)
        .join(fetch, fetch.c.snapshot_id == snapshot.c.id)
        .where(snapshot.c.id == snapshot_id)
        .order_by(fetch.c.taken_at.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return StoredSnapshot(
        id=row.id,
        serial=Serial(row.serial),
        scope=ListScope(row.scope),
        origin=Origin(row.origin),
        taken_at=row.taken_at,
        digest=row.digest,
        warning=row.warning,
        records=_records(connection, row),
        rejects=rejects_of(connection, row.id),
    )


def list_at(instant: str) -> Select[int, datetime]:
    """`id` of the snapshot that was the list at an instant, and `seen_at` of the fetch it is known by; no row before.

    A fetch at that very instant answers whatever its scope; else the newest one that was no narrower than others.

    Args:
        instant: The name of its parameter; the other one is `series_id`.
    """
    at: BindParameter[datetime] = bindparam(instant)
    return _newest(or_(fetch.c.taken_at == at, _is_loud()), fetch.c.taken_at <= at)


def newest_loud(connection: Connection, series_id: int) -> tuple[int, datetime] | None:
    """The list to serve, and when it was last seen."""
    row = connection.execute(_newest(_is_loud()), {"series_id": series_id}).one_or_none()
    return None if row is None else (row.id, row.seen_at)


def _newest(*wanted: ColumnElement[bool]) -> Select[int, datetime]:
    return (
        select(snapshot.c.id, fetch.c.taken_at.label("seen_at"))
        .join(fetch, fetch.c.snapshot_id == snapshot.c.id)
        .where(fetch.c.series_id == bindparam("series_id"), *wanted)
        .order_by(fetch.c.taken_at.desc())
        .limit(1)
    )


def _is_loud() -> ColumnElement[bool]:
    """Whether no broader list was known at a fetch. Its snapshot cannot tell: that may have begun when none was."""
    broad = fetch.alias("broad")
    since = (
        select(func.min(broad.c.taken_at))
        .where(broad.c.series_id == bindparam("series_id"), broad.c.scope.in_(_BROAD))
        .scalar_subquery()
    )
    return or_(fetch.c.scope.in_(_BROAD), since.is_(None), fetch.c.taken_at < since)


def _records(connection: Connection, row: Row[tuple[object, ...]]) -> tuple[bytes, ...]:
    order = read_order(connection, row.versions_id)
    versions = select_versions(connection, order)
    volatile = read_volatile(connection, row.volatile_id)
    return tuple(join_volatile(kept.record, volatile.get(kept.model, {})) for kept in map(versions.__getitem__, order))


def stable_records(connection: Connection, snapshot_id: int) -> tuple[bytes, ...]:
    """The records of a list without volatile values, in its order."""
    blob_id = connection.execute(select(snapshot.c.versions_id).where(snapshot.c.id == snapshot_id)).scalar_one()
    order = read_order(connection, blob_id)
    versions = select_versions(connection, order)
    return tuple(versions[version].record for version in order)


def rejects_of(connection: Connection, snapshot_id: int) -> tuple[Reject, ...]:
    """The rows of a list that are no models."""
    found = connection.execute(
        select(reject.c.position, reject.c.path, reject.c.reason, reject.c.raw)
        .where(reject.c.snapshot_id == snapshot_id)
        .order_by(reject.c.position)
    )
    return tuple(Reject(row.position, row.path, row.reason, bytes(row.raw)) for row in found)


def fetches(connection: Connection, series_id: int) -> Iterator[StoredFetch]:
    """Every fetch of a series with its bytes, oldest first, one at a time."""
    rows = connection.execute(
        select(fetch, snapshot.c.serial, snapshot.c.warning)
        .join(snapshot, snapshot.c.id == fetch.c.snapshot_id)
        .where(fetch.c.series_id == series_id)
        .order_by(fetch.c.taken_at)
    ).all()
    for row in rows:
        yield StoredFetch(
            taken_at=row.taken_at,
            scope=ListScope(row.scope),
            origin=Origin(row.origin),
            snapshot_id=row.snapshot_id,
            serial=Serial(row.serial),
            warning=row.warning,
            pages=pages_of(connection, row.id),
        )


def pages_of(connection: Connection, fetch_id: int) -> tuple[RawPage, ...]:
    """What upstream sent in a fetch; none once it was thinned."""
    rows = connection.execute(
        select(raw_page).where(raw_page.c.fetch_id == fetch_id).order_by(raw_page.c.position)
    ).all()
    bodies = blobs.read_many(connection, [row.blob_id for row in rows])
    return tuple(RawPage(Part(row.part), row.url, bodies[row.blob_id]) for row in rows)


def fetched_from(
    connection: Connection, series_id: int, scope: ListScope, instant: datetime, limit: int
) -> tuple[datetime, ...]:
    """The first fetches of a scope from an instant on."""
    wanted = (fetch.c.series_id == series_id, fetch.c.scope == scope, fetch.c.taken_at >= instant)
    rows = connection.scalars(select(fetch.c.taken_at).where(*wanted).order_by(fetch.c.taken_at).limit(limit))
    return tuple(rows)


def taken_at(connection: Connection, series_id: int, serial: Serial) -> datetime | None:
    """When the list of a Serial was first had."""
    wanted = (snapshot.c.series_id == series_id, snapshot.c.serial == serial)
    return connection.scalar(select(snapshot.c.taken_at).where(*wanted))


def first_uncompared(connection: Connection, series_id: int) -> datetime | None:
    """When the first snapshot was taken that is yet to be compared."""
    wanted = (snapshot.c.series_id == series_id, snapshot.c.comparison.is_(None))
    first: datetime | None = connection.scalar(select(func.min(snapshot.c.taken_at)).where(*wanted))
    return first
