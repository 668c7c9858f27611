"""The store → every fetch of every series, as an archive holds it."""

from collections.abc import Iterator

from llmanac.archive.fetch import ArchivedFetch, ArchivedSeries
from llmanac.catalogue.snapshot import Part, RawPage
from llmanac.store.rows import SeriesKey, StoredFetch, StoredSnapshot
from llmanac.store.store import Store


def export_fetches(store: Store) -> Iterator[ArchivedFetch]:
    """All fetches, series by series, oldest first, one in memory at a time.

    Where raw bytes were thinned, the list is put together again from the records; it is the same list, not the same
    bytes, and says so.
    """
    for state in store.every_series():
        for fetch in store.fetches(state.id):
            pages = fetch.pages or (_page_again(store, state.key, fetch),)
            yield ArchivedFetch(
                series=ArchivedSeries(state.key.source, state.key.base_url, state.key.scope),
                scope=fetch.scope,
                origin=fetch.origin,
                taken_at=fetch.taken_at,
                pages=pages,
                raw=bool(fetch.pages),
                warning=fetch.warning,
            )


def _page_again(store: Store, key: SeriesKey, fetch: StoredFetch) -> RawPage:
    stored = store.snapshot_of(fetch.snapshot_id)
    assert stored is not None, "a fetch is of a snapshot that is kept"
    return RawPage(Part.MODELS, f"{key.base_url}/models", b'{"data":[' + b",".join(_rows(stored)) + b"]}")


def _rows(stored: StoredSnapshot) -> Iterator[bytes]:
    """The models in their order, each reject at the place where it stood."""
    rejects = {reject.position: reject.raw for reject in stored.rejects}
    models = iter(stored.records)
    for position in range(len(stored.records) + len(rejects)):
        if position in rejects:
            yield rejects.pop(position)
        elif (record := next(models, None)) is not None:
            yield record
    yield from rejects.values()
