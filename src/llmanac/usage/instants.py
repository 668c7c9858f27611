"""When a call was made: a number or a text of a file → microseconds since 1970."""

import re
from datetime import UTC, datetime, timedelta

from llmanac.usage.call import SECOND_US, UnreadableLine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}", re.ASCII)
_LAST_US = (datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) // _MICROSECOND
MAX_SECONDS = 10**11
_UNITS = ((MAX_SECONDS, SECOND_US), (10**14, SECOND_US // 1000), (10**17, 1))
"""Below each bound a number counts seconds, milliseconds, microseconds: of all of them the years 1973 to 5138 fit."""


def instant_us(stated: float | str) -> int:
    """Microseconds since 1970.

    A number counts the seconds since 1970, or milliseconds or microseconds, told by its size. A text is a date with a
    time, in UTC unless it says its offset.

    Raises:
        UnreadableLine: It is no instant.
    """
    if type(stated) is int and 0 <= stated < MAX_SECONDS:
        return stated * SECOND_US
    if isinstance(stated, str):
        return _of_text(stated)
    for bound, unit in _UNITS:
        if 0 <= stated < bound:
            return round(stated * unit)
    raise UnreadableLine(f"time: Expected seconds since 1970, got {stated!r:.40}")


def is_day(stated: float | str) -> bool:
    """Whether it is a date alone, which stands for its first instant."""
    return isinstance(stated, str) and _DAY.fullmatch(stated.strip()) is not None


def instant_of(us: int) -> datetime:
    """The inverse, in UTC."""
    return _EPOCH + us * _MICROSECOND


def us_of(instant: datetime) -> int:
    """An instant of any offset in microseconds since 1970."""
    return (instant - _EPOCH) // _MICROSECOND


def _of_text(text: str) -> int:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return _of_digits(text)
    us = ((at if at.tzinfo is not None else at.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND
    if not 0 <= us <= _LAST_US:
        raise UnreadableLine(f"time: Expected an instant since 1970, got {text[:40]!r}")
    return us


def _of_digits(text: str) -> int:
    stated = text.strip()
    whole, point, part = stated.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 17 and (part.isdigit() or not point)):
        raise UnreadableLine(f"time: Expected an instant such as 2026-10-26T12:00:00Z, got {text[:40]!r}")
    return instant_us(float(stated) if point else int(whole))
