"""Statements on lists that were not admitted."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from llmanac.catalogue.snapshot import Part, RawPage
from llmanac.store.rows import QuarantinedPages, QuarantineEntry
from llmanac.store.schema import quarantine, quarantine_page
from llmanac.store.snapshots import decompress, page_rows

_ENTRY = tuple(quarantine.c[name] for name in QuarantineEntry.__struct_fields__)


class Objection(msgspec.Struct, frozen=True, kw_only=True):
    """What the guard has against a list. `admissible`: an administrator may still admit it."""

    reason: str
    detail: str
    admissible: bool
    digest: str
    model_count: int


class QuarantineBounds(msgspec.Struct, frozen=True):
    """How much is kept for each series; the oldest go first."""

    max_entries: int
    max_bytes: int
    """Compressed."""


def put(
    connection: Connection,
    series_id: int,
    objection: Objection,
    pages: Sequence[RawPage],
    *,
    seen_at: datetime,
    repeats: int | None,
    bounds: QuarantineBounds,
) -> int:
    """Keep a list aside and return its id.

    Args:
        repeats: The entry that upstream has now sent again (its bytes give way to the newest), or None for a new one.
    """
    rows = page_rows(pages)
    values = {
        **msgspec.structs.asdict(objection),
        "last_seen_at": seen_at,
        "stored_bytes": sum(len(row["body"]) for row in rows if isinstance(row["body"], bytes)),
    }
    if repeats is not None and _replace(connection, repeats, values):
        entry_id = repeats
    else:
        end_repeats(connection, series_id)
        values |= {"series_id": series_id, "first_seen_at": seen_at, "repeats": 1}
        entry_id = int(connection.execute(insert(quarantine).returning(quarantine.c.id), [values]).scalar_one())
    if rows:
        connection.execute(insert(quarantine_page), [{"quarantine_id": entry_id, **row} for row in rows])
    _prune(connection, series_id, bounds, newest=entry_id)
    return entry_id


def _replace(connection: Connection, entry_id: int, values: dict[str, object]) -> bool:
    """Whether the entry is still there (an administrator may have dropped it); its pages make room for the newest."""
    counted = {**values, "repeats": quarantine.c.repeats + 1}
    found = connection.execute(update(quarantine).where(quarantine.c.id == entry_id).values(counted)).rowcount
    connection.execute(delete(quarantine_page).where(quarantine_page.c.quarantine_id == entry_id))
    return found > 0


def end_repeats(connection: Connection, series_id: int) -> None:
    """Upstream said something else: what it repeated so far counts no more."""
    connection.execute(update(quarantine).where(quarantine.c.series_id == series_id).values(repeats=0))


def remove(connection: Connection, series_id: int, entry_id: int) -> bool:
    """Whether there was such an entry; its bytes go with it."""
    condition = (quarantine.c.series_id == series_id) & (quarantine.c.id == entry_id)
    return connection.execute(delete(quarantine).where(condition)).rowcount > 0


def entries(connection: Connection, series_id: int) -> tuple[QuarantineEntry, ...]:
    """Newest first."""
    rows = connection.execute(
        select(*_ENTRY).where(quarantine.c.series_id == series_id).order_by(quarantine.c.last_seen_at.desc())
    )
    return tuple(_entry(row) for row in rows)


def find(connection: Connection, series_id: int, entry_id: int) -> QuarantinedPages | None:
    """An entry with its bytes."""
    condition = (quarantine.c.series_id == series_id) & (quarantine.c.id == entry_id)
    row = connection.execute(select(*_ENTRY).where(condition)).one_or_none()
    if row is None:
        return None
    table = quarantine_page
    pages = connection.execute(
        select(table.c.part, table.c.url, table.c.body)
        .where(table.c.quarantine_id == entry_id)
        .order_by(table.c.position)
    )
    return QuarantinedPages(
        _entry(row), tuple(RawPage(Part(page.part), page.url, decompress(page.body)) for page in pages)
    )


def repeating(connection: Connection, series_id: int) -> QuarantinedPages | None:
    """What upstream said last, if that was quarantined and is still there."""
    newest = connection.scalar(
        select(quarantine.c.id)
        .where(quarantine.c.series_id == series_id, quarantine.c.repeats > 0)
        .order_by(quarantine.c.last_seen_at.desc())
        .limit(1)
    )
    return None if newest is None else find(connection, series_id, newest)


def _entry(row: Row[tuple[object, ...]]) -> QuarantineEntry:
    values = {str(name): value for name, value in row._mapping.items()}  # noqa: SLF001  its documented name
    return msgspec.convert(values, QuarantineEntry)


def _prune(connection: Connection, series_id: int, bounds: QuarantineBounds, *, newest: int) -> None:
    rows = connection.execute(
        select(quarantine.c.id, quarantine.c.stored_bytes)
        .where(quarantine.c.series_id == series_id)
        .order_by((quarantine.c.id == newest).desc(), quarantine.c.last_seen_at.desc(), quarantine.c.id.desc())
    ).all()
    room = bounds.max_bytes
    for position, row in enumerate(rows):
        room -= row.stored_bytes
        # The newest is always kept: it is what an administrator has to look at.
        if position and (position >= bounds.max_entries or room < 0):
            connection.execute(delete(quarantine).where(quarantine.c.id == row.id))
