"""What the prices of a record mean: per rate, what it costs at which time and for how long a prompt.

An entry of `pricing.overrides` applies when all its conditions hold; of those that apply the last one that states the
rate wins; where none does, the base price counts. Models that are priced by the time of day list windows that cover the
whole week, and their base price only repeats the window in force.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from types import MappingProxyType

import msgspec

from llmanac.catalogue.money import Price, parse_price, same_price
from llmanac.catalogue.record import members
from llmanac.pricing.conditions import DAY_MINUTES, WEEK_MINUTES, Conditions, Window, read_conditions, split_entry

NO_RATES = frozenset({"overrides", "discount"})
"""Members of `pricing` that are no price: `discount` is information, the listed prices are already after it."""

FILLING = "request"
"""Records that state this rate fill in "0" for rates without a price of their own (all lists until January 2026, a few
records until March): there a 0 of any other rate than `prompt` and `completion` says nothing, not that it is free."""

_entries = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])


class Entry(msgspec.Struct, frozen=True):
    """The price of one rate under conditions."""

    conditions: Conditions
    price: Price

    @property
    def applied(self) -> bool:
        """Whether every condition is understood; an entry that is not is never applied."""
        return not self.conditions.unknown


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


class Tariff(msgspec.Struct, frozen=True):
    """One rate of one model: its base price and its entries in upstream's order."""

    base: Price | None
    entries: tuple[Entry, ...]

    @property
    def lengths(self) -> frozenset[int]:
        """The prompt lengths, in tokens, above which another price may be due."""
        stated = (entry.conditions.more_than_tokens for entry in self._applied())
        return frozenset(length for length in stated if length is not None)

    @property
    def edges(self) -> frozenset[int]:
        """The minutes of the week at which another price may begin."""
        windows = [window for entry in self._applied() for window in entry.conditions.windows]
        return frozenset(edge % WEEK_MINUTES for window in windows for edge in (window.start, window.end))

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """The whole tariff, sorted and merged, by length of the prompt; the first tier is for the shortest ones."""
        tiers: list[Tier] = []
        for length in (None, *sorted(self.lengths)):
            tier = Tier(length, self._spans(length))
            if not tiers or not _same_spans(tiers[-1].spans, tier.spans):
                tiers.append(tier)
        return tuple(tiers)

    @property
    def covers_week(self) -> bool:
        """Whether every minute of the week lies in a window, whatever the prompt: the base price is then never due."""
        always = [entry.conditions for entry in self._applied() if entry.conditions.more_than_tokens is None]
        covered = 0
        for window in sorted(window for conditions in always for window in conditions.windows):
            if window.start > covered:
                return False
            covered = max(covered, window.end)
        return covered == WEEK_MINUTES

    def due(self, minute: int, more_than_tokens: int | None = None) -> Price | None:
        """The price at a minute of the week for a prompt of more tokens than this (None: a short one)."""
        for entry in reversed(self._applied()):
            if _is_for(entry, more_than_tokens) and any(
                window.start <= minute < window.end for window in entry.conditions.windows
            ):
                return entry.price
        return self.base

    def span_at(self, instant: datetime, *, prompt_tokens: int = 0) -> Span:
        """The part of the week in force at an instant (of any offset) for a prompt of that length."""
        at = instant.astimezone(UTC)
        minute = at.weekday() * DAY_MINUTES + at.hour * 60 + at.minute
        spans = self._spans(prompt_tokens - 1 if prompt_tokens else None)
        return next(span for span in spans if span.window.start <= minute < span.window.end)

    def _applied(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.applied)

    def _spans(self, more_than_tokens: int | None) -> tuple[Span, ...]:
        """The week of a prompt with more tokens than this."""
        marks = sorted({0, WEEK_MINUTES} | self.edges)
        spans: list[Span] = []
        for (start, end), price in zip(pairwise(marks), self._prices(marks, more_than_tokens), strict=True):
            if spans and _same(spans[-1].price, price):
                spans[-1] = Span(Window(spans[-1].window.start, end), spans[-1].price)
            else:
                spans.append(Span(Window(start, end), price))
        return tuple(spans)

    def _prices(self, marks: Sequence[int], more_than_tokens: int | None) -> list[Price | None]:
        """What is due from each mark to the next; `marks` are sorted, and every edge and both ends of the week are one.

        The same as `due` of each mark, but every entry is looked at once.
        """
        prices: list[Price | None] = [self.base] * (len(marks) - 1)
        for entry in self._applied():
            if not _is_for(entry, more_than_tokens):
                continue
            for window in entry.conditions.windows:
                begin, end = bisect_left(marks, window.start), bisect_left(marks, window.end)
                prices[begin:end] = [entry.price] * (end - begin)
        return prices


def tariffs(record: bytes) -> Mapping[str, Tariff]:
    """The tariff of each rate that the record states, by upstream's name, in upstream's order."""
    stated = members(record).get("pricing", b"null")
    if stated[:1] != b"{":
        return MappingProxyType({})
    pricing = members(stated)
    base = {
        name: price
        for name, value in pricing.items()
        if name not in NO_RATES and (price := price_of(value)) is not None
    }
    entries: dict[str, list[Entry]] = {}
    for rate, entry in _stated_entries(pricing.get("overrides", b"null")):
        entries.setdefault(rate, []).append(entry)
    return MappingProxyType(
        {rate: Tariff(base.get(rate), tuple(entries.get(rate, ()))) for rate in dict.fromkeys((*base, *entries))}
    )


def billed_tariffs(record: bytes) -> Mapping[str, Tariff]:
    """As `tariffs`, of what is billed: without the base prices that say nothing (`without_filled_zeros`)."""
    stated = tariffs(record)
    base = {rate: tariff.base for rate, tariff in stated.items() if tariff.base is not None}
    meant = without_filled_zeros(base)
    return MappingProxyType(
        {
            rate: Tariff(meant.get(rate), tariff.entries)
            for rate, tariff in stated.items()
            if rate in meant or tariff.entries
        }
    )


def without_filled_zeros(base: Mapping[str, Price]) -> Mapping[str, Price]:
    """The base prices that mean something: see `FILLING`."""
    if FILLING not in base:
        return base
    return {rate: price for rate, price in base.items() if rate in {"prompt", "completion"} or price.amount}


def price_of(value: bytes) -> Price | None:
    """The price that a JSON string or number states, or None."""
    try:
        if value[:1] == b'"':
            return parse_price(msgspec.json.decode(value, type=str))
        return parse_price(value.decode()) if value[:1] in b"-0123456789" else None
    except ValueError:
        return None


def same_tariff(one: Tariff, other: Tariff) -> bool:
    """Whether every prompt costs the same at every minute of the week; no price stated is the same as zero.

    With conditions that are not understood nobody can say, so then the entries must be the same ones.
    """
    if not all(entry.applied for tariff in (one, other) for entry in tariff.entries):
        return one.entries == other.entries and _same_or_free(one.base, other.base)
    marks = sorted({0, WEEK_MINUTES} | one.edges | other.edges)
    return all(
        _same_or_free(mine, theirs)
        for length in (None, *sorted(one.lengths | other.lengths))
        for mine, theirs in zip(one._prices(marks, length), other._prices(marks, length), strict=True)  # noqa: SLF001  its own module
    )


def _is_for(entry: Entry, more_than_tokens: int | None) -> bool:
    """Whether an entry is for prompts of more tokens than this."""
    least = entry.conditions.more_than_tokens
    return least is None or (more_than_tokens is not None and more_than_tokens >= least)


def _stated_entries(overrides: bytes) -> Iterator[tuple[str, Entry]]:
    try:
        entries = _entries.decode(overrides)
    except msgspec.DecodeError:
        return
    for entry in entries:
        conditions, rates = split_entry({name: bytes(raw) for name, raw in entry.items()})
        for rate, value in rates.items():
            price = price_of(value)
            if price is not None and rate not in NO_RATES:
                yield rate, Entry(read_conditions(conditions), price)


def _same(one: Price | None, other: Price | None) -> bool:
    return one is other if one is None or other is None else same_price(one, other)


def _same_or_free(one: Price | None, other: Price | None) -> bool:
    if one is not None and other is not None:
        return same_price(one, other)
    stated = one or other
    return stated is None or not stated.amount


def _same_spans(one: tuple[Span, ...], other: tuple[Span, ...]) -> bool:
    return len(one) == len(other) and all(
        mine.window == theirs.window and _same(mine.price, theirs.price)
        for mine, theirs in zip(one, other, strict=True)
    )
