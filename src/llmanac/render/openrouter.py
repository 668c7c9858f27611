"""OpenRouter's own shape: a record as upstream sent it, and the envelopes around records.

Members that are required here are those that OpenRouter's document requires (August 2026) and its clients insist on.
"""

from collections.abc import Iterable
from typing import Annotated

import msgspec

_PriceText = Annotated[str, msgspec.Meta(description='USD per unit; `"-1"`: decided per request, or not stated.')]


class MirroredArchitecture(msgspec.Struct, frozen=True):
    """What goes in and out."""

    modality: str | None
    input_modalities: list[str]
    output_modalities: list[str]


class MirroredTopProvider(msgspec.Struct, frozen=True):
    """Limits of the provider upstream would choose first."""

    is_moderated: bool


class MirroredPricing(msgspec.Struct, frozen=True):
    """Upstream's decimal texts; other rates are there when upstream states them."""

    prompt: _PriceText
    completion: _PriceText


class MirroredLimits(msgspec.Struct, frozen=True):
    """Tokens per request."""

    prompt_tokens: int | float
    completion_tokens: int | float


class MirroredLinks(msgspec.Struct, frozen=True):
    """Where upstream has more of the model."""

    details: str


class MirroredModel(msgspec.Struct, frozen=True):
    """One model as OpenRouter sends it. These members are always there; whatever else it sent stands beside them."""

    id: str
    canonical_slug: str
    name: str
    created: Annotated[int, msgspec.Meta(description="Seconds since 1970; 0 when upstream does not state it.")]
    pricing: MirroredPricing
    context_length: int | None
    architecture: MirroredArchitecture
    top_provider: MirroredTopProvider
    per_request_limits: MirroredLimits | None
    supported_parameters: list[str]
    default_parameters: Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"type": ["object", "null"]})]
    supported_voices: list[str] | None
    links: MirroredLinks


class MirroredPage(msgspec.Struct, frozen=True):
    """`next` is relative to this page's address, and keeps to the list that this page is of."""

    next: str | None


class MirroredList(msgspec.Struct, frozen=True):
    """Some of the models that fit, and how many fit."""

    data: list[MirroredModel]
    links: MirroredPage
    total_count: int


class MirroredOne(msgspec.Struct, frozen=True):
    """One model."""

    data: MirroredModel


class ModelCount(msgspec.Struct, frozen=True):
    """How many models fit."""

    count: int


class MirroredCount(msgspec.Struct, frozen=True):
    """How many models fit."""

    data: ModelCount


def mirrored_list(records: Iterable[bytes], *, total: int, following: str | None) -> bytes:
    """A page of records, with the address of the next one."""
    tail = msgspec.json.encode({"links": MirroredPage(following), "total_count": total})
    return b'{"data":[' + b",".join(records) + b"]," + tail[1:]


def mirrored_one(record: bytes) -> bytes:
    """A record by itself."""
    return b'{"data":' + record + b"}"


def mirrored_count(count: int) -> bytes:
    """How many there are."""
    return msgspec.json.encode(MirroredCount(ModelCount(count)))
