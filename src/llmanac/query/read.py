"""One value of a query → what it means, by the kind of its field."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType

from llmanac.catalogue.ids import Serial
from llmanac.catalogue.money import MAX_PRICE_CHARACTERS, parse_price
from llmanac.query.field import Field, FieldKind
from llmanac.query.sort_names import OPENROUTER_SORTS, RELEVANCE, Order, SortKey
from llmanac.query.words import search_words

MAX_CURSOR_CHARACTERS = 4096
MAX_SEARCH_CHARACTERS = 200
MAX_SEARCH_WORDS = 16
MAX_WORDS = 100
_ORDERS = frozenset(order.value for order in Order)
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
_PRICE = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,48})?")
_CURSOR = re.compile(r"[A-Za-z0-9_-]+")
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}(?:\.[A-Za-z_][A-Za-z0-9_]{0,63}){0,3}")


class Refused(ValueError):
    """A value that others understand and we cannot answer: what is expected, and `reason`, why not this."""

    def __init__(self, expected: str, reason: str) -> None:
        super().__init__(expected)
        self.reason = reason


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


def read_as_of(values: Mapping[str, str]) -> datetime | Serial | None:
    """Which list is asked for by the checked values of a table with `as_of`; None is the one that is served."""
    return read_moment(values["as_of"]) if values["as_of"] else None


def _in_utc(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("an instant that exists, from the year 1 to 9999 in UTC") from None


def read_words(text: str) -> tuple[str, ...]:
    """Words with commas between; empty ones are left out."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def read_sort(text: str) -> tuple[SortKey, ...]:
    """The keys of a sort, each order once; none for `relevance`, which is the order where none is asked."""
    keys: dict[Order, SortKey] = {}
    for word in read_words(text):
        if word != RELEVANCE:
            key = OPENROUTER_SORTS.get(word) or SortKey(Order(word.removeprefix("-")), descending=word[0] == "-")
            keys.setdefault(key.order, key)
    return tuple(keys.values())


def read_paths(text: str) -> tuple[tuple[str, ...], ...]:
    """The paths of `fields`, each once, in the order asked: `id,pricing.prompt` is `("id",), ("pricing", "prompt")`."""
    return tuple(dict.fromkeys(tuple(word.split(".")) for word in read_words(text)))


def check_value(field: Field, value: str) -> None:
    """Whether a value may stand for a field.

    Raises:
        Refused: A word of it is one that others understand and we cannot answer.
        ValueError: It may not; the words say what is expected.
    """
    for word, reason in field.refused:
        if word in read_words(value):
            raise Refused(", ".join(field.allowed), reason)
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


def _check_names(_: Field, value: str) -> None:
    words = read_words(value)
    if not 0 < len(words) <= MAX_WORDS or not all(map(_PATH.fullmatch, words)):
        raise ValueError(f"1 to {MAX_WORDS} names of members with commas between, such as id,pricing.prompt")


def _check_search(field: Field, value: str) -> None:
    count = len(search_words(value)) or int(field.kind is FieldKind.FORGIVING_SEARCH)
    if len(value) > MAX_SEARCH_CHARACTERS or not 0 < count <= MAX_SEARCH_WORDS:
        raise ValueError(
            f"1 to {MAX_SEARCH_WORDS} words with letters or digits, in at most {MAX_SEARCH_CHARACTERS} characters"
        )


def _check_sort(field: Field, value: str) -> None:
    words = read_words(value)
    expected = f"some of {', '.join(field.allowed)}, with commas between"
    for word in words:
        if word not in field.allowed and not (word[:1] == "-" and word[1:] in _ORDERS & {*field.allowed}):
            raise ValueError(f"{expected}, and `-` before one of ours for descending")
    if not words or (RELEVANCE in words and len(words) > 1):
        raise ValueError(f"{expected}, and {RELEVANCE} by itself")


def _check_moment(_: Field, value: str) -> None:
    read_moment(value)


def _check_whole(field: Field, value: str) -> None:
    if not _WHOLE.fullmatch(value) or not field.at_least <= int(value) <= field.at_most:
        raise ValueError(f"a whole number from {field.at_least} to {field.at_most}")


def _check_decimal(field: Field, value: str) -> None:
    if not _DECIMAL.fullmatch(value) or not field.at_least <= Decimal(value) <= field.at_most:
        raise ValueError(f"a number from {field.at_least} to {field.at_most} with up to two decimals")


def _check_price(field: Field, value: str) -> None:
    expected = (
        f"an amount from {field.at_least} to {field.at_most} in plain digits, at most {MAX_PRICE_CHARACTERS} characters"
    )
    if len(value) > MAX_PRICE_CHARACTERS or not _PRICE.fullmatch(value):
        raise ValueError(expected)
    try:
        amount = parse_price(value).amount
    except ValueError:
        raise ValueError(expected) from None
    if not field.at_least <= amount <= field.at_most:
        raise ValueError(expected)


def _check_cursor(_: Field, value: str) -> None:
    if len(value) > MAX_CURSOR_CHARACTERS or not _CURSOR.fullmatch(value):
        raise ValueError("a cursor as the page before gave it")


def _check_nothing(_: Field, __: str) -> None:
    pass


_CHECKS: Mapping[FieldKind, Callable[[Field, str], None]] = MappingProxyType(
    {
        FieldKind.CHOICE: _check_choice,
        FieldKind.CHOICES: _check_choices,
        FieldKind.TEXTS: _check_texts,
        FieldKind.NAMES: _check_names,
        FieldKind.SEARCH: _check_search,
        FieldKind.FORGIVING_SEARCH: _check_search,
        FieldKind.SORT: _check_sort,
        FieldKind.MOMENT: _check_moment,
        FieldKind.WHOLE: _check_whole,
        FieldKind.DECIMAL: _check_decimal,
        FieldKind.PRICE: _check_price,
        FieldKind.CURSOR: _check_cursor,
        FieldKind.IGNORED: _check_nothing,
    }
)
