"""`GET /api/ai/models/{author}/{slug}`: one model as it is or was; of one that has left, what is known of it."""

from email.utils import format_datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Request, Response

from llmanac.answers.list_ref import ListRef
from llmanac.answers.show_model import ModelRemoved, show_model
from llmanac.answers.unknown_model import UnknownModel
from llmanac.catalogue.ids import ModelId
from llmanac.query.fields import MODEL_FIELDS
from llmanac.query.read import read_as_of
from llmanac.render.listing import FullModel, ListedModel, View
from llmanac.render.removed import Announcement, RemovedModel, ShownSuccessor
from llmanac.web.app_context import AppContext
from llmanac.web.openapi.describe import STORED, content_of, described
from llmanac.web.openapi.listing import EXAMPLE, FULL_EXAMPLE
from llmanac.web.openapi.parameters import ref, with_parameters
from llmanac.web.protocol.problems import NoList, NoModel, Problem
from llmanac.web.protocol.representations import FULL_JSON, JSON, fields_of_list, media_type_of
from llmanac.web.routes.request import READS, Context, Params
from llmanac.web.routes.responses import conditional_answer, refuse
from llmanac.web.routes.table import MODEL_PATH

router = APIRouter()

_MODELS = "/api/ai/models/"
_UNESCAPED = "/:~"
Author = Annotated[str, Path(description="What stands before the first `/` of the id, with the `~` of an alias.")]
Slug = Annotated[str, Path(description="The rest of the id. Its `/` and `:` may stand as they are or escaped.")]

_HEADERS = {
    "Last-Modified": "When the list was taken that first held this content.",
    "X-Catalogue-Serial": "Number of the change set of the list; 0 is the bundle.",
    "X-Catalogue-Source": "`live`, `store`, `bundled` or `import`.",
    "X-Catalogue-Age": "Seconds since upstream was last seen to agree with the list. Not part of the ETag.",
    "Deprecation": "Once a last day is announced (RFC 9745): `@` and the seconds since 1970 when that was first seen.",
    "Sunset": "Once a last day is announced (RFC 8594): its first instant in UTC.",
    "Link": 'Once a last day is announced: the best successor, if there is one, as `rel="successor-version"`.',
}
_OF_CACHES = frozenset({"cache-control", "vary", "last-modified"})
"""Fields that a refusal has its own way with."""

_DESCRIBED = with_parameters(
    MODEL_FIELDS,
    described(None, says="The model", refusals=(*STORED, UnknownModel, ModelRemoved)),
    _HEADERS,
    {404: {"anyOf": ref(NoModel, NoList)}, 410: {"allOf": ref(Problem, RemovedModel)}},
)
_DESCRIBED["responses"][200]["content"] = {
    JSON.decode(): content_of(ListedModel, EXAMPLE),
    FULL_JSON.decode(): content_of(FullModel, FULL_EXAMPLE),
}
_DESCRIBED["responses"][410]["headers"] = {
    name: {"description": says, "schema": {"type": "string"}}
    for name, says in _HEADERS.items()
    if name.lower() not in _OF_CACHES
}


@router.get(MODEL_PATH, summary="One model", dependencies=[READS], **_DESCRIBED)
def model(request: Request, context: Context, params: Params, author: Author, slug: Slug) -> Response:
    """As lists show it. Of a model that is no longer listed the answer is 410, with its last data and successors.

    A model whose id ends in `/history` cannot be asked for by itself; lists have it.
    """
    list_ref = context.lists.find(read_as_of(params))
    fields = _list_fields(context, list_ref)
    view = View(params["view"])
    try:
        found = show_model(context, list_ref, ModelId(f"{author}/{slug}"), view)
    except ModelRemoved as gone:
        fields |= deprecation_fields(gone.announced, next(iter(gone.removed.successors), None))
        return refuse(request, gone, {name: value for name, value in fields.items() if name not in _OF_CACHES})
    fields |= deprecation_fields(found.announced, found.successor)
    return conditional_answer(request, found.body, fields, media_type=media_type_of(view))


def _list_fields(context: AppContext, list_ref: ListRef) -> dict[str, str]:
    """As of the list itself, but that there is one content coding."""
    sent = fields_of_list(list_ref, context.clock().timestamp())
    return {name.decode(): value.decode() for name, value in sent} | {"vary": "Authorization"}


def deprecation_fields(announced: Announcement | None, best: ShownSuccessor | None) -> dict[str, str]:
    """`Deprecation` and `Sunset` for what was announced, `Link` for what may stand in.

    A model that left without a word gets neither of the first two: RFC 9745 tells of an announcement, RFC 8594 of a
    time to come, and nobody made the one or named the other.
    """
    fields: dict[str, str] = {}
    if announced is not None:
        fields["Deprecation"] = f"@{int(announced.deprecated_at.timestamp())}"
        fields["Sunset"] = format_datetime(announced.sunset_at, usegmt=True)
    if best is not None:
        fields["Link"] = f'<{_MODELS}{quote(best.id, safe=_UNESCAPED)}>; rel="successor-version"'
    return fields
