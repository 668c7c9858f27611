"""What is kept for questions is bounded, and what is let go of is free at once."""

import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from llmanac.answers.search_table import SearchTable
from llmanac.answers.series_cache import SeriesCache, TableKey
from llmanac.catalogue.ids import Serial
from llmanac.catalogue.snapshot import Snapshot
from llmanac.query.facet_names import FACETS
from llmanac.query.facets import facets
from llmanac.query.index import make_index
from llmanac.query.query import read_query
from llmanac.query.row import listed_row
from llmanac.query.search import search
from llmanac.query.sort_names import SORTS
from llmanac.upstream.bundled import load_bundle
from tests.build import records
from tests.remembered import NOON, Memory, remembering
from tests.web.asking import found


@contextmanager
def no_collections() -> Iterator[None]:
    """Only what nobody refers to is freed, as between two collections of a server."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def test_tables_that_were_asked_everything_are_free_when_they_are_let_go_of() -> None:
    bundle = load_bundle()
    assert isinstance(bundle, Snapshot)
    with no_collections():
        index = make_index(listed_row(model) for model in bundle.models)
        for sort in SORTS:
            asked = {"sort": sort, "q": "gpt", "max_price": "2", "context": "1000", "min_age_days": "1"}
            search(index, read_query(asked), now=NOON)
        facets(index, read_query({"arch": "gpt"}), FACETS, now=NOON)
        gone = weakref.ref(index)
        del index
        assert gone() is None


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    directory = tmp_path_factory.mktemp("remembered")
    lists = [(hours, records(5 + hours)) for hours in range(6)]
    with remembering(f"sqlite:///{directory / 'db'}", directory, *lists) as made:
        yield made


def test_the_tables_of_a_list_are_made_once_while_there_is_room(memory: Memory) -> None:
    lists = memory.served.context.lists
    for at in (None, NOON):
        list_ref = lists.find(at)
        assert lists.index(list_ref) is lists.index(lists.find(at))
        assert lists.index(list_ref, removed=True) is lists.index(list_ref, removed=True)
    assert len(lists.index(lists.find(NOON)).rows) == 5


def test_only_as_many_tables_are_kept_as_there_is_room_for(memory: Memory) -> None:
    lists = memory.served.context.lists
    refs = [lists.find(Serial(serial)) for serial in (1, 2, 3, 4, 5)]
    cache: SeriesCache = SeriesCache(memory.served.context.current.held, max_bytes=150_000)
    key = TableKey(shown=False, removed=False, removed_by=None)
    with no_collections():
        made = []
        for list_ref in refs:
            tables = SearchTable(make_index(lists.index(list_ref).rows))
            cache.keep_tables(list_ref, key, tables)
            made.append(weakref.ref(tables.index))
        del tables
        kept = [cache.find_tables(list_ref, key) is not None for list_ref in refs]
        assert kept == [False, False, False, False, True]
        assert [tables() is not None for tables in made] == kept


def test_an_unchanged_sync_keeps_the_tables_of_the_served_list_and_forgets_answers(tmp_path: Path) -> None:
    with remembering(f"sqlite:///{tmp_path / 'db'}", tmp_path, (0, records(6)), (1, records(4))) as memory:
        lists = memory.served.context.lists
        before = lists.index(lists.find(None))
        removed = lists.index(lists.find(None), removed=True)
        assert (len(before.rows), len(removed.rows)) == (4, 6)
        memory.learn(2, records(4))
        assert lists.index(lists.find(None)) is before
        assert lists.index(lists.find(None), removed=True) is not removed, "how sure removals are has changed"
        memory.learn(3, records(5))
        assert len(lists.index(lists.find(None)).rows) == 5
        assert found(memory.served, sort="id", status="removed").headers["X-Total-Count"] == "1"
