"""OpenRouter's dialect: the list as its own API answers it. Its clients, and other llmanacs, read it unchanged."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Path, Request, Response

from llmanac.answers.dialect_fields import MIRROR_COUNT_FIELDS, MIRROR_LIST_FIELDS, MIRROR_MODEL_FIELDS, PAGE
from llmanac.answers.dialects import counted_from, make_count, make_list, make_one
from llmanac.answers.list_ref import Then
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
from llmanac.web.app_context import Parts
from llmanac.web.openapi.describe import STORED, described
from llmanac.web.openapi.parameters import (
    LIST_HEADERS,
    MIRROR_COUNT_PATH,
    MIRROR_LIST_PATH,
    MIRROR_MODEL_PATH,
    MIRROR_USER_PATH,
    asking,
)
from llmanac.web.protocol.problems import Dialect
from llmanac.web.routes.request import READS, READS_PUBLICLY, AskedFields, Given
from llmanac.web.routes.responses import catalogue_answer, question_key

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
    **asking(
        MIRROR_LIST_FIELDS,
        described(MirroredList, _LIST, says="The models", refusals=_REFUSALS, dialect=Dialect.OPENROUTER),
        LIST_HEADERS,
    ),
)
async def mirror(request: Request, parts: Given, asked: AskedFields) -> Response:
    """Every record with all that upstream sent. Members that an older one lacks are filled as its clients need them.

    Only models with text output, unless `output_modalities` says otherwise. With LLMANAC_PUBLIC_MIRROR no token is
    needed.
    """
    return await _list(request, parts, asked)


@router.get(
    MIRROR_COUNT_PATH,
    summary="How many models there are",
    dependencies=[READS_PUBLICLY],
    **asking(
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
async def mirror_count(request: Request, parts: Given, asked: AskedFields) -> Response:
    """Of the list with the same filters."""
    then = await parts.bodies.find_list(read_as_of(asked))
    query, now = read_query(asked), counted_from(parts, read_as_of(asked), then)
    make = partial(make_count, parts, then, query, now)
    return await catalogue_answer(request, parts, then, question_key(MIRROR_COUNT_PATH, query, now), make)


@router.get(
    MIRROR_USER_PATH,
    summary="The list in OpenRouter's shape, for a token",
    dependencies=[READS],
    **asking(
        MIRROR_LIST_FIELDS,
        described(MirroredList, _LIST, says="The models", refusals=_REFUSALS, dialect=Dialect.OPENROUTER),
        LIST_HEADERS,
    ),
)
async def mirror_user(request: Request, parts: Given, asked: AskedFields) -> Response:
    """As `/api/v1/models`, but never without a token: what its bearer may read."""
    return await _list(request, parts, asked)


@router.get(
    MIRROR_MODEL_PATH,
    summary="One model in OpenRouter's shape",
    dependencies=[READS_PUBLICLY],
    **asking(
        MIRROR_MODEL_FIELDS,
        described(MirroredOne, MirroredOne(_MODEL), says="The model", refusals=_REFUSALS, dialect=Dialect.OPENROUTER),
        LIST_HEADERS,
    ),
)
async def mirror_model(request: Request, parts: Given, asked: AskedFields, author: Author, slug: Slug) -> Response:
    """By its id or its canonical slug. Of an alias it is the model that the alias stands for."""
    then = await parts.bodies.find_list(read_as_of(asked))
    wanted = ModelId(f"{author}/{slug}")
    make = partial(make_one, parts, then, wanted)
    return await catalogue_answer(request, parts, then, ("mirrored", wanted), make)


async def _list(request: Request, parts: Parts, asked: Mapping[str, str]) -> Response:
    then = await parts.bodies.find_list(read_as_of(asked))
    query, now = read_query(asked), counted_from(parts, read_as_of(asked), then)
    if asked["offset"] and query.limit is None:
        query = msgspec.structs.replace(query, limit=PAGE)
    path: str = request.scope["path"]
    make = partial(make_list, parts, then, query, now, partial(_following_page, path, asked, then, query))
    return await catalogue_answer(request, parts, then, question_key(path, query, now), make)


def _following_page(path: str, asked: Mapping[str, str], then: Then, query: Query, offset: int) -> str:
    """The next page of the very list that this page is of, whatever is fetched meanwhile."""
    kept = {name: value for name, value in asked.items() if value and value != MIRROR_LIST_FIELDS[name].default}
    page = {"limit": query.limit, "offset": offset, "as_of": asked["as_of"] or then.serial}
    return f"{path}?{urlencode(kept | page)}"
