"""The one table of what can be asked. HTTP parameters, OpenAPI and the reference in docs are made from it."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from llmanac.catalogue.change import Cause, ChangeKind

MAX_PAGE = 1000
"""Rows of one page."""


class FieldKind(StrEnum):
    """How a value is read; `query.read` has a reader for each."""

    CHOICE = "choice"
    CHOICES = "choices"
    """Several of the allowed words with commas between; any of them fits."""
    TEXTS = "texts"
    """Several words with commas between; any of them fits."""
    MOMENT = "moment"
    """An instant (RFC 3339, any offset), a date (its first instant in UTC), or a Serial."""
    WHOLE = "whole"
    DECIMAL = "decimal"
    CURSOR = "cursor"
    """What the page before gave as `next`."""


class Field(msgspec.Struct, frozen=True):
    """One parameter: its name, the values it may have, and the words that explain it.

    `allowed` are the words of a choice; `default` `""` is "not asked"; the bounds are those of numbers, inclusive.
    """

    name: str
    allowed: tuple[str, ...]
    default: str
    help: str
    example: str
    kind: FieldKind = FieldKind.CHOICE
    at_least: int = 0
    at_most: int = MAX_PAGE


def _table(*fields: Field) -> Mapping[str, Field]:
    return {field.name: field for field in fields}


VIEW = Field(
    name="view",
    allowed=("listed", "full"),
    default="listed",
    help="`full` adds what upstream sent beyond the contract's members, and llmanac's own conclusions.",
    example="full",
)
AS_OF = Field(
    name="as_of",
    allowed=(),
    default="",
    help="The list as it was at an instant (RFC 3339 with any offset, or a date) or under a Serial; now when absent.",
    example="2026-03-08T10:00:00+02:00",
    kind=FieldKind.MOMENT,
)
STATUS = Field(
    name="status",
    allowed=("active", "expiring", "removed"),
    default="",
    help="`active`: listed, and no last day announced; `expiring`: listed, with a last day; `removed`: no longer "
    "listed, with its last data, the latest gone first. Several with commas between.",
    example="expiring",
    kind=FieldKind.CHOICES,
)
SINCE = Field(
    name="since",
    allowed=(),
    default="",
    help="Only what was seen after this instant or Serial, oldest first.",
    example="42",
    kind=FieldKind.MOMENT,
)
UNTIL = Field(
    name="until",
    allowed=(),
    default="",
    help="Only what was seen up to this instant or Serial.",
    example="2026-08-01",
    kind=FieldKind.MOMENT,
)
MODEL = Field(
    name="model",
    allowed=(),
    default="",
    help="Only these models, by id.",
    example="openai/gpt-4o,openai/gpt-4o:batch",
    kind=FieldKind.TEXTS,
)
AUTHOR = Field(
    name="author",
    allowed=(),
    default="",
    help="Only models of these authors.",
    example="openai",
    kind=FieldKind.TEXTS,
)
KIND = Field(
    name="kind",
    allowed=tuple(kind.value for kind in ChangeKind),
    default="",
    help="Only these kinds of change.",
    example="price,removed",
    kind=FieldKind.CHOICES,
)
FIELD = Field(
    name="field",
    allowed=(),
    default="",
    help="Only changes of these members of upstream's record, or inside them.",
    example="pricing.prompt",
    kind=FieldKind.TEXTS,
)
CAUSE = Field(
    name="cause",
    allowed=("all", *(cause.value for cause in Cause)),
    default="real",
    help="Only changes with these causes; `all` shows every one.",
    example="real,flap",
    kind=FieldKind.CHOICES,
)
MIN_PERCENT = Field(
    name="min_percent",
    allowed=(),
    default="",
    help="Only price changes of at least this many percent, either way; up to two decimals.",
    example="10",
    kind=FieldKind.DECIMAL,
    at_most=1_000_000,
)
LIMIT = Field(
    name="limit",
    allowed=(),
    default="100",
    help=f"Rows of a page, at most {MAX_PAGE}.",
    example="20",
    kind=FieldKind.WHOLE,
    at_least=1,
)
CURSOR = Field(
    name="cursor",
    allowed=(),
    default="",
    help="The page after the one that gave this as `next`. It stays good when rows are added.",
    example="W2ZhbHNlLCIyMDI2LTEwLTI2VDA0OjAwOjAwWiIsImFjbWUvb3dsLTEiLCIiXQ",
    kind=FieldKind.CURSOR,
)

LISTING_FIELDS: Mapping[str, Field] = _table(VIEW, AS_OF, STATUS)
"""What `GET /api/ai/models` can be asked."""

MODEL_FIELDS: Mapping[str, Field] = _table(VIEW, AS_OF)
"""What `GET /api/ai/models/{author}/{slug}` can be asked."""

CHANGES_FIELDS: Mapping[str, Field] = _table(
    SINCE, UNTIL, MODEL, AUTHOR, KIND, FIELD, CAUSE, MIN_PERCENT, LIMIT, CURSOR
)
"""What `GET /api/ai/changes` can be asked."""

HISTORY_FIELDS: Mapping[str, Field] = _table(SINCE, UNTIL, CAUSE)
"""What `GET /api/ai/models/{author}/{slug}/history` can be asked."""
