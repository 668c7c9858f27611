"""The list in the files that other tools read. Each is made of one list, once, and kept in bounded memory."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Annotated

import msgspec
from fastapi import APIRouter, Request, Response

from llmanac.answers.export_fields import (
    EXPORT_FIELDS,
    EXPORTS,
    EXPORTS_PATH,
    LITELLM,
    MODELS_DEV,
    PARQUET,
    Export,
)
from llmanac.answers.export_models import export_models
from llmanac.answers.list_ref import ListRef
from llmanac.errors import NotAcceptable, NotFound
from llmanac.query.query import read_query
from llmanac.query.read import read_as_of
from llmanac.query.row import Row, listed_row
from llmanac.render.litellm import render_litellm
from llmanac.render.models_dev import render_models_dev
from llmanac.render.parquet import ExtraNotInstalled, has_parquet, require_parquet
from llmanac.upstream.decode import decode_rows
from llmanac.web.openapi.describe import GUARDED, STORED, Described, described
from llmanac.web.openapi.parameters import LIST_HEADERS, ref, with_parameters
from llmanac.web.protocol.problems import NoList
from llmanac.web.routes.request import READS_PUBLICLY, Context, Params
from llmanac.web.routes.responses import catalogue_answer, conditional_answer, question_key

router = APIRouter()
_NO_WORD = re.compile(r"[^a-z]+")


class ShownExport(msgspec.Struct, frozen=True):
    """One export of this server."""

    name: Annotated[str, msgspec.Meta(description="As `llmanac export` takes it.")]
    path: str
    media_type: str
    available: Annotated[bool, msgspec.Meta(description="Whether what it needs is installed.")]
    description: str


class ExportList(msgspec.Struct, frozen=True):
    """Which exports there are."""

    exports: tuple[ShownExport, ...]


def _shown(export: Export) -> ShownExport:
    available = export is not PARQUET or has_parquet()
    return ShownExport(export.name, export.path, export.media_type, available, export.says)


@router.get(
    EXPORTS_PATH,
    summary="Which exports there are",
    dependencies=[READS_PUBLICLY],
    **with_parameters({}, described(ExportList, ExportList((_shown(LITELLM),)), says="The exports", refusals=GUARDED)),
)
def exports(request: Request) -> Response:
    """Each with where it is and whether this server can make it."""
    return conditional_answer(request, msgspec.json.encode(ExportList(tuple(map(_shown, EXPORTS.values())))))


async def _answer(export: Export, request: Request, context: Context, params: Params) -> Response:
    if export is PARQUET:
        require_parquet()
    query = read_query(params)
    list_ref = await context.bodies.find_list(read_as_of(params))
    now = list_ref.ages_from(context.clock())
    return await catalogue_answer(
        request,
        context,
        list_ref,
        question_key(export.path, query, now),
        partial(export_models, context, export, list_ref, query, now=now),
        media_type=export.media_type,
        headers=_saved_as(export, list_ref),
    )


def _saved_as(export: Export, list_ref: ListRef) -> Mapping[str, str]:
    if not export.saved_as:
        return {}
    return {"Content-Disposition": f'attachment; filename="llmanac-{list_ref.serial}.{export.saved_as}"'}


_RECORD = (
    b'{"id":"acme/owl-2","name":"Acme: Owl 2","created":1792713600,"context_length":262144,'
    b'"supported_parameters":["tools"],"pricing":{"prompt":"0.000002","completion":"0.00001"}}'
)
_EXAMPLE = listed_row(decode_rows((_RECORD,))[0][0])
_EXAMPLES: Mapping[Export, Callable[[Iterable[Row]], bytes]] = MappingProxyType(
    {LITELLM: render_litellm, MODELS_DEV: render_models_dev}
)


def _described(export: Export) -> Described:
    refusals = (*STORED, NotFound, NotAcceptable, *((ExtraNotInstalled,) if export is PARQUET else ()))
    headers = dict(LIST_HEADERS)
    if export.saved_as:
        headers["Content-Disposition"] = "A name for the file, with the Serial."
    route = with_parameters(
        EXPORT_FIELDS,
        described(None, says="The export", refusals=refusals),
        headers,
        {404: {"allOf": ref(NoList)}},
    )
    content: dict[str, object] = {"schema": {"type": "string"}}
    if export in _EXAMPLES:
        content = {"schema": {"type": "object"}, "example": msgspec.json.decode(_EXAMPLES[export]((_EXAMPLE,)))}
    route["responses"][200]["content"] = {export.media_type: content}
    return route


def _add(export: Export, path: str) -> None:
    async def answer(request: Request, context: Context, params: Params) -> Response:
        return await _answer(export, request, context, params)

    router.add_api_route(
        path,
        answer,
        name=f"export{_NO_WORD.sub('_', path.removeprefix(EXPORTS_PATH))}",
        summary=f"Export: {export.name}",
        description=export.says,
        dependencies=[READS_PUBLICLY],
        methods=["GET"],
        response_class=Response,
        **_described(export),
    )


for _export in EXPORTS.values():
    for _path in (_export.path, *_export.also_at):
        _add(_export, _path)
