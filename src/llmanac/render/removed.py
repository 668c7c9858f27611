"""What is told of a model that has left, and of one that is announced to leave."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated

import msgspec

from llmanac.catalogue.change import ChangeKind
from llmanac.catalogue.expiry import expires_on
from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.model import Model
from llmanac.history.certainty import Certainty
from llmanac.history.kind import announced_on
from llmanac.history.successors import successors
from llmanac.render.listing import FullModel, ListedModel
from llmanac.store.rows import SeenChange

_SHAPES = [{"$ref": f"#/components/schemas/{shape.__name__}"} for shape in (ListedModel, FullModel)]
_Model = Annotated[
    msgspec.Raw,
    msgspec.Meta(description="Its last data, as lists show it.", extra_json_schema={"anyOf": _SHAPES}),
]

TELLING = (
    ChangeKind.ADDED,
    ChangeKind.REMOVED,
    ChangeKind.RETURNED,
    ChangeKind.EXPIRY_ANNOUNCED,
    ChangeKind.EXPIRY_MOVED,
    ChangeKind.EXPIRY_WITHDRAWN,
)
"""The changes that say when a model came, left, and was announced to leave."""


class ShownSuccessor(msgspec.Struct, frozen=True):
    """A listed model that may stand in for another, and in plain words why."""

    id: str
    name: str | None
    reason: str


class RemovedModel(msgspec.Struct, frozen=True):
    """A model that is no longer listed: members of the 410 answer, after those of every problem."""

    model: _Model
    last_seen_at: Annotated[
        datetime | None, msgspec.Meta(description="The newest list with it. Null: it was never listed alone.")
    ]
    removed_at: Annotated[datetime, msgspec.Meta(description="The first list without it.")]
    certainty: Annotated[Certainty, msgspec.Meta(description="One absence proves nothing: the third confirms.")]
    confirmed_at: datetime | None
    announced: Annotated[date | None, msgspec.Meta(description="The last day that was announced. Null: none was.")]
    announced_at: Annotated[datetime | None, msgspec.Meta(description="The first list with the announcement.")]
    successors: Annotated[tuple[ShownSuccessor, ...], msgspec.Meta(description="The best first; at most five.")]


class Announcement(msgspec.Struct, frozen=True):
    """A last day, counted in UTC, and the first list that announced any since the model was last there without."""

    day: date
    seen_at: datetime

    @property
    def sunset_at(self) -> datetime:
        """The first instant of the day: from then on nothing is promised."""
        return datetime.combine(self.day, time(), UTC)

    @property
    def deprecated_at(self) -> datetime:
        """When it was announced, and never after the day: an announcement that was seen too late was made before."""
        return min(self.seen_at, self.sunset_at)


def announcement(record: bytes, timeline: Iterable[SeenChange], *, known_since: datetime) -> Announcement | None:
    """What the record announces; None when it announces no day.

    Args:
        timeline: The changes of its model that are `TELLING`, in time order, up to this record.
        known_since: When the announcement was seen if no change tells, as for a list that is in no store.
    """
    day = expires_on(record)
    if day is None:
        return None
    return Announcement(day, _announced_at(timeline) or known_since)


def _announced_at(timeline: Iterable[SeenChange]) -> datetime | None:
    since: datetime | None = None
    for seen in timeline:
        change = seen.change
        if change.kind in {ChangeKind.ADDED, ChangeKind.RETURNED}:
            day = None if change.after is None else expires_on(change.after.encode())
        elif change.kind in {ChangeKind.EXPIRY_ANNOUNCED, ChangeKind.EXPIRY_MOVED, ChangeKind.EXPIRY_WITHDRAWN}:
            day = None if change.after is None else announced_on(change.after.encode())
        else:
            continue
        since = None if day is None else since or seen.seen_at
    return since


def show_successors(
    gone: Model, listed: Mapping[ModelId, Model], *, seen_at: datetime | None
) -> tuple[ShownSuccessor, ...]:
    """What may stand in for a model, as it is shown; see `history.successors`."""
    found = successors(gone, listed.values(), seen_at=seen_at)
    return tuple(ShownSuccessor(each.model, listed[each.model].name, each.reason) for each in found)
