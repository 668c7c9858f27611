"""The shape of `GET /api/ai/changes`."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated

import msgspec

from llmanac.catalogue.change import WHOLE_MODEL, Cause, ChangeKind
from llmanac.catalogue.expiry import expires_on
from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.model import Model
from llmanac.catalogue.record import members
from llmanac.history.certainty import Certainty, RemovalCertainty
from llmanac.history.percent import price_percent, shown_percent
from llmanac.store.rows import SeenChange

_Sent = Annotated[
    msgspec.Raw,
    msgspec.Meta(
        description="The value as upstream sent it, prices byte for byte. Null: null, or not there; "
        "always for a whole model, which `as_of` its instants shows."
    ),
]


_NOTHING: Mapping[ModelId, Model] = MappingProxyType({})


class ShownChange(msgspec.Struct, frozen=True):
    """One change of one model. It happened after `since_at` and until `seen_at`."""

    serial: Annotated[int, msgspec.Meta(description="Of the list that showed it first. An import may renumber it.")]
    model: str
    name: Annotated[
        str | None,
        msgspec.Meta(
            description="Of a model that was added, removed or returned: that of the time. Else that of now. "
            "Null: none is stated."
        ),
    ]
    kind: ChangeKind
    field: Annotated[
        str, msgspec.Meta(description="The member of upstream's record, by its path. Empty: the whole model.")
    ]
    before: _Sent
    after: _Sent
    percent: Annotated[
        str | None,
        msgspec.Meta(
            description="Of a price: the change in percent of the price before, with two decimals. Null: there is no "
            "such number, for a price was not stated, decided per request, or zero before. "
            "`min_percent` leaves those out."
        ),
    ]
    cause: Annotated[Cause, msgspec.Meta(description="What is known of it by now. A later list may tell more.")]
    own_cause: Annotated[Cause, msgspec.Meta(description="What the two lists said by themselves. Never another.")]
    seen_at: Annotated[datetime, msgspec.Meta(description="When the list was had that showed it first.")]
    since_at: Annotated[
        datetime | None, msgspec.Meta(description="When the list was last had without it. Null: there was none.")
    ]
    certainty: Annotated[Certainty | None, msgspec.Meta(description="Of a removal. Null for all else.")]
    confirmed_at: Annotated[
        datetime | None, msgspec.Meta(description="Of a removal: the list that confirmed it. Null while suspected.")
    ]
    announced: Annotated[
        date | None, msgspec.Meta(description="Of a removal: the last day that was announced. Null: none was.")
    ]


class ChangePage(msgspec.Struct, frozen=True):
    """One page of changes, newest first, or oldest first when asked with `since`."""

    serial: Annotated[int, msgspec.Meta(description="Of the list that is served.")]
    changes: tuple[ShownChange, ...]
    next: Annotated[
        str | None, msgspec.Meta(description="The `cursor` of the next page. Null: this one holds the last row.")
    ]


def show_change(
    seen: SeenChange, certainty: RemovalCertainty | None, listed: Mapping[ModelId, Model] = _NOTHING
) -> ShownChange:
    """A change as it is shown; `certainty` is None for all but removals; `listed` are models that have a name now."""
    change = seen.change
    record, now = _record(seen), listed.get(change.model)
    whole = change.kind in WHOLE_MODEL
    return ShownChange(
        serial=seen.serial,
        model=change.model,
        name=name_of(record) if record is not None else None if now is None else now.name,
        kind=change.kind,
        field=change.field,
        before=_sent(None if whole else change.before),
        after=_sent(None if whole else change.after),
        percent=_percent(seen),
        cause=seen.label,
        own_cause=change.cause,
        seen_at=seen.seen_at,
        since_at=seen.since_at,
        certainty=None if certainty is None else certainty.certainty,
        confirmed_at=None if certainty is None else certainty.confirmed_at,
        announced=expires_on(record) if record is not None and change.kind is ChangeKind.REMOVED else None,
    )


def _record(seen: SeenChange) -> bytes | None:
    """The record of a whole model's change."""
    change = seen.change
    text = (change.after or change.before) if change.kind in WHOLE_MODEL else None
    return None if text is None else text.encode()


def name_of(record: bytes) -> str | None:
    """The name that a record states, or None."""
    try:
        return msgspec.json.decode(members(record).get("name", b"null"), type=str | None)
    except msgspec.DecodeError:
        return None


def _percent(seen: SeenChange) -> str | None:
    if seen.change.kind is not ChangeKind.PRICE:
        return None
    percent = price_percent(seen.change.before, seen.change.after)
    return None if percent is None else shown_percent(percent)


def _sent(value: str | None) -> msgspec.Raw:
    return msgspec.Raw(b"null" if value is None else value.encode())
