"""How far a budget goes."""

from decimal import Decimal
from fractions import Fraction

import msgspec

from llmanac.cost.quote import Quote
from llmanac.pricing.decimal_math import less, product


class Affordable(msgspec.Struct, frozen=True):
    """How many requests a budget buys."""

    requests: int | None
    """Whole ones; None: without end, as they cost nothing."""
    left: Decimal
    """USD, exact."""


def affordable(one_request: Quote, budget: Decimal) -> Affordable | None:
    """How many requests a budget in USD buys, and what is left; None where the quote is incomplete.

    Args:
        one_request: The quote of one request (`Workload.requests` 1), or of whatever is bought as a whole.

    Raises:
        decimal.Inexact: The budget has more digits than are computed exactly (`decimal_math.DIGITS`).
    """
    if one_request.total is None:
        return None
    if not one_request.total:
        return Affordable(None, budget)
    requests = Fraction(budget) // Fraction(one_request.total)
    return Affordable(requests, less(budget, product(Decimal(requests), one_request.total)))
