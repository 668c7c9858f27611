"""One field of one model, before and after, in one Serial; what kind of change it is and what it is worth."""

from enum import StrEnum

import msgspec

from llmanac.catalogue.ids import ModelId


class ChangeKind(StrEnum):
    """What happened to the model."""

    ADDED = "added"
    REMOVED = "removed"
    RETURNED = "returned"
    PRICE = "price"
    CONTEXT = "context"
    OUTPUT_LIMIT = "output_limit"
    MODALITIES = "modalities"
    PARAMETERS = "parameters"
    RENAMED = "renamed"
    EXPIRY_ANNOUNCED = "expiry_announced"
    EXPIRY_MOVED = "expiry_moved"
    EXPIRY_WITHDRAWN = "expiry_withdrawn"
    MODERATION = "moderation"
    ALIAS_MOVED = "alias_moved"
    TOKENIZER = "tokenizer"
    DESCRIPTION = "description"
    OTHER = "other"


WHOLE_MODEL = frozenset({ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.RETURNED})
"""Kinds whose field is `""`."""


class Cause(StrEnum):
    """Why two lists differ; only `real` is news. The rules are in docs/concepts/causes.md."""

    REAL = "real"
    WINDOW = "window"
    REPRESENTATION = "representation"
    ALIAS = "alias"
    FLAP = "flap"
    SCOPE = "scope"


class Change(msgspec.Struct, frozen=True):
    """`field` is a path in upstream's spelling (`pricing.prompt`), `""` for the whole model.

    `before` and `after` are JSON texts with upstream's own values; None means the member was not there. For a whole
    model they are its record without volatile members; `returned` has no `before`. The store keeps them in normal form.
    """

    model: ModelId
    kind: ChangeKind
    field: str
    before: str | None
    after: str | None
    cause: Cause
