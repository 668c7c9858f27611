"""Models as lists show them: of a list in memory, and of one in the store, put together from its versions.

Lists of neighbouring days share nearly all versions, so what a version looks like is kept, and a list that was never
asked for takes some milliseconds; see `store.past`.
"""

from collections.abc import Iterator

from llmanac.catalogue.catalogue import Catalogue
from llmanac.render.listing import NO_VALUES, Shown, View, show
from llmanac.store.store import Store
from llmanac.store.versions import KeptVersion
from llmanac.upstream.decode import decode_rows
from llmanac.web.kept import Kept

Models = list[tuple[Shown, bytes]]
"""Each with its whole JSON, in the order they are shown in."""

KeptShown = Kept[tuple[str, int], Shown]
"""By view and version; the view as its word, for an enumeration takes long to hash."""


def models_of(catalogue: Catalogue, view: View) -> Models:
    """Those of a list in memory."""
    shown = [show(model, view) for model in catalogue.snapshot.models]
    return [(model, model.whole()) for model in shown]


def models_then(store: Store, snapshot_id: int, view: View, kept: KeptShown) -> Models:
    """Those of a list in the store. Of versions that are kept nothing is read but their order."""
    order = store.past_order(snapshot_id, volatile=view is View.FULL)
    word = view.value
    found = kept.find_all((word, version) for version in order.versions)
    shown = {version: model for (_, version), model in found.items()}
    missing = [version for version in order.versions if version not in shown]
    for version, model in _show_versions(store.versions(missing) if missing else {}, view):
        shown[version] = model
        kept.keep((word, version), model, model.size)
    models = [shown[version] for version in order.versions if version in shown]
    return [(model, model.whole(order.volatile.get(model.id, NO_VALUES))) for model in models]


def _show_versions(versions: dict[int, KeptVersion], view: View) -> Iterator[tuple[int, Shown]]:
    for version, kept in versions.items():
        # What was a model when it was saved is one now, unless a later release of ours reads more strictly.
        for model in decode_rows((kept.record,))[0]:
            yield version, show(model, view)
