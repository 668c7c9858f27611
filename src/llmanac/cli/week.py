"""Windows of the week in few words: `daily 00:30–16:30 UTC`, `Mon–Fri 01:00–04:00, 06:00–10:00 UTC`."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from llmanac.pricing.conditions import DAY_MINUTES, WEEKDAYS, Window
from llmanac.pricing.week import days_of
from llmanac.render.history import WeekWindow

_DAYS = tuple(day[:3].title() for day in WEEKDAYS)
_WHOLE_DAY = ((0, DAY_MINUTES),)


def week_words(windows: Iterable[WeekWindow]) -> str:
    """When these hold; days with the same hours are named together."""
    grouped = days_of(Window(each.begins, each.ends) for each in windows)
    return " and ".join(_group(each.days, each.hours) for each in grouped) + " UTC"


def apart(windows: Iterable[WeekWindow]) -> bool:
    """Whether no two of them share a minute."""
    in_order = sorted((each.begins, each.ends) for each in windows)
    return all(before[1] <= after[0] for before, after in pairwise(in_order))


def _group(days: Sequence[int], hours: tuple[tuple[int, int], ...]) -> str:
    if hours == _WHOLE_DAY:
        return "all week" if len(days) == len(_DAYS) else _named(days)
    if len(days) == len(_DAYS) and len(hours) > 1 and (hours[0][0], hours[-1][1]) == (0, DAY_MINUTES):
        # The same hours every day: what ends at midnight goes on with what begins there.
        hours = (*hours[1:-1], (hours[-1][0], hours[0][1]))
    clock = ", ".join(f"{_clock(since)}–{_clock(until)}" for since, until in hours)
    return f"{_named(days)} {clock}"


def _named(days: Sequence[int]) -> str:
    if len(days) == len(_DAYS):
        return "daily"
    if tuple(days) == (5, 6):
        return "weekends"
    in_a_row = len(days) > 2 and days[-1] - days[0] == len(days) - 1
    if in_a_row:
        return f"{_DAYS[days[0]]}–{_DAYS[days[-1]]}"
    return ", ".join(_DAYS[day] for day in days)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
