"""Which exports there are, and what each can be asked: `answers.export_models` makes them."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from llmanac.query.fields import AS_OF, FILTER_FIELDS, LIST_LIMIT, OFFSET, SORT, Field, table

EXPORTS_PATH = "/exports"

EXPORT_FIELDS: Mapping[str, Field] = table(AS_OF, *FILTER_FIELDS.values(), SORT, OFFSET, LIST_LIMIT)
"""What every export can be asked."""


class Export(msgspec.Struct, frozen=True):
    """One export: the name by which the command line knows it, where it is, and what its body is."""

    name: str
    path: str
    media_type: str
    says: str
    saved_as: str = ""
    """The ending of the file a browser makes of it; `""`: it shows it."""
    also_at: tuple[str, ...] = ()
    """Other paths, for clients that add one of their own to an address."""


LITELLM = Export(
    "litellm",
    "/exports/litellm.json",
    "application/json",
    "LiteLLM's cost map: `openrouter/<id>` with prices per token, limits and abilities.",
)
MODELS_DEV = Export(
    "models.dev",
    "/exports/models.dev.json",
    "application/json",
    "models.dev's `api.json`, with OpenRouter as its only provider: what opencode reads.",
    # With OPENCODE_MODELS_URL=…/exports/models.dev opencode asks for this (2026-11).
    also_at=("/exports/models.dev/api.json",),
)
CSV = Export(
    "csv", "/exports/models.csv", "text/csv; charset=utf-8", "A table (RFC 4180), one line a model.", saved_as="csv"
)
NDJSON = Export(
    "ndjson",
    "/exports/models.ndjson",
    "application/x-ndjson",
    "One line of JSON a model, in the shape of `view=full`.",
    saved_as="ndjson",
)
PARQUET = Export(
    "parquet",
    "/exports/models.parquet",
    "application/vnd.apache.parquet",
    "The same table with types. Needs the extra `llmanac[parquet]`.",
    saved_as="parquet",
)

EXPORTS: Mapping[str, Export] = MappingProxyType(
    {export.name: export for export in (LITELLM, MODELS_DEV, CSV, NDJSON, PARQUET)}
)

EXPORTS_ASKED: Mapping[str, Mapping[str, Field]] = MappingProxyType(
    {path: EXPORT_FIELDS for export in EXPORTS.values() for path in (export.path, *export.also_at)}
)
"""By the route's path."""
