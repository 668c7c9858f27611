"""Quotes against each other."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import msgspec

from llmanac.catalogue.ids import ModelId
from llmanac.cost.quote import Quote
from llmanac.pricing.decimal_math import less


class Difference(msgspec.Struct, frozen=True):
    """How a quote differs from the current choice."""

    amount: Decimal
    """USD more than the current choice, exact; negative: less."""
    percent: Fraction | None
    """Of the current choice's total, exact; None where that is zero."""


def ranked(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    """Cheapest first; incomplete ones after all complete ones, by what is known of them; the same price by id."""
    return tuple(sorted(quotes, key=_rank))


def difference(one: Quote, current: Quote) -> Difference | None:
    """How one differs from the current choice; None unless both are complete."""
    if one.total is None or current.total is None:
        return None
    amount = less(one.total, current.total)
    return Difference(amount, Fraction(amount) / Fraction(current.total) * 100 if current.total else None)


def _rank(quote: Quote) -> tuple[bool, Decimal, ModelId]:
    return (not quote.complete, quote.known_total, quote.id)
