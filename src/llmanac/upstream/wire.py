"""What OpenRouter sends, read leniently: only the members the contract needs, each as wide as lists since 2023 were.

Everything else a record holds stays in its bytes (`Model.record`) and is never looked at here, so a new member, a new
modality or a new price key can reject nothing.
"""

import msgspec

LenientInteger = int | float | str | None
"""Integers, fractions (`25804.8`, observed 2025) and digit strings (2024's `per_request_limits`)."""


class WireLinks(msgspec.Struct, gc=False):
    """Paging: the address of the next page, or null."""

    next: str | None = None


class WirePage(msgspec.Struct, gc=False):
    """The envelope. `data` is required: an answer without it is no list."""

    data: list[msgspec.Raw]
    links: WireLinks | None = None


class WireArchitecture(msgspec.Struct, gc=False):
    """Lists since April 2025, `modality` since February 2024, nothing of either before."""

    modality: str | None = None
    input_modalities: list[str] | None = None
    output_modalities: list[str] | None = None
    tokenizer: str | None = None
    instruct_type: str | None = None


class WireTopProvider(msgspec.Struct, gc=False):
    """Older records have only some of these."""

    is_moderated: bool | None = None
    context_length: LenientInteger = None
    max_completion_tokens: LenientInteger = None


class WireModel(msgspec.Struct, gc=False):
    """A record. Only `id` must be there."""

    id: str
    name: str | None = None
    created: LenientInteger = None
    description: str | None = None
    architecture: WireArchitecture | None = None
    top_provider: WireTopProvider | None = None
    pricing: dict[str, msgspec.Raw] | None = None
    context_length: LenientInteger = None
    per_request_limits: msgspec.Raw = msgspec.Raw(b"null")
    supported_parameters: list[str] | None = None
    expiration_date: msgspec.Raw = msgspec.Raw(b"null")
