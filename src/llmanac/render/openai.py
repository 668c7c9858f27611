"""OpenAI's shape of a list of models: names, and nothing else that a client of it could read."""

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec

from llmanac.catalogue.model import Model

_NO_AUTHOR = "openrouter"
"""Who owns a model whose id names no author."""


class OpenAIModel(msgspec.Struct, frozen=True):
    """One model."""

    id: str
    object: Literal["model"]
    created: Annotated[int, msgspec.Meta(description="Seconds since 1970; 0 when upstream does not state it.")]
    owned_by: Annotated[str, msgspec.Meta(description="The author: what stands before the `/` of the id.")]


class OpenAIList(msgspec.Struct, frozen=True):
    """Models, all at once: this shape has no pages."""

    object: Literal["list"]
    data: tuple[OpenAIModel, ...]


def openai_model(model: Model) -> OpenAIModel:
    """A model in this shape."""
    return OpenAIModel(model.id, "model", model.created or 0, model.author or _NO_AUTHOR)


def openai_list(models: Iterable[Model]) -> bytes:
    """The list, in the order given."""
    return msgspec.json.encode(OpenAIList("list", tuple(map(openai_model, models))))
