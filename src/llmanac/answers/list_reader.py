"""Finds lists, the one that is served and those before it, and what they hold."""

from datetime import datetime

from llmanac.answers.list_ref import ListRef, exact, no_list_yet, no_such_list
from llmanac.answers.rendered_models import RenderedModels, render_models, render_stored_models
from llmanac.answers.search_table import SearchTable, gone_rows, listed_rows
from llmanac.answers.series_cache import SeriesCache, TableKey
from llmanac.catalogue.catalogue import Catalogue, Origin
from llmanac.catalogue.ids import NO_SERIAL, ModelId, Serial
from llmanac.clock import Clock
from llmanac.errors import InvalidParameter
from llmanac.query.index import Index, make_index
from llmanac.query.row import Row
from llmanac.render.listing import Removal, View
from llmanac.store.store import Store
from llmanac.sync.current import Current, Held, Source
from llmanac.sync.load import bundled_catalogue


class ListReader:
    """Finds lists, and keeps what was read of them. The methods block; they may be called from any thread."""

    def __init__(
        self,
        store: Store,
        current: Current[object],
        *,
        configured: bool,
        hide_unconfigured: bool,
        bundle: bool,
        max_bytes: int,
        clock: Clock,
    ) -> None:
        """Nothing is read yet.

        Args:
            bundle: Whether the bundle may be shown, as Serial 0.
            max_bytes: What may be kept, about.
        """
        self._store = store
        self._current = current
        self._bundle = bundle
        self._max_bytes = max_bytes
        self._cache = SeriesCache(current.held, max_bytes)
        current.when_replaced(self._fresh)  # else the list before stayed in memory until the next question
        self.clock = clock
        self.configured = configured
        self.hidden = hide_unconfigured and not configured
        """Whether no model may be shown, since there is no key for their provider."""

    @property
    def source(self) -> str:
        """Where the lists come from."""
        return self._current.held.state.key.source

    def find(self, at: datetime | Serial | None) -> ListRef:
        """The list of an instant or a Serial; None is the one that is served.

        Raises:
            Unavailable: There is no list at all.
            InvalidParameter: The instant is in the future.
            NoSuchList: There is no such list.
            StoreError: The store cannot be read.
        """
        cache = self._fresh()
        found = self._known(cache, at)
        if found is not None:
            return found
        assert at is not None, "the list that is served is known"
        return self._find(cache, at)

    def known(self, at: datetime | Serial | None) -> ListRef | None:
        """As `find`, without asking the store: None when that takes a look."""
        return self._known(self._fresh(), at)

    def index(self, list_ref: ListRef, *, removed: bool = False) -> Index:
        """The models of a list, with any outputs, as far as they may be shown.

        Args:
            removed: With those that have left, after the listed ones, the latest gone first.
        """
        return self.search_table(list_ref, removed=removed, every=True).index

    def search_table(self, list_ref: ListRef, *, removed: bool, every: bool = False) -> SearchTable:
        """As `index`, with what is known of the leaving of removed models.

        Args:
            every: With any outputs; else the models that the catalogue's endpoint shows, of text or images.
        """
        return self._tables(list_ref, shown=not every, removed=removed)

    def rendered(self, list_ref: ListRef, view: View) -> RenderedModels:
        """Every listed model as JSON, in upstream's order, as far as they may be shown."""
        if self.hidden:
            return []
        if list_ref.catalogue is not None:
            return render_models(list_ref.catalogue, view)
        assert list_ref.snapshot_id is not None, "a list is in the store or in memory"
        return render_stored_models(self._store, list_ref.snapshot_id, view, self._fresh().rendered)

    def _fresh(self) -> SeriesCache:
        if self._cache.held is not self._current.held:
            self._cache = SeriesCache(self._current.held, self._max_bytes, self._cache)
        return self._cache

    def _known(self, cache: SeriesCache, at: datetime | Serial | None) -> ListRef | None:
        catalogue, standing = cache.held.catalogue, cache.held.standing
        if catalogue is None or standing is None:
            raise no_list_yet()
        if at is not None:
            return cache.moments.find(at)
        return ListRef(catalogue.serial, standing.source, catalogue.changed_at, standing.agreed_at, catalogue=catalogue)

    def _find(self, cache: SeriesCache, at: datetime | Serial) -> ListRef:
        now = self.clock()
        if isinstance(at, datetime) and at > now:
            raise InvalidParameter(f"as_of: Expected an instant up to now, which is {exact(now)}, got {exact(at)}")
        series_id = cache.held.state.id
        found = None if at == NO_SERIAL else self._store.past_list(series_id, at)
        if found is not None:
            list_ref = ListRef(
                found.serial,
                Source.IMPORT if found.origin is Origin.IMPORT else Source.STORE,
                found.taken_at,
                found.agreed_at,
                settled=not isinstance(at, datetime) or at <= found.newest_at,
                snapshot_id=found.id,
                removed_by=found.seen_at,
            )
        elif at == NO_SERIAL and (bundled := self._bundled(cache.held)) is not None:
            taken_at = bundled.changed_at
            list_ref = ListRef(NO_SERIAL, Source.BUNDLED, taken_at, taken_at, catalogue=bundled, removed_by=taken_at)
        else:
            raise no_such_list(at, self._store.extent(series_id))
        cache.moments.keep(at, list_ref, 0)
        return list_ref

    def _bundled(self, held: Held[object]) -> Catalogue | None:
        if held.catalogue is not None and held.catalogue.serial == NO_SERIAL:
            return held.catalogue
        return bundled_catalogue() if self._bundle else None

    def _tables(self, list_ref: ListRef, *, shown: bool, removed: bool) -> SearchTable:
        cache = self._fresh()
        key = TableKey(shown, removed, list_ref.removed_by if removed else None)
        found = cache.find_tables(list_ref, key)
        if found is None:
            with cache.making_tables:
                found = cache.find_tables(list_ref, key)
                if found is None:
                    found = self._make_tables(cache, list_ref, key)
                    cache.keep_tables(list_ref, key, found)
        return found

    def _make_tables(self, cache: SeriesCache, list_ref: ListRef, key: TableKey) -> SearchTable:
        if self.hidden:
            return SearchTable(make_index(()))
        every = list(listed_rows(self._store, list_ref))
        rows = [row for row in every if not key.shown or _is_shown(row)]
        if not key.removed or list_ref.serial == NO_SERIAL:
            return SearchTable(make_index(rows))
        gone = self._store.gone_by(cache.held.state.id, list_ref.removed_by)
        removals: dict[ModelId, Removal] = {}
        for row, removal in gone_rows(gone, listed={row.model.id for row in every}):
            if not key.shown or _is_shown(row):
                rows.append(row)
                removals[row.model.id] = removal
        return SearchTable(make_index(rows), removals)


def _is_shown(row: Row) -> bool:
    return row.model.gives_text or row.model.gives_images
