"""The rows of a list that questions are asked of: what it lists, and what has left by then."""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

import msgspec

from llmanac.answers.list_ref import ListRef
from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.record import join_volatile
from llmanac.history.certainty import removal_certainty
from llmanac.query.index import Index
from llmanac.query.row import REMOVED, Row, listed_row
from llmanac.render.listing import Removal
from llmanac.store.past import Gone
from llmanac.store.store import Store
from llmanac.upstream.decode import decode_kept, decode_rows

_NO_REMOVALS: Mapping[ModelId, Removal] = MappingProxyType({})


class SearchTable(msgspec.Struct, frozen=True):
    """Look-up tables over rows, and of each that is no longer listed what is known of its leaving."""

    index: Index
    removals: Mapping[ModelId, Removal] = _NO_REMOVALS


def listed_rows(store: Store, list_ref: ListRef) -> Iterator[Row]:
    """Every model of a list with all that upstream sent, in upstream's order."""
    if list_ref.catalogue is not None:
        for model in list_ref.catalogue.snapshot.models:
            yield listed_row(model)
        return
    assert list_ref.snapshot_id is not None, "a list is in the store or in memory"
    content = store.past_content(list_ref.snapshot_id, volatile=True)
    records = (join_volatile(each.record, content.volatile.get(each.model, {})) for each in content.kept)
    # What was a model when it was saved is one now, unless a later release of ours reads more strictly.
    for model in decode_rows(records)[0]:
        yield listed_row(model)


def gone_rows(gone: Gone, *, listed: Collection[ModelId]) -> Iterator[tuple[Row, Removal]]:
    """The models that have left, the latest first, by their last data; volatile values are not among it.

    Args:
        listed: Left out: a narrower list may hold what broader ones have lost.
    """
    removals = sorted(gone.removals, key=lambda removal: removal.change.model)
    removals.sort(key=lambda removal: removal.seen_at, reverse=True)
    for removal in removals:
        if removal.change.model in listed or (model := decode_kept((removal.change.before or "").encode())) is None:
            continue
        fetched_at = gone.fetched_at.get(removal.scope, ())
        sure = removal_certainty(removal.seen_at, expires_on=model.expires_on, fetched_at=fetched_at)
        yield (
            Row(model, REMOVED),
            Removal(removal.seen_at, removal.since_at, sure.certainty.value, model.expires_on),
        )
