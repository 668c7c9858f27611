"""Where prices are from: a series of lists in a store, or the one list there is."""

from collections.abc import Iterable, Sequence

from llmanac.catalogue.catalogue import Catalogue
from llmanac.catalogue.ids import NO_SERIAL, ModelId
from llmanac.catalogue.model import Model
from llmanac.catalogue.other_names import other_names
from llmanac.pricing.rate_card import rate_card
from llmanac.store.rows import ChangeQuery
from llmanac.store.store import Store
from llmanac.upstream.decode import decode_kept
from llmanac.usage.instants import us_of
from llmanac.usage.ledger import Prices
from llmanac.usage.names import Names, Near
from llmanac.usage.timeline import PRICED_FIELDS, Span, Timeline, make_timeline, timeline_of

_EVERY = 1_000_000
"""Rows: more than a model can have."""


def remembered_prices(store: Store, series_id: int, served: Catalogue, near: Near, *, nearest: bool) -> Prices:
    """The prices of every list of a series; of the served one alone while that is the bundle's.

    Args:
        nearest: See `Prices`.
    """
    if served.serial == NO_SERIAL:
        return single_list_prices(served.snapshot.models, near, since_us=us_of(served.changed_at), nearest=nearest)
    extent = store.extent(series_id)
    names = Names({*store.changed_models(series_id), *served.by_id}, slugs(served.snapshot.models), near)

    def timeline(model: ModelId) -> Timeline | None:
        query = ChangeQuery(models=(model,), fields=PRICED_FIELDS, oldest_first=True, limit=_EVERY)
        seen = ((each.seen_at, each.change) for each in store.changes(series_id, query))
        return make_timeline(model, seen, decode_kept)

    return Prices(names, timeline, nearest, None if extent is None else us_of(extent.first_at))


def single_list_prices(models: Sequence[Model], near: Near, *, since_us: int = 0, nearest: bool = False) -> Prices:
    """The prices of one list.

    Args:
        since_us: When it came into force, in microseconds since 1970; 0 is for ever.
    """
    by_id = {model.id: model for model in models}

    def timeline(model: ModelId) -> Timeline | None:
        found = by_id.get(model)
        return None if found is None else timeline_of(model, (Span(since_us, None, rate_card(found)),))

    return Prices(Names(by_id, slugs(models), near), timeline, nearest, since_us or None)


def slugs(models: Iterable[Model]) -> dict[str, ModelId]:
    """The permanent names of models without a variant, and their ids; a name that several have is left out."""
    found: dict[str, list[ModelId]] = {}
    for model in models:
        slug = other_names(model.record).canonical_slug if model.variant is None else None
        if slug:
            found.setdefault(slug, []).append(model.id)
    return {slug: ids[0] for slug, ids in found.items() if len(ids) == 1}
