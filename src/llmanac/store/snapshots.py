"""Statements on snapshots: everything of one Serial is written in one transaction, or nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
import zstandard
from sqlalchemy import Connection, func, insert, select, update

from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.change import Change
from llmanac.catalogue.ids import Serial
from llmanac.catalogue.model import Model
from llmanac.catalogue.snapshot import RawPage, Reject, Snapshot
from llmanac.store.rows import StoredSnapshot
from llmanac.store.schema import change, model_version, raw_page, reject, snapshot

_ZSTD_LEVEL = 9
_IDS_PER_STATEMENT = 500
"""SQLite builds older than 3.32 allow 999 variables in a statement."""


def compress(body: bytes) -> bytes:
    """As raw bytes are stored."""
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(body)


def decompress(stored: bytes) -> bytes:
    """The inverse of `compress`."""
    return zstandard.ZstdDecompressor().decompress(stored)


def insert_snapshot(
    connection: Connection,
    series_id: int,
    taken: Snapshot,
    changes: Sequence[Change],
    pages: Sequence[RawPage],
    *,
    origin: Origin,
    saved_at: datetime,
    warning: str | None,
) -> Serial:
    """Save everything of one list under the next Serial. The caller's transaction must exclude other writers."""
    serial = Serial((connection.scalar(select(func.max(snapshot.c.serial))) or 0) + 1)
    row = {
        "serial": serial,
        "series_id": series_id,
        "origin": origin,
        "taken_at": taken.taken_at,
        "saved_at": saved_at,
        "digest": taken.digest,
        "model_count": len(taken.models),
        "versions": b"",
        "warning": warning,
    }
    connection.execute(insert(snapshot), [row])
    versions = _write_versions(connection, series_id, serial, taken.models)
    ordered = compress(msgspec.json.encode([versions[model.id] for model in taken.models]))
    connection.execute(update(snapshot).where(snapshot.c.serial == serial).values(versions=ordered))
    _insert_pages(connection, serial, pages)
    _insert_changes(connection, serial, changes)
    _insert_rejects(connection, serial, taken.rejects)
    return serial


def _write_versions(connection: Connection, series_id: int, serial: Serial, models: Iterable[Model]) -> dict[str, int]:
    """End the versions that are over, begin those that are new; the version in force of every model."""
    table = model_version
    current = connection.execute(
        select(table.c.id, table.c.model, table.c.digest).where(
            table.c.series_id == series_id, table.c.until_serial.is_(None)
        )
    ).all()
    wanted = {model.id: model for model in models}
    kept = {row.model: row.id for row in current if (found := wanted.get(row.model)) and found.digest == row.digest}
    over = [row.id for row in current if row.model not in kept]
    for begin in range(0, len(over), _IDS_PER_STATEMENT):
        part = over[begin : begin + _IDS_PER_STATEMENT]
        connection.execute(update(table).where(table.c.id.in_(part)).values(until_serial=serial))
    first_id = (connection.scalar(select(func.max(table.c.id))) or 0) + 1
    fresh = [
        {
            "id": first_id + offset,
            "series_id": series_id,
            "model": model.id,
            "from_serial": serial,
            "digest": model.digest,
            "record": model.record,
        }
        for offset, model in enumerate(model for model in wanted.values() if model.id not in kept)
    ]
    if fresh:
        connection.execute(insert(table), fresh)
    return kept | {str(row["model"]): first_id + offset for offset, row in enumerate(fresh)}


def _insert_pages(connection: Connection, serial: Serial, pages: Sequence[RawPage]) -> None:
    if pages:
        connection.execute(insert(raw_page), [{"serial": serial, **row} for row in page_rows(pages)])


def page_rows(pages: Sequence[RawPage]) -> list[dict[str, object]]:
    """Pages as rows, compressed, numbered in their order."""
    return [
        {"part": page.part, "position": position, "url": page.url, "body": compress(page.body)}
        for position, page in enumerate(pages)
    ]


def _insert_changes(connection: Connection, serial: Serial, changes: Sequence[Change]) -> None:
    if changes:
        rows = [
            msgspec.structs.asdict(row)
            # A member's name may hold a NUL, which PostgreSQL keeps in no text; the record has it byte for byte.
            | {"serial": serial, "position": at, "field": row.field.replace("\0", "\ufffd")}
            for at, row in enumerate(changes)
        ]
        connection.execute(insert(change), rows)


def _insert_rejects(connection: Connection, serial: Serial, rejects: Sequence[Reject]) -> None:
    if rejects:
        connection.execute(insert(reject), [{"serial": serial, **msgspec.structs.asdict(row)} for row in rejects])


def select_snapshot(connection: Connection, serial: Serial) -> StoredSnapshot | None:
    """A snapshot with its records in upstream's order; None when there is no such Serial. O(models)."""
    row = connection.execute(select(snapshot).where(snapshot.c.serial == serial)).one_or_none()
    if row is None:
        return None
    order = msgspec.json.decode(decompress(row.versions), type=list[int])
    records = _select_records(connection, order)
    rejects = connection.execute(
        select(reject.c.position, reject.c.path, reject.c.reason, reject.c.raw)
        .where(reject.c.serial == serial)
        .order_by(reject.c.position)
    )
    return StoredSnapshot(
        serial=Serial(row.serial),
        origin=Origin(row.origin),
        taken_at=row.taken_at,
        digest=row.digest,
        warning=row.warning,
        records=tuple(records[version] for version in order),
        rejects=tuple(Reject(*found) for found in rejects),
    )


def _select_records(connection: Connection, versions: list[int]) -> dict[int, bytes]:
    table = model_version
    records: dict[int, bytes] = {}
    for begin in range(0, len(versions), _IDS_PER_STATEMENT):
        part = versions[begin : begin + _IDS_PER_STATEMENT]
        rows = connection.execute(select(table.c.id, table.c.record).where(table.c.id.in_(part)))
        records |= {row.id: bytes(row.record) for row in rows}
    return records
