"""`GET /api/ai/models/{author}/{slug}`: one model as it is or was; of one that has left, what is known of it."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request, Response

from llmanac.catalogue.change import ChangeKind
from llmanac.catalogue.ids import ModelId
from llmanac.errors import RequestError
from llmanac.history.certainty import CONFIRMING_ABSENCES, RemovalCertainty, removal_certainty
from llmanac.query.fields import MODEL_FIELDS
from llmanac.query.read import read_as_of
from llmanac.render.listing import FullModel, ListedModel, Removal, View, show
from llmanac.render.removed import RemovedModel, announcement, show_successors
from llmanac.store.rows import SeenChange
from llmanac.upstream.decode import decode_kept
from llmanac.web.answers import FULL_JSON, JSON, media_type_of
from llmanac.web.asked import MODEL_PATH, asking, ref
from llmanac.web.conditional import conditional
from llmanac.web.describe import STORED, content_of, described
from llmanac.web.front import no_list_yet
from llmanac.web.leaving import first_listed_at, last_seen, leaving_fields, timeline_of
from llmanac.web.listing_described import EXAMPLE, FULL_EXAMPLE
from llmanac.web.parts import READS, AskedFields, Given, Parts
from llmanac.web.past import NoList, Then, exact
from llmanac.web.problems import Problem
from llmanac.web.then import ModelsThen
from llmanac.web.unknown import NoModel, UnknownModel

router = APIRouter()
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


class ModelRemoved(RequestError):
    """The model is no longer listed. Answered as RemovedModel, after the members of every problem."""

    status, code, title = 410, "MODEL_REMOVED", "Gone"

    def __init__(self, model: ModelId, removed: RemovedModel, fields: Mapping[str, str]) -> None:
        best = next(iter(removed.successors), None)
        hint = f"{best.id} may stand in for it. {best.reason}." if best else "No listed model may stand in for it."
        last = removed.last_seen_at or removed.removed_at
        super().__init__(f"{model} is no longer listed; it was last seen on {last:%Y-%m-%d}", hint=hint)
        self.removed = removed
        self._fields = fields

    @property
    def members(self) -> Mapping[str, object]:
        """See `RemovedModel`."""
        return msgspec.structs.asdict(self.removed)

    @property
    def headers(self) -> dict[str, str]:
        """Which list says so, and the deprecation fields."""
        return {**self._fields}


class Found(msgspec.Struct, frozen=True):
    """A listed model: its JSON, and the fields of the answer."""

    body: bytes
    fields: Mapping[str, str]


_DESCRIBED = asking(
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
def model(request: Request, parts: Given, asked: AskedFields, author: Author, slug: Slug) -> Response:
    """As lists show it. Of a model that is no longer listed the answer is 410, with its last data and successors.

    A model whose id ends in `/history` cannot be asked for by itself; lists have it.
    """
    found = look_up(parts, ModelId(f"{author}/{slug}"), asked)
    media_type = media_type_of(View(asked["view"])).decode()
    return conditional(request, found.body, found.fields, media_type=media_type)


def look_up(parts: Parts, wanted: ModelId, asked: Mapping[str, str]) -> Found:
    """The model in the list that is asked for. From memory, if that is the one served and announces no last day of it.

    Raises:
        InvalidParameter, NoListThen: As `Past.find`.
        UnknownModel: It is not in that list, and was in none before.
        ModelRemoved: It is not in that list, but was in one before.
        Unavailable: There is no list at all.
        StoreError: The store is needed and cannot be read.
    """
    if parts.current.held.catalogue is None:
        raise no_list_yet()
    then = parts.past.find(read_as_of(asked))
    view = View(asked["view"])
    if parts.past.hidden:
        raise _hidden(parts, wanted)
    models = ModelsThen(parts.store, then, volatile=view is View.FULL)
    listed = models.find(wanted)
    if listed is None:
        raise _missing(parts, then, models, wanted, view)
    fields = _list_fields(parts, then)
    if listed.expires_on is not None:
        timeline = timeline_of(parts.store, parts.current.held.state.id, wanted, then)
        told = announcement(listed.record, timeline, known_since=then.changed_at)
        instead = show_successors(listed, models.near(listed), seen_at=first_listed_at(timeline))
        fields |= leaving_fields(told, next(iter(instead), None))
    return Found(show(listed, view).whole(), fields)


def _hidden(parts: Parts, wanted: ModelId) -> UnknownModel:
    """The refusal of every model where lists show none: whether there is one is not told."""
    refusal = UnknownModel(wanted, ())
    refusal.hint = f"LLMANAC_HIDE_UNCONFIGURED hides every model of {parts.past.source}: there is no key for it."
    return refusal


def _list_fields(parts: Parts, then: Then) -> dict[str, str]:
    """As of the list itself, but that there is one content coding."""
    sent = then.fields(parts.clock().timestamp())
    return {name.decode(): value.decode() for name, value in sent} | {"vary": "Authorization"}


def _missing(parts: Parts, then: Then, models: ModelsThen, wanted: ModelId, view: View) -> RequestError:
    """The refusal of a model that is not in a list."""
    series_id = parts.current.held.state.id
    timeline = timeline_of(parts.store, series_id, wanted, then)
    last = last_seen(timeline)
    gone = None if last is None or last.change.before is None else decode_kept(last.change.before.encode())
    if last is None or last.change.kind is not ChangeKind.REMOVED or gone is None:
        when = "" if then.removed_by is None else f" in the list of {exact(then.removed_by)}"
        return UnknownModel(wanted, models.ids, when=when)
    sure = _certainty(parts, then, last, gone.expires_on)
    told = announcement(gone.record, timeline, known_since=last.seen_at)
    instead = show_successors(gone, models.near(gone), seen_at=first_listed_at(timeline))
    day, told_at = (None, None) if told is None else (told.day, told.seen_at)
    removal = Removal(last.seen_at, last.since_at, sure.certainty.value, day)
    removed = RemovedModel(
        model=msgspec.Raw(show(gone, view, removal).whole()),
        last_seen_at=last.since_at,
        removed_at=last.seen_at,
        certainty=sure.certainty,
        confirmed_at=sure.confirmed_at,
        announced=day,
        announced_at=told_at,
        successors=instead,
    )
    fields = _list_fields(parts, then) | leaving_fields(told, next(iter(instead), None))
    return ModelRemoved(wanted, removed, {name: value for name, value in fields.items() if name not in _OF_CACHES})


def _certainty(parts: Parts, then: Then, removal: SeenChange, announced: date | None) -> RemovalCertainty:
    """How sure the removal was by the time of the list."""
    fetched = parts.store.fetched_from(parts.current.held.state.id, removal.scope, removal.seen_at, CONFIRMING_ABSENCES)
    known = [instant for instant in fetched if then.removed_by is None or instant <= then.removed_by]
    return removal_certainty(removal.seen_at, expires_on=announced, fetched_at=known)
