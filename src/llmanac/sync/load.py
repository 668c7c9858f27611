"""Store or bundle → Catalogue."""

from collections.abc import Mapping

import msgspec

from llmanac.catalogue.catalogue import Catalogue, Origin, make_catalogue
from llmanac.catalogue.ids import NO_SERIAL, ModelId
from llmanac.catalogue.record import join_volatile, split_volatile
from llmanac.catalogue.snapshot import Snapshot, make_snapshot
from llmanac.store.rows import SeriesState
from llmanac.store.store import Store
from llmanac.upstream.bundled import load_bundle
from llmanac.upstream.decode import decode_row, decode_rows


def load_catalogue(store: Store, state: SeriesState) -> Catalogue | None:
    """The current list of a series, as it was saved; None when nothing was. O(models)."""
    stored = None if state.snapshot_id is None else store.snapshot_of(state.snapshot_id)
    if stored is None:
        return None
    models, _ = decode_rows(stored.records)
    snapshot = make_snapshot(state.key.source, stored.taken_at, models, stored.rejects)
    return make_catalogue(snapshot, serial=stored.serial, origin=stored.origin, warning=stored.warning)


def respelt(taken: Snapshot, spellings: Mapping[ModelId, bytes]) -> Snapshot:
    """The list with the records that the store keeps: of equal ones the first, in its own spelling.

    So every worker, reading the store or not, serves the same bytes.
    """
    if not spellings:
        return taken
    models = tuple(
        decode_row(join_volatile(spellings[model.id], split_volatile(model.record)[1]))
        if model.id in spellings
        else model
        for model in taken.models
    )
    return msgspec.structs.replace(taken, models=models)


def bundled_catalogue() -> Catalogue | None:
    """The list that ships with llmanac, under Serial 0; None when the package was built without a good one."""
    try:
        snapshot = load_bundle()
    except (OSError, msgspec.DecodeError):
        return None
    return make_catalogue(snapshot, serial=NO_SERIAL, origin=Origin.BUNDLED) if isinstance(snapshot, Snapshot) else None
