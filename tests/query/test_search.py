"""The engine: what it finds is what its plain reading finds, and the rules that hold for every question."""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import chain, pairwise

import msgspec
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from llmanac.query.facet_names import FACETS, SINGLE_VALUED, Facet
from llmanac.query.facets import facets
from llmanac.query.fields import FILTER_FIELDS
from llmanac.query.index import make_index
from llmanac.query.query import Query
from llmanac.query.ranges import Ranges
from llmanac.query.recent import Recent
from llmanac.query.row import Row, listed_row
from llmanac.query.search import search
from llmanac.query.sort_names import Order, SortKey
from tests.build import answer, record
from tests.query.made import NOW, filters, made_rows, sorts
from tests.query.plain import count, plain_search, value_of
from tests.strategies import quick, taken

Rows = tuple[Row, ...]
FILTER_OF = {
    Facet.AUTHOR: "model_authors",
    Facet.INPUT_MODALITY: "input_modalities",
    Facet.OUTPUT_MODALITY: "output_modalities",
    Facet.PARAMETER: "supported_parameters",
    Facet.ARCH: "arch",
    Facet.VARIANT: "variant",
    Facet.PRICE_STATE: "price_state",
    Facet.STATUS: "status",
}


def ids(rows: list[Row] | Rows) -> list[str]:
    return [row.model.id for row in rows]


def asked_of(query: Query) -> dict[str, object]:
    return {name: value for name in FILTER_FIELDS if (value := getattr(query, name)) not in (None, "", frozenset())}


def found(rows: Rows, query: Query) -> list[str]:
    return ids(search(make_index(rows), query, now=NOW).rows)


@quick
@given(made_rows(), filters(), sorts(), st.integers(0, 5), st.none() | st.integers(1, 5))
def test_the_engine_answers_as_its_plain_reading_does(
    rows: Rows, asked: Query, sort: tuple[SortKey, ...], offset: int, limit: int | None
) -> None:
    query = msgspec.structs.replace(asked, sort=sort, offset=offset, limit=limit)
    page = search(make_index(rows), query, now=NOW)
    expected, total = plain_search(rows, query, NOW)
    event(f"{min(total, 5)} found")
    assert (ids(page.rows), page.total, page.offset) == (ids(expected), total, offset)


@quick
@given(made_rows(), filters())
def test_a_filter_leaves_a_part_of_the_list_and_no_filter_all_of_it_in_upstreams_order(
    rows: Rows, asked: Query
) -> None:
    assert found(rows, Query()) == ids(rows)
    left = found(rows, asked)
    assert len(left) == len(set(left))
    assert set(left) <= set(ids(rows))
    if not asked.q:
        assert left == [model for model in ids(rows) if model in set(left)]


@quick
@given(made_rows(), filters(), filters())
def test_filters_commute(rows: Rows, one: Query, other: Query) -> None:
    """Two questions at once leave what both leave; so in turn, whichever comes first."""
    of_one, of_other = (asked_of(query) for query in (one, other))
    event("clash" if of_one.keys() & of_other.keys() else "both")
    if not of_one.keys() & of_other.keys():
        together = found(rows, msgspec.structs.replace(Query(), **of_one, **of_other))
        assert set(together) == set(found(rows, one)) & set(found(rows, other))


@quick
@given(made_rows(), filters(), filters())
def test_filters_that_look_at_one_model_alone_can_be_asked_one_after_the_other(
    rows: Rows, one: Query, other: Query
) -> None:
    """All but `q`, to which the words of the whole list matter: a known word is no slip of another."""
    one, other = (msgspec.structs.replace(query, q="") for query in (one, other))
    in_turn = [
        search(make_index(search(make_index(rows), a, now=NOW).rows), b, now=NOW).rows
        for a, b in ((one, other), (other, one))
    ]
    assert ids(in_turn[0]) == ids(in_turn[1])


@quick
@given(made_rows(), filters(), sorts(), st.integers(1, 6))
def test_paging_walks_every_row_once_and_in_order(
    rows: Rows, asked: Query, sort: tuple[SortKey, ...], limit: int
) -> None:
    index = make_index(rows)
    query = msgspec.structs.replace(asked, sort=sort)
    whole = search(index, query, now=NOW)
    pages = []
    offset: int | None = 0
    while offset is not None:
        page = search(index, msgspec.structs.replace(query, offset=offset, limit=limit), now=NOW)
        assert page.total == whole.total == len(whole.rows)
        pages.append(page.rows)
        offset = page.next_offset
    assert ids(list(chain(*pages))) == ids(whole.rows)
    assert all(len(page) == limit for page in pages[:-1])


@quick
@given(made_rows(), filters())
def test_facets_count_what_the_filters_leave(rows: Rows, asked: Query) -> None:
    index = make_index(rows)
    left = search(index, asked, now=NOW)
    counted = facets(index, msgspec.structs.replace(asked, offset=3, limit=1), FACETS, now=NOW)
    for facet in Facet:
        assert list(counted[facet].items()) == list(count(left.rows, facet).items())
        assert facet not in SINGLE_VALUED or sum(counted[facet].values()) == left.total


@quick
@given(made_rows())
def test_the_word_of_a_facet_is_one_that_its_filter_takes(rows: Rows) -> None:
    index = make_index(rows)
    for facet, words in facets(index, Query(), FACETS, now=NOW).items():
        for word in words:
            query = msgspec.structs.replace(Query(), **{FILTER_OF[Facet(facet)]: frozenset({word.casefold()})})
            alike = sum(number for other, number in words.items() if other.casefold() == word.casefold())
            assert words[word] <= search(index, query, now=NOW).total <= alike


@quick
@given(made_rows(), st.sampled_from(Order), st.booleans())
def test_every_sort_is_total_and_the_unknown_comes_last_in_both_directions(
    rows: Rows,
    order: Order,
    descending: bool,  # noqa: FBT001  drawn
) -> None:
    """Whatever order upstream had: the same rows come in the same order."""
    query = Query(sort=(SortKey(order, descending=descending),))
    sorted_ids = found(rows, query)
    assert sorted_ids == found(rows[::-1], query)
    by_id = {str(row.model.id): value_of(row, order) for row in rows}
    known = [by_id[model] is not None for model in sorted_ids]
    assert known == sorted(known, reverse=True)
    for one, after in pairwise(sorted_ids):
        if by_id[one] == by_id[after]:
            assert one < after


def test_only_the_newest_results_are_kept() -> None:
    made: list[str] = []

    def length(key: str) -> int:
        made.append(key)
        return len(key)

    recent: Recent[str, int] = Recent(2)
    for key in ("one", "two", "one", "three", "two", "one"):
        assert recent.find(key, partial(length, key)) == len(key)
    assert made == ["one", "two", "three", "one"]


def test_many_threads_may_ask_at_the_same_time() -> None:
    recent: Recent[tuple[int, int], int] = Recent(2)

    def ask(thread: int) -> int:
        return sum(recent.find((thread, key), lambda: 1) for key in range(5000))

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            assert [*threads.map(ask, range(4))] == [5000] * 4
    finally:
        sys.setswitchinterval(usual)


def test_what_was_kept_for_one_minute_is_no_answer_for_the_next() -> None:
    """The model is a day old from the next full minute on."""
    model = taken(answer([record(created=int(NOW.timestamp()) - 45 - 86_400 + 60)])).models[0]
    index = make_index([listed_row(model)])
    query = Query(min_age_days=1)
    minutes = [NOW + timedelta(seconds=seconds) for seconds in (0, 14, 15, 74)]
    assert [search(index, query, now=minute).total for minute in minutes] == [0, 0, 1, 1]


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 300])
def test_ranges_hold_at_the_edges_of_their_blocks(size: int) -> None:
    values = [None if row % 7 == 0 else row // 2 for row in range(size)]
    ranges = Ranges(values)
    for bound in range(-1, size // 2 + 2):
        least = {row for row, value in enumerate(values) if value is not None and value >= bound}
        most = {row for row, value in enumerate(values) if value is not None and value <= bound}
        assert ranges.at_least(bound) == sum(1 << row for row in least)
        assert ranges.at_most(bound) == sum(1 << row for row in most)
