"""Where the routes are, and what each can be asked."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.convertors import Convertor, register_url_convertor

from llmanac.answers.dialect_fields import (
    MIRROR_COUNT_FIELDS,
    MIRROR_LIST_FIELDS,
    MIRROR_MODEL_FIELDS,
    OPENAI_LIST_FIELDS,
    OPENAI_MODEL_FIELDS,
)
from llmanac.answers.export_fields import EXPORTS_ASKED
from llmanac.query.fields import CHANGES_FIELDS, HISTORY_FIELDS, MODEL_FIELDS, Field


class _Slug(Convertor[str]):
    """What follows the author in an id: any characters, slashes and line ends too, which `path` leaves out."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("slug", _Slug())

CHANGES_PATH = "/api/ai/changes"
MODEL_PATH = "/api/ai/models/{author}/{slug:slug}"
HISTORY_PATH = "/api/ai/models/{author}/{slug:slug}/history"
MIRROR_LIST_PATH = "/api/v1/models"
MIRROR_COUNT_PATH = "/api/v1/models/count"
MIRROR_USER_PATH = "/api/v1/models/user"
MIRROR_MODEL_PATH = "/api/v1/model/{author}/{slug:slug}"
OPENAI_LIST_PATH = "/v1/models"
OPENAI_MODEL_PATH = "/v1/models/{id:slug}"

ROUTE_FIELDS: Mapping[str, Mapping[str, Field]] = MappingProxyType(
    {
        CHANGES_PATH: CHANGES_FIELDS,
        MODEL_PATH: MODEL_FIELDS,
        HISTORY_PATH: HISTORY_FIELDS,
        **EXPORTS_ASKED,
        MIRROR_LIST_PATH: MIRROR_LIST_FIELDS,
        MIRROR_COUNT_PATH: MIRROR_COUNT_FIELDS,
        MIRROR_USER_PATH: MIRROR_LIST_FIELDS,
        MIRROR_MODEL_PATH: MIRROR_MODEL_FIELDS,
        OPENAI_LIST_PATH: OPENAI_LIST_FIELDS,
        OPENAI_MODEL_PATH: OPENAI_MODEL_FIELDS,
    }
)
"""By the route's path. A route that is not here is asked nothing."""
