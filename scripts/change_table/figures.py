"""A filled store → what is counted."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from itertools import groupby

import msgspec

from llmanac.answers.removal_certainties import key_of, removal_certainties
from llmanac.catalogue.change import Cause, Change, ChangeKind
from llmanac.catalogue.expiry import expires_on
from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.snapshot import ListScope, Snapshot
from llmanac.history.certainty import RemovalCertainty
from llmanac.history.diff import SHAPE_MODELS
from llmanac.history.fields import flat, member_path
from llmanac.store.rows import ChangeKey, SeenChange, StoredFetch
from llmanac.upstream.decode import decode
from scripts.change_table.filled import Filled
from scripts.change_table.pairs import Pair, Part, pairs, raw_differences
from scripts.change_table.rules import Fields, Rule, fitting

Flats = Mapping[ModelId, Fields]


class Seen(msgspec.Struct, frozen=True):
    """A stored change, the two lists between which it happened, and the rules that make it a representation."""

    part: Part
    before_at: datetime | None
    after_at: datetime
    change: Change
    label: Cause
    rules: frozenset[Rule]
    """None of a change beside a return."""
    beside_return: bool
    """A field's difference to the last record that was known: not between these two lists."""


class Fate(StrEnum):
    """What became of a removal."""

    ON_ITS_DAY = "confirmed on the announced day"
    THIRD = "confirmed by the third absence"
    CAME_BACK = "confirmed by the third absence, came back later"
    TAKEN_BACK = "suspected, came back first"
    OPEN = "suspected when the lists end"


class Left(msgspec.Struct, frozen=True):
    """A removal."""

    part: Part
    announced: bool
    """Whether its last record named a day."""
    fate: Fate


class Figures(msgspec.Struct, frozen=True):
    """All that is counted of one series."""

    fetches: int
    lists: Mapping[Part, int]
    raw: Mapping[Part, Mapping[str, int]]
    """JSON values that differ, by member; `+` and `-` are models."""
    seen: tuple[Seen, ...]
    """By time, model and field."""
    left: tuple[Left, ...]


def figures(of: Filled) -> Figures:
    """Everything; one list after the other in memory."""
    changes = of.changes()
    by_list = {at: tuple(group) for at, group in groupby(changes, key=lambda each: each.seen_at)}
    lists: Counter[Part] = Counter()
    raw: dict[Part, Counter[str]] = {part: Counter() for part in Part}
    seen: list[Seen] = []
    newest: dict[ListScope, Flats] = {}
    for pair in pairs(of.fetches()):
        after = _flats(pair.after)
        before = {} if pair.before is None else newest[pair.before.scope]
        seen += _seen(pair, by_list.get(pair.after.taken_at, ()), before, after)
        raw[pair.part] += raw_differences(pair)
        lists[pair.part] += 1
        newest[pair.after.scope] = after
    assert len(seen) == len(changes), "every change is of a list that was compared"
    sure = removal_certainties(of.store, of.series_id, changes)
    return Figures(
        fetches=sum(1 for _ in of.fetches()),
        lists=lists,
        raw=raw,
        seen=tuple(seen),
        left=tuple(_left(seen, changes, sure)),
    )


def _seen(pair: Pair, changes: Collection[SeenChange], before: Flats, after: Flats) -> Iterator[Seen]:
    grown = _lacking(before, after) | _lacking(after, before)
    back = {each.change.model for each in changes if each.change.kind is ChangeKind.RETURNED}
    for each in changes:
        change = each.change
        rules: frozenset[Rule] = frozenset()
        beside = bool(change.field) and change.model in back
        if change.cause is Cause.REPRESENTATION and not beside:
            old, new = before[change.model], after[change.model]
            rules = fitting(change.model, change.field, old, new, grown)
            assert rules, f"no rule of this script fits {change}"
        before_at = None if pair.before is None else pair.before.taken_at
        yield Seen(pair.part, before_at, pair.after.taken_at, change, each.label, rules, beside)


def _left(
    seen: Collection[Seen], changes: Collection[SeenChange], sure: Mapping[ChangeKey, RemovalCertainty]
) -> Iterator[Left]:
    returns = [(each.change.model, each.seen_at) for each in changes if each.change.kind is ChangeKind.RETURNED]
    for one, each in zip(seen, changes, strict=True):
        if each.change.kind is ChangeKind.REMOVED:
            assert each.change.before is not None, "a removal keeps the record"
            day = expires_on(each.change.before.encode())
            came_back = any(model == each.change.model and at > each.seen_at for model, at in returns)
            at = sure[key_of(each)].confirmed_at
            if at is None:
                fate = Fate.TAKEN_BACK if came_back else Fate.OPEN
            elif day is not None and at.date() >= day:
                fate = Fate.ON_ITS_DAY
            else:
                fate = Fate.CAME_BACK if came_back else Fate.THIRD
            yield Left(one.part, day is not None, fate)


def _flats(fetch: StoredFetch) -> Flats:
    found = decode(fetch.pages, source="", taken_at=fetch.taken_at)
    assert isinstance(found, Snapshot), "what was imported is a list"
    return {model.id: flat(model.record) for model in found.models}


def _lacking(flats: Flats, others: Flats) -> frozenset[str]:
    """The members that no model of a list has, of those in the other; none when it is too short to tell."""
    return _members(others) - _members(flats) if len(flats) >= SHAPE_MODELS else frozenset()


def _members(flats: Flats) -> frozenset[str]:
    return frozenset(member_path(field) for fields in flats.values() for field in fields)
