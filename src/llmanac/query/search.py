"""A question → the rows that answer it, in order."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from llmanac.query.bits import rows_of
from llmanac.query.filters import narrow
from llmanac.query.index import Index, Narrowed
from llmanac.query.page import Page
from llmanac.query.query import Query, read_query

__all__ = ["Query", "read_query", "search"]


def search(index: Index, query: Query, *, now: datetime) -> Page:
    """One page of the rows that every filter leaves.

    Args:
        now: What ages are counted up to; seconds are left out, so that answers of one minute are the same.
    """
    narrowed = narrow(index, query, now)
    end = None if query.limit is None else query.offset + query.limit
    if narrowed.rows == index.every and not narrowed.ranked and not query.sort:
        return Page(index.rows[query.offset : end], index.size, query.offset)
    picked = _picked(index, query, narrowed, end)
    return Page(tuple(index.rows[row] for row in picked), narrowed.rows.bit_count(), query.offset)


def _picked(index: Index, query: Query, narrowed: Narrowed, end: int | None) -> Sequence[int]:
    if query.sort:
        return index.orders.by(query.sort).part(narrowed.rows, query.offset, end)
    if not narrowed.ranked:
        return list(islice(rows_of(narrowed.rows, index.size), query.offset, end))
    picked: list[int] = []
    start = query.offset
    for bits in narrowed.ranked:
        among = bits & narrowed.rows
        count = among.bit_count()
        if start < count:
            left = None if end is None else end - query.offset - len(picked) + start
            picked += index.names.order.part(among, start, left)
        start = max(0, start - count)
        if end is not None and len(picked) == end - query.offset:
            break
    return picked
