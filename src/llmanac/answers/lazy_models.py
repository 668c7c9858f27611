"""The models of a list, of which mostly one is wanted: nothing is decoded that nobody asks for."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from llmanac.answers.list_ref import ListRef
from llmanac.catalogue.ids import ModelId, author_of
from llmanac.catalogue.model import Model
from llmanac.catalogue.record import join_volatile
from llmanac.store.past import PastContent
from llmanac.store.store import Store
from llmanac.upstream.decode import decode_kept, decode_rows


class LazyModels:
    """Those of one list, in memory or in the store. Not to be kept: it holds the whole list."""

    def __init__(self, store: Store, list_ref: ListRef, *, volatile: bool) -> None:
        """Reads nothing yet.

        Args:
            volatile: Whether models are wanted with their volatile members, which take time to read.
        """
        self._store = store
        self._list_ref = list_ref
        self._volatile = volatile

    @property
    def ids(self) -> Iterable[ModelId]:
        """Every one, in upstream's order or any other."""
        return self._records if self._list_ref.catalogue is None else self._list_ref.catalogue.by_id

    def find(self, model: ModelId) -> Model | None:
        """One model, or None when the list has none of that id."""
        if self._list_ref.catalogue is not None:
            return self._list_ref.catalogue.by_id.get(model)
        record = self._records.get(model)
        return None if record is None else decode_kept(join_volatile(record, self._content.volatile.get(model, {})))

    def near(self, gone: Model) -> Mapping[ModelId, Model]:
        """All that may stand in for a model: of its author, or naming it, or named by it. Others may be among them."""
        if self._list_ref.catalogue is not None:
            return self._list_ref.catalogue.by_id
        named = gone.id.encode()
        records = (
            record
            for model, record in self._records.items()
            if author_of(model) == gone.author or model in gone.description or named in record
        )
        return {model.id: model for model in decode_rows(records)[0]}

    @cached_property
    def _content(self) -> PastContent:
        assert self._list_ref.snapshot_id is not None, "a list is in the store or in memory"
        return self._store.past_content(self._list_ref.snapshot_id, volatile=self._volatile)

    @cached_property
    def _records(self) -> Mapping[ModelId, bytes]:
        return {kept.model: kept.record for kept in self._content.kept}
