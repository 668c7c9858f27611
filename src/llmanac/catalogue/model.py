"""One entry of the list."""

from datetime import date

import msgspec

from llmanac.catalogue.expiry import ModelStatus
from llmanac.catalogue.ids import ModelId, author_of, variant_of
from llmanac.catalogue.modality import IMAGE, TEXT
from llmanac.catalogue.pricing import Pricing


class Architecture(msgspec.Struct, frozen=True, gc=False):
    """What goes in and out. Modalities are upstream's words, known to us or not, in upstream's order."""

    input_modalities: tuple[str, ...]
    output_modalities: tuple[str, ...]
    tokenizer: str | None
    instruct_type: str | None


class TopProvider(msgspec.Struct, frozen=True, gc=False):
    """Limits of the provider upstream would choose first. Lengths in tokens."""

    is_moderated: bool | None
    context_length: int | None
    max_completion_tokens: int | None


class Model(msgspec.Struct, frozen=True, gc=False):
    """One model as upstream states it; None is "not stated". `record` is upstream's own JSON, byte for byte.

    `digest` covers the whole record: it changes when any member does, and not with white space or the order of keys.
    """

    id: ModelId
    name: str | None
    created: int | None
    """Seconds since 1970."""
    description: str
    architecture: Architecture
    top_provider: TopProvider
    pricing: Pricing
    context_length: int | None
    """Tokens, prompt and completion together."""
    per_request_limits: bytes | None
    """Upstream's JSON object."""
    supported_parameters: tuple[str, ...]
    record: bytes
    digest: bytes
    expires_on: date | None
    """The announced last day."""

    @property
    def status(self) -> ModelStatus:
        """Of a model that is listed."""
        return ModelStatus.ACTIVE if self.expires_on is None else ModelStatus.EXPIRING

    @property
    def author(self) -> str:
        """Who made it."""
        return author_of(self.id)

    @property
    def variant(self) -> str | None:
        """`free`, `batch` … or None."""
        return variant_of(self.id)

    @property
    def gives_text(self) -> bool:
        """Whether it belongs in the contract's `text`."""
        return TEXT in self.architecture.output_modalities

    @property
    def gives_images(self) -> bool:
        """Whether it belongs in the contract's `image`."""
        return IMAGE in self.architecture.output_modalities
