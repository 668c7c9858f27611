"""Amounts for eyes: the only place where USD are rounded, ties away from zero as in finance."""

from decimal import ROUND_HALF_UP, Context, Decimal

from llmanac.catalogue.money import parse_price

_EXACT = Context(prec=512, rounding=ROUND_HALF_UP)
_CENT = Decimal((0, (1,), -2))
_TENTH = Decimal((0, (1,), -1))
_WHOLE_FROM = 100
_SIGNIFICANT = 3
"""Digits of an amount below a dollar."""


def dollars(amount: str) -> str:
    """`$1,234.57`, `$0.000123`: two decimals from a dollar up, three significant digits below.

    Args:
        amount: Plain digits, maybe with a minus.
    """
    size = parse_amount(amount.removeprefix("-"))
    if not size:
        return "$0"
    step = _CENT if size >= 1 else Decimal((0, (1,), size.adjusted() - _SIGNIFICANT + 1))
    shown = _EXACT.quantize(size, step)
    if size < 1 <= shown:
        shown = _EXACT.quantize(shown, _CENT)
    text = f"{shown:,f}"
    if shown < 1:
        text = text.rstrip("0").rstrip(".")
    return f"{'-' if amount.startswith('-') else ''}${text}"


def percent(text: str) -> str:
    """A share in percent to one decimal place, none where the text has none.

    Args:
        text: Plain digits, maybe with a minus.
    """
    if "." not in text:
        return text
    shown = _EXACT.quantize(parse_amount(text.removeprefix("-")), _TENTH)
    return f"{'-' if shown and text.startswith('-') else ''}{shown:f}"


def count_words(text: str) -> str:
    """A count with a comma before each three digits; `1,550,000`. To a whole number from a hundred up.

    Args:
        text: Plain digits, which may have a fraction.
    """
    count = parse_amount(text)
    if count >= _WHOLE_FROM:
        return f"{_EXACT.quantize(count, Decimal(1)):,f}"
    shown = f"{_EXACT.quantize(count, _CENT):f}"
    return shown.rstrip("0").rstrip(".")


def parse_amount(text: str) -> Decimal:
    """An amount as answers have it, which may be longer than any price."""
    whole, _, part = text.partition(".")
    digits = tuple(map(int, whole + part))
    return Decimal((0, digits, -len(part))) if len(text) > 64 else parse_price(text).amount
