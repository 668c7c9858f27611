"""Changes of one model → what each rate cost from when to when, and what that comes to over a range of time.

Periods and prices are exact; only `decimal_text` rounds. The mean of a range weighs each price by the time it was in
force. Of that time

* windows get their share of the week, wherever in the week the range begins and ends;
* prices for longer prompts (`min_prompt_tokens`) and prices under conditions nobody knows are left out: it is the
  price of a short prompt;
* hours without a stated price, hours with one decided per request, and hours in which the model was away count for
  nothing, and are told.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

import msgspec

from llmanac.catalogue.change import WHOLE_MODEL, Change
from llmanac.catalogue.money import Price, PriceState, price_key, price_state
from llmanac.history.apply import record_versions
from llmanac.history.label import Entry
from llmanac.history.lifetime import Lifetime, Period, lifetime
from llmanac.pricing.conditions import WEEK_MINUTES
from llmanac.pricing.stated import tariffs
from llmanac.pricing.tariff import Tariff, same_tariff

_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
_NO_TARIFF = Tariff(None, ())


class PricePeriod(msgspec.Struct, frozen=True):
    """One tariff as it was stated first, from the fetch that showed it to the first that did not.

    `until` is None while it lasts. While the tariff's windows cover the week its base price is never due.
    """

    since: datetime
    until: datetime | None
    tariff: Tariff


class PriceSeries(msgspec.Struct, frozen=True):
    """The periods of every rate the model ever stated, in time order.

    Those of each rate cover the lifetime without gap or overlap: a rate that is not stated has a tariff without prices,
    and where the model was away there is no period. Those that touch differ in price.
    """

    lifetime: Lifetime
    rates: Mapping[str, tuple[PricePeriod, ...]]


class Held(msgspec.Struct, frozen=True):
    """How long a price was in force; `price` is None for the time without one."""

    price: Price | None
    days: Fraction

    @property
    def state(self) -> PriceState:
        """Only known and zero ones count in a mean."""
        return price_state(self.price)


class PriceSummary(msgspec.Struct, frozen=True):
    """One rate over a range: what short prompts cost. Least, greatest and mean are None when no price was stated."""

    held: tuple[Held, ...]
    """Each price once, by its first spelling, in the order in which they came; the days add up to the time listed."""
    away_days: Fraction
    """Within the model's lifetime, but not listed."""
    least: Price | None
    greatest: Price | None
    mean: Fraction | None
    """USD per unit, exact; `decimal_text` shows it."""
    unknown_conditions: tuple[str, ...]
    """Conditions of entries in the range that are not understood, so that their prices were left out."""


def price_series(entries: Sequence[Entry]) -> PriceSeries | None:
    """The series from all entries of one model, as `relabel` gives them; None if it was never added.

    O(entries that touch prices × size of a record).
    """
    life = lifetime(entries)
    if life is None:
        return None
    seen = ((entry.seen_at, entry.change) for entry in entries if _touches_prices(entry.change))
    versions = [(period, tariffs(record)) for period, record in record_versions(seen)]
    rates = dict.fromkeys(rate for _, found in versions for rate in found)
    return PriceSeries(life, MappingProxyType({rate: tuple(_merged(rate, versions)) for rate in rates}))


def summary(series: PriceSeries, rate: str, *, since: datetime, until: datetime) -> PriceSummary:
    """What a rate cost from `since` to before `until`, which should not lie in the future.

    A rate the model never stated was unknown all the time.
    """
    life = series.lifetime
    periods = series.rates.get(rate) or tuple(PricePeriod(each.since, each.until, _NO_TARIFF) for each in life.listed)
    clipped = [(each.tariff, days) for each in periods if (days := _days(each.since, each.until, since, until))]
    parts = [part for tariff, days in clipped for part in _short_prompts(tariff, days)]
    counted = [(price, days) for price, days in parts if price is not None and price.state is not PriceState.DYNAMIC]
    weight = sum((days for _, days in counted), Fraction(0))
    total = sum((Fraction(price.amount) * days for price, days in counted), Fraction(0))
    prices = [price for price, _ in counted]
    return PriceSummary(
        held=tuple(_by_price(parts)),
        away_days=sum((_days(gap.since, gap.until, since, until) for gap in life.away), Fraction(0)),
        least=min(prices, key=_amount, default=None),
        greatest=max(prices, key=_amount, default=None),
        mean=total / weight if weight else None,
        unknown_conditions=tuple(
            sorted({name for tariff, _ in clipped for entry in tariff.entries for name in entry.conditions.unknown})
        ),
    )


def _touches_prices(change: Change) -> bool:
    return change.kind in WHOLE_MODEL or change.field.partition(".")[0] == "pricing"


def _merged(rate: str, versions: Iterable[tuple[Period, Mapping[str, Tariff]]]) -> list[PricePeriod]:
    merged: list[PricePeriod] = []
    for period, found in versions:
        tariff = found.get(rate, _NO_TARIFF)
        if merged and merged[-1].until == period.since and _costs_the_same(merged[-1].tariff, tariff):
            merged[-1] = PricePeriod(merged[-1].since, period.until, merged[-1].tariff)
        else:
            merged.append(PricePeriod(period.since, period.until, tariff))
    return merged


def _costs_the_same(one: Tariff, other: Tariff) -> bool:
    """Unlike among changes, a price that is no longer stated is another one than zero: a series says what is known."""
    return same_tariff(one, other) and _states_one(one) == _states_one(other)


def _states_one(tariff: Tariff) -> bool:
    return tariff.base is not None or tariff.covers_week


def _short_prompts(tariff: Tariff, days: Fraction) -> Iterator[tuple[Price | None, Fraction]]:
    """The prices of a short prompt, with the part of the days that is their windows' share of the week."""
    for span in tariff.tiers[0].spans:
        yield span.price, days * (span.window.end - span.window.start) / WEEK_MINUTES


def _by_price(parts: Iterable[tuple[Price | None, Fraction]]) -> Iterator[Held]:
    found: dict[Decimal | None, tuple[Price | None, list[Fraction]]] = {}
    for price, days in parts:
        found.setdefault(None if price is None else price_key(price), (price, []))[1].append(days)
    for price, all_days in found.values():
        yield Held(price, sum(all_days, Fraction(0)))


def _amount(price: Price) -> Decimal:
    return price.amount


def _days(since: datetime, until: datetime | None, first: datetime, end: datetime) -> Fraction:
    """How much of a period lies in a range; 0 when nothing does."""
    length = min(until or end, end) - max(since, first)
    return max(Fraction(length // _MICROSECOND, _DAY // _MICROSECOND), Fraction(0))
