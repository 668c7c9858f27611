"""What the store knows of a model's leaving, and the header fields that tell of it (RFC 9745, RFC 8594, RFC 5829)."""

from datetime import datetime
from email.utils import format_datetime
from urllib.parse import quote

from llmanac.catalogue.change import WHOLE_MODEL
from llmanac.catalogue.ids import NO_SERIAL, ModelId
from llmanac.render.removed import TELLING, Announcement, ShownSuccessor
from llmanac.store.rows import ChangeQuery, SeenChange
from llmanac.store.store import Store
from llmanac.web.certainty import EVERY
from llmanac.web.past import Then

_MODELS = "/api/ai/models/"
_UNESCAPED = "/:~"

Timeline = tuple[SeenChange, ...]
"""The changes of one model that say when it came, left, and was announced to leave, in time order."""


def timeline_of(store: Store, series_id: int, model: ModelId, then: Then) -> Timeline:
    """What was known by the time of a list; nothing when that is the bundle's, which is in no store."""
    if then.serial == NO_SERIAL or "\0" in model:
        return ()
    query = ChangeQuery(models=(model,), kinds=TELLING, until_at=then.removed_by, oldest_first=True, limit=EVERY)
    return store.changes(series_id, query)


def last_seen(timeline: Timeline) -> SeenChange | None:
    """The last change of the whole model, or None when it was never listed."""
    return next((seen for seen in reversed(timeline) if seen.change.kind in WHOLE_MODEL), None)


def first_listed_at(timeline: Timeline) -> datetime | None:
    """When the first list was had that had the model."""
    return timeline[0].seen_at if timeline else None


def leaving_fields(announced: Announcement | None, best: ShownSuccessor | None) -> dict[str, str]:
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
