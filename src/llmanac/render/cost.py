"""Quotes as answers show them: exact amounts as plain digits, in USD."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

import msgspec

from llmanac.catalogue.money import plain
from llmanac.cost.break_even import BreakEven, Incomparable
from llmanac.cost.budget import Affordable
from llmanac.cost.growth import Month
from llmanac.cost.quote import Line, Quote
from llmanac.cost.rank import Difference
from llmanac.pricing.charge import Reason
from llmanac.pricing.decimal_math import SHOWN_DIGITS, decimal_text

Amount = Annotated[str, msgspec.Meta(description="USD, exact: plain digits without exponent or trailing zeros.")]
Rounded = Annotated[str, msgspec.Meta(description=f"Rounded to {SHOWN_DIGITS} significant digits, half to even.")]
Conditions = Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"type": ["object", "null"]})]

_NO_CONDITIONS = msgspec.Raw(b"null")


class ShownLine(msgspec.Struct, frozen=True):
    """One rate at one price, for all requests together. `why` says what the conditions mean; `""` for a base price."""

    rate: Annotated[str, msgspec.Meta(description="Upstream's name.")]
    unit: Annotated[str, msgspec.Meta(description="`token`, `image`, `search` or `request`.")]
    price: Annotated[str, msgspec.Meta(description="USD per unit, as upstream sent it.")]
    condition: Annotated[
        Conditions, msgspec.Meta(description="The conditions of the override the price is from; null: a base price.")
    ]
    why: str
    quantity: str
    amount: Amount


class ShownMissing(msgspec.Struct, frozen=True):
    """One thing that keeps a quote from being complete; `detail` says it in words."""

    rate: str
    reason: Annotated[
        Reason,
        msgspec.Meta(
            description="`unknown`: no price is stated; `dynamic`: it is decided per request; `unit`: it is for a unit "
            "that these counts cannot be turned into; `condition`: another one may be due, under a condition whose "
            "meaning is not known."
        ),
    ]
    detail: str


class ShownDifference(msgspec.Struct, frozen=True):
    """How much more than the current choice; negative: less."""

    amount: Amount
    percent: Annotated[Rounded | None, msgspec.Meta(description="Null where the current choice costs nothing.")]


class ShownAffordable(msgspec.Struct, frozen=True):
    """What the budget buys."""

    requests: Annotated[int | None, msgspec.Meta(description="Whole ones; null: without end, as they cost nothing.")]
    left: Amount


class ShownMonth(msgspec.Struct, frozen=True):
    """A calendar month of a growing series."""

    month: Annotated[str, msgspec.Meta(description="Such as `2026-11`.")]
    days: int
    requests: Rounded
    total: Rounded


class ShownSeries(msgspec.Struct, frozen=True):
    """All months of a growing series together."""

    days: int
    requests: Rounded
    total: Rounded


class ShownQuote(msgspec.Struct, frozen=True):
    """What one model would charge; those from `difference` on are null unless they were asked for and all is known."""

    id: str
    total: Annotated[Amount | None, msgspec.Meta(description="Null where something is missing: never 0 for unknown.")]
    known_total: Annotated[Amount, msgspec.Meta(description="The sum of the lines.")]
    complete: bool
    missing: tuple[ShownMissing, ...]
    assumed: Annotated[tuple[str, ...], msgspec.Meta(description="What was taken to be so.")]
    lines: tuple[ShownLine, ...]
    difference: ShownDifference | None
    affordable: ShownAffordable | None
    months: tuple[ShownMonth, ...] | None
    series: ShownSeries | None


class Rejected(msgspec.Struct, frozen=True):
    """An id that could not be priced, and why. `near` are ids that look like it, or that may stand in for it."""

    id: str
    reason: str
    near: tuple[str, ...]


class ShownStretch(msgspec.Struct, frozen=True):
    """Whole counts from `first` to `last` (null: without end) for which one model is the cheaper (null: neither)."""

    first: int
    last: int | None
    cheaper: str | None


class ShownSwap(msgspec.Struct, frozen=True):
    """A count at which both cost the same, seldom a whole one."""

    at: Rounded
    output_share: Annotated[Rounded, msgspec.Meta(description="Output tokens of all tokens there, from 0 to 1.")]
    output_per_input: Annotated[Rounded | None, msgspec.Meta(description="Null without input.")]


class ShownBreakEven(msgspec.Struct, frozen=True):
    """Where two models swap places as one count grows. `unpriced` names what could not be priced in full, if anything.

    Stretches without a swap between them meet where the price of a tier jumps.
    """

    models: tuple[str, str]
    axis: str
    stretches: tuple[ShownStretch, ...]
    swaps: tuple[ShownSwap, ...]
    unpriced: str | None


class CostAnswer(msgspec.Struct, frozen=True):
    """Complete quotes first, the cheapest first; then incomplete ones by what is known of them."""

    serial: Annotated[int, msgspec.Meta(description="Number of the list the prices are from; 0 is the bundle.")]
    as_of: Annotated[datetime, msgspec.Meta(description="The instant whose prices these are.")]
    taken_at: Annotated[
        datetime, msgspec.Meta(description="When the list was taken that first held what these prices are from.")
    ]
    agreed_at: Annotated[
        datetime,
        msgspec.Meta(description="When upstream was last seen to agree with it: later changes are not known."),
    ]
    quotes: tuple[ShownQuote, ...]
    current: Annotated[ShownQuote | None, msgspec.Meta(description="That of the current choice, if one was named.")]
    rejected: tuple[Rejected, ...]
    break_even: ShownBreakEven | None


class Beside(msgspec.Struct, frozen=True):
    """What is said of a quote beside it."""

    assumed: tuple[str, ...] = ()
    difference: Difference | None = None
    affordable: Affordable | None = None
    months: tuple[Month, ...] = ()
    requests: int = 0
    """Of the workload that a month has its share of."""


def show_quote(quote: Quote, beside: Beside) -> ShownQuote:
    """One quote as an answer has it."""
    months = None if not beside.months or quote.total is None else quote.total
    return ShownQuote(
        id=quote.id,
        total=None if quote.total is None else plain(quote.total),
        known_total=plain(quote.known_total),
        complete=quote.complete,
        missing=tuple(ShownMissing(each.rate, each.reason, each.detail) for each in quote.missing),
        assumed=(*quote.assumed, *beside.assumed),
        lines=tuple(map(_show_line, quote.lines)),
        difference=None if beside.difference is None else _show_difference(beside.difference),
        affordable=None if beside.affordable is None else _show_affordable(beside.affordable),
        months=None if months is None else tuple(_show_months(beside.months, months, beside.requests)),
        series=None if months is None else _show_series(beside.months, months, beside.requests),
    )


def show_break_even(models: tuple[str, str], axis: str, found: BreakEven | Incomparable) -> ShownBreakEven:
    """The comparison of two models."""
    if isinstance(found, Incomparable):
        return ShownBreakEven(models, axis, (), (), f"{found.id} cannot be priced in full at {found.at} {axis}")
    return ShownBreakEven(
        models,
        axis,
        tuple(ShownStretch(each.first, each.last, each.cheaper) for each in found.stretches),
        tuple(
            ShownSwap(
                decimal_text(swap.at),
                decimal_text(swap.output_share),
                None if swap.output_per_input is None else decimal_text(swap.output_per_input),
            )
            for swap in found.swaps
        ),
        None,
    )


def _show_line(line: Line) -> ShownLine:
    return ShownLine(
        rate=line.rate,
        unit=line.unit,
        price=line.price,
        condition=_NO_CONDITIONS if line.condition is None else msgspec.Raw(line.condition),
        why=line.why,
        quantity=plain(line.quantity),
        amount=plain(line.amount),
    )


def _show_difference(difference: Difference) -> ShownDifference:
    percent = None if difference.percent is None else decimal_text(difference.percent)
    return ShownDifference(plain(difference.amount), percent)


def _show_affordable(affordable: Affordable) -> ShownAffordable:
    return ShownAffordable(affordable.requests, plain(affordable.left))


def _show_series(months: Iterable[Month], once: Decimal, requests: int) -> ShownSeries:
    share = sum((month.share for month in months), Fraction(0))
    days = sum(month.days for month in months)
    return ShownSeries(days, decimal_text(share * requests), decimal_text(share * Fraction(once)))


def _show_months(months: Iterable[Month], once: Decimal, requests: int) -> Iterable[ShownMonth]:
    for month in months:
        yield ShownMonth(
            f"{month.first:%Y-%m}",
            month.days,
            decimal_text(month.share * requests),
            decimal_text(month.share * Fraction(once)),
        )
