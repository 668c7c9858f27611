"""Prices for eyes: per million where the unit is a token, per piece where it is not."""

from decimal import ROUND_HALF_EVEN, Context

import msgspec

from llmanac.catalogue.money import Price, PriceState, parse_price, per_million, plain

_PER_PIECE = frozenset({"image", "request", "web_search"})
"""Rates whose unit is no token."""
_few = Context(prec=6, rounding=ROUND_HALF_EVEN)


def price_words(field: str, value: str) -> str | None:
    """The price of a rate, or of a field that ends in one; None when the JSON is no price."""
    try:
        return words_of(field.rpartition(".")[2], parse_price(msgspec.json.decode(value.encode(), type=str)))
    except ValueError:
        return None


def words_of(rate: str, price: Price | None) -> str:
    """Unknown, dynamic and zero are told apart."""
    if price is None:
        return "unknown"
    if price.state is PriceState.DYNAMIC:
        return "dynamic"
    return f"${plain(price.amount)}" if rate in _PER_PIECE else f"${per_million(price)}/M"


def mean_words(rate: str, mean: str) -> str:
    """A mean for eyes, to 6 significant digits: it is no price anybody pays."""
    return words_of(rate, parse_price(plain(_few.plus(parse_price(mean).amount))))
