"""Windows of a week by days that have the same hours, as people and cost maps say them."""

from collections.abc import Iterable

import msgspec

from llmanac.pricing.conditions import DAY_MINUTES, WEEK_MINUTES, Window

DAYS = tuple(range(WEEK_MINUTES // DAY_MINUTES))
"""0 is Monday."""


class DayHours(msgspec.Struct, frozen=True):
    """The same hours on each of these days, in UTC. An hour is two minutes of the day, half-open; 1440 is midnight."""

    days: tuple[int, ...]
    hours: tuple[tuple[int, int], ...]


def days_of(windows: Iterable[Window]) -> tuple[DayHours, ...]:
    """The windows, cut at midnight; days with the same hours are one entry, in the order of their first day.

    Windows that touch or overlap are one.
    """
    by_day: dict[int, list[tuple[int, int]]] = {}
    for window in sorted(windows):
        for day in DAYS:
            begin, end = max(window.start - day * DAY_MINUTES, 0), min(window.end - day * DAY_MINUTES, DAY_MINUTES)
            if begin < end:
                hours = by_day.setdefault(day, [])
                if hours and hours[-1][1] >= begin:
                    hours[-1] = (hours[-1][0], max(hours[-1][1], end))
                else:
                    hours.append((begin, end))
    grouped: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for day, hours in sorted(by_day.items()):
        grouped.setdefault(tuple(hours), []).append(day)
    return tuple(DayHours(tuple(days), hours) for hours, days in grouped.items())


def clock(minute: int) -> str:
    """A minute of the day as `HH:MM`; midnight at the end of a day is 00:00."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
