"""Snapshot × Snapshot → Changes."""

from collections.abc import Iterator

from llmanac.catalogue.change import Change, ChangeKind
from llmanac.catalogue.model import Model
from llmanac.catalogue.record import members, normal_form
from llmanac.catalogue.snapshot import Snapshot

VOLATILE_MEMBERS = frozenset({"benchmarks"})
"""Measured by others and different at most fetches (85 % of raw field differences in 2026): never a change."""

_NESTED = frozenset({"architecture", "pricing", "top_provider"})


def diff(before: Snapshot | None, after: Snapshot) -> tuple[Change, ...]:
    """What became of each model: removed ones first, then the others in the order of `after`.

    Without `before` every model is added. Order of models and rejects make no change. O(models); equal digests are
    not looked into.
    """
    old = {model.id: model for model in before.models} if before else {}
    new_ids = {model.id for model in after.models}
    changes = [
        Change(model.id, ChangeKind.REMOVED, "", _text(model.record), None)
        for model in old.values()
        if model.id not in new_ids
    ]
    for model in after.models:
        known = old.get(model.id)
        if known is None:
            changes.append(Change(model.id, ChangeKind.ADDED, "", None, _text(model.record)))
        elif known.digest != model.digest:
            changes += _fields(known, model)
    return tuple(changes)


def _fields(before: Model, after: Model) -> Iterator[Change]:
    old, new = _flat(before.record), _flat(after.record)
    for field in old | new:
        was, now = old.get(field), new.get(field)
        if was is None or now is None or normal_form(was) != normal_form(now):
            yield Change(after.id, ChangeKind.CHANGED, field, _text(was), _text(now))


def _flat(record: bytes) -> dict[str, bytes]:
    """The members by path, one level into the objects the contract shows."""
    flat: dict[str, bytes] = {}
    for name, value in members(record).items():
        if name in VOLATILE_MEMBERS:
            continue
        if name in _NESTED and value[:1] == b"{":
            flat |= {f"{name}.{inner}": part for inner, part in members(value).items()}
        else:
            flat[name] = value
    return flat


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8")
