"""One field of one model, before and after, in one Serial."""

from enum import StrEnum

import msgspec

from llmanac.catalogue.ids import ModelId


class ChangeKind(StrEnum):
    """What happened to the model."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Change(msgspec.Struct, frozen=True):
    """`field` is a path in upstream's spelling (`pricing.prompt`), `""` for the whole model.

    `before` and `after` are JSON texts as upstream sent them; None means the member was not there.
    """

    model: ModelId
    kind: ChangeKind
    field: str
    before: str | None
    after: str | None
