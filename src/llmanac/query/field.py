"""One thing that can be asked: its name, the values it may have, and the words that explain it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

MAX_PAGE = 1000
"""Rows of one page."""


class FieldKind(StrEnum):
    """How a value is read; `query.read` has a reader for each."""

    CHOICE = "choice"
    CHOICES = "choices"
    """Several of the allowed words with commas between."""
    TEXTS = "texts"
    """Several words with commas between."""
    NAMES = "names"
    """Several names of members with commas between; a dot leads into a member, as in `pricing.prompt`."""
    SEARCH = "search"
    """Words to look for, of which at least one holds a letter or digit."""
    FORGIVING_SEARCH = "forgiving search"
    """Words to look for; without any letter or digit they find nothing."""
    SORT = "sort"
    """Several of the allowed words with commas between, `-` before one for descending."""
    MOMENT = "moment"
    """An instant (RFC 3339, any offset), a date (its first instant in UTC), or a Serial."""
    WHOLE = "whole"
    DECIMAL = "decimal"
    PRICE = "price"
    """A decimal number with as many digits as a price may have."""
    CURSOR = "cursor"
    """What the page before gave as `next`."""
    IGNORED = "ignored"
    """Anything: clients send it, and it changes nothing."""


class Operator(StrEnum):
    """How a filter compares a model with its value; `""` for what narrows nothing."""

    NONE = ""
    ANY = "any of"
    ALL = "all of"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    LIKE = "like"
    AFTER = "after"


class Field(msgspec.Struct, frozen=True):
    """One parameter: its name, the values it may have, and the words that explain it.

    `allowed` are the words of a choice; `default` `""` is "not asked"; the bounds are those of numbers, inclusive.
    `unit` is that of a number. `refused` are words that others understand and we cannot answer, with the reason.
    """

    name: str
    allowed: tuple[str, ...]
    default: str
    help: str
    example: str
    kind: FieldKind = FieldKind.CHOICE
    at_least: int = 0
    at_most: int = MAX_PAGE
    unit: str = ""
    operator: Operator = Operator.NONE
    refused: tuple[tuple[str, str], ...] = ()


def table(*fields: Field) -> Mapping[str, Field]:
    """Fields by their names, in this order."""
    return MappingProxyType({field.name: field for field in fields})
