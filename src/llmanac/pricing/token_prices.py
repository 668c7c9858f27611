"""What the tokens of a model cost, as cost maps can state it: by length of the prompt, or at two times of the week.

A view of the rate card, so a map states nothing that is not billed. Cost maps have a number where upstream has
conditions, so a model is taken apart here once for all of them. Whatever cannot be stated exactly is not stated: a
price that is decided per request, conditions nobody knows, times and lengths at once, more than two times, and prices
in a unit that the list does not name.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

import msgspec

from llmanac.catalogue.model import Model
from llmanac.catalogue.money import Price, same_price
from llmanac.pricing.charge import Charges, price_basis
from llmanac.pricing.conditions import WEEK_MINUTES, Window
from llmanac.pricing.rate_card import RateCard

Prices = Mapping[str, Price]
"""By upstream's name of the rate; known or zero."""

_COUNTS: Mapping[str, str] = MappingProxyType(
    {
        "prompt": "fresh_tokens",
        "completion": "spoken_tokens",
        "input_cache_read": "cache_read_tokens",
        "input_cache_write": "cache_write_tokens",
        "input_cache_write_1h": "cache_write_1h_tokens",
        "internal_reasoning": "reasoning_tokens",
        "audio": "audio_tokens_in",
        "audio_output": "audio_tokens_out",
        "input_audio_cache": "audio_cache_read_tokens",
        "image_token": "image_tokens_in",
        "image_output": "image_tokens_out",
    }
)
"""The rates of tokens, and which charge is theirs where they are stated."""


class Step(msgspec.Struct, frozen=True):
    """The prices of the whole request once its prompt has more tokens than this; None: any prompt."""

    more_than_tokens: int | None
    prices: Prices


class OtherTimes(msgspec.Struct, frozen=True):
    """Windows of the week at which the prices are others; rates that cost the same are left out."""

    windows: tuple[Window, ...]
    """In order; some may touch."""
    prices: Prices


class TokenPrices(msgspec.Struct, frozen=True):
    """Steps by length, the first for any prompt. With `other_times` there is one step: the dearer of two times."""

    steps: tuple[Step, ...]
    other_times: OtherTimes | None = None

    def flat(self, rate: str, part_of: str | None = None) -> Price | None:
        """The price of a rate, if it is the same whatever the length; None when it is not or is not known.

        Args:
            part_of: The rate it is a part of. If that one has steps and this one only repeats its first, nobody can say
                whether it climbs along, so there is no price.
        """
        prices = [step.prices.get(rate) for step in self.steps]
        if prices[0] is None or not all(same_price(prices[0], price) for price in prices):
            return None
        whole = [step.prices.get(part_of) for step in self.steps] if part_of else []
        climbs = not all(same_price(whole[0], price) for price in whole)
        return None if climbs and same_price(whole[0], prices[0]) else prices[0]


def token_prices(model: Model, card: RateCard) -> TokenPrices | None:
    """The prices of a model's tokens, or None when they cannot be stated exactly.

    Zero for everything is free where only tokens are paid for; a model that gives images or audio for it is sold by a
    unit that the list does not name (`google/lyria-3-pro-preview`, songs, observed 2026-10).
    """
    basis = price_basis(model)
    priced = basis.only_tokens or any(charge.amount for charges in card.cells for charge in charges.values())
    if card.doubtful or not priced or not basis.all_in_tokens:
        return None
    cells, times = [_stated(charges) for charges in card.cells], len(card.edges)
    tiers = [cells[begin : begin + times] for begin in range(0, len(cells), times)]
    if any(not _same_prices(tier[0], prices) for tier in tiers for prices in tier):
        is_one = all(_same_prices(*both) for tier in tiers for both in zip(tier, tiers[0], strict=True))
        return _by_time(tiers[0], card.edges) if is_one else None
    return TokenPrices(_steps([tier[0] for tier in tiers], card.lengths))


def search_price(card: RateCard) -> Price | None:
    """What a web search costs, if that is the same at any length and time; None when it is not or is not known."""
    charges = [charges["web_searches"] for charges in card.cells]
    prices = [None if charge.reason else charge.price for charge in charges]
    return prices[0] if all(same_price(prices[0], price) for price in prices) else None


def _stated(charges: Charges) -> Prices:
    """Those of the rates themselves, not of another one that stands in for them."""
    found = ((rate, charges[count]) for rate, count in _COUNTS.items() if count in charges)
    return {rate: charge.price for rate, charge in found if charge.price is not None and charge.rate == rate}


def _steps(tiers: Sequence[Prices], lengths: Sequence[int]) -> tuple[Step, ...]:
    """A rate that is not known any more above some length is left out: readers would go on with the last price."""
    lost = {rate for prices, longer in pairwise(tiers) for rate in prices if rate not in longer}
    steps: list[Step] = []
    for length, prices in zip((None, *lengths), tiers, strict=True):
        kept = {rate: price for rate, price in prices.items() if rate not in lost}
        if not steps or not _same_prices(steps[-1].prices, kept):
            steps.append(Step(length, kept))
    return tuple(steps)


def _by_time(cards: Sequence[Prices], edges: Sequence[int]) -> TokenPrices | None:
    """The dearer and the cheaper of two times; None when there are more, or none is dearer."""
    kinds: list[Prices] = []
    for card in cards:
        if not any(_same_prices(card, kind) for kind in kinds):
            kinds.append(card)
    if len(kinds) != 2 or kinds[0].keys() != kinds[1].keys():
        return None
    cheap, dear = sorted(kinds, key=lambda card: [card[rate].amount for rate in sorted(card)])
    if any(cheap[rate].amount > dear[rate].amount for rate in cheap):
        return None
    spans = zip(pairwise((*edges, WEEK_MINUTES)), cards, strict=True)
    windows = tuple(Window(start, end) for (start, end), card in spans if _same_prices(card, cheap))
    changed = {rate: price for rate, price in cheap.items() if not same_price(price, dear[rate])}
    return TokenPrices((Step(None, dear),), OtherTimes(windows, changed))


def _same_prices(one: Prices, other: Prices) -> bool:
    return one.keys() == other.keys() and all(same_price(price, other[rate]) for rate, price in one.items())
