"""One model's lifetime, prices and changes, listed or not."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from llmanac.answers.change_cursor import write_cursor
from llmanac.answers.context import AnswerContext
from llmanac.answers.list_changes import read_causes, read_range
from llmanac.answers.list_ref import no_list_yet
from llmanac.answers.removal_certainties import EVERY, key_of, removal_certainties
from llmanac.answers.unknown_model import UnknownModel
from llmanac.catalogue.change import WHOLE_MODEL, Cause, ChangeKind
from llmanac.catalogue.ids import ModelId
from llmanac.history.label import Entry
from llmanac.history.price_series import price_series
from llmanac.query.read import read_words
from llmanac.render.changes import ShownChange, name_of, show_change
from llmanac.render.history import ModelHistory, show_lifetime, show_prices
from llmanac.store.rows import ChangeQuery, SeenChange


def model_history(context: AnswerContext, wanted: ModelId, params: Mapping[str, str]) -> ModelHistory:
    """The history that was asked for; O(changes of the model).

    Raises:
        UnknownModel: No list ever had it.
        InvalidParameter: A Serial is none of this list's, or `since` is later than `until`.
        Unavailable: There is no list at all.
    """
    held = context.current.held
    if held.catalogue is None:
        raise no_list_yet()
    listed = held.catalogue.by_id.get(wanted)
    known = _known(context, wanted)
    if not known and listed is None:
        ever = context.store.changed_models(held.state.id)
        raise UnknownModel(wanted, dict.fromkeys((*held.catalogue.by_id, *ever)))
    since, until = read_range(context, params)
    causes, kinds = read_causes(params["cause"]), read_words(params["kind"])
    chosen = [seen for seen in known if _fits(seen, since, until, causes) and (not kinds or seen.change.kind in kinds)]
    changes, cursor = _page(context, known, chosen, limit=int(params["limit"]), oldest_first=bool(params["since"]))
    series = price_series([Entry(seen.seen_at, seen.change, seen.label) for seen in known])
    begins, ends = _range(context, since or (None if series is None else series.lifetime.first_seen_at), until)
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


def _known(context: AnswerContext, wanted: ModelId) -> Sequence[SeenChange]:
    """Every change of the model, in time order."""
    if "\0" in wanted:
        return ()
    query = ChangeQuery(models=(wanted,), oldest_first=True, limit=EVERY)
    return context.store.changes(context.current.held.state.id, query)


def _range(context: AnswerContext, begins: datetime | None, until: datetime | None) -> tuple[datetime | None, datetime]:
    """The time that prices are told of. Of that since the newest list nothing is known, so no range reaches there."""
    newest = context.current.held.state.agreed_at or context.clock()
    ends = newest if until is None else min(until, newest)
    return None if begins is None else min(begins, ends), ends


def _fits(seen: SeenChange, since: datetime | None, until: datetime | None, causes: Sequence[Cause]) -> bool:
    return (
        (since is None or seen.seen_at > since)
        and (until is None or seen.seen_at <= until)
        and (not causes or seen.label in causes)
    )


def _page(
    context: AnswerContext, known: Sequence[SeenChange], chosen: Sequence[SeenChange], *, limit: int, oldest_first: bool
) -> tuple[tuple[ShownChange, ...], str | None]:
    """The first changes in the order that is asked for, and the cursor of the others."""
    page = chosen[:limit] if oldest_first else chosen[: -limit - 1 : -1]
    held = context.current.held
    returns = [seen for seen in known if seen.change.kind is ChangeKind.RETURNED]
    sure = removal_certainties(context.store, held.state.id, page, returns)
    listed = held.catalogue.by_id if held.catalogue else {}
    more = len(chosen) > limit
    cursor = write_cursor(key_of(page[-1]), oldest_first=oldest_first) if more else None
    return tuple(show_change(seen, sure.get(key_of(seen)), listed) for seen in page), cursor


def _last_name(known: Sequence[SeenChange]) -> str | None:
    """As the last record of a model that is no longer listed states it."""
    last = next((seen.change for seen in reversed(known) if seen.change.kind in WHOLE_MODEL), None)
    record = None if last is None else last.after or last.before
    return None if record is None else name_of(record.encode())
