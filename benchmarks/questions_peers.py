"""What else one would answer with: a comprehension over plain objects, and SQLite in memory with indexes and FTS5.

Both get what they need precomputed. Neither forgives a slip, so for `q` they find less.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from llmanac.catalogue.expiry import expires_on
from llmanac.catalogue.money import Price
from llmanac.query.facet_names import Facet
from llmanac.query.query import Query
from llmanac.query.row import Row
from llmanac.query.row_values import WORDS
from llmanac.query.sort_names import Order
from llmanac.query.words import search_words

_DAY = 86_400
_MILLION = 1_000_000


class Peer(Protocol):
    """Answers a question; the total, to be compared."""

    def answer(self, query: Query, facets: Sequence[str], now: datetime) -> int:
        """How many rows the filters leave."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One model, ready to be compared. Prices in USD per million tokens."""

    id: str
    text: str
    words: Mapping[str, frozenset[str]]
    created: int | None
    context: int | None
    price: Decimal | None
    output_price: Decimal | None
    expires: str | None
    max_completion_tokens: int | None
    name: str | None

    def sort_value(self, order: Order) -> object:
        """None when it is unknown."""
        if order is Order.AVERAGE_PRICE:
            return None if self.price is None or self.output_price is None else self.price + self.output_price
        if order is Order.AUTHOR:
            return min(self.words[Facet.AUTHOR])
        value: object = getattr(self, order.value)
        return value


def facts_of(row: Row) -> Facts:
    """Of one row."""
    model, day = row.model, expires_on(row.model.record)
    return Facts(
        id=model.id,
        text=f"{model.id} {model.name or ''}".lower(),
        words={
            facet.value: frozenset((word or "none").casefold() for word in said(row)) for facet, said in WORDS.items()
        },
        created=model.created,
        context=model.context_length,
        price=_per_million(model.pricing.rate("prompt")),
        output_price=_per_million(model.pricing.rate("completion")),
        expires=None if day is None else day.isoformat(),
        max_completion_tokens=model.top_provider.max_completion_tokens,
        name=None if model.name is None else model.name.casefold(),
    )


def _per_million(price: Price | None) -> Decimal | None:
    return None if price is None or price.amount < 0 else price.amount * _MILLION


def _named(query: Query) -> Iterator[tuple[Facet, frozenset[str]]]:
    for facet, words in (
        (Facet.AUTHOR, query.model_authors),
        (Facet.INPUT_MODALITY, query.input_modalities),
        (Facet.OUTPUT_MODALITY, query.output_modalities),
        (Facet.ARCH, query.arch),
        (Facet.VARIANT, query.variant),
        (Facet.PRICE_STATE, query.price_state),
        (Facet.STATUS, query.status),
    ):
        if words:
            yield facet, words


def _bounds(query: Query, now: datetime) -> Iterator[tuple[str, str, Decimal | int]]:
    at = int(now.timestamp()) // 60 * 60
    for name, sign, bound in (
        ("context", ">=", query.context),
        ("price", ">=", query.min_price),
        ("price", "<=", query.max_price),
        ("output_price", ">=", query.min_output_price),
        ("output_price", "<=", query.max_output_price),
        ("created", "<=", None if query.min_age_days is None else at - query.min_age_days * _DAY),
        ("created", ">=", None if query.max_age_days is None else at - (query.max_age_days + 1) * _DAY + 1),
    ):
        if bound is not None:
            yield name, sign, bound


class PlainPeer:
    """A list of objects and a comprehension."""

    def __init__(self, facts: Sequence[Facts]) -> None:
        self._facts = facts

    def answer(self, query: Query, facets: Sequence[str], now: datetime) -> int:
        """See Peer."""
        tests = list(_tests(query, now))
        left = [one for one in self._facts if all(test(one) for test in tests)]
        for key in reversed(query.sort):
            values = {one.id: one.sort_value(key.order) for one in left}
            known = [one for one in left if values[one.id] is not None]
            known.sort(key=lambda one: one.id)
            known.sort(key=lambda one: values[one.id], reverse=key.descending)  # type: ignore[arg-type,return-value]
            left = known + [one for one in left if values[one.id] is None]
        page = left[query.offset : query.offset + (query.limit or len(left))]
        counted = {facet: Counter(word for one in left for word in one.words[facet]) for facet in facets}
        assert len(page) <= len(left)
        assert len(counted) == len(facets)
        return len(left)


def _tests(query: Query, now: datetime) -> Iterator[Callable[[Facts], bool]]:
    if query.ids:
        yield lambda one: one.id in query.ids
    if query.q:
        words = query.q.lower().split()
        yield lambda one: all(word in one.text for word in words)
    for facet, wanted in _named(query):
        yield lambda one, facet=facet, wanted=wanted: not wanted.isdisjoint(one.words[facet])  # type: ignore[misc]
    if query.supported_parameters:
        yield lambda one: query.supported_parameters <= one.words[Facet.PARAMETER]
    for name, sign, bound in _bounds(query, now):
        yield _within(name, sign, bound)


def _within(name: str, sign: str, bound: Decimal | int) -> Callable[[Facts], bool]:
    if sign == ">=":
        return lambda one: (value := getattr(one, name)) is not None and value >= bound
    return lambda one: (value := getattr(one, name)) is not None and value <= bound


class SqlitePeer:
    """A table in memory with an index on everything that is compared, words in a table of their own, names in FTS5."""

    def __init__(self, facts: Sequence[Facts]) -> None:
        self._database = sqlite3.connect(":memory:")
        self._database.executescript(
            "CREATE TABLE models (row INTEGER PRIMARY KEY, id, name, author, created, context, price REAL,"
            " output_price REAL, average_price REAL, expires, max_completion_tokens);"
            "CREATE TABLE words (facet, word, row, PRIMARY KEY (facet, word, row)) WITHOUT ROWID;"
            "CREATE VIRTUAL TABLE names USING fts5(text, tokenize='trigram');"
        )
        self._database.executemany(
            "INSERT INTO models VALUES (?,?,?,?,?,?,?,?,?,?,?)", map(_columns, range(len(facts)), facts)
        )
        self._database.executemany(
            "INSERT INTO words VALUES (?,?,?)",
            ((facet, word, row) for row, one in enumerate(facts) for facet, said in one.words.items() for word in said),
        )
        self._database.executemany(
            "INSERT INTO names (rowid, text) VALUES (?,?)", ((row, one.text) for row, one in enumerate(facts))
        )
        for column in (
            "id",
            "name",
            "author",
            "created",
            "context",
            "price",
            "output_price",
            "average_price",
            "expires",
        ):
            self._database.execute(f"CREATE INDEX by_{column} ON models ({column}, id)")
        self._database.execute("ANALYZE")

    def answer(self, query: Query, facets: Sequence[str], now: datetime) -> int:
        """See Peer."""
        clauses, values = _where(query, now)
        where = f"WHERE {' AND '.join(clauses)}" if clauses else ""
        order = ", ".join(
            f"{key.order.value} IS NULL, {key.order.value} {'DESC' if key.descending else ''}" for key in query.sort
        )
        part = f"LIMIT {query.limit or -1} OFFSET {query.offset}"
        page = f"SELECT row FROM models {where} ORDER BY {order or 'row'}, id {part}"
        self._database.execute(page, values).fetchall()
        for facet in facets:
            left = f"SELECT row FROM models {where}"
            count = f"SELECT word, count(*) FROM words WHERE facet = ? AND row IN ({left}) GROUP BY word"
            self._database.execute(count, (facet, *values)).fetchall()
        total: int = self._database.execute(f"SELECT count(*) FROM models {where}", values).fetchone()[0]
        return total


def _columns(row: int, one: Facts) -> tuple[object, ...]:
    prices = (one.price, one.output_price, one.sort_value(Order.AVERAGE_PRICE))
    real = [None if price is None else float(str(price)) for price in prices]
    author = min(one.words[Facet.AUTHOR])
    return row, one.id, one.name, author, one.created, one.context, *real, one.expires, one.max_completion_tokens


def _where(query: Query, now: datetime) -> tuple[list[str], list[object]]:
    clauses: list[str] = []
    values: list[object] = []

    def within(subject: str, words: frozenset[str], facet: str | None = None) -> None:
        marks = ",".join("?" * len(words))
        inner = f"SELECT row FROM words WHERE facet = ? AND word IN ({marks})" if facet else marks
        clauses.append(f"{subject} IN ({inner})")
        values.extend([facet] if facet else [])
        values.extend(sorted(words))

    if query.ids:
        within("id", query.ids)
    for facet, words in _named(query):
        within("row", words, facet)
    for word in sorted(query.supported_parameters):
        within("row", frozenset({word}), Facet.PARAMETER)
    for name, sign, bound in _bounds(query, now):
        clauses.append(f"{name} {sign} ?")
        values.append(float(str(bound)))
    if query.q:
        clauses.append("row IN (SELECT rowid FROM names WHERE names MATCH ?)")
        values.append(" ".join(f'"{word}"' for word in search_words(query.q)))
    return clauses, values
