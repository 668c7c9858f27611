"""OpenAI's dialect, at the root of the host: its clients drop the path of the address they are given."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from llmanac.answers.dialect_fields import OPENAI_LIST_FIELDS, OPENAI_MODEL_FIELDS
from llmanac.answers.dialects import list_as_openai, model_as_openai
from llmanac.catalogue.ids import ModelId
from llmanac.errors import NotAcceptable, NotFound
from llmanac.query.query import read_query
from llmanac.query.read import read_as_of
from llmanac.render.openai import OpenAIList, OpenAIModel
from llmanac.web.openapi.describe import STORED, described
from llmanac.web.openapi.parameters import LIST_HEADERS, with_parameters
from llmanac.web.protocol.problems import Dialect
from llmanac.web.routes.request import READS, Context, Params
from llmanac.web.routes.responses import catalogue_answer
from llmanac.web.routes.table import OPENAI_LIST_PATH, OPENAI_MODEL_PATH

router = APIRouter()
Id = Annotated[str, Path(description="The whole id. Its `/` and `:` may stand as they are or escaped.")]
_REFUSALS = (*STORED, NotFound, NotAcceptable)
_MODEL = OpenAIModel("acme/owl-2", "model", 1792713600, "acme")


@router.get(
    OPENAI_LIST_PATH,
    summary="The list in OpenAI's shape",
    dependencies=[READS],
    **with_parameters(
        OPENAI_LIST_FIELDS,
        described(
            OpenAIList, OpenAIList("list", (_MODEL,)), says="The models", refusals=_REFUSALS, dialect=Dialect.OPENAI
        ),
        LIST_HEADERS,
    ),
)
async def openai_models(request: Request, context: Context, params: Params) -> Response:
    """The ids of every text and image model, in OpenRouter's order, on one page.

    Clients of this shape offer whatever comes to somebody who wants an answer in text or an image, so models of other
    outputs are left out unless `output_modalities` asks for them.
    """
    list_ref = await context.bodies.find_list(read_as_of(params))
    query = read_query(params)
    make = partial(list_as_openai, context, list_ref, query)
    return await catalogue_answer(request, context, list_ref, (OPENAI_LIST_PATH, query.digest), make)


@router.get(
    OPENAI_MODEL_PATH,
    summary="One model in OpenAI's shape",
    dependencies=[READS],
    **with_parameters(
        OPENAI_MODEL_FIELDS,
        described(OpenAIModel, _MODEL, says="The model", refusals=_REFUSALS, dialect=Dialect.OPENAI),
        LIST_HEADERS,
    ),
)
async def openai_one(request: Request, context: Context, params: Params, id: Id) -> Response:  # noqa: A002  OpenAI's word
    """Any model of the list, whatever it gives."""
    list_ref = await context.bodies.find_list(read_as_of(params))
    make = partial(model_as_openai, context, list_ref, ModelId(id))
    return await catalogue_answer(request, context, list_ref, (OPENAI_MODEL_PATH, id), make)
