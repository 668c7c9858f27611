"""The shape of one model's history: when it was listed, what it cost, what changed."""

from datetime import datetime
from typing import Annotated

import msgspec

from llmanac.catalogue.money import Price, PriceState
from llmanac.catalogue.pricing import LISTED_RATES, OTHER_RATES
from llmanac.history.lifetime import Lifetime
from llmanac.history.price_series import PricePeriod, PriceSeries, PriceSummary, summary
from llmanac.pricing.conditions import WHOLE_WEEK
from llmanac.pricing.decimal_math import decimal_text
from llmanac.pricing.tariff import Entry
from llmanac.render.changes import ShownChange

_ORDER = (*LISTED_RATES, *OTHER_RATES)
_Rounded = Annotated[str | None, msgspec.Meta(description="Decimal text, rounded to 12 significant digits.")]


class ListedPeriod(msgspec.Struct, frozen=True):
    """From the first list with the model to the first without it; null while it is listed."""

    begins: datetime = msgspec.field(name="from")
    ends: datetime | None = msgspec.field(name="to")


class WeekWindow(msgspec.Struct, frozen=True):
    """Minutes of the week in UTC from Monday 00:00, up to but not with `to`."""

    begins: int = msgspec.field(name="from")
    ends: int = msgspec.field(name="to")


class ConditionalPrice(msgspec.Struct, frozen=True):
    """A price under conditions. Of those that apply the last one wins."""

    price: Annotated[str, msgspec.Meta(description="USD per unit, upstream's own decimal text.")]
    more_than_tokens: Annotated[int | None, msgspec.Meta(description="The prompt is longer than this. Null: any.")]
    windows: Annotated[tuple[WeekWindow, ...] | None, msgspec.Meta(description="Null: at any time.")]
    unknown: Annotated[
        tuple[str, ...], msgspec.Meta(description="Conditions that llmanac does not know; such a price is not applied.")
    ]


class PriceInterval(msgspec.Struct, frozen=True):
    """What a rate cost, from the list that showed it to the first that did not; null while it lasts."""

    begins: datetime = msgspec.field(name="from")
    ends: datetime | None = msgspec.field(name="to")
    price: Annotated[
        str | None, msgspec.Meta(description="The base price, upstream's own decimal text. Null: none was stated.")
    ]
    due: Annotated[
        bool, msgspec.Meta(description="Whether the base price is ever paid: false while windows cover the whole week.")
    ]
    conditional: tuple[ConditionalPrice, ...]


class PriceDays(msgspec.Struct, frozen=True):
    """How long a price was in force; null for the time without one."""

    price: str | None
    state: PriceState
    days: Annotated[str, msgspec.Meta(description="Decimal text, rounded to 12 significant digits.")]


class RateHistory(msgspec.Struct, frozen=True):
    """One rate. Least, greatest, mean and days are what short prompts cost in the range; windows by their share."""

    rate: str
    intervals: Annotated[
        tuple[PriceInterval, ...], msgspec.Meta(description="Those that touch the range, whole, in time order.")
    ]
    min: str | None
    max: str | None
    mean: Annotated[_Rounded, msgspec.Meta(description="Weighted by time; zero counts, dynamic and unknown do not.")]
    days: tuple[PriceDays, ...]
    away_days: Annotated[str, msgspec.Meta(description="Between two times in the list; no price counts for them.")]
    unknown_conditions: tuple[str, ...]


class ModelHistory(msgspec.Struct, frozen=True):
    """What is known of one model, listed or not."""

    serial: Annotated[int, msgspec.Meta(description="Of the list that is served.")]
    model: str
    name: str | None
    lifetime: Annotated[tuple[ListedPeriod, ...], msgspec.Meta(description="All of it, in time order.")]
    begins: Annotated[datetime | None, msgspec.Meta(description="Of the range. Null: nothing is known yet.")] = (
        msgspec.field(name="from")
    )
    ends: datetime = msgspec.field(name="to")
    prices: tuple[RateHistory, ...]
    changes: Annotated[
        tuple[ShownChange, ...],
        msgspec.Meta(description="At most 1000, newest first, or oldest first when asked with `since`."),
    ]
    next: Annotated[
        str | None,
        msgspec.Meta(description="There are more: send it as `cursor` to /api/ai/changes?model=… with the same since."),
    ]


def show_lifetime(life: Lifetime) -> tuple[ListedPeriod, ...]:
    """When it was listed, as it is shown."""
    return tuple(ListedPeriod(period.since, period.until) for period in life.listed)


def show_prices(series: PriceSeries, *, since: datetime, until: datetime) -> tuple[RateHistory, ...]:
    """Every rate the model ever stated, in the order of the contract, over a range that is no longer than known."""
    return tuple(
        _rate(rate, series.rates[rate], summary(series, rate, since=since, until=until), since=since, until=until)
        for rate in sorted(series.rates, key=_rank)
    )


def _rank(rate: str) -> tuple[int, str]:
    return (_ORDER.index(rate) if rate in _ORDER else len(_ORDER), rate)


def _rate(
    rate: str, periods: tuple[PricePeriod, ...], over: PriceSummary, *, since: datetime, until: datetime
) -> RateHistory:
    touching = [each for each in periods if each.since <= until and (each.until is None or each.until > since)]
    return RateHistory(
        rate=rate,
        intervals=tuple(_interval(each) for each in touching),
        min=_text(over.least),
        max=_text(over.greatest),
        mean=None if over.mean is None else decimal_text(over.mean),
        days=tuple(PriceDays(_text(held.price), held.state, decimal_text(held.days)) for held in over.held),
        away_days=decimal_text(over.away_days),
        unknown_conditions=over.unknown_conditions,
    )


def _interval(period: PricePeriod) -> PriceInterval:
    tariff = period.tariff
    return PriceInterval(
        begins=period.since,
        ends=period.until,
        price=_text(tariff.base),
        due=not tariff.covers_week,
        conditional=tuple(map(_conditional, tariff.entries)),
    )


def _conditional(entry: Entry) -> ConditionalPrice:
    stated = entry.conditions
    windows = (
        None if stated.windows == WHOLE_WEEK else tuple(WeekWindow(each.start, each.end) for each in stated.windows)
    )
    return ConditionalPrice(entry.price.text, stated.more_than_tokens, windows, stated.unknown)


def _text(price: Price | None) -> str | None:
    return None if price is None else price.text
