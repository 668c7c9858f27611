"""Snapshot × Snapshot → Changes, each with its kind and its own cause."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from llmanac.catalogue.change import Cause, Change, ChangeKind
from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.model import Model
from llmanac.catalogue.record import normal_form, split_volatile
from llmanac.catalogue.snapshot import Comparison, Snapshot
from llmanac.history.cause import own_cause, sides
from llmanac.history.fields import OVERRIDES_ORDER, expected_order, flat, member_path, override_order
from llmanac.history.kind import kind_of

SHAPE_MODELS = 20
"""A list of fewer models does not tell which members the records of its time had."""


def diff(before: Snapshot | None, after: Snapshot, *, comparison: Comparison = Comparison.SAME) -> tuple[Change, ...]:
    """What became of each model, by model and field; without `before` every model is added (comparison `first`).

    Order of models, rejects and volatile members make no change. O(models); equal digests are not looked into.
    """
    if comparison is Comparison.SILENT:
        return ()
    old = {model.id: model for model in before.models} if before else {}
    new = {model.id: model for model in after.models}
    changes = [
        Change(name, ChangeKind.REMOVED, "", _stable(model), None, Cause.REAL)
        for name, model in old.items()
        if name not in new
    ]
    changes += [
        Change(name, ChangeKind.ADDED, "", None, _stable(model), Cause.REAL)
        for name, model in new.items()
        if name not in old
    ]
    pairs = [
        _Pair(name, flat(old[name].record), flat(model.record))
        for name, model in new.items()
        if name in old and _differ(old[name], model)
    ]
    grown = _grown(pairs, tuple(old.values()), after.models)
    for pair in pairs:
        changes += _differences(pair, grown)
    if before is None or comparison is not Comparison.SAME:
        changes = [msgspec.structs.replace(change, cause=Cause.SCOPE) for change in changes]
    return tuple(sorted(changes, key=lambda change: (change.model, change.field)))


def differences(before: bytes, after: bytes, *, model: ModelId, grown: Collection[str] = ()) -> tuple[Change, ...]:
    """The changes between two records of one model, by field.

    `grown` are paths of members that came or went for all models: nothing happened to this one.
    """
    return _differences(_Pair(model, flat(before), flat(after)), grown)


class _Pair(msgspec.Struct, frozen=True):
    """A model of both lists, by its fields."""

    model: ModelId
    before: dict[str, bytes]
    after: dict[str, bytes]


def _differences(pair: _Pair, grown: Collection[str]) -> tuple[Change, ...]:
    found = dict(_differing(pair.before, pair.after))
    if not found:
        return ()
    between = sides(pair.model, pair.before, pair.after, grown)
    return tuple(
        Change(pair.model, kind_of(field, was, now), field, _text(was), _text(now), own_cause(field, between))
        for field, (was, now) in sorted(found.items())
    )


def _differ(was: Model, now: Model) -> bool:
    """Whether it is worth looking into; mostly only what is measured by others is another."""
    return was.digest != now.digest and split_volatile(was.record)[0] != split_volatile(now.record)[0]


def _differing(old: dict[str, bytes], new: dict[str, bytes]) -> Iterator[tuple[str, tuple[bytes | None, bytes | None]]]:
    for field in old | new:
        was, now = old.get(field), new.get(field)
        if was == now:
            continue
        if was is None or now is None or normal_form(was) != normal_form(now):
            yield field, (was, now)
    before, after = override_order(old), override_order(new)
    if after != expected_order(before, after):
        yield OVERRIDES_ORDER, (msgspec.json.encode(before), msgspec.json.encode(after))


def _grown(pairs: Sequence[_Pair], old: Sequence[Model], new: Sequence[Model]) -> frozenset[str]:
    """Paths of members that came or went in a pair and that no model at all has in one of the two lists."""
    one_sided: set[str] = set()
    for pair in pairs:
        one_sided |= _member_paths(pair.before) ^ _member_paths(pair.after)
    paths = frozenset(one_sided)
    before = {pair.model: pair.before for pair in pairs}
    after = {pair.model: pair.after for pair in pairs}
    return _lacking(old, before, paths) | _lacking(new, after, paths)


def _lacking(
    models: Sequence[Model], known: Mapping[ModelId, Mapping[str, bytes]], paths: frozenset[str]
) -> frozenset[str]:
    """Those paths that no model has; none when the list is too short to tell. `known`: by fields already."""
    if len(models) < SHAPE_MODELS:
        return frozenset()
    for model in models:
        if not paths:
            break
        paths -= _member_paths(known.get(model.id) or flat(model.record))
    return paths


def _member_paths(fields: Mapping[str, bytes]) -> set[str]:
    return {member_path(field) for field in fields}


def _stable(model: Model) -> str:
    return split_volatile(model.record)[0].decode()


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
