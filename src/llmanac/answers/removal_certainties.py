"""How sure the removals of a page are, by what the store knows now."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import takewhile

from llmanac.catalogue.change import ChangeKind
from llmanac.catalogue.expiry import expires_on
from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.snapshot import ListScope
from llmanac.history.certainty import CONFIRMING_ABSENCES, RemovalCertainty, removal_certainty
from llmanac.store.rows import ChangeKey, ChangeQuery, SeenChange
from llmanac.store.store import Store

_AT_ONCE = 300
"""Fetches read by one query: nearly two weeks of hours."""
EVERY = 1_000_000
"""Rows: more than a model can have."""


def key_of(seen: SeenChange) -> ChangeKey:
    """What names the change."""
    return ChangeKey(seen.seen_at, seen.change.model, seen.change.field)


def removal_certainties(
    store: Store, series_id: int, seen: Iterable[SeenChange], returns: Iterable[SeenChange] | None = None
) -> Mapping[ChangeKey, RemovalCertainty]:
    """Of each removal among these changes. One query for fetches where removals lie close, and one for all returns.

    Args:
        returns: Every return of these models, in time order, where they are known already.
    """
    removals = [each for each in seen if each.change.kind is ChangeKind.REMOVED]
    if not removals:
        return {}
    absences = _absences(store, series_id, {(each.scope, each.seen_at) for each in removals})
    if returns is None:
        returns = store.changes(series_id, _returns_within(removals, absences.values()))
    back: dict[ModelId, list[datetime]] = {}
    for each in returns:
        back.setdefault(each.change.model, []).append(each.seen_at)
    return {key_of(each): _certainty(each, absences[each.scope, each.seen_at], back) for each in removals}


def _absences(
    store: Store, series_id: int, lists: Iterable[tuple[ListScope, datetime]]
) -> Mapping[tuple[ListScope, datetime], Sequence[datetime]]:
    """The fetches that can confirm what each of these lists removed; never more queries than lists."""
    found: dict[tuple[ListScope, datetime], Sequence[datetime]] = {}
    read: Sequence[datetime] = ()
    read_of: ListScope | None = None
    for scope, seen_at in sorted(lists):
        place = bisect_left(read, seen_at)
        if scope is not read_of or (len(read) - place < CONFIRMING_ABSENCES and len(read) == _AT_ONCE):
            read, read_of, place = store.fetched_from(series_id, scope, seen_at, _AT_ONCE), scope, 0
        found[scope, seen_at] = read[place : place + CONFIRMING_ABSENCES]
    return found


def _returns_within(removals: Sequence[SeenChange], absences: Iterable[Sequence[datetime]]) -> ChangeQuery:
    """Those that may have ended an absence before it was confirmed; a later one tells nothing."""
    return ChangeQuery(
        models=tuple({each.change.model for each in removals}),
        kinds=(ChangeKind.RETURNED,),
        since_at=min(each.seen_at for each in removals),
        until_at=max((instant for absence in absences for instant in absence), default=None),
        oldest_first=True,
        limit=EVERY,
    )


def _certainty(
    removal: SeenChange, fetched: Sequence[datetime], back: Mapping[ModelId, Sequence[datetime]]
) -> RemovalCertainty:
    returns = back.get(removal.change.model, ())
    place = bisect_right(returns, removal.seen_at)
    returned_at = returns[place] if place < len(returns) else None
    absent = takewhile(lambda instant: returned_at is None or instant < returned_at, fetched)
    assert removal.change.before is not None, "a removal keeps the record"
    return removal_certainty(removal.seen_at, expires_on=expires_on(removal.change.before.encode()), fetched_at=absent)
