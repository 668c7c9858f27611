"""Models as lists show them: of a list in memory, and of one in the store, put together from its versions.

Lists of neighbouring days share nearly all versions, so what a version looks like is kept, and a list that was never
asked for takes some milliseconds; see `store.past`.
"""

from collections.abc import Iterator, Mapping, Sequence

from llmanac.answers.byte_lru import ByteLRU
from llmanac.catalogue.catalogue import Catalogue
from llmanac.render.listing import NO_VALUES, Shown, View, show
from llmanac.store.store import Store
from llmanac.store.versions import KeptVersion
from llmanac.upstream.decode import decode_kept

RenderedModels = list[tuple[Shown, bytes]]
"""Each with its whole JSON, in the order they are shown in."""

RenderedCache = ByteLRU[tuple[str, int], Shown]
"""By view and version; the view as its word, for an enumeration takes long to hash."""


def render_models(catalogue: Catalogue, view: View) -> RenderedModels:
    """Those of a list in memory."""
    shown = [show(model, view) for model in catalogue.snapshot.models]
    return [(model, model.whole()) for model in shown]


def render_stored_models(store: Store, snapshot_id: int, view: View, kept: RenderedCache) -> RenderedModels:
    """Those of a list in the store. Of versions that are kept nothing is read but their order."""
    word = view.value
    shown: dict[int, Shown] = {}

    def missing(order: Sequence[int]) -> list[int]:
        found = kept.find_all((word, version) for version in order)
        shown.update((version, model) for (_, version), model in found.items())
        return [version for version in order if version not in shown]

    content = store.past_content(snapshot_id, volatile=view is View.FULL, wanted=missing)
    made = dict(_show_versions(content.versions, view))
    kept.keep_all(((word, version), model, model.size) for version, model in made.items())
    shown |= made
    models = [shown[version] for version in content.order if version in shown]
    return [(model, model.whole(content.volatile.get(model.id, NO_VALUES))) for model in models]


def _show_versions(versions: Mapping[int, KeptVersion], view: View) -> Iterator[tuple[int, Shown]]:
    for version, kept in versions.items():
        model = decode_kept(kept.record, kept.digest)
        if model is not None:
            yield version, show(model, view)
