"""Arithmetic on USD that cannot round: what does not fit raises `decimal.Inexact` instead."""

from collections.abc import Iterable
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow

DIGITS = 256
"""Enough for a thousand workloads of 10^12 requests of 10^12 tokens at prices from 1e-94 to 1e30."""

_CONTEXT = Context(
    prec=DIGITS, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow]
)


def product(one: Decimal, other: Decimal) -> Decimal:
    """One times the other."""
    return _CONTEXT.multiply(one, other)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum."""
    found = Decimal(0)
    for amount in amounts:
        found = _CONTEXT.add(found, amount)
    return found


def less(one: Decimal, other: Decimal) -> Decimal:
    """One minus the other."""
    return _CONTEXT.subtract(one, other)
