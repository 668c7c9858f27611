"""A record of OpenRouter's as strict as the strictest of its official clients is: what fits here, all of them can read.

From PyPI `openrouter` 1.3.84 and npm `@openrouter/sdk` 1.3.19 (November 2026). Members that are unknown here pass.
"""

import msgspec
from msgspec import UNSET, UnsetType

from llmanac.render.openrouter import MirroredArchitecture, MirroredModel, MirroredPricing, MirroredTopProvider

_Text = str | UnsetType
_Number = int | float | UnsetType
"""Only looked at, never computed with."""


class ReadArchitecture(MirroredArchitecture, frozen=True, kw_only=True):
    """What goes in and out."""

    tokenizer: _Text = UNSET
    instruct_type: _Text | None = UNSET


class ReadTopProvider(MirroredTopProvider, frozen=True, kw_only=True):
    """Limits."""

    context_length: int | UnsetType | None = UNSET
    max_completion_tokens: int | UnsetType | None = UNSET


class ReadOverride(msgspec.Struct, frozen=True):
    """A conditional price; more conditions may be there."""

    prompt: _Text = UNSET
    completion: _Text = UNSET
    audio: _Text = UNSET
    input_audio_cache: _Text = UNSET
    input_cache_read: _Text = UNSET
    input_cache_write: _Text = UNSET
    input_cache_write_1h: _Text = UNSET
    min_prompt_tokens: _Number = UNSET
    utc_start: _Number = UNSET
    utc_end: _Number = UNSET
    utc_days: list[str] | UnsetType = UNSET


class ReadPricing(MirroredPricing, frozen=True, kw_only=True):
    """Rates, and those under conditions."""

    audio: _Text = UNSET
    audio_output: _Text = UNSET
    discount: _Number = UNSET
    image: _Text = UNSET
    image_output: _Text = UNSET
    image_token: _Text = UNSET
    input_audio_cache: _Text = UNSET
    input_cache_read: _Text = UNSET
    input_cache_write: _Text = UNSET
    input_cache_write_1h: _Text = UNSET
    internal_reasoning: _Text = UNSET
    overrides: list[ReadOverride] | UnsetType = UNSET
    request: _Text = UNSET
    web_search: _Text = UNSET


class ReadDefaults(msgspec.Struct, frozen=True):
    """Default values of parameters."""

    temperature: _Number | None = UNSET
    top_p: _Number | None = UNSET
    top_k: int | UnsetType | None = UNSET
    frequency_penalty: _Number | None = UNSET
    presence_penalty: _Number | None = UNSET
    repetition_penalty: _Number | None = UNSET


class ReadReasoning(msgspec.Struct, frozen=True):
    """How a model reasons."""

    mandatory: bool
    default_effort: _Text | None = UNSET
    default_enabled: bool | UnsetType = UNSET
    supported_efforts: list[str | None] | UnsetType | None = UNSET
    supports_max_tokens: bool | UnsetType = UNSET


class ReadIndexes(msgspec.Struct, frozen=True):
    """Of Artificial Analysis."""

    intelligence_index: int | float | None
    coding_index: int | float | None
    agentic_index: int | float | None


class ReadArena(msgspec.Struct, frozen=True):
    """One rating of Design Arena."""

    arena: str
    category: str
    elo: int | float
    rank: int
    win_rate: int | float


class ReadBenchmarks(msgspec.Struct, frozen=True):
    """Ratings by others."""

    design_arena: list[ReadArena]
    artificial_analysis: ReadIndexes | UnsetType = UNSET


class ReadAliasTarget(msgspec.Struct, frozen=True):
    """What an alias stands for."""

    slug: str
    name: str


class ReadModel(MirroredModel, frozen=True, kw_only=True):
    """A whole record, as strict as the strictest client is."""

    pricing: ReadPricing
    architecture: ReadArchitecture
    top_provider: ReadTopProvider
    default_parameters: ReadDefaults | None  # type: ignore[assignment]  # narrower than what the document tells of it
    description: _Text = UNSET
    hugging_face_id: _Text | None = UNSET
    knowledge_cutoff: _Text | None = UNSET
    expiration_date: _Text | None = UNSET
    alias_target: ReadAliasTarget | UnsetType = UNSET
    reasoning: ReadReasoning | UnsetType = UNSET
    benchmarks: ReadBenchmarks | UnsetType = UNSET
