"""How many of the rows that a question finds have which value."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from llmanac.query.facet_names import Facet
from llmanac.query.filters import narrow
from llmanac.query.index import Index
from llmanac.query.query import Query


def facets(index: Index, query: Query, names: Iterable[str], *, now: datetime) -> Mapping[str, Mapping[str, int]]:
    """For each of these facets its words with their counts, the most first, then by the word.

    Counted are all rows that the filters leave, whatever the page. A word of a facet is also one that its filter takes.
    """
    rows = narrow(index, query, now).rows
    return {name: index.words(Facet(name)).counts(rows) for name in names}
