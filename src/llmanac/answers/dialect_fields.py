"""What the dialects are asked, from the one table; and OpenRouter's parameters that no list can answer.

Names and meanings are those of OpenRouter's API reference (November 2026); `as_of`, `ids`, `variant` and `price_state`
are ours beside them. OpenAI's list takes no parameters and passes over those that clients send all the same; what is
taken here is ours.
"""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import parse_qsl

import msgspec

from llmanac.errors import InvalidParameter
from llmanac.query.fields import (
    AS_OF,
    FILTER_FIELDS,
    LIST_LIMIT,
    MAX_PAGE,
    OFFSET,
    OUTPUT_MODALITIES,
    SORT,
    STATUS,
    Field,
    FieldKind,
    Q,
    table,
)
from llmanac.query.parse import MAX_PARAMETERS
from llmanac.query.sort_names import OPENROUTER_SORTS

PAGE = 500
"""Models of a page when only `offset` is given."""

_OUTPUTS = msgspec.structs.replace(
    OUTPUT_MODALITIES, default="text", help=f"{OUTPUT_MODALITIES.help} `text` when absent."
)
_Q = msgspec.structs.replace(
    Q, kind=FieldKind.FORGIVING_SEARCH, help=f"{Q.help} What has no letter or digit finds nothing."
)
_SORT = msgspec.structs.replace(
    SORT,
    allowed=tuple(OPENROUTER_SORTS),
    kind=FieldKind.CHOICE,
    help="The order: upstream's own when absent, with `q` the best match first. What is unknown or decided per request "
    "comes last, ties go by id.",
    example="pricing-low-to-high",
)
_LIMIT = msgspec.structs.replace(
    LIST_LIMIT, help=f"Models of a page, at most {MAX_PAGE}; {PAGE} with `offset` alone, all without either."
)
_FILTERS = tuple(
    {OUTPUT_MODALITIES.name: _OUTPUTS, Q.name: _Q}.get(name, field)
    for name, field in FILTER_FIELDS.items()
    if field is not STATUS
)

MIRROR_LIST_FIELDS: Mapping[str, Field] = table(*_FILTERS, _SORT, OFFSET, _LIMIT, AS_OF)
"""What `GET /api/v1/models` and `/models/user` can be asked."""

MIRROR_COUNT_FIELDS: Mapping[str, Field] = table(*_FILTERS, AS_OF)
"""What `GET /api/v1/models/count` can be asked."""

MIRROR_MODEL_FIELDS: Mapping[str, Field] = table(AS_OF)
"""What `GET /api/v1/model/{author}/{slug}` can be asked."""

_PASSED_OVER = tuple(
    Field(name, (), "", f"Passed over: {sender} sends it. Every model comes on one page.", example, FieldKind.IGNORED)
    for name, sender, example in (
        ("limit", "whoever pages through lists of OpenAI's or Anthropic's (Claude Code: `limit=1000`)", "1000"),
        ("after", "whoever pages through OpenAI's lists", "acme/owl-2"),
        ("before", "whoever pages through OpenAI's lists", "acme/owl-2"),
        ("order", "whoever pages through OpenAI's lists", "desc"),
        ("after_id", "whoever pages through Anthropic's lists", "acme/owl-2"),
        ("before_id", "whoever pages through Anthropic's lists", "acme/owl-2"),
        ("beta", "Anthropic's client", "true"),
        ("client_version", "Codex", "0.146.0"),
        ("api-version", "OpenAI's client for Azure", "2026-10-21"),
    )
)

OPENAI_LIST_FIELDS: Mapping[str, Field] = table(
    msgspec.structs.replace(
        OUTPUT_MODALITIES,
        default="text,image",
        help=f"{OUTPUT_MODALITIES.help} Text and images when absent, as the models of `/api/ai/models`.",
    ),
    AS_OF,
    *_PASSED_OVER,
)
"""What `GET /v1/models` can be asked."""

OPENAI_MODEL_FIELDS: Mapping[str, Field] = table(
    AS_OF, *(field for field in _PASSED_OVER if field.name in {"beta", "client_version", "api-version"})
)
"""What `GET /v1/models/{id}` can be asked."""

_OTHERS = "it comes from others, and changes without any change of the list"
_ENDPOINTS = "it is a matter of endpoints, which are not in the list"
UNANSWERED: Mapping[str, str] = MappingProxyType(
    {
        "category": "Which use a model is put to is not in the list.",
        "providers": f"Who serves a model cannot be answered: {_ENDPOINTS}.",
        "region": f"Where a model is served cannot be answered: {_ENDPOINTS}.",
        "zdr": f"Who keeps no data cannot be answered: {_ENDPOINTS}.",
        "distillable": "Whether a model may be distilled is not in the list.",
        "min_intelligence_index": f"The index cannot be answered: {_OTHERS}.",
        "max_intelligence_index": f"The index cannot be answered: {_OTHERS}.",
        "min_coding_index": f"The index cannot be answered: {_OTHERS}.",
        "max_coding_index": f"The index cannot be answered: {_OTHERS}.",
        "min_agentic_index": f"The index cannot be answered: {_OTHERS}.",
        "max_agentic_index": f"The index cannot be answered: {_OTHERS}.",
        "min_tool_success_rate": "How often tool calls succeed is measured by OpenRouter, and not in the list.",
        "max_tool_success_rate": "How often tool calls succeed is measured by OpenRouter, and not in the list.",
        "use_rss": "The list comes as JSON only.",
        "use_rss_chat_links": "The list comes as JSON only.",
    }
)
"""OpenRouter's other parameters, with the reason why they are refused: a list that passes over them would be wrong."""


def refuse_unanswered(query: str) -> None:
    """Refuse what OpenRouter understands and we cannot answer.

    Raises:
        InvalidParameter: Such a parameter is there, whatever its value.
    """
    try:
        names = [name for name, _ in parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)]
    except ValueError:
        return
    for name in names:
        if name in UNANSWERED:
            raise InvalidParameter(
                f"{name}: OpenRouter understands this parameter, llmanac cannot answer it",
                hint=UNANSWERED[name],
                parameter=name,
            )
