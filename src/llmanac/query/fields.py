"""The one table of what can be asked. HTTP parameters, OpenAPI and the reference in docs are made from it."""

from collections.abc import Mapping

import msgspec


class Field(msgspec.Struct, frozen=True):
    """One parameter: its name, the values it may have, and the words that explain it."""

    name: str
    allowed: tuple[str, ...]
    default: str
    help: str
    example: str


VIEW = Field(
    name="view",
    allowed=("listed", "full"),
    default="listed",
    help="`full` adds what upstream sent beyond the contract's members, and llmanac's own conclusions.",
    example="full",
)

LISTING_FIELDS: Mapping[str, Field] = {field.name: field for field in (VIEW,)}
"""What `GET /api/ai/models` can be asked."""
