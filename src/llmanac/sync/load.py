"""Store or bundle → Catalogue."""

import msgspec

from llmanac.catalogue.catalogue import Catalogue, Origin, make_catalogue
from llmanac.catalogue.ids import NO_SERIAL
from llmanac.catalogue.snapshot import Snapshot, make_snapshot
from llmanac.store.rows import SeriesState
from llmanac.store.store import Store
from llmanac.upstream.bundled import load_bundle
from llmanac.upstream.decode import decode_rows


def load_catalogue(store: Store, state: SeriesState) -> Catalogue | None:
    """The newest list of a series, as it was saved; None when nothing was. O(models)."""
    stored = None if state.serial is None else store.snapshot(state.serial)
    if stored is None:
        return None
    models, _ = decode_rows(stored.records)
    snapshot = make_snapshot(state.key.source, stored.taken_at, models, stored.rejects)
    return make_catalogue(snapshot, serial=stored.serial, origin=stored.origin, warning=stored.warning)


def bundled_catalogue() -> Catalogue | None:
    """The list that ships with llmanac, under Serial 0; None when the package was built without a good one."""
    try:
        snapshot = load_bundle()
    except (OSError, msgspec.DecodeError):
        return None
    return make_catalogue(snapshot, serial=NO_SERIAL, origin=Origin.BUNDLED) if isinstance(snapshot, Snapshot) else None
