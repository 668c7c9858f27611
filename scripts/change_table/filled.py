"""Lists → a store of their own, filled as `llmanac import` fills one."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import msgspec

from llmanac.archive.fetch import ArchivedFetch, BadFile
from llmanac.archive.reading import read_files
from llmanac.catalogue.snapshot import ListScope
from llmanac.clock import now
from llmanac.settings import DEFAULT_BASE_URL, SOURCE, Settings
from llmanac.store.database import Database
from llmanac.store.rows import ChangeQuery, Scope, SeenChange, SeriesKey, StoredFetch
from llmanac.store.store import Store
from llmanac.sync.importing import ImportPlan, import_fetch
from llmanac.sync.turn import turn

FLAP = timedelta(days=Settings.model_fields["flap_days"].default)
"""Whatever is set on this machine: the page is about the default."""

_HOLDER = "change_table"
_EVERY = 1_000_000


class Filled(msgspec.Struct, frozen=True):
    """One series of a store."""

    store: Store
    series_id: int

    def fetches(self) -> Iterator[StoredFetch]:
        """Every list with its bytes, oldest first."""
        return self.store.fetches(self.series_id)

    def changes(self) -> tuple[SeenChange, ...]:
        """Every change with its label, by time, model and field."""
        return self.store.changes(self.series_id, ChangeQuery(oldest_first=True, limit=_EVERY))


def lists_of(folder: Path) -> Iterator[ArchivedFetch]:
    """The lists in a folder and below it, oldest first.

    Raises:
        ValueError: One of them is no list, or none is there.
    """
    for found in read_files([folder], now=now()):
        match found:
            case BadFile():
                raise ValueError(f"{found.name}: {found.words}")
            case _:
                yield found.fetch


@contextmanager
def filled(lists: Iterable[ArchivedFetch], *, asked: ListScope | None = None) -> Iterator[Filled]:
    """A store with these lists and nothing else; it is gone when the block ends.

    Args:
        lists: Of one series.
        asked: What they were asked for, where the models shall not tell.
    """
    series = SeriesKey(SOURCE, DEFAULT_BASE_URL, Scope.ALL)
    with tempfile.TemporaryDirectory() as directory:
        store = Store(Database(f"sqlite:///{directory}/llmanac.db"))
        try:
            store.migrate()
            plan = ImportPlan(store=store, holder=_HOLDER, series=series, flap=FLAP, max_reject_share=Fraction(1))
            with turn(store, _HOLDER, timedelta(minutes=1)):
                for found in lists:
                    import_fetch(plan, found, asked=asked)
            yield Filled(store, store.open_series(series).id)
        finally:
            store.close()
