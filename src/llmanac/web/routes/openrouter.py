"""OpenRouter's dialect: the list as its own API answers it. Its clients, and other llmanacs, read it unchanged."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Path, Request, Response

from llmanac.answers.dialect_fields import MIRROR_COUNT_FIELDS, MIRROR_LIST_FIELDS, MIRROR_MODEL_FIELDS, PAGE
from llmanac.answers.dialects import count_as_openrouter, counted_from, list_as_openrouter, model_as_openrouter
from llmanac.answers.list_ref import ListRef
from llmanac.catalogue.ids import ModelId
from llmanac.errors import NotAcceptable, NotFound
from llmanac.query.query import Query, read_query
from llmanac.query.read import read_as_of
from llmanac.render.openrouter import (
    MirroredArchitecture,
    MirroredCount,
    MirroredLinks,
    MirroredList,
    MirroredModel,
    MirroredOne,
    MirroredPage,
    MirroredPricing,
    MirroredTopProvider,
    ModelCount,
)
from llmanac.web.app_context import AppContext
from llmanac.web.openapi.describe import STORED, described
from llmanac.web.openapi.parameters import LIST_HEADERS, with_parameters
from llmanac.web.protocol.problems import Dialect
from llmanac.web.routes.request import READS, READS_PUBLICLY, Context, Params
from llmanac.web.routes.responses import catalogue_answer, question_key
from llmanac.web.routes.table import MIRROR_COUNT_PATH, MIRROR_LIST_PATH, MIRROR_MODEL_PATH, MIRROR_USER_PATH

router = APIRouter()
Author = Annotated[str, Path(description="What stands before the first `/` of the id, with the `~` of an alias.")]
Slug = Annotated[str, Path(description="The rest of the id. Its `/` and `:` may stand as they are or escaped.")]
_REFUSALS = (*STORED, NotFound, NotAcceptable)

_MODEL = MirroredModel(
    id="acme/owl-2",
    canonical_slug="acme/owl-2-20261021",
    name="Acme: Owl 2",
    created=1792713600,
    pricing=MirroredPricing("0.000002", "0.00001"),
    context_length=262144,
    architecture=MirroredArchitecture("text+image->text", ["text", "image"], ["text"]),
    top_provider=MirroredTopProvider(is_moderated=False),
    per_request_limits=None,
    supported_parameters=["max_tokens", "tools"],
    default_parameters=msgspec.Raw(b"null"),
    supported_voices=None,
    links=MirroredLinks("/api/v1/models/acme/owl-2-20261021/endpoints"),
)
_LIST = MirroredList([_MODEL], MirroredPage("/api/v1/models?limit=1&offset=1&as_of=8123"), 2)


@router.get(
    MIRROR_LIST_PATH,
    summary="The list in OpenRouter's shape",
    dependencies=[READS_PUBLICLY],
    **with_parameters(
        MIRROR_LIST_FIELDS,
        described(MirroredList, _LIST, says="The models", refusals=_REFUSALS, dialect=Dialect.OPENROUTER),
        LIST_HEADERS,
    ),
)
async def mirror(request: Request, context: Context, params: Params) -> Response:
    """Every record with all that upstream sent. Members that an older one lacks are filled as its clients need them.

    Only models with text output, unless `output_modalities` says otherwise. With LLMANAC_PUBLIC_MIRROR no token is
    needed.
    """
    return await _list(request, context, params)


@router.get(
    MIRROR_COUNT_PATH,
    summary="How many models there are",
    dependencies=[READS_PUBLICLY],
    **with_parameters(
        MIRROR_COUNT_FIELDS,
        described(
            MirroredCount,
            MirroredCount(ModelCount(421)),
            says="How many models the list would have",
            refusals=_REFUSALS,
            dialect=Dialect.OPENROUTER,
        ),
        LIST_HEADERS,
    ),
)
async def mirror_count(request: Request, context: Context, params: Params) -> Response:
    """Of the list with the same filters."""
    list_ref = await context.bodies.find_list(read_as_of(params))
    query, now = read_query(params), counted_from(context, read_as_of(params), list_ref)
    make = partial(count_as_openrouter, context, list_ref, query, now)
    return await catalogue_answer(request, context, list_ref, question_key(MIRROR_COUNT_PATH, query, now), make)


@router.get(
    MIRROR_USER_PATH,
    summary="The list in OpenRouter's shape, for a token",
    dependencies=[READS],
    **with_parameters(
        MIRROR_LIST_FIELDS,
        described(MirroredList, _LIST, says="The models", refusals=_REFUSALS, dialect=Dialect.OPENROUTER),
        LIST_HEADERS,
    ),
)
async def mirror_user(request: Request, context: Context, params: Params) -> Response:
    """As `/api/v1/models`, but never without a token: what its bearer may read."""
    return await _list(request, context, params)


@router.get(
    MIRROR_MODEL_PATH,
    summary="One model in OpenRouter's shape",
    dependencies=[READS_PUBLICLY],
    **with_parameters(
        MIRROR_MODEL_FIELDS,
        described(MirroredOne, MirroredOne(_MODEL), says="The model", refusals=_REFUSALS, dialect=Dialect.OPENROUTER),
        LIST_HEADERS,
    ),
)
async def mirror_model(request: Request, context: Context, params: Params, author: Author, slug: Slug) -> Response:
    """By its id or its canonical slug. Of an alias it is the model that the alias stands for."""
    list_ref = await context.bodies.find_list(read_as_of(params))
    wanted = ModelId(f"{author}/{slug}")
    make = partial(model_as_openrouter, context, list_ref, wanted)
    return await catalogue_answer(request, context, list_ref, ("mirrored", wanted), make)


async def _list(request: Request, context: AppContext, params: Mapping[str, str]) -> Response:
    list_ref = await context.bodies.find_list(read_as_of(params))
    query, now = read_query(params), counted_from(context, read_as_of(params), list_ref)
    if params["offset"] and query.limit is None:
        query = msgspec.structs.replace(query, limit=PAGE)
    path: str = request.scope["path"]
    make = partial(
        list_as_openrouter, context, list_ref, query, now, partial(_following_page, path, params, list_ref, query)
    )
    return await catalogue_answer(request, context, list_ref, question_key(path, query, now), make)


def _following_page(path: str, params: Mapping[str, str], list_ref: ListRef, query: Query, offset: int) -> str:
    """The next page of the very list that this page is of, whatever is fetched meanwhile."""
    kept = {name: value for name, value in params.items() if value and value != MIRROR_LIST_FIELDS[name].default}
    page = {"limit": query.limit, "offset": offset, "as_of": params["as_of"] or list_ref.serial}
    return f"{path}?{urlencode(kept | page)}"
