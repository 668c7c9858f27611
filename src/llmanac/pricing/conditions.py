"""When an entry of `pricing.overrides` applies."""

from collections.abc import Mapping

import msgspec

from llmanac.catalogue.money import price_of_json
from llmanac.catalogue.record import normal_form

KNOWN_CONDITIONS = ("min_prompt_tokens", "utc_days", "utc_start", "utc_end")
"""Those whose meaning is known (observed until 2026-10), in the order in which a text names them."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES


class Window(msgspec.Struct, frozen=True, order=True):
    """Minutes of the week in UTC from Monday 00:00, half-open; `start` is before `end`."""

    start: int
    end: int


WHOLE_WEEK = (Window(0, WEEK_MINUTES),)


class Conditions(msgspec.Struct, frozen=True):
    """What must hold, all of it, for an entry to apply."""

    more_than_tokens: int | None
    """The prompt must have more tokens than this; None: any prompt."""
    windows: tuple[Window, ...]
    """The time must be in one of these, which are in order and apart from each other."""
    unknown: tuple[str, ...]
    """Conditions whose meaning is not known, as `name=value`. An entry that has one is not applied."""
    words: str
    """What they say; empty when one is unknown, or there are none."""


def split_entry(entry: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The conditions and the rates of an entry: a rate is a JSON string that is a price, and no known condition."""
    rates = {name: value for name, value in entry.items() if _is_rate(name, value)}
    return {name: value for name, value in entry.items() if name not in rates}, rates


def read_conditions(conditions: Mapping[str, bytes]) -> Conditions:
    """What the conditions mean. A known one with a value that has no meaning counts as unknown."""
    unknown = {name for name in conditions if name not in KNOWN_CONDITIONS}
    tokens = days = None
    if "min_prompt_tokens" in conditions:
        tokens = _whole_number(conditions["min_prompt_tokens"])
        unknown |= {"min_prompt_tokens"} if tokens is None else set()
    if "utc_days" in conditions:
        days = _days(conditions["utc_days"])
        unknown |= {"utc_days"} if days is None else set()
    hours: tuple[int, int] | None = (0, DAY_MINUTES)
    if "utc_start" in conditions or "utc_end" in conditions:
        hours = _hours(conditions.get("utc_start"), conditions.get("utc_end"))
        unknown |= {"utc_start", "utc_end"} & conditions.keys() if hours is None else set()
    windows = () if hours is None else weekly(days if days is not None else tuple(range(7)), *hours)
    return Conditions(
        tokens,
        windows,
        tuple(f"{name}={value_text(name, conditions[name])}" for name in sorted(unknown)),
        "" if unknown else _in_words(tokens, days, hours if "utc_start" in conditions else None),
    )


def value_text(name: str, value: bytes) -> str:
    """The value of a condition: days joined by `+`, anything else in normal form."""
    words = _words(value) if name == "utc_days" else None
    return "+".join(words) if words else normal_form(value).decode()


def weekly(days: tuple[int, ...], start: int, end: int) -> tuple[Window, ...]:
    """One window a day (0 is Monday), in minutes of the day; one that ends at or before its start ends a day later.

    It belongs to the day it begins on, so Sunday's may run into Monday.
    """
    length = end - start if end > start else end - start + DAY_MINUTES
    minutes: list[Window] = []
    for day in sorted(set(days)):
        begin = day * DAY_MINUTES + start
        minutes.append(Window(begin, min(begin + length, WEEK_MINUTES)))
        if begin + length > WEEK_MINUTES:
            minutes.append(Window(0, begin + length - WEEK_MINUTES))
    return _joined(sorted(minutes))


def _in_words(tokens: int | None, days: tuple[int, ...] | None, hours: tuple[int, int] | None) -> str:
    parts = [] if tokens is None else [f"the prompt has more than {tokens} tokens"]
    on = "" if days is None else f" on {', '.join(WEEKDAYS[day] for day in days) or 'no day'}"
    during = "" if hours is None else f" from {_clock(hours[0])} to before {_clock(hours[1])} UTC"
    return " and ".join([*parts, f"the request begins{on}{during}"] if on or during else parts)


def _is_rate(name: str, value: bytes) -> bool:
    return name not in KNOWN_CONDITIONS and value[:1] == b'"' and price_of_json(value) is not None


def _joined(windows: list[Window]) -> tuple[Window, ...]:
    joined: list[Window] = []
    for window in windows:
        if joined and window.start <= joined[-1].end:
            joined[-1] = Window(joined[-1].start, max(joined[-1].end, window.end))
        else:
            joined.append(window)
    return tuple(joined)


def _words(value: bytes) -> list[str] | None:
    try:
        words = msgspec.json.decode(value, type=list[str])
    except msgspec.DecodeError:
        return None
    return words if all(word in WEEKDAYS for word in words) else None


def _days(value: bytes) -> tuple[int, ...] | None:
    words = _words(value)
    return None if words is None else tuple(WEEKDAYS.index(word) for word in words)


def _whole_number(value: bytes | None) -> int | None:
    try:
        number = msgspec.json.decode(value or b"null", type=int)
    except msgspec.DecodeError:
        return None
    return number if number >= 0 else None


def _hours(start: bytes | None, end: bytes | None) -> tuple[int, int] | None:
    """Minutes of the day of two HHMM numbers; None unless both are times. An end of 2400 is midnight."""
    starts, ends = _whole_number(start), _whole_number(end)
    if starts is None or ends is None or starts >= 2400 or ends > 2400 or max(starts % 100, ends % 100) >= 60:
        return None
    return starts // 100 * 60 + starts % 100, ends // 100 * 60 + ends % 100


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
