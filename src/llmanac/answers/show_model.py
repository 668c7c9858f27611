"""One model as it is or was; of one that has left, what is known of it."""

from collections.abc import Mapping
from datetime import date

import msgspec

from llmanac.answers.context import AnswerContext
from llmanac.answers.deprecation import first_listed_at, last_seen, timeline_of
from llmanac.answers.lazy_models import LazyModels
from llmanac.answers.list_ref import ListRef, exact
from llmanac.answers.unknown_model import UnknownModel
from llmanac.catalogue.change import ChangeKind
from llmanac.catalogue.ids import ModelId
from llmanac.errors import RequestError
from llmanac.history.certainty import CONFIRMING_ABSENCES, RemovalCertainty, removal_certainty
from llmanac.render.listing import Removal, View, show
from llmanac.render.removed import Announcement, RemovedModel, ShownSuccessor, announcement, show_successors
from llmanac.store.rows import SeenChange
from llmanac.upstream.decode import decode_kept


class ModelRemoved(RequestError):
    """The model is no longer listed. `announced`: its last day, where one was told."""

    status, code, title = 410, "MODEL_REMOVED", "Gone"

    def __init__(self, model: ModelId, removed: RemovedModel, announced: Announcement | None) -> None:
        best = next(iter(removed.successors), None)
        hint = f"{best.id} may stand in for it. {best.reason}." if best else "No listed model may stand in for it."
        last = removed.last_seen_at or removed.removed_at
        super().__init__(f"{model} is no longer listed; it was last seen on {last:%Y-%m-%d}", hint=hint)
        self.removed = removed
        self.announced = announced

    @property
    def members(self) -> Mapping[str, object]:
        """See `RemovedModel`."""
        return msgspec.structs.asdict(self.removed)


class ShownModel(msgspec.Struct, frozen=True):
    """A listed model: its JSON; where a last day is announced, that and the best successor."""

    body: bytes
    announced: Announcement | None = None
    successor: ShownSuccessor | None = None


def show_model(context: AnswerContext, list_ref: ListRef, wanted: ModelId, view: View) -> ShownModel:
    """The model in a list. From memory, if that is the one served and announces no last day of it.

    Raises:
        UnknownModel: It is not in that list, and was in none before.
        ModelRemoved: It is not in that list, but was in one before.
        StoreError: The store is needed and cannot be read.
    """
    if context.lists.hidden:
        raise _hidden(context, wanted)
    models = LazyModels(context.store, list_ref, volatile=view is View.FULL)
    listed = models.find(wanted)
    if listed is None:
        raise _missing(context, list_ref, models, wanted, view)
    body = show(listed, view).whole()
    if listed.expires_on is None:
        return ShownModel(body)
    timeline = timeline_of(context.store, context.current.held.state.id, wanted, list_ref)
    told = announcement(listed.record, timeline, known_since=list_ref.changed_at)
    instead = show_successors(listed, models.near(listed), seen_at=first_listed_at(timeline))
    return ShownModel(body, told, next(iter(instead), None))


def _hidden(context: AnswerContext, wanted: ModelId) -> UnknownModel:
    """The refusal of every model where lists show none: whether there is one is not told."""
    refusal = UnknownModel(wanted, ())
    refusal.hint = f"LLMANAC_HIDE_UNCONFIGURED hides every model of {context.lists.source}: there is no key for it."
    return refusal


def _missing(
    context: AnswerContext, list_ref: ListRef, models: LazyModels, wanted: ModelId, view: View
) -> RequestError:
    """The refusal of a model that is not in a list."""
    series_id = context.current.held.state.id
    timeline = timeline_of(context.store, series_id, wanted, list_ref)
    last = last_seen(timeline)
    gone = None if last is None or last.change.before is None else decode_kept(last.change.before.encode())
    if last is None or last.change.kind is not ChangeKind.REMOVED or gone is None:
        when = "" if list_ref.removed_by is None else f" in the list of {exact(list_ref.removed_by)}"
        return UnknownModel(wanted, models.ids, when=when)
    sure = _certainty(context, list_ref, last, gone.expires_on)
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
    return ModelRemoved(wanted, removed, told)


def _certainty(
    context: AnswerContext, list_ref: ListRef, removal: SeenChange, announced: date | None
) -> RemovalCertainty:
    """How sure the removal was by the time of the list."""
    series_id = context.current.held.state.id
    fetched = context.store.fetched_from(series_id, removal.scope, removal.seen_at, CONFIRMING_ABSENCES)
    known = [instant for instant in fetched if list_ref.removed_by is None or instant <= list_ref.removed_by]
    return removal_certainty(removal.seen_at, expires_on=announced, fetched_at=known)
