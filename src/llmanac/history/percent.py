"""How much a price moved."""

from fractions import Fraction

from llmanac.catalogue.money import PriceState, price_of_json, price_state


def price_percent(before: str | None, after: str | None) -> Fraction | None:
    """The change between two prices (JSON texts) in percent of the first, exact.

    None when there is no such number: a side that is no price or decided per request, or a first price of zero.
    """
    one = None if before is None else price_of_json(before.encode())
    other = None if after is None else price_of_json(after.encode())
    if one is None or other is None or price_state(one) is not PriceState.KNOWN:
        return None
    if price_state(other) is PriceState.DYNAMIC:
        return None
    return (Fraction(other.amount) / Fraction(one.amount) - 1) * 100


def went_up(before: str | None, after: str | None) -> bool | None:
    """Whether the second of two prices (JSON texts) is the greater; None where they are alike or one is not known."""
    one = None if before is None else price_of_json(before.encode())
    other = None if after is None else price_of_json(after.encode())
    if one is None or other is None or one.amount == other.amount:
        return None
    if PriceState.DYNAMIC in (price_state(one), price_state(other)):
        return None
    return other.amount > one.amount


def shown_percent(percent: Fraction) -> str:
    """Two decimals, ties to even, with a sign only when less than zero: `-12.50`."""
    hundredths = round(percent * 100)
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02}"
