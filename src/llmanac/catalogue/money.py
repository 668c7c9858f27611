"""Prices: text in, exact `Decimal` out, and the text kept byte for byte.

The only place where a Decimal is made from text. Zero, dynamic and unknown are three things: upstream sends `"0"`
for free (and for models priced by another unit), `"-1"` when the price is decided per request (its five routers,
observed 2026-10), and nothing at all when it states no price.
"""

from decimal import Context, Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache

import msgspec

MAX_PRICE_CHARACTERS = 64
"""Longer texts are no price. The longest observed is 24 characters of float noise (2025)."""

MAX_PRICE_EXPONENT = 30
"""Largest power of ten, either way: beyond it exact arithmetic would cost without bound (`1e999999999`)."""

SAME_PRICE_DIGITS = 12
"""Two prices that agree to this many significant digits are one price: upstream's float noise begins at the 16th."""


_SAME_PRICE = Context(prec=SAME_PRICE_DIGITS)
_EXACT = Context(prec=2 * MAX_PRICE_CHARACTERS)
"""Wide enough that moving the point of any price rounds nothing; Decimal's default keeps 28 digits."""


class PriceState(StrEnum):
    """What is known of a price."""

    KNOWN = "known"
    ZERO = "zero"
    DYNAMIC = "dynamic"
    UNKNOWN = "unknown"


class Price(msgspec.Struct, frozen=True, gc=False):
    """One stated price: `text` as upstream sent it, in USD per unit. Make one with `parse_price`."""

    text: str

    @property
    def amount(self) -> Decimal:
        """The exact amount in USD per unit; -1 when dynamic, so ask `state` first."""
        return Decimal(self.text)

    @property
    def state(self) -> PriceState:
        """Known, zero or dynamic. A price that is not stated is no Price at all (`price_state(None)`)."""
        amount = self.amount
        if amount < 0:
            return PriceState.DYNAMIC
        return PriceState.KNOWN if amount else PriceState.ZERO


def parse_price(text: str) -> Price:
    """A price from upstream's text.

    Raises:
        ValueError: The text is no finite decimal, is negative but not -1, or passes the limits above.
    """
    if len(text) > MAX_PRICE_CHARACTERS:
        raise ValueError(f"Expected a price of at most {MAX_PRICE_CHARACTERS} characters, got {len(text)}")
    if not text.isascii() or "_" in text or text != text.strip():
        raise ValueError(f"Expected a decimal number, got {text!r}")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"Expected a decimal number, got {text!r}") from None
    if not amount.is_finite():
        raise ValueError(f"Expected a finite price, got {text!r}")
    if abs(amount.adjusted()) > MAX_PRICE_EXPONENT + (0 if amount else MAX_PRICE_CHARACTERS):
        raise ValueError(f"Expected a price between 1e-{MAX_PRICE_EXPONENT} and 1e{MAX_PRICE_EXPONENT}, got {text!r}")
    if amount < 0 and amount != -1:
        raise ValueError(f"Expected a price of 0 or more, or -1 for one decided per request, got {text!r}")
    return Price(text)


@lru_cache(maxsize=1024)  # a list has two thousand prices, of three hundred texts
def price_of_json(value: bytes) -> Price | None:
    """The price that a JSON string or number states, or None."""
    try:
        if value[:1] == b'"':
            return parse_price(msgspec.json.decode(value, type=str))
        return parse_price(value.decode()) if value[:1] in b"-0123456789" else None
    except ValueError:
        return None


def price_state(price: Price | None) -> PriceState:
    """The state of a price that may not be stated."""
    return PriceState.UNKNOWN if price is None else price.state


def same_price(one: Price | None, other: Price | None) -> bool:
    """Whether two prices agree to `SAME_PRICE_DIGITS` significant digits, or neither is stated."""
    if one is None or other is None:
        return one is other
    return one.text == other.text or price_key(one) == price_key(other)


def price_key(price: Price) -> Decimal:
    """Equal exactly for what is `same_price`, to look prices up by: one may take a thousand values."""
    return _SAME_PRICE.plus(price.amount)


def per_million(price: Price) -> str:
    """A known price per million units as plain digits, without exponent or trailing zeros: `"0.0000025"` → `"2.5"`."""
    return plain(amount_per_million(price))


def amount_per_million(price: Price) -> Decimal:
    """The same as an exact amount, which may be larger than any price."""
    return price.amount.scaleb(6, _EXACT)


def plain(amount: Decimal) -> str:
    """An amount as plain digits, without exponent or trailing zeros."""
    text = f"{amount or 0:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
