"""OpenAI's dialect, at the root of the host: its clients drop the path of the address they are given."""

from functools import partial
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request, Response

from llmanac.answers.dialect_fields import OPENAI_LIST_FIELDS, OPENAI_MODEL_FIELDS
from llmanac.answers.dialects import missing
from llmanac.answers.list_ref import Then
from llmanac.catalogue.ids import ModelId
from llmanac.errors import NotAcceptable, NotFound
from llmanac.query.query import Query, read_query
from llmanac.query.read import read_as_of
from llmanac.query.search import search
from llmanac.render.openai import OpenAIList, OpenAIModel, openai_list, openai_model
from llmanac.web.app_context import Parts
from llmanac.web.openapi.describe import STORED, described
from llmanac.web.openapi.parameters import LIST_HEADERS, OPENAI_LIST_PATH, OPENAI_MODEL_PATH, asking
from llmanac.web.protocol.problems import Dialect
from llmanac.web.routes.request import READS, AskedFields, Given
from llmanac.web.routes.responses import catalogue_answer

router = APIRouter()
Id = Annotated[str, Path(description="The whole id. Its `/` and `:` may stand as they are or escaped.")]
_REFUSALS = (*STORED, NotFound, NotAcceptable)
_MODEL = OpenAIModel("acme/owl-2", "model", 1792713600, "acme")


@router.get(
    OPENAI_LIST_PATH,
    summary="The list in OpenAI's shape",
    dependencies=[READS],
    **asking(
        OPENAI_LIST_FIELDS,
        described(
            OpenAIList, OpenAIList("list", (_MODEL,)), says="The models", refusals=_REFUSALS, dialect=Dialect.OPENAI
        ),
        LIST_HEADERS,
    ),
)
async def openai_models(request: Request, parts: Given, asked: AskedFields) -> Response:
    """The ids of every text and image model, in OpenRouter's order, on one page.

    Clients of this shape offer whatever comes to somebody who wants an answer in text or an image, so models of other
    outputs are left out unless `output_modalities` asks for them.
    """
    then = await parts.bodies.find_list(read_as_of(asked))
    query = read_query(asked)
    make = partial(_make_list, parts, then, query)
    return await catalogue_answer(request, parts, then, (OPENAI_LIST_PATH, query.digest), make)


@router.get(
    OPENAI_MODEL_PATH,
    summary="One model in OpenAI's shape",
    dependencies=[READS],
    **asking(
        OPENAI_MODEL_FIELDS,
        described(OpenAIModel, _MODEL, says="The model", refusals=_REFUSALS, dialect=Dialect.OPENAI),
        LIST_HEADERS,
    ),
)
async def openai_one(request: Request, parts: Given, asked: AskedFields, id: Id) -> Response:  # noqa: A002  OpenAI's word
    """Any model of the list, whatever it gives."""
    then = await parts.bodies.find_list(read_as_of(asked))
    make = partial(_make_one, parts, then, ModelId(id))
    return await catalogue_answer(request, parts, then, (OPENAI_MODEL_PATH, id), make)


def _make_list(parts: Parts, then: Then, query: Query) -> bytes:
    page = search(parts.past.index(then), query, now=parts.clock())
    return openai_list(row.model for row in page.rows)


def _make_one(parts: Parts, then: Then, wanted: ModelId) -> bytes:
    found = parts.past.index(then).find(wanted)
    if found is None:
        raise missing(parts, then, wanted)
    return msgspec.json.encode(openai_model(found.model))
