"""One value of a query → what it means, by the kind of its field."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType

from llmanac.catalogue.ids import Serial
from llmanac.query.fields import Field, FieldKind

MAX_CURSOR_CHARACTERS = 4096
MAX_WORDS = 100
_SERIAL = re.compile(r"[0-9]{1,15}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# A plus sign that was not escaped arrives as a space (WHATWG URL, section 5.1). Some clocks tick in nanoseconds: what
# is finer than a microsecond is cut.
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)(?:(?<=\.[0-9]{6})[0-9]{1,9})?"
    r"(?:[Zz]|([+\- ])([0-9]{2}:[0-9]{2}))"
)
_WHOLE = re.compile(r"[0-9]{1,15}")
_DECIMAL = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,2})?")
_CURSOR = re.compile(r"[A-Za-z0-9_-]+")


def read_moment(text: str) -> datetime | Serial:
    """An instant in UTC or a Serial. A date is its first instant in UTC.

    Raises:
        ValueError: It is neither, or no instant that exists.
    """
    if _SERIAL.fullmatch(text):
        return Serial(int(text))
    if _DATE.fullmatch(text):
        return _in_utc(f"{text}T00:00:00+00:00")
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise ValueError("an instant such as 2026-03-08T10:00:00+02:00, a date such as 2026-03-08, or a Serial")
    day, time, sign, offset = found.groups()
    return _in_utc(f"{day}T{time}{(sign or '+').replace(' ', '+')}{offset or '00:00'}")


def _in_utc(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("an instant that exists, from the year 1 to 9999 in UTC") from None


def read_words(text: str) -> tuple[str, ...]:
    """Words with commas between; empty ones are left out."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def check_value(field: Field, value: str) -> None:
    """Whether a value may stand for a field.

    Raises:
        ValueError: It may not; the words say what is expected.
    """
    _CHECKS[field.kind](field, value)


def _check_choice(field: Field, value: str) -> None:
    if value not in field.allowed:
        raise ValueError(" or ".join(field.allowed))


def _check_choices(field: Field, value: str) -> None:
    words = read_words(value)
    if not words or any(word not in field.allowed for word in words):
        raise ValueError(f"some of {', '.join(field.allowed)}, with commas between")


def _check_texts(_: Field, value: str) -> None:
    if not 0 < len(read_words(value)) <= MAX_WORDS:
        raise ValueError(f"1 to {MAX_WORDS} words with commas between")


def _check_moment(_: Field, value: str) -> None:
    read_moment(value)


def _check_whole(field: Field, value: str) -> None:
    if not _WHOLE.fullmatch(value) or not field.at_least <= int(value) <= field.at_most:
        raise ValueError(f"a whole number from {field.at_least} to {field.at_most}")


def _check_decimal(field: Field, value: str) -> None:
    if not _DECIMAL.fullmatch(value) or not field.at_least <= Decimal(value) <= field.at_most:
        raise ValueError(f"a number from {field.at_least} to {field.at_most} with up to two decimals")


def _check_cursor(_: Field, value: str) -> None:
    if len(value) > MAX_CURSOR_CHARACTERS or not _CURSOR.fullmatch(value):
        raise ValueError("a cursor as the page before gave it")


_CHECKS: Mapping[FieldKind, Callable[[Field, str], None]] = MappingProxyType(
    {
        FieldKind.CHOICE: _check_choice,
        FieldKind.CHOICES: _check_choices,
        FieldKind.TEXTS: _check_texts,
        FieldKind.MOMENT: _check_moment,
        FieldKind.WHOLE: _check_whole,
        FieldKind.DECIMAL: _check_decimal,
        FieldKind.CURSOR: _check_cursor,
    }
)
