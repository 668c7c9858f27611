"""Arithmetic on USD that cannot round: what does not fit raises `decimal.Inexact` instead.

Only `decimal_text` rounds, for showing.
"""

from collections.abc import Iterable
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)
from fractions import Fraction

from llmanac.catalogue.money import plain

DIGITS = 256
"""Enough for a thousand workloads of 10^12 requests of 10^12 tokens at prices from 1e-94 to 1e30."""

SHOWN_DIGITS = 12
"""Significant digits of what is no finite decimal, as text."""

_CONTEXT = Context(
    prec=DIGITS, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow]
)
_SHOWN = Context(prec=SHOWN_DIGITS, rounding=ROUND_HALF_EVEN)


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


def decimal_text(amount: Fraction) -> str:
    """An exact amount as plain digits, rounded to `SHOWN_DIGITS` significant ones, half to even."""
    return plain(_SHOWN.divide(Decimal(amount.numerator), Decimal(amount.denominator)))
