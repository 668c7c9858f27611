"""Our quotes against another library's totals: where they differ, and why by the record."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import msgspec

from llmanac.catalogue.money import parse_price, plain
from llmanac.cost.quote import Quote, quote
from llmanac.pricing.rate_card import RateCard
from scripts.cost_comparison.cases import CASES, NOON, RATES

_NOISE = Fraction(1, 10**9)
"""Relative differences below it are the binary fractions of a library that counts in floats."""


class Verdict(StrEnum):
    """How a total of another library stands to ours."""

    SAME = "same"
    NOISE = "same but for float noise"
    ABSENT = "no price there"
    INVENTED = "a number where the record has none"
    PRICE = "another price"
    TIER = "tier"
    HOUR = "hour"
    CACHE = "cache"


class Finding(msgspec.Struct, frozen=True):
    """One total against ours. `because` names the rate with both prices, or the condition."""

    model: str
    case: str
    verdict: Verdict
    ours: str
    theirs: str
    because: str


Totals = Mapping[tuple[str, str], str | None]
"""By model and by case or rate."""


def compare(cards: Sequence[RateCard], totals: Totals) -> list[Finding]:
    """A finding for each model and case."""
    found = []
    for card in cards:
        for case in CASES:
            ours, theirs = quote(card, case.workload, now=NOON), totals[card.id, case.name]
            verdict, because = _judge(card, ours, theirs, totals)
            shown = "incomplete" if ours.total is None else plain(ours.total)
            found.append(Finding(card.id, case.name, verdict, shown, theirs or "none", because))
    return found


def _judge(card: RateCard, ours: Quote, theirs: str | None, totals: Totals) -> tuple[Verdict, str]:
    if theirs is None:
        return Verdict.ABSENT, ""
    if ours.total is None:
        return Verdict.INVENTED, "; ".join(f"`{each.rate}`: {each.reason}" for each in ours.missing)
    agreement = _agreement(ours.total, theirs)
    return (agreement, "") if agreement is not None else _why(card, ours, totals)


def _why(card: RateCard, ours: Quote, totals: Totals) -> tuple[Verdict, str]:
    if other := _other_rates(card, ours, totals):
        return Verdict.PRICE, other
    why = "; ".join(dict.fromkeys(line.why for line in ours.lines if line.why))
    if "tokens" in why:
        return Verdict.TIER, why
    if why:
        return Verdict.HOUR, why
    if ours.assumed or any(line.rate.startswith("input_cache") for line in ours.lines):
        return Verdict.CACHE, "; ".join(ours.assumed)
    return Verdict.TIER, "the record has no tier"


def _other_rates(card: RateCard, ours: Quote, totals: Totals) -> str:
    """The rates that the quote uses and the library has another base price for."""
    differing = []
    for rate in dict.fromkeys(line.rate for line in ours.lines):
        theirs = totals.get((card.id, rate))
        mine = quote(card, RATES[rate], now=NOON) if rate in RATES else None
        if theirs is None or mine is None or mine.total is None or _agreement(mine.total, theirs) is not None:
            continue
        differing.append(f"`{rate}` {_per_million(mine.total)} in the record, {_per_million(_amount(theirs))} there")
    return "; ".join(differing)


def _per_million(of_a_thousand: Decimal) -> str:
    return f"${plain(round(of_a_thousand * 1000, 6).normalize())}/M"


def _agreement(ours: Decimal, theirs: str) -> Verdict | None:
    amount = _amount(theirs)
    if amount == ours:
        return Verdict.SAME
    apart = abs(Fraction(amount) - Fraction(ours))
    return Verdict.NOISE if apart <= _NOISE * max(Fraction(ours), Fraction(amount)) else None


def _amount(text: str) -> Decimal:
    return parse_price(text).amount
