"""Letting go of old raw bytes. Lists, versions and changes stay: they are kept apart from the bytes they came in."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, exists, select

from llmanac.store.schema import blob, fetch, metadata, raw_page

_IDS_PER_STATEMENT = 500
_base_of = blob.alias("written_against_it")
_NEEDED_BY = (
    _base_of.c.base_id,
    *(
        column
        for table in metadata.sorted_tables
        if table is not blob
        for column in table.columns
        if column.references(blob.c.id)
    ),
)
"""Whatever names a blob."""


def thin(connection: Connection, series_id: int, *, older_than: datetime) -> int:
    """Remove the raw pages of fetches before an instant, and the blobs that nothing needs then; how many pages went.

    A blob stays for as long as another is written against it. O(pages removed).
    Needs a transaction that excludes other writers.
    """
    old = raw_page.c.fetch_id.in_(
        select(fetch.c.id).where(fetch.c.series_id == series_id, fetch.c.taken_at < older_than)
    )
    freed = set(connection.scalars(select(raw_page.c.blob_id).where(old)))
    removed = connection.execute(delete(raw_page).where(old)).rowcount
    while freed:
        freed = _remove_unneeded(connection, sorted(freed))
    return removed


def _remove_unneeded(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Remove those of these blobs that nothing needs; the blobs that they were written against."""
    bases: set[int] = set()
    nothing_needs_it = [~exists().where(column == blob.c.id) for column in _NEEDED_BY]
    for begin in range(0, len(ids), _IDS_PER_STATEMENT):
        part = ids[begin : begin + _IDS_PER_STATEMENT]
        rows = connection.execute(select(blob.c.id, blob.c.base_id).where(blob.c.id.in_(part), *nothing_needs_it)).all()
        connection.execute(delete(blob).where(blob.c.id.in_([row.id for row in rows])))
        bases |= {row.base_id for row in rows if row.base_id is not None}
    return bases
