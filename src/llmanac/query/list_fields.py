"""What can be asked of a list beside its filters: which list, how much of it, in which order."""

from llmanac.query.facet_names import FACETS
from llmanac.query.field import MAX_PAGE, Field, FieldKind
from llmanac.query.sort_names import SORTS, UNANSWERABLE

MAX_OFFSET = 1_000_000_000
"""Beyond any list; an offset past the end gives an empty page."""


def _told(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


VIEW = Field(
    name="view",
    allowed=("listed", "full"),
    default="listed",
    help="`full` has every member, null where upstream states none, and adds what upstream sent beyond the contract's "
    "members, and llmanac's own conclusions.",
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
SORT = Field(
    name="sort",
    allowed=SORTS,
    default="",
    help=f"The order: upstream's own when absent, with `q` the best match first. By {_told(SORTS)}; several with "
    "commas between, and `-` before one of ours for descending. Ties go by id. What is unknown or decided per request "
    "comes last either way.",
    example="price,-context",
    kind=FieldKind.SORT,
    refused=tuple(UNANSWERABLE.items()),
)
OFFSET = Field(
    name="offset",
    allowed=(),
    default="",
    help="How many models to pass over; not together with `cursor`.",
    example="50",
    kind=FieldKind.WHOLE,
    at_most=MAX_OFFSET,
    unit="models",
)
LIST_LIMIT = Field(
    name="limit",
    allowed=(),
    default="",
    help=f"Models of a page, at most {MAX_PAGE}; all when absent.",
    example="50",
    kind=FieldKind.WHOLE,
    at_least=1,
    unit="models",
)
LIST_CURSOR = Field(
    name="cursor",
    allowed=(),
    default="",
    help="The page after the one that gave this as `next`. It goes on in the same list, whatever was fetched since.",
    example="WzgxMjMsNTAsIjlmODZkMDgxIl0",
    kind=FieldKind.CURSOR,
)
FIELDS = Field(
    name="fields",
    allowed=(),
    default="",
    help="Only these members of each model; a dot leads into a member.",
    example="id,name,pricing.prompt",
    kind=FieldKind.NAMES,
)
FACETS_ASKED = Field(
    name="facets",
    allowed=FACETS,
    default="",
    help=f"Count the values of these among all models that the filters leave, not only those of the page: "
    f"{_told(FACETS)}.",
    example="author,price_state",
    kind=FieldKind.CHOICES,
)
