"""What the store knows of a model's leaving."""

from datetime import datetime

from llmanac.answers.list_ref import ListRef
from llmanac.answers.removal_certainties import EVERY
from llmanac.catalogue.change import WHOLE_MODEL
from llmanac.catalogue.ids import NO_SERIAL, ModelId
from llmanac.render.removed import TELLING
from llmanac.store.rows import ChangeQuery, SeenChange
from llmanac.store.store import Store

Timeline = tuple[SeenChange, ...]
"""The changes of one model that say when it came, left, and was announced to leave, in time order."""


def timeline_of(store: Store, series_id: int, model: ModelId, list_ref: ListRef) -> Timeline:
    """What was known by the time of a list; nothing when that is the bundle's, which is in no store."""
    if list_ref.serial == NO_SERIAL or "\0" in model:
        return ()
    query = ChangeQuery(models=(model,), kinds=TELLING, until_at=list_ref.removed_by, oldest_first=True, limit=EVERY)
    return store.changes(series_id, query)


def last_seen(timeline: Timeline) -> SeenChange | None:
    """The last change of the whole model, or None when it was never listed."""
    return next((seen for seen in reversed(timeline) if seen.change.kind in WHOLE_MODEL), None)


def first_listed_at(timeline: Timeline) -> datetime | None:
    """When the first list was had that had the model."""
    return timeline[0].seen_at if timeline else None
