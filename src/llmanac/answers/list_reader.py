"""Finds lists, the one that is served and those before it, and what they hold."""

from datetime import datetime

from llmanac.answers.list_ref import Then, exact, no_list_then, no_list_yet
from llmanac.answers.rendered_models import Models, models_of, models_then
from llmanac.answers.search_table import Sought, gone_rows, listed_rows
from llmanac.answers.series_cache import Recall, TableKey
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


class Past:
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
        self._recall = Recall(current.held, max_bytes)
        current.when_replaced(self._fresh)  # else the list before stayed in memory until the next question
        self.clock = clock
        self.configured = configured
        self.hidden = hide_unconfigured and not configured
        """Whether no model may be shown, since there is no key for their provider."""

    @property
    def source(self) -> str:
        """Where the lists come from."""
        return self._current.held.state.key.source

    def find(self, at: datetime | Serial | None) -> Then:
        """The list of an instant or a Serial; None is the one that is served.

        Raises:
            Unavailable: There is no list at all.
            InvalidParameter: The instant is in the future.
            NoListThen: There is no such list.
            StoreError: The store cannot be read.
        """
        recall = self._fresh()
        found = self._known(recall, at)
        if found is not None:
            return found
        assert at is not None, "the list that is served is known"
        return self._find(recall, at)

    def known(self, at: datetime | Serial | None) -> Then | None:
        """As `find`, without asking the store: None when that takes a look."""
        return self._known(self._fresh(), at)

    def index(self, then: Then, *, removed: bool = False) -> Index:
        """The models of a list, with any outputs, as far as they may be shown.

        Args:
            removed: With those that have left, after the listed ones, the latest gone first.
        """
        return self.sought(then, removed=removed, every=True).index

    def sought(self, then: Then, *, removed: bool, every: bool = False) -> Sought:
        """As `index`, with what is known of the leaving of removed models.

        Args:
            every: With any outputs; else the models that the catalogue's endpoint shows, of text or images.
        """
        return self._tables(then, shown=not every, removed=removed)

    def shown(self, then: Then, view: View) -> Models:
        """Every listed model as JSON, in upstream's order, as far as they may be shown."""
        if self.hidden:
            return []
        if then.catalogue is not None:
            return models_of(then.catalogue, view)
        assert then.snapshot_id is not None, "a list is in the store or in memory"
        return models_then(self._store, then.snapshot_id, view, self._fresh().shown)

    def _fresh(self) -> Recall:
        if self._recall.held is not self._current.held:
            self._recall = Recall(self._current.held, self._max_bytes, self._recall)
        return self._recall

    def _known(self, recall: Recall, at: datetime | Serial | None) -> Then | None:
        catalogue, standing = recall.held.catalogue, recall.held.standing
        if catalogue is None or standing is None:
            raise no_list_yet()
        if at is not None:
            return recall.moments.find(at)
        return Then(catalogue.serial, standing.source, catalogue.changed_at, standing.agreed_at, catalogue=catalogue)

    def _find(self, recall: Recall, at: datetime | Serial) -> Then:
        now = self.clock()
        if isinstance(at, datetime) and at > now:
            raise InvalidParameter(f"as_of: Expected an instant up to now, which is {exact(now)}, got {exact(at)}")
        series_id = recall.held.state.id
        found = None if at == NO_SERIAL else self._store.past_list(series_id, at)
        if found is not None:
            then = Then(
                found.serial,
                Source.IMPORT if found.origin is Origin.IMPORT else Source.STORE,
                found.taken_at,
                found.agreed_at,
                settled=not isinstance(at, datetime) or at <= found.newest_at,
                snapshot_id=found.id,
                removed_by=found.seen_at,
            )
        elif at == NO_SERIAL and (bundled := self._bundled(recall.held)) is not None:
            taken_at = bundled.changed_at
            then = Then(NO_SERIAL, Source.BUNDLED, taken_at, taken_at, catalogue=bundled, removed_by=taken_at)
        else:
            raise no_list_then(at, self._store.extent(series_id))
        recall.moments.keep(at, then, 0)
        return then

    def _bundled(self, held: Held[object]) -> Catalogue | None:
        if held.catalogue is not None and held.catalogue.serial == NO_SERIAL:
            return held.catalogue
        return bundled_catalogue() if self._bundle else None

    def _tables(self, then: Then, *, shown: bool, removed: bool) -> Sought:
        recall = self._fresh()
        key = TableKey(shown, removed, then.removed_by if removed else None)
        found = recall.find_tables(then, key)
        if found is None:
            with recall.making_tables:
                found = recall.find_tables(then, key)
                if found is None:
                    found = self._make_tables(recall, then, key)
                    recall.keep_tables(then, key, found)
        return found

    def _make_tables(self, recall: Recall, then: Then, key: TableKey) -> Sought:
        if self.hidden:
            return Sought(make_index(()))
        every = list(listed_rows(self._store, then))
        rows = [row for row in every if not key.shown or _is_shown(row)]
        if not key.removed or then.serial == NO_SERIAL:
            return Sought(make_index(rows))
        gone = self._store.gone_by(recall.held.state.id, then.removed_by)
        removals: dict[ModelId, Removal] = {}
        for row, removal in gone_rows(gone, listed={row.model.id for row in every}):
            if not key.shown or _is_shown(row):
                rows.append(row)
                removals[row.model.id] = removal
        return Sought(make_index(rows), removals)


def _is_shown(row: Row) -> bool:
    return row.model.gives_text or row.model.gives_images
