"""`GET /api/ai/models/{author}/{slug}/history`: one model's lifetime, prices and changes, listed or not."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from fastapi import APIRouter, Request, Response

from llmanac.catalogue.change import WHOLE_MODEL, Cause, ChangeKind
from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.money import PriceState
from llmanac.history.label import Entry
from llmanac.history.price_series import price_series
from llmanac.query.fields import HISTORY_FIELDS
from llmanac.query.read import read_words
from llmanac.render.changes import ShownChange, name_of, show_change
from llmanac.render.history import (
    ConditionalPrice,
    ListedPeriod,
    ModelHistory,
    PriceDays,
    PriceInterval,
    RateHistory,
    WeekWindow,
    show_lifetime,
    show_prices,
)
from llmanac.store.rows import ChangeQuery, SeenChange
from llmanac.web.asked import HISTORY_PATH, asking, ref
from llmanac.web.certainty import EVERY, certainties, key_of
from llmanac.web.changes import read_causes, read_range
from llmanac.web.conditional import conditional
from llmanac.web.cursor import write_cursor
from llmanac.web.describe import STORED, described
from llmanac.web.front import no_list_yet
from llmanac.web.model import Author, Slug
from llmanac.web.parts import READS, AskedFields, Given, Parts
from llmanac.web.unknown import NoModel, UnknownModel

router = APIRouter()

_EXAMPLE_AT = datetime.fromisoformat("2026-10-26T04:00:00+00:00")
_EXAMPLE_BEFORE = datetime.fromisoformat("2026-10-25T04:00:00+00:00")
_EXAMPLE_FIRST = datetime.fromisoformat("2026-10-16T04:00:00+00:00")
_NIGHT = ConditionalPrice("0.000001", more_than_tokens=None, windows=(WeekWindow(0, 480),), unknown=())
_EXAMPLE = ModelHistory(
    serial=42,
    model="acme/owl-2",
    name="Acme: Owl 2",
    lifetime=(ListedPeriod(_EXAMPLE_FIRST, None),),
    begins=_EXAMPLE_FIRST,
    ends=_EXAMPLE_AT,
    prices=(
        RateHistory(
            rate="prompt",
            intervals=(
                PriceInterval(_EXAMPLE_FIRST, _EXAMPLE_BEFORE, "0.000002", due=True, conditional=()),
                PriceInterval(_EXAMPLE_BEFORE, None, "0.0000015", due=True, conditional=(_NIGHT,)),
            ),
            min="0.000001",
            max="0.000002",
            mean="0.00000194761904762",
            days=(
                PriceDays("0.000002", PriceState.KNOWN, "9"),
                PriceDays("0.000001", PriceState.KNOWN, "0.047619047619"),
                PriceDays("0.0000015", PriceState.KNOWN, "0.952380952381"),
            ),
            away_days="0",
            unknown_conditions=(),
        ),
    ),
    changes=(
        ShownChange(
            serial=41,
            model="acme/owl-2",
            name=None,
            kind=ChangeKind.PRICE,
            field="pricing.prompt",
            before=msgspec.Raw(b'"0.000002"'),
            after=msgspec.Raw(b'"0.0000015"'),
            percent="-25.00",
            cause=Cause.REAL,
            own_cause=Cause.REAL,
            seen_at=_EXAMPLE_BEFORE,
            since_at=_EXAMPLE_FIRST,
            certainty=None,
            confirmed_at=None,
            announced=None,
        ),
    ),
    next=None,
)


@router.get(
    HISTORY_PATH,
    summary="One model's history",
    dependencies=[READS],
    **asking(
        HISTORY_FIELDS,
        described(ModelHistory, _EXAMPLE, says="Its history", refusals=(*STORED, UnknownModel)),
        problems={404: ref(NoModel)[0]},
    ),
)
def history(request: Request, parts: Given, asked: AskedFields, author: Author, slug: Slug) -> Response:
    """When it was listed, what each rate cost from when to when, and what changed; of a removed model too.

    `since` and `until` are the range of prices and changes; it ends with the newest list at the latest. `kind`
    and `cause` choose among the changes; lifetime and prices are made from all of them.
    """
    shown = make_history(parts, ModelId(f"{author}/{slug}"), asked)
    return conditional(request, msgspec.json.encode(shown))


def make_history(parts: Parts, wanted: ModelId, asked: Mapping[str, str]) -> ModelHistory:
    """The history that was asked for; O(changes of the model).

    Raises:
        UnknownModel: No list ever had it.
        InvalidParameter: A Serial is none of this list's, or `since` is later than `until`.
        Unavailable: There is no list at all.
    """
    held = parts.current.held
    if held.catalogue is None:
        raise no_list_yet()
    listed = held.catalogue.by_id.get(wanted)
    known = _known(parts, wanted)
    if not known and listed is None:
        ever = parts.store.changed_models(held.state.id)
        raise UnknownModel(wanted, dict.fromkeys((*held.catalogue.by_id, *ever)))
    since, until = read_range(parts, asked)
    causes, kinds = read_causes(asked["cause"]), read_words(asked["kind"])
    chosen = [seen for seen in known if _fits(seen, since, until, causes) and (not kinds or seen.change.kind in kinds)]
    changes, cursor = _page(parts, known, chosen, limit=int(asked["limit"]), oldest_first=bool(asked["since"]))
    series = price_series([Entry(seen.seen_at, seen.change, seen.label) for seen in known])
    begins, ends = _range(parts, since or (None if series is None else series.lifetime.first_seen_at), until)
    return ModelHistory(
        serial=held.state.serial or 0,
        model=wanted,
        name=_last_name(known) if listed is None else listed.name,
        lifetime=() if series is None else show_lifetime(series.lifetime),
        begins=begins,
        ends=ends,
        prices=() if series is None or begins is None else show_prices(series, since=begins, until=ends),
        changes=changes,
        next=cursor,
    )


def _known(parts: Parts, wanted: ModelId) -> Sequence[SeenChange]:
    """Every change of the model, in time order."""
    if "\0" in wanted:
        return ()
    query = ChangeQuery(models=(wanted,), oldest_first=True, limit=EVERY)
    return parts.store.changes(parts.current.held.state.id, query)


def _range(parts: Parts, begins: datetime | None, until: datetime | None) -> tuple[datetime | None, datetime]:
    """The time that prices are told of. Of that since the newest list nothing is known, so no range reaches there."""
    newest = parts.current.held.state.agreed_at or parts.clock()
    ends = newest if until is None else min(until, newest)
    return None if begins is None else min(begins, ends), ends


def _fits(seen: SeenChange, since: datetime | None, until: datetime | None, causes: Sequence[Cause]) -> bool:
    return (
        (since is None or seen.seen_at > since)
        and (until is None or seen.seen_at <= until)
        and (not causes or seen.label in causes)
    )


def _page(
    parts: Parts, known: Sequence[SeenChange], chosen: Sequence[SeenChange], *, limit: int, oldest_first: bool
) -> tuple[tuple[ShownChange, ...], str | None]:
    """The first changes in the order that is asked for, and the cursor of the others."""
    page = chosen[:limit] if oldest_first else chosen[: -limit - 1 : -1]
    returns = [seen for seen in known if seen.change.kind is ChangeKind.RETURNED]
    sure = certainties(parts.store, parts.current.held.state.id, page, returns)
    more = len(chosen) > limit
    cursor = write_cursor(key_of(page[-1]), oldest_first=oldest_first) if more else None
    return tuple(show_change(seen, sure.get(key_of(seen))) for seen in page), cursor


def _last_name(known: Sequence[SeenChange]) -> str | None:
    """As the last record of a model that is no longer listed states it."""
    last = next((seen.change for seen in reversed(known) if seen.change.kind in WHOLE_MODEL), None)
    record = None if last is None else last.after or last.before
    return None if record is None else name_of(record.encode())
