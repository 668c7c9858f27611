"""What was found and made in one state of the series, in bounded memory.

Nothing that was kept outlives that state: an import may renumber Serials, put a list between two others, and tell an
older spelling of a record.
"""

import threading
from collections.abc import Hashable
from datetime import datetime

import msgspec

from llmanac.answers.byte_lru import ByteLRU
from llmanac.answers.list_ref import ListRef
from llmanac.answers.rendered_models import RenderedCache
from llmanac.answers.search_table import SearchTable
from llmanac.catalogue.ids import Serial
from llmanac.sync.current import Held


class TableKey(msgspec.Struct, frozen=True):
    """Which rows of a list: `shown` are those of the catalogue's endpoint, `removed` with those that left by then."""

    shown: bool
    removed: bool
    removed_by: datetime | None


_ROW_BYTES = 4000
"""What a model and its places in the look-up tables take beside its record, about; measured on real lists."""


class SeriesCache:
    """One state's memory. Thread-safe."""

    def __init__(self, held: Held[object], max_bytes: int, before: "SeriesCache | None" = None) -> None:
        """Empty, but for the look-up tables of the served list if that is the one that was served `before`."""
        self.held = held
        self.moments: ByteLRU[datetime | Serial, ListRef] = ByteLRU(max_bytes // 64)
        self.rendered: RenderedCache = ByteLRU(max_bytes // 2)
        self._tables: ByteLRU[Hashable, SearchTable] = ByteLRU(max_bytes // 12 * 5 - max_bytes // 64)
        self.making_tables = threading.Lock()
        """So that nobody makes what another is making."""
        same = before is not None and before.held.catalogue is held.catalogue
        self.of_served: dict[TableKey, SearchTable] = before.of_served if before is not None and same else {}
        """Tables of the served list, that share its models: as long as it is served."""

    def find_tables(self, list_ref: ListRef, key: TableKey) -> SearchTable | None:
        """The tables of a list, or None."""
        return self.of_served.get(key) if self._is_served(list_ref, key) else self._tables.find((list_ref.which, key))

    def keep_tables(self, list_ref: ListRef, key: TableKey, made: SearchTable) -> None:
        """Keep the tables of a list, if they fit."""
        if self._is_served(list_ref, key):
            self.of_served[key] = made
        else:
            size = sum(_ROW_BYTES + len(row.model.record) for row in made.index.rows)
            self._tables.keep((list_ref.which, key), made, size)

    def _is_served(self, list_ref: ListRef, key: TableKey) -> bool:
        # What has left is not told by the list alone.
        return not key.removed and list_ref.catalogue is not None and list_ref.catalogue is self.held.catalogue
