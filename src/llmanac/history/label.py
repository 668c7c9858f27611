"""The Changes of one model → the causes in force: what came back soon had never really left.

A row's facts never change; what is said of it may, when a later row or one woven in before it tells more. So the labels
are always made anew from all rows of the model, and those they had before count for nothing.

* A removal and the return after it are both a flap when no more than `flap` lies between them, and both are real by
  themselves. A seam is no flap: when a broader list lacked the model or brought it back, nobody knows whether it was
  ever gone, so the one keeps `scope` and the other what it is by itself.
* A price that returns to one it had, no more than `flap` after it had last left it, makes a flap of every change from
  that leaving to the return; runs that share a change are one. If such a run ends at another price than it began with,
  its last change keeps its own cause, for that price lasts. Values before a removal count like any others. The same
  holds for the other values that swing with upstream's choice of the cheapest provider (`SWINGING_KINDS`).
* Only real changes leave and return: a window in force or another spelling does neither. A seam's difference begins
  the sequence anew, for what was asked before it was another question.
* A model that comes again has `returned`, and beside it its differences to the last record known. Those are `scope`
  when the removal or the return is. Members that the last record lacked are `representation`: what all models were
  given meanwhile cannot be told from what this one was.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from llmanac.catalogue.change import WHOLE_MODEL, Cause, Change, ChangeKind
from llmanac.catalogue.money import price_key, price_of_json
from llmanac.catalogue.record import normal_form
from llmanac.history.diff import differences
from llmanac.history.fields import flat, member_path, override

SWINGING_KINDS = frozenset({ChangeKind.PRICE, ChangeKind.CONTEXT, ChangeKind.OUTPUT_LIMIT, ChangeKind.MODERATION})
"""Kinds of one value that are a flap when it is back soon.

They follow upstream's choice of provider. Of the real changes between the daily lists of June to August 2026, 301 of
744 prices, 135 of 228 output limits, 108 of 224 contexts and 56 of 84 moderations were back within ten days.
"""

_NOT_STATED = frozenset({None, b"null", b'""'})

_Value: TypeAlias = Decimal | bytes | None


class Entry(msgspec.Struct, frozen=True):
    """A Change with the fetch that showed it first. `change.cause` is its own cause, `label` the one in force."""

    seen_at: datetime
    change: Change
    label: Cause


def relabel(entries: Sequence[Entry], flap: timedelta) -> tuple[Entry, ...]:
    """What the entries of one model must be; near linear in their number, in the order of (seen_at, field).

    Kinds of whole-model entries and what stands beside a return are made anew too, so entries may have been put in or
    taken out anywhere. `relabel` of its own result is that result.

    Args:
        entries: All of one model and one series, in that order. `label` is not read.
        flap: The longest absence that proves nothing; the end is still within.
    """
    rows = [*_woven(entries)]
    labels = [row.change.cause for row in rows]
    for row in (*_brief_absences(rows, flap), *_returned_values(rows, flap)):
        labels[row] = Cause.FLAP
    return tuple(Entry(row.seen_at, row.change, label) for row, label in zip(rows, labels, strict=True))


def _woven(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The entries with the kinds that follow from those before, and differences beside each return and no addition."""
    gone: Change | None = None
    for seen_at, group in groupby(entries, key=lambda entry: entry.seen_at):
        here = [entry.change for entry in group]
        whole = next((change for change in here if change.kind in WHOLE_MODEL), None)
        if whole is None or whole.after is None:
            gone = whole or gone
        elif gone is None:
            here = [replace(whole, kind=ChangeKind.ADDED)]
        else:
            here = [replace(whole, kind=ChangeKind.RETURNED), *_away_changes(gone, whole)]
        for change in here:
            yield Entry(seen_at, change, change.cause)


def _away_changes(gone: Change, back: Change) -> Iterator[Change]:
    """What a model differs in from the last record before it was away."""
    assert gone.before is not None, "a removal keeps the record"
    assert back.after is not None, "a return brings one"
    old, new = gone.before.encode(), back.after.encode()
    grown = _member_paths(new) - _member_paths(old)
    for change in differences(old, new, model=back.model, grown=grown):
        yield replace(change, cause=Cause.SCOPE) if Cause.SCOPE in {gone.cause, back.cause} else change


def _member_paths(record: bytes) -> frozenset[str]:
    return frozenset(map(member_path, flat(record)))


def _brief_absences(rows: Sequence[Entry], flap: timedelta) -> Iterator[int]:
    """The rows of removals and returns that are a flap."""
    removed: int | None = None
    for row, entry in enumerate(rows):
        if entry.change.kind is ChangeKind.REMOVED:
            removed = row
        elif entry.change.kind is ChangeKind.RETURNED and removed is not None:
            gone = rows[removed]
            if entry.seen_at - gone.seen_at <= flap and {gone.change.cause, entry.change.cause} == {Cause.REAL}:
                yield from (removed, row)


def _returned_values(rows: Sequence[Entry], flap: timedelta) -> Iterator[int]:
    """The rows of changes of one value that are a flap."""
    fields: dict[str, list[int]] = {}
    for row, entry in enumerate(rows):
        if entry.change.kind in SWINGING_KINDS:
            fields.setdefault(entry.change.field, []).append(row)
    for field, changed in fields.items():
        is_base = override(field) is None
        sequence: list[_Move] = []
        for row in changed:
            seen_at, change = rows[row].seen_at, rows[row].change
            if change.cause is Cause.SCOPE:
                yield from _flapping(sequence, flap)
                sequence = []
            elif change.cause is Cause.REAL:
                left, reached = (_value(side, is_base=is_base) for side in (change.before, change.after))
                sequence.append(_Move(row, seen_at, left, reached))
        yield from _flapping(sequence, flap)


class _Move(msgspec.Struct, frozen=True):
    """A real change of one price."""

    row: int
    seen_at: datetime
    left: _Value
    reached: _Value


def _flapping(moves: Sequence[_Move], flap: timedelta) -> Iterator[int]:
    """The rows of those moves that are a flap."""
    left_at: dict[_Value, int] = {}
    runs: list[tuple[int, int]] = []
    for place, move in enumerate(moves):
        left_at[move.left] = place
        first = left_at.get(move.reached)
        if first is None or move.seen_at - moves[first].seen_at > flap:
            continue
        while runs and runs[-1][1] >= first:
            first = min(first, runs.pop()[0])
        runs.append((first, place))
    for first, last in runs:
        lasts = moves[first].left != moves[last].reached
        yield from (move.row for move in moves[first : last if lasts else last + 1])


def _value(text: str | None, *, is_base: bool) -> _Value:
    """Equal for the same price.

    A base price that is not stated counts as zero; under conditions its absence means that the base price counts.
    """
    stated = None if text is None else normal_form(text.encode())
    if stated in _NOT_STATED:
        return Decimal(0) if is_base else None
    price = None if stated is None else price_of_json(stated)
    return stated if price is None else price_key(price)
