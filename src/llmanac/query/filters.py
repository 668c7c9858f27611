"""The rows that the filters of a question leave. Each filter is a set of rows, so their order does not matter."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Context, Decimal

import msgspec

from llmanac.catalogue.money import MAX_PRICE_CHARACTERS
from llmanac.query.facet_names import Facet
from llmanac.query.index import Index, Narrowed
from llmanac.query.query import Query
from llmanac.query.sort_names import Order

_MINUTE, _DAY = 60, 86_400
_EXACT = Context(prec=2 * MAX_PRICE_CHARACTERS)


def narrow(index: Index, query: Query, now: datetime) -> Narrowed:
    """What every filter leaves."""
    minute = int(now.timestamp()) // _MINUTE * _MINUTE
    filters = msgspec.structs.replace(query, sort=(), offset=0, limit=None)
    return index.narrowed.find((filters, minute), lambda: _narrow(index, filters, minute))


def _narrow(index: Index, query: Query, minute: int) -> Narrowed:
    rows = index.every
    for left in _sets(index, query, minute):
        rows &= left
    if not query.q:
        return Narrowed(rows)
    matches = index.names.find(query.q)
    identified = index.with_ids({query.q, query.q.lower()})
    ranked = (identified, *(bits & ~identified for bits in matches.ranked))
    return Narrowed(rows & (matches.rows | identified), ranked)


def _sets(index: Index, query: Query, minute: int) -> Iterator[int]:
    if query.ids:
        yield index.with_ids(query.ids)
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
            yield index.words(facet).any_of(words)
    if query.supported_parameters:
        yield index.words(Facet.PARAMETER).all_of(query.supported_parameters, index.every)
    yield from _within_bounds(index, query, minute)


def _within_bounds(index: Index, query: Query, minute: int) -> Iterator[int]:
    young, old = query.max_age_days, query.min_age_days
    for order, least, most in (
        (Order.CONTEXT, query.context, None),
        (Order.PRICE, _per_token(query.min_price), _per_token(query.max_price)),
        (Order.OUTPUT_PRICE, _per_token(query.min_output_price), _per_token(query.max_output_price)),
        (
            Order.CREATED,
            # A model is one day old for a whole day, so the last second before it is two days old counts too.
            None if young is None else minute - (young + 1) * _DAY + 1,
            None if old is None else minute - old * _DAY,
        ),
    ):
        if least is not None:
            yield index.ranges(order).at_least(least)
        if most is not None:
            yield index.ranges(order).at_most(most)


def _per_token(bound: Decimal | None) -> Decimal | None:
    """A bound in USD per million tokens as one per token, exactly."""
    return None if bound is None else bound.scaleb(-6, _EXACT)
