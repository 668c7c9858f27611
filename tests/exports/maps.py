"""Cost maps of records, read exactly."""

import json
from collections.abc import Iterable

from llmanac.catalogue.model import Model
from llmanac.query.row import listed_row
from llmanac.render.litellm import render_litellm
from llmanac.render.models_dev import render_models_dev
from llmanac.upstream.decode import decode_rows
from tests.build import Record
from tests.exports.billing import Object, exact_json, object_of


def models_of(sent: Iterable[Record]) -> tuple[Model, ...]:
    """The models of records, which must all be good."""
    models, rejects = decode_rows([json.dumps(each).encode() for each in sent])
    assert not rejects
    return models


def litellm(*sent: Record) -> dict[str, Object]:
    """The entries of LiteLLM's map by model."""
    return litellm_of(models_of(sent))


def litellm_of(models: Iterable[Model]) -> dict[str, Object]:
    """As `litellm`."""
    entries = object_of(exact_json(render_litellm(map(listed_row, models))))
    return {name.removeprefix("openrouter/"): object_of(entry) for name, entry in entries.items()}


def models_dev(*sent: Record) -> dict[str, Object]:
    """The models of models.dev's file."""
    return models_dev_of(models_of(sent))


def models_dev_of(models: Iterable[Model]) -> dict[str, Object]:
    """As `models_dev`."""
    provider = object_of(object_of(exact_json(render_models_dev(map(listed_row, models))))["openrouter"])
    return {name: object_of(model) for name, model in object_of(provider["models"]).items()}
