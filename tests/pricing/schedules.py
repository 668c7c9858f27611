"""What a schedule says of one moment."""

from llmanac.catalogue.money import Price
from llmanac.pricing.tariff import Tariff


def price_at(found: Tariff, minute: int, tokens: int = 0) -> Price | None:
    """The price at a minute of the week for a prompt of that many tokens."""
    reached = [tier for tier in found.tiers if tier.more_than_tokens is None or tokens > tier.more_than_tokens]
    (price,) = (span.price for span in reached[-1].spans if span.window.start <= minute < span.window.end)
    return price
