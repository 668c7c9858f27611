"""Which changes are shown of each cause: such that a reader can look them up in the files at a glance."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from llmanac.catalogue.change import WHOLE_MODEL, Cause, ChangeKind
from scripts.change_table.figures import Seen
from scripts.change_table.rules import Rule

EXAMPLES = 5
"""Of each cause."""

VALUE_CHARACTERS = 60
"""A value that is shown needs no more; longer ones are not chosen."""


def examples(seen: Sequence[Seen], cause: Cause) -> tuple[Seen, ...]:
    """Of as many kinds, parts and days as there are, in time order; none has OpenRouter's own texts.

    Of flaps the leaving and the return, one after the other.
    """
    if cause is Cause.FLAP:
        return tuple(each for pair in _chosen([*_round_trips(seen)]) for each in pair)
    plain: list[tuple[Seen, ...]] = [(each,) for each in seen if each.label is cause and _is_plain(each)]
    return tuple(each for (each,) in _chosen(plain))


def example_of(seen: Sequence[Seen], rule: Rule) -> Seen | None:
    """The first that only this rule makes a representation and that can be shown; else the shortest one.

    None is of an object whose members came or went beside it: what it was before is not in the change.
    """
    parents = {(each.after_at, each.change.model, each.change.field.rpartition(".")[0]) for each in seen}
    alone = [each for each in seen if each.rules == {rule}]
    found = [each for each in alone if (each.after_at, each.change.model, each.change.field) not in parents]
    return next(filter(_is_plain, found), None) or min(found, key=_length, default=None)


def _is_plain(each: Seen) -> bool:
    """Whether the two values can stand in a table, and were in the two lists compared."""
    if each.change.kind in WHOLE_MODEL:
        return each.change.kind is not ChangeKind.RETURNED
    is_own_text = each.change.kind in {ChangeKind.DESCRIPTION, ChangeKind.RENAMED}
    return _length(each) <= VALUE_CHARACTERS and not is_own_text


def _length(each: Seen) -> int:
    return max(len(each.change.before or ""), len(each.change.after or ""))


def _round_trips(seen: Sequence[Seen]) -> Iterator[tuple[Seen, ...]]:
    """Flaps that went and came back in two steps."""
    last: dict[tuple[str, str], Seen] = {}
    for each in seen:
        place = (each.change.model, each.change.field)
        left = last.get(place)
        if left is not None and {left.label, each.label} == {Cause.FLAP} and _undoes(each, left):
            yield left, each
        last[place] = each


def _undoes(each: Seen, left: Seen) -> bool:
    if each.change.kind is ChangeKind.RETURNED:
        return True
    return _is_plain(each) and (left.change.before, left.change.after) == (each.change.after, each.change.before)


def _chosen(found: list[tuple[Seen, ...]]) -> list[tuple[Seen, ...]]:
    """Each time the first of those that have least in common with the ones before."""
    chosen: list[tuple[Seen, ...]] = []
    while found and len(chosen) < EXAMPLES:
        marks = Counter(mark for each in chosen for mark in _marks(each[0]))
        best = min(found, key=lambda each: (_common(each[0], marks), _is_half(each[0])))
        chosen.append(best)
        found.remove(best)
    return sorted(chosen, key=lambda each: (each[0].after_at, each[0].change.model, each[0].change.field))


def _common(each: Seen, marks: Counter[object]) -> list[int]:
    return sorted((marks[mark] for mark in _marks(each)), reverse=True)


def _marks(each: Seen) -> Collection[object]:
    """What examples should not have in common."""
    return [each.change.kind, each.change.model, each.after_at, each.part]


def _is_half(each: Seen) -> bool:
    """Whether only one of two values is stated."""
    return bool(each.change.field) and None in {each.change.before, each.change.after}
