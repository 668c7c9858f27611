"""What the tokens of a model cost, as cost maps can state it: by length of the prompt, or at two times of the week.

Cost maps have a number where upstream has conditions, so a model is taken apart here once for all of them. Whatever
cannot be stated exactly is not stated: a price that is decided per request, conditions nobody knows, times and lengths
at once, more than two times, and prices in a unit that the list does not name.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec

from llmanac.catalogue.model import Model
from llmanac.catalogue.money import Price, PriceState, same_price
from llmanac.pricing.conditions import WEEK_MINUTES, Window
from llmanac.pricing.tariff import Tariff, billed_tariffs

Prices = Mapping[str, Price]
"""By upstream's name of the rate; known or zero."""

SOLD_BY_TOKEN = frozenset({"text", "image", "audio", "embeddings", "decision", "decisions"})
"""Outputs of models whose prices are per token. Others are sold by the second, the hour, the character, the search …

and the list does not say by which (`microsoft/mai-transcribe-1.5` has `prompt` 0.36, observed 2026-10). Audio is known
to be only beside another of these.
"""

READS_AND_WRITES_TOKENS = frozenset({"text", "embeddings", "decision", "decisions"})
"""Outputs of models that nothing but tokens is paid for, so that zero is free."""


class Step(msgspec.Struct, frozen=True):
    """The prices of the whole request once its prompt has more tokens than this; None: any prompt."""

    more_than_tokens: int | None
    prices: Prices


class OtherTimes(msgspec.Struct, frozen=True):
    """Windows of the week at which the prices are others; rates that cost the same are left out."""

    windows: tuple[Window, ...]
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
        if prices[0] is None or not all(_same(prices[0], price) for price in prices):
            return None
        whole = [step.prices.get(part_of) for step in self.steps] if part_of else []
        climbs = not all(_same(whole[0], price) for price in whole)
        return None if climbs and _same(whole[0], prices[0]) else prices[0]


def token_prices(model: Model) -> TokenPrices | None:
    """The prices of a model's tokens, or None when they cannot be stated exactly."""
    rates = billed_tariffs(model.record)
    if not sold_by_token(model, rates) or not all(entry.applied for rate in rates.values() for entry in rate.entries):
        return None
    tiers = {name: rate.tiers for name, rate in rates.items()}
    reached = {tier.more_than_tokens for each in tiers.values() for tier in each}
    lengths = sorted(length for length in reached if length is not None)
    if any(len(tier.spans) > 1 for each in tiers.values() for tier in each):
        return None if lengths else _by_time(rates)
    return TokenPrices(_steps(rates, (None, *lengths)))


def flat_price(record: bytes, rate: str) -> Price | None:
    """The price of one rate that has no conditions; None when it has some, or is not known."""
    tariff = billed_tariffs(record).get(rate)
    return None if tariff is None or tariff.entries else _stated(tariff.base)


def sold_by_token(model: Model, rates: Mapping[str, Tariff]) -> bool:
    """Whether the stated prices are those of tokens.

    Zero for everything is free where only tokens are paid for; a model that gives images or audio for it is sold by a
    unit that the list does not name (`google/lyria-3-pro-preview`, songs, observed 2026-10).
    """
    given = frozenset(model.architecture.output_modalities)
    if not given <= SOLD_BY_TOKEN or given <= {"audio"}:
        return False
    bases = [rate.base for rate in rates.values() if rate.base is not None]
    return given <= READS_AND_WRITES_TOKENS or any(base.amount for base in bases)


def _steps(rates: Mapping[str, Tariff], lengths: Sequence[int | None]) -> tuple[Step, ...]:
    """A rate that is not known any more above some length is left out: readers would go on with the last price."""
    cards = [_due(rates, 0, length) for length in lengths]
    lost = {rate for card, longer in pairwise(cards) for rate in card if rate not in longer}
    return tuple(
        Step(length, {rate: price for rate, price in card.items() if rate not in lost})
        for length, card in zip(lengths, cards, strict=True)
    )


def _by_time(rates: Mapping[str, Tariff]) -> TokenPrices | None:
    """The dearer and the cheaper of two times; None when there are more, or none is dearer."""
    starts = sorted({span.window.start for rate in rates.values() for span in rate.tiers[0].spans})
    cards = [_due(rates, start, None) for start in starts]
    kinds: list[Prices] = []
    for card in cards:
        if not any(_same_card(card, kind) for kind in kinds):
            kinds.append(card)
    if len(kinds) != 2 or kinds[0].keys() != kinds[1].keys():
        return None
    cheap, dear = sorted(kinds, key=lambda card: [card[rate].amount for rate in sorted(card)])
    if any(cheap[rate].amount > dear[rate].amount for rate in cheap):
        return None
    spans = zip(pairwise((*starts, WEEK_MINUTES)), cards, strict=True)
    windows = tuple(Window(start, end) for (start, end), card in spans if _same_card(card, cheap))
    changed = {rate: price for rate, price in cheap.items() if not _same(price, dear[rate])}
    return TokenPrices((Step(None, dear),), OtherTimes(windows, changed))


def _due(rates: Mapping[str, Tariff], minute: int, length: int | None) -> Prices:
    due = ((name, _stated(rate.due(minute, length))) for name, rate in rates.items())
    prices = {name: price for name, price in due if price is not None}
    prompt, image = prices.get("prompt"), prices.get("image_token")
    if image is not None and image.amount and (prompt is None or not prompt.amount):
        # What it is per is not stated; 0.003 a token would be three dollars an image.
        del prices["image_token"]
    return prices


def _stated(price: Price | None) -> Price | None:
    return None if price is None or price.state is PriceState.DYNAMIC else price


def _same(one: Price | None, other: Price | None) -> bool:
    return one is other if one is None or other is None else same_price(one, other)


def _same_card(one: Prices, other: Prices) -> bool:
    return one.keys() == other.keys() and all(same_price(price, other[rate]) for rate, price in one.items())
