"""A list → its place in the series: whatever the order of arrival, the store is as if all had come in time.

What is kept of a series is a function of its fetches alone (instant, scope, bytes). A fetch whose list equals its
neighbour's joins that neighbour's snapshot; any other makes a snapshot of its own. Then those snapshots are compared
anew whose neighbour is another one now, and the changes of the models concerned are labelled anew.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.change import Cause, Change
from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.record import normal_form
from llmanac.catalogue.snapshot import Comparison, ListScope, RawPage, Snapshot, make_snapshot
from llmanac.errors import Conflict
from llmanac.history.diff import diff
from llmanac.history.label import Entry, relabel
from llmanac.history.percent import price_percent
from llmanac.store.changes import TimelineRow
from llmanac.store.loom import Loom
from llmanac.store.places import Outline, Place
from llmanac.store.rows import ChangeRow
from llmanac.store.store import Store
from llmanac.upstream.decode import decode, decode_rows

_ANY_INSTANT = datetime.min.replace(tzinfo=UTC)
_MODELS_AT_ONCE = 50
"""Timelines in memory at one time."""
_SNAPSHOTS_AT_ONCE = 20
"""Compared in one transaction when many have to be."""
_MOST_HUNDREDTHS = (1 << 63) - 1
"""A database's integers end there; from 1e-30 to 1e30 a price grows by more."""


class Arrival(msgspec.Struct, frozen=True):
    """A list that was admitted, or read from a file. `pages` None: upstream said "not modified"."""

    taken: Snapshot
    scope: ListScope
    origin: Origin
    pages: tuple[RawPage, ...] | None
    warning: str | None = None


class Woven(msgspec.Struct, frozen=True):
    """What came of it. `new`: the series has a snapshot more. `changes`: of that snapshot, by its comparison alone."""

    snapshot_id: int
    new: bool
    changes: int
    spellings: Mapping[ModelId, bytes]
    """Stable records that are kept, and served, in another spelling than sent."""


def weave(loom: Loom, arrival: Arrival, *, flap: timedelta, known: Mapping[int, Snapshot]) -> Woven:
    """Put a list in its place. The same list at the same instant again changes nothing.

    Args:
        flap: How long a model or a price may be away and still count as never gone.
        known: Snapshots in memory, by their id in the store, which spares reading them.

    Raises:
        Conflict: Another list is known of the very instant (`OTHER_LIST_KNOWN`).
    """
    taken, at = arrival.taken, arrival.taken.taken_at
    there = loom.places.at(at)
    if there is not None:
        return _known_already(there, arrival)
    before, after = loom.places.before(arrival.scope, at), loom.places.after(arrival.scope, at)
    if before is not None and before.digest == taken.digest:
        _add_fetch(loom, before.snapshot_id, arrival, like=before)
        return Woven(before.snapshot_id, new=False, changes=0, spellings={})
    models: frozenset[ModelId] = frozenset()
    spellings: Mapping[ModelId, bytes] = {}
    joins = after is not None and after.digest == taken.digest
    if joins:
        assert after is not None
        made = after.snapshot_id
        models = loom.start_earlier(after, taken)
    else:
        if before is not None and after is not None and before.snapshot_id == after.snapshot_id:
            loom.split(after, _sent_at(loom, after))
        made, spellings = loom.add_snapshot(taken, arrival.scope, like=before or after, warning=arrival.warning)
    _add_fetch(loom, made, arrival, like=before or after)
    found = compare(loom, at, flap=flap, known={**known, made: taken}, models=models)
    return Woven(made, new=not joins, changes=found.get(made, 0), spellings=spellings)


def _known_already(there: Place, arrival: Arrival) -> Woven:
    if there.digest != arrival.taken.digest or there.scope != arrival.scope:
        raise Conflict(
            f"Another list is known of {there.taken_at.isoformat()}: that one has digest {there.digest[:12]} and scope "
            f"{there.scope.value}, this one {arrival.taken.digest[:12]} and {arrival.scope.value}",
            code="OTHER_LIST_KNOWN",
            hint="One series has one list at one instant. Say another instant with --taken-at.",
        )
    return Woven(there.snapshot_id, new=False, changes=0, spellings={})


def _sent_at(loom: Loom, place: Place) -> Snapshot | None:
    """The list in the spelling of one of its fetches, whose bytes may be gone by now."""
    pages = loom.pages(place)
    sent = decode(pages, source="", taken_at=place.taken_at) if pages else None
    return sent if isinstance(sent, Snapshot) and sent.digest == place.digest else None


def _add_fetch(loom: Loom, snapshot_id: int, arrival: Arrival, *, like: Place | None) -> None:
    at = arrival.taken.taken_at
    loom.add_fetch(snapshot_id, at, arrival.scope, arrival.origin, arrival.pages, like=like)


def compare(
    loom: Loom,
    since: datetime,
    *,
    flap: timedelta,
    known: Mapping[int, Snapshot],
    models: Iterable[ModelId] = (),
    at_most: int | None = None,
) -> dict[int, int]:
    """Compare anew every snapshot from an instant on that is to be compared with another one than it was.

    Gives how many changes each of them has.

    Args:
        models: Labelled anew in any case.
        at_most: Stop after so many snapshots.
    """
    contents = dict(known)
    touched = set(models)
    counts: dict[int, int] = {}
    for outline, comparison, compared_id in comparisons(loom.places.outlines(since), since):
        if (outline.comparison, outline.compared_id) == (comparison, compared_id):
            continue
        if len(counts) == at_most:
            break
        loom.set_comparison(outline.id, comparison, compared_id)
        changes: Sequence[Change] = ()
        if comparison is not Comparison.SILENT:
            earlier = None if compared_id is None else _content(loom, compared_id, contents)
            changes = diff(earlier, _content(loom, outline.id, contents), comparison=comparison)
        touched |= loom.replace_changes(outline, [_row(change, change.cause) for change in changes])
        touched |= {change.model for change in changes}
        counts[outline.id] = len(changes)
    label(loom, touched, flap)
    return counts


def catch_up(store: Store, series_id: int, flap: timedelta) -> None:
    """Do what a change of schema or of LLMANAC_FLAP_DAYS left to be done; mostly nothing, for two small reads.

    In small transactions, so that nobody waits long; who comes second finds it done. O(snapshots), O(changes).
    """
    while (since := store.first_uncompared(series_id)) is not None:
        with store.reweaving(series_id) as loom:
            compare(loom, since, flap=flap, known={}, at_most=_SNAPSHOTS_AT_ONCE)
    if store.labelled_by(series_id) == flap:
        return
    models = store.changed_models(series_id)
    for begin in range(0, len(models), _MODELS_AT_ONCE):
        with store.reweaving(series_id) as loom:
            label(loom, models[begin : begin + _MODELS_AT_ONCE], flap)
    with store.reweaving(series_id) as loom:
        loom.note_labelled_by(flap)


def comparisons(outlines: Iterable[Outline], since: datetime) -> Iterable[tuple[Outline, Comparison, int | None]]:
    """What each snapshot from an instant on is to be compared with, given the newest of each scope before it."""
    newest: dict[ListScope, Outline] = {}
    for outline in outlines:
        if outline.taken_at >= since:
            yield (outline, *_compared_with(outline, newest))
        newest[outline.scope] = outline


def _compared_with(outline: Outline, newest: Mapping[ListScope, Outline]) -> tuple[Comparison, int | None]:
    if not newest:
        return Comparison.FIRST, None
    broadest = max(scope.breadth for scope in newest)
    if outline.scope.breadth < broadest:
        return Comparison.SILENT, None
    own = newest.get(outline.scope)
    if own is not None:
        return Comparison.SAME, own.id
    latest = max(newest.values(), key=lambda found: found.taken_at)
    return Comparison.SEAM, latest.id


def _content(loom: Loom, snapshot_id: int, contents: dict[int, Snapshot]) -> Snapshot:
    if snapshot_id not in contents:
        models, _ = decode_rows(loom.stable_records(snapshot_id))
        # Only for comparing, where neither the source nor the instant is looked at.
        contents[snapshot_id] = make_snapshot("", _ANY_INSTANT, models)
    return contents[snapshot_id]


def label(loom: Loom, models: Iterable[ModelId], flap: timedelta) -> None:
    """Label every change of these models anew; O(their changes)."""
    ordered = sorted(models)
    for begin in range(0, len(ordered), _MODELS_AT_ONCE):
        timelines = loom.timelines(ordered[begin : begin + _MODELS_AT_ONCE]).values()
        loom.write_timelines(
            itertools.chain.from_iterable(timelines),
            itertools.chain.from_iterable(_labelled(rows, flap) for rows in timelines),
        )


def _labelled(rows: Sequence[TimelineRow], flap: timedelta) -> Iterator[TimelineRow]:
    """The timeline of one model as it must be."""
    snapshot_of = {row.seen_at: row.snapshot_id for row in rows}
    known = {(row.seen_at, row.row.change.field): row.row for row in rows}
    for entry in relabel([Entry(row.seen_at, row.row.change, row.row.label) for row in rows], flap):
        row = _relabelled(known.get((entry.seen_at, entry.change.field)), entry)
        yield TimelineRow(snapshot_of[entry.seen_at], entry.seen_at, row)


def _relabelled(known: ChangeRow | None, entry: Entry) -> ChangeRow:
    if known is None or known.change != entry.change:
        return _row(entry.change, entry.label)
    return known if known.label is entry.label else msgspec.structs.replace(known, label=entry.label)


def _row(change: Change, cause: Cause) -> ChangeRow:
    """A change as it is kept: in normal form, since of equal records the spelling depends on which was there first."""
    percent = price_percent(change.before, change.after) if change.field.startswith("pricing.") else None
    kept = msgspec.structs.replace(change, before=_normal(change.before), after=_normal(change.after))
    return ChangeRow(kept, cause, None if percent is None else min(int(abs(percent) * 100), _MOST_HUNDREDTHS))


def _normal(text: str | None) -> str | None:
    return None if text is None else normal_form(text.encode()).decode()
