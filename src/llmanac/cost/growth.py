"""What a workload that grows costs, month by month."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

import msgspec

from llmanac.errors import InvalidBody

MAX_DAYS = 3660
"""The longest series: ten years."""

MAX_STEPS = 366
"""The most days of a series that grows per day. The exact amounts get up to five digits longer with each step."""

MAX_PERCENT = 1000
"""The greatest growth of one step."""

MAX_PLACES = 3
"""Decimal places of the growth in percent."""


class Per(StrEnum):
    """When a series takes a step of growth; between the steps its days are alike."""

    DAY = "day"
    WEEK = "week"
    """Every seven days from the start."""
    MONTH = "month"
    """On the first day of each calendar month after the start."""


class Of(StrEnum):
    """What a workload that grows is the workload of."""

    DAY = "day"
    MONTH = "month"
    """A calendar month, whose days share it evenly, however many they are."""


class Growth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A series of days, the first of which is known."""

    start: date
    days: int
    percent: Decimal
    """By how much a step makes a day more than the one before; negative: less, down to -100."""
    per: Per = Per.MONTH
    workload_of: Of = Of.DAY
    """Whether the workload is that of the first day, or of the calendar month the first day is in."""

    def __post_init__(self) -> None:
        """Raises InvalidBody (422, `IMPOSSIBLE_GROWTH`) for a series that cannot be."""
        if not 1 <= self.days <= MAX_DAYS:
            raise _impossible(f"`days` must be from 1 to {MAX_DAYS}, got {self.days}")
        if self.start > date.max - timedelta(days=self.days):
            raise _impossible(f"The series from {self.start} would end after the year {date.max.year}")
        if not _is_growth(self.percent):
            raise _impossible(
                f"`percent` must be a number from -100 to {MAX_PERCENT} with at most {MAX_PLACES} decimal places,"
                f" got {self.percent!s:.40}",
            )
        if self.per is Per.DAY and self.days > MAX_STEPS:
            raise _impossible(f"With growth per day `days` must be at most {MAX_STEPS}, got {self.days}")


class Month(msgspec.Struct, frozen=True):
    """The part of a series that lies in one calendar month."""

    first: date
    """The first day of the series in it."""
    days: int
    share: Fraction
    """How many workloads the month comes to, exact: times what the workload costs it is what the month costs."""


@lru_cache(maxsize=16)
def months(growth: Growth) -> tuple[Month, ...]:
    """The months of a series, in order; the last few series are kept, as one is asked for many models."""
    factor = 1 + Fraction(growth.percent) / 100
    found: list[Month] = []
    power = total = scale = 1
    first, days = growth.start, 1
    for place in range(1, growth.days):
        day = growth.start + timedelta(days=place)
        if day.day == 1:
            found.append(Month(first, days, Fraction(total, scale)))
            first, days, total = day, 0, 0
        if _steps(growth.per, day, place):
            # A day comes to power / scale first days, the month so far to total / scale.
            power, total, scale = power * factor.numerator, total * factor.denominator, scale * factor.denominator
        days, total = days + 1, total + power
    found.append(Month(first, days, Fraction(total, scale)))
    if growth.workload_of is Of.DAY:
        return tuple(found)
    return tuple(
        Month(each.first, each.days, each.share / monthrange(each.first.year, each.first.month)[1]) for each in found
    )


def _steps(per: Per, day: date, place: int) -> bool:
    if per is Per.MONTH:
        return day.day == 1
    return per is Per.DAY or place % 7 == 0


def _is_growth(percent: Decimal) -> bool:
    if not percent.is_finite() or not -100 <= percent <= MAX_PERCENT:
        return False
    exponent = percent.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MAX_PLACES


def _impossible(message: str) -> InvalidBody:
    return InvalidBody(message, code="IMPOSSIBLE_GROWTH")
