"""All that one rate costs, in words: `$2/M; above 200000 tokens $4/M`."""

from collections.abc import Callable

from llmanac.catalogue.money import Price
from llmanac.cli.prices import words_of
from llmanac.cli.week import week_words
from llmanac.pricing.conditions import WHOLE_WEEK
from llmanac.pricing.tariff import Span, Tariff, Tier
from llmanac.render.history import WeekWindow


def tariff_words(rate: str, tariff: Tariff, *, exact: bool) -> str:
    """Its prices with their conditions.

    Args:
        exact: Upstream's own numbers, in USD per unit.
    """

    def price(found: Price | None) -> str:
        return (found.text if found is not None else "unknown") if exact else words_of(rate, found)

    told = [_tier(tier, price) for tier in tariff.tiers]
    unknown = [entry for entry in tariff.entries if not entry.applied]
    told += [f"{price(entry.price)} if {' and '.join(entry.conditions.unknown)} (not understood)" for entry in unknown]
    return "; ".join(told)


def _tier(tier: Tier, price: Callable[[Price | None], str]) -> str:
    above = "" if tier.more_than_tokens is None else f"above {tier.more_than_tokens} tokens "
    by_price: dict[str, list[Span]] = {}
    for span in tier.spans:
        by_price.setdefault(price(span.price), []).append(span)
    if len(by_price) == 1:
        return above + next(iter(by_price))
    return above + ", ".join(f"{words} {_when(spans)}" for words, spans in by_price.items())


def _when(spans: list[Span]) -> str:
    windows = [span.window for span in spans]
    assert tuple(windows) != WHOLE_WEEK, "one price needs no times"
    return week_words(WeekWindow(window.start, window.end) for window in windows)
