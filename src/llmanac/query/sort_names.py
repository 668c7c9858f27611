"""What lists can be sorted by: our names, and OpenRouter's with what they mean in ours."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec


class Order(StrEnum):
    """What a list can be sorted by, the least first."""

    ID = "id"
    NAME = "name"
    AUTHOR = "author"
    CREATED = "created"
    CONTEXT = "context"
    MAX_COMPLETION_TOKENS = "max_completion_tokens"
    PRICE = "price"
    """Per prompt token."""
    OUTPUT_PRICE = "output_price"
    """Per completion token."""
    AVERAGE_PRICE = "average_price"
    """The mean of those two."""
    EXPIRES = "expires"
    """The announced last day."""


class SortKey(msgspec.Struct, frozen=True):
    """One name of a sort. What is unknown comes last either way."""

    order: Order
    descending: bool = False


RELEVANCE = "relevance"
"""The best match first, with `q`; upstream's order without."""

OPENROUTER_SORTS: Mapping[str, SortKey] = MappingProxyType(
    {
        "newest": SortKey(Order.CREATED, descending=True),
        "pricing-low-to-high": SortKey(Order.AVERAGE_PRICE),
        "pricing-high-to-low": SortKey(Order.AVERAGE_PRICE, descending=True),
        "context-high-to-low": SortKey(Order.CONTEXT, descending=True),
    }
)
"""Those of OpenRouter's names that its list can answer (its API reference, 2026-11)."""

UNANSWERABLE: Mapping[str, str] = MappingProxyType(
    {
        "most-popular": "How much a model is used is not in OpenRouter's list.",
        "top-weekly": "How much a model is used is not in OpenRouter's list.",
        "throughput-high-to-low": "OpenRouter measures throughput, but does not state it in its list.",
        "latency-low-to-high": "OpenRouter measures latency, but does not state it in its list.",
        "intelligence-high-to-low": "The index comes from others, and changes without any change of the list.",
        "coding-high-to-low": "The index comes from others, and changes without any change of the list.",
        "agentic-high-to-low": "The index comes from others, and changes without any change of the list.",
        "design-arena-elo-high-to-low": "The rating comes from others, and changes without any change of the list.",
    }
)
"""OpenRouter's other names, with the reason why they cannot be answered."""

SORTS = (*(order.value for order in Order), RELEVANCE, *OPENROUTER_SORTS)
"""Every name of a sort. Only names of `Order` may have a `-` before them."""
