"""One rate of one model, and which of its prices is due when: the one place that decides it.

An entry applies when all its conditions hold; of those that apply the last one wins; where none does, the base price
counts (OpenRouter's document, August 2026). One with a condition that is not understood is never applied: it puts the
price that it would replace in doubt. Models that are priced by the time of day list windows that cover the whole week,
and their base price only repeats the window in force.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from llmanac.catalogue.money import Price, same_price
from llmanac.pricing.conditions import WEEK_MINUTES, WHOLE_WEEK, Conditions, Window


class Override(msgspec.Struct, frozen=True):
    """When an entry of `pricing.overrides` applies."""

    conditions: Conditions
    stated: bytes
    """The conditions as a JSON object without white space, each value as upstream spells it."""

    @property
    def unknown(self) -> str:
        """The conditions that are not understood, as text; empty when all are."""
        return ", ".join(self.conditions.unknown)


class Entry(msgspec.Struct, frozen=True):
    """The price of one rate under conditions."""

    override: Override
    price: Price

    @property
    def conditions(self) -> Conditions:
        """What must hold."""
        return self.override.conditions

    @property
    def applied(self) -> bool:
        """Whether every condition is understood; an entry that is not is never applied."""
        return not self.conditions.unknown


class EffectiveRate(msgspec.Struct, frozen=True, gc=False):
    """The price of one rate for one length of prompt at one time."""

    price: Price | None
    """None: it is only stated under conditions that are not understood."""
    override: Override | None
    """Where the price stands; None: among the base prices."""
    doubt: str
    """Conditions that are not understood and decide whether this price is the one; empty: there are none."""


class Span(msgspec.Struct, frozen=True):
    """A part of the week and its price; None where nothing states one."""

    window: Window
    price: Price | None


class Tier(msgspec.Struct, frozen=True):
    """Prompts of more tokens than this, up to the next tier: their price over the whole week, in order, without gap.

    Neighbours differ in price, so two spellings of one schedule have the same spans.
    """

    more_than_tokens: int | None
    spans: tuple[Span, ...]


class Tariff(msgspec.Struct, frozen=True, gc=False):
    """One rate of one model: its base price and its entries in upstream's order."""

    base: Price | None
    entries: tuple[Entry, ...]

    def effective(
        self, more_than_tokens: int | None, edges: Sequence[int], doubt: str = ""
    ) -> list[EffectiveRate | None]:
        """What is due from each edge to the next for a prompt of more tokens than this (None: a short one).

        None where no price is stated. Each entry is looked at once, whatever the number of edges.

        Args:
            edges: Minutes of the week, ascending: both its ends, and those at which another price may begin.
            doubt: Why the base price may not be the one that counts.
        """
        base = None if self.base is None else EffectiveRate(self.base, None, doubt)
        due = [base] * (len(edges) - 1)
        for entry in self.entries:
            least = entry.conditions.more_than_tokens
            if least is not None and (more_than_tokens is None or more_than_tokens < least):
                continue
            # Of hours that are not understood nothing is known, so they may be any.
            for window in entry.conditions.windows or (() if entry.applied else WHOLE_WEEK):
                begin, end = bisect_left(edges, window.start), bisect_left(edges, window.end)
                if entry.applied:
                    due[begin:end] = [EffectiveRate(entry.price, entry.override, "")] * (end - begin)
                else:
                    due[begin:end] = [_doubted(before, entry) for before in due[begin:end]]
        return due

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """The whole schedule, sorted and merged, by length of the prompt; the first tier is for the shortest ones."""
        entries = [entry for entry in self.entries if entry.applied]
        edges = week_edges(entries)
        tiers: list[Tier] = []
        for length in (None, *prompt_lengths(entries)):
            tier = Tier(length, _spans(edges, _prices(self, length, edges)))
            if not tiers or not _same_spans(tiers[-1].spans, tier.spans):
                tiers.append(tier)
        return tuple(tiers)

    @property
    def covers_week(self) -> bool:
        """Whether every minute of the week lies in a window, whatever the prompt: the base price is then never due."""
        return None not in _prices(Tariff(None, self.entries), None, week_edges(self.entries))


def prompt_lengths(entries: Sequence[Entry]) -> list[int]:
    """The lengths of prompts, in tokens, above which another price may be due, ascending."""
    return sorted({least for entry in entries if (least := entry.conditions.more_than_tokens) is not None})


def week_edges(entries: Sequence[Entry]) -> list[int]:
    """The minutes of the week at which another price may begin, ascending, and both its ends."""
    windows = [window for entry in entries for window in entry.conditions.windows]
    return sorted({0, WEEK_MINUTES, *(edge for window in windows for edge in (window.start, window.end))})


def same_tariff(one: Tariff, other: Tariff) -> bool:
    """Whether every prompt costs the same at every minute of the week; no price stated is the same as zero.

    With conditions that are not understood nobody can say, so then the entries must be the same ones.
    """
    entries = (*one.entries, *other.entries)
    if not all(entry.applied for entry in entries):
        same_entries = [*map(_meaning, one.entries)] == [*map(_meaning, other.entries)]
        return same_entries and _same_or_free(one.base, other.base)
    edges = week_edges(entries)
    return all(
        _same_or_free(mine, theirs)
        for length in (None, *prompt_lengths(entries))
        for mine, theirs in zip(_prices(one, length, edges), _prices(other, length, edges), strict=True)
    )


def _meaning(entry: Entry) -> tuple[object, ...]:
    stated = entry.conditions
    return stated.more_than_tokens, stated.windows, stated.unknown, entry.price


def _prices(tariff: Tariff, more_than_tokens: int | None, edges: Sequence[int]) -> list[Price | None]:
    return [None if due is None else due.price for due in tariff.effective(more_than_tokens, edges)]


def _doubted(before: EffectiveRate | None, entry: Entry) -> EffectiveRate:
    """What was due before an entry that is not understood and may replace it."""
    if before is None:
        return EffectiveRate(None, None, entry.override.unknown)
    if same_price(before.price, entry.price):
        return before
    return EffectiveRate(before.price, before.override, before.doubt or entry.override.unknown)


def _spans(edges: Sequence[int], prices: Sequence[Price | None]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for (start, end), price in zip(pairwise(edges), prices, strict=True):
        if spans and same_price(spans[-1].price, price):
            spans[-1] = Span(Window(spans[-1].window.start, end), spans[-1].price)
        else:
            spans.append(Span(Window(start, end), price))
    return tuple(spans)


def _same_or_free(one: Price | None, other: Price | None) -> bool:
    if one is not None and other is not None:
        return same_price(one, other)
    stated = one or other
    return stated is None or not stated.amount


def _same_spans(one: tuple[Span, ...], other: tuple[Span, ...]) -> bool:
    return len(one) == len(other) and all(
        mine.window == theirs.window and same_price(mine.price, theirs.price)
        for mine, theirs in zip(one, other, strict=True)
    )
