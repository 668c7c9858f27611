"""The one table of what can be asked. HTTP parameters, options of commands, OpenAPI and the reference come from it."""

from collections.abc import Mapping

from llmanac.query.change_fields import (
    AUTHOR,
    CAUSE,
    CURSOR,
    DIRECTION,
    FIELD,
    HISTORY_LIMIT,
    KIND,
    LIMIT,
    MIN_PERCENT,
    MODEL,
    ORDER,
    SINCE,
    UNTIL,
)
from llmanac.query.field import MAX_PAGE, Field, FieldKind, Operator, table
from llmanac.query.filter_fields import (
    ARCH,
    CONTEXT,
    IDS,
    INPUT_MODALITIES,
    MAX_AGE_DAYS,
    MAX_OUTPUT_PRICE,
    MAX_PRICE,
    MIN_AGE_DAYS,
    MIN_OUTPUT_PRICE,
    MIN_PRICE,
    MODEL_AUTHORS,
    OUTPUT_MODALITIES,
    PRICE_STATE,
    STATUS,
    SUPPORTED_PARAMETERS,
    VARIANT,
    Q,
)
from llmanac.query.list_fields import AS_OF, FACETS_ASKED, FIELDS, LIST_CURSOR, LIST_LIMIT, OFFSET, SORT, VIEW

__all__ = [
    "ARCH", "AS_OF", "AUTHOR", "CAUSE", "CHANGES_FIELDS", "CONTEXT", "CURSOR", "DIRECTION", "FACETS_ASKED", "FIELD",
    "FIELDS", "FILTER_FIELDS", "HISTORY_FIELDS", "HISTORY_LIMIT", "IDS", "INPUT_MODALITIES", "KIND", "LIMIT",
    "LISTING_FIELDS", "LIST_CURSOR", "LIST_LIMIT", "MAX_AGE_DAYS", "MAX_OUTPUT_PRICE", "MAX_PAGE", "MAX_PRICE",
    "MIN_AGE_DAYS", "MIN_OUTPUT_PRICE", "MIN_PERCENT", "MIN_PRICE", "MODEL", "MODEL_AUTHORS", "MODEL_FIELDS",
    "OFFSET", "ORDER", "OUTPUT_MODALITIES", "PRICE_STATE", "SINCE", "SORT", "STATUS", "SUPPORTED_PARAMETERS", "UNTIL",
    "UPCOMING_FIELDS", "VARIANT", "VIEW", "Field", "FieldKind", "Operator", "Q", "table",
]  # fmt: skip

FILTER_FIELDS: Mapping[str, Field] = table(
    Q, IDS, MODEL_AUTHORS, INPUT_MODALITIES, OUTPUT_MODALITIES, SUPPORTED_PARAMETERS, CONTEXT, MIN_PRICE, MAX_PRICE,
    MIN_OUTPUT_PRICE, MAX_OUTPUT_PRICE, ARCH, VARIANT, PRICE_STATE, STATUS, MIN_AGE_DAYS, MAX_AGE_DAYS,
)  # fmt: skip
"""What narrows a list, wherever one can be narrowed."""

LISTING_FIELDS: Mapping[str, Field] = table(
    VIEW, AS_OF, *FILTER_FIELDS.values(), SORT, OFFSET, LIST_LIMIT, LIST_CURSOR, FIELDS, FACETS_ASKED
)
"""What `GET /api/ai/models` can be asked."""

MODEL_FIELDS: Mapping[str, Field] = table(VIEW, AS_OF)
"""What `GET /api/ai/models/{author}/{slug}` can be asked."""

CHANGES_FIELDS: Mapping[str, Field] = table(
    SINCE, UNTIL, MODEL, AUTHOR, KIND, FIELD, CAUSE, MIN_PERCENT, DIRECTION, ORDER, LIMIT, CURSOR
)
"""What `GET /api/ai/changes` can be asked."""

UPCOMING_FIELDS: Mapping[str, Field] = table(MODEL, AUTHOR)
"""What narrows the models that are announced to leave."""

HISTORY_FIELDS: Mapping[str, Field] = table(SINCE, UNTIL, KIND, CAUSE, HISTORY_LIMIT)
"""What `GET /api/ai/models/{author}/{slug}/history` can be asked."""
