"""What can be asked of changes."""

from llmanac.catalogue.change import Cause, ChangeKind
from llmanac.query.field import MAX_PAGE, Field, FieldKind, Operator

SINCE = Field(
    name="since",
    allowed=(),
    default="",
    help="Only what was seen after this instant or Serial; the oldest first, unless `order` says otherwise.",
    example="42",
    kind=FieldKind.MOMENT,
    operator=Operator.AFTER,
)
UNTIL = Field(
    name="until",
    allowed=(),
    default="",
    help="Only what was seen up to this instant or Serial.",
    example="2026-08-01",
    kind=FieldKind.MOMENT,
    operator=Operator.AT_MOST,
)
MODEL = Field(
    name="model",
    allowed=(),
    default="",
    help="Only these models, by id.",
    example="openai/gpt-4o,openai/gpt-4o:batch",
    kind=FieldKind.TEXTS,
    operator=Operator.ANY,
)
AUTHOR = Field(
    name="author",
    allowed=(),
    default="",
    help="Only models of these authors.",
    example="openai",
    kind=FieldKind.TEXTS,
    operator=Operator.ANY,
)
KIND = Field(
    name="kind",
    allowed=tuple(kind.value for kind in ChangeKind),
    default="",
    help="Only these kinds of change.",
    example="price,removed",
    kind=FieldKind.CHOICES,
    operator=Operator.ANY,
)
FIELD = Field(
    name="field",
    allowed=(),
    default="",
    help="Only changes of these members of upstream's record, or inside them.",
    example="pricing.prompt",
    kind=FieldKind.TEXTS,
    operator=Operator.ANY,
)
CAUSE = Field(
    name="cause",
    allowed=("all", *(cause.value for cause in Cause)),
    default="real",
    help="Only changes with these causes; `all` shows every one.",
    example="real,flap",
    kind=FieldKind.CHOICES,
    operator=Operator.ANY,
)
MIN_PERCENT = Field(
    name="min_percent",
    allowed=(),
    default="",
    help="Only price changes of at least this many percent, either way; up to two decimals.",
    example="10",
    kind=FieldKind.DECIMAL,
    at_most=1_000_000,
    unit="percent",
    operator=Operator.AT_LEAST,
)
DIRECTION = Field(
    name="direction",
    allowed=("up", "down"),
    default="",
    help="Only prices that went up, or down, by however little; both amounts must be known.",
    example="down",
    kind=FieldKind.CHOICE,
    operator=Operator.ANY,
)
ORDER = Field(
    name="order",
    allowed=("newest", "oldest"),
    default="",
    help="Which changes come first; `oldest` with `since`, else `newest`, if not given.",
    example="newest",
    kind=FieldKind.CHOICE,
)
LIMIT = Field(
    name="limit",
    allowed=(),
    default="100",
    help=f"Rows of a page, at most {MAX_PAGE}.",
    example="20",
    kind=FieldKind.WHOLE,
    at_least=1,
    unit="changes",
)
HISTORY_LIMIT = Field(
    name="limit",
    allowed=(),
    default=str(MAX_PAGE),
    help=f"Changes that are shown, at most {MAX_PAGE}.",
    example="20",
    kind=FieldKind.WHOLE,
    at_least=1,
    unit="changes",
)
CURSOR = Field(
    name="cursor",
    allowed=(),
    default="",
    help="The page after the one that gave this as `next`. It stays good when rows are added.",
    example="W2ZhbHNlLCIyMDI2LTEwLTI2VDA0OjAwOjAwWiIsImFjbWUvb3dsLTEiLCIiXQ",
    kind=FieldKind.CURSOR,
)
