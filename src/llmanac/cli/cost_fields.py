"""The counts of a workload as options: a table of fields, like that of the filters."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from llmanac.cost.workload import COUNTS, MAX_COUNT
from llmanac.query.field import Field, FieldKind, table

_SAYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "requests": (
            "How many requests there are; all other counts are those of one. In a series: see --requests-per.",
            "10000",
        ),
        "prompt_tokens": ("Input text, the cached part included.", "1800"),
        "cache_read_tokens": ("Of the prompt: read from the cache.", "1500"),
        "cache_write_tokens": ("Of the prompt: written to the cache for five minutes.", "300"),
        "cache_write_1h_tokens": ("Of the prompt: written to the cache for an hour.", "300"),
        "completion_tokens": ("Output text, reasoning included.", "400"),
        "reasoning_tokens": ("Of the completion: reasoning.", "250"),
        "images_in": ("Images sent.", "2"),
        "images_out": ("Images made.", "1"),
        "image_tokens_in": ("Tokens of all images sent, beside the prompt.", "1032"),
        "image_tokens_out": ("Tokens of all images made, beside the completion.", "1290"),
        "audio_tokens_in": ("Tokens of sound sent, beside the prompt.", "640"),
        "audio_tokens_out": ("Tokens of sound made, beside the completion.", "900"),
        "web_searches": ("Web searches.", "1"),
    }
)


def _count(name: str) -> Field:
    says, example = _SAYS[name]
    return Field(name=name, allowed=(), default="", help=says, example=example, kind=FieldKind.WHOLE, at_most=MAX_COUNT)


WORKLOAD_FIELDS: Mapping[str, Field] = table(*map(_count, COUNTS))
"""What a workload counts."""


def counts_of(values: Mapping[str, str]) -> dict[str, msgspec.Raw]:
    """The counts that were given, as JSON."""
    return {name: msgspec.Raw(values[name].encode()) for name in WORKLOAD_FIELDS if values[name]}
