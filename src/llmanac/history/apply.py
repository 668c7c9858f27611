"""Records × Changes → records: the other direction of `diff`."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby

import msgspec

from llmanac.catalogue.change import WHOLE_MODEL, Change
from llmanac.catalogue.ids import ModelId
from llmanac.history.fields import (
    OVERRIDES_ORDER,
    comparable,
    expected_order,
    flat,
    in_order,
    override_order,
    whole,
)
from llmanac.history.lifetime import Period


def apply(records: Mapping[ModelId, bytes], changes: Iterable[Change]) -> dict[ModelId, bytes]:
    """The records after the changes of one Serial, in normal form without volatile members.

    A model that returned has its whole record in that one change; its other changes tell from what it differs.
    """
    found = {model: comparable(record) for model, record in records.items()}
    by_model: dict[ModelId, list[Change]] = {}
    for change in changes:
        by_model.setdefault(change.model, []).append(change)
    for model, own in by_model.items():
        ends = next((change for change in own if change.kind in WHOLE_MODEL), None)
        if ends is None:
            found[model] = _changed(found[model], own)
        elif ends.after is None:
            del found[model]
        else:
            found[model] = comparable(ends.after.encode())
    return found


def record_versions(seen: Iterable[tuple[datetime, Change]]) -> Iterator[tuple[Period, bytes]]:
    """The record of one model from each change of it to the next, none where it was away. O(changes × its size).

    Args:
        seen: Its changes in time order, each with the fetch that showed it; of some fields, for those alone.
    """
    records: dict[ModelId, bytes] = {}
    begun: tuple[datetime, bytes] | None = None
    for seen_at, group in groupby(seen, key=lambda each: each[0]):
        if begun is not None:
            yield Period(begun[0], seen_at), begun[1]
        records = apply(records, [change for _, change in group])
        begun = next(((seen_at, record) for record in records.values()), None)
    if begun is not None:
        yield Period(begun[0], None), begun[1]


def _changed(record: bytes, changes: Iterable[Change]) -> bytes:
    fields = flat(record)
    before = override_order(fields)
    order: list[str] | None = None
    for change in changes:
        if change.field == OVERRIDES_ORDER:
            order = msgspec.json.decode(change.after or "[]", type=list[str])
        elif change.after is None:
            del fields[change.field]
        else:
            fields[change.field] = change.after.encode()
    after = override_order(fields)
    return whole(in_order(fields, order if order is not None else expected_order(before, after)))
