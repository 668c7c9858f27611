"""What became of the models, newest first, or from a moment on."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction

import msgspec

from llmanac.answers.change_cursor import read_cursor, write_cursor
from llmanac.answers.context import AnswerContext
from llmanac.answers.removal_certainties import key_of, removal_certainties
from llmanac.catalogue.change import Cause, ChangeKind
from llmanac.catalogue.ids import ModelId, Serial
from llmanac.errors import InvalidParameter
from llmanac.history.percent import went_up
from llmanac.query.fields import MAX_PAGE
from llmanac.query.read import read_moment, read_words
from llmanac.render.changes import ChangePage, show_change
from llmanac.store.rows import ChangeQuery, SeenChange

ALL_CAUSES = "all"


_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


_AFTER_ALL = datetime(9999, 12, 31, tzinfo=UTC)


def list_changes(context: AnswerContext, params: Mapping[str, str]) -> ChangePage:
    """The page that was asked for; three queries and one for each list of it that removed models.

    Raises:
        InvalidParameter: A Serial is none of this list's, `since` is later than `until`, or the cursor is no good here.
    """
    state = context.current.held.state
    query = _query(context, params)
    limit = int(params["limit"])
    found = _first(context, query, limit + 1, params["direction"])
    page = found[:limit]
    listed = {} if context.current.held.catalogue is None else context.current.held.catalogue.by_id
    sure = removal_certainties(context.store, state.id, page)
    more = len(found) > limit
    return ChangePage(
        serial=state.serial or 0,
        changes=tuple(show_change(seen, sure.get(key_of(seen)), listed) for seen in page),
        next=write_cursor(key_of(page[-1]), oldest_first=query.oldest_first) if more else None,
    )


def _first(context: AnswerContext, query: ChangeQuery, count: int, direction: str) -> Sequence[SeenChange]:
    """The first so many. With a direction as many price changes are read as that takes: no database compares them."""
    series_id = context.current.held.state.id
    if not direction:
        return context.store.changes(series_id, msgspec.structs.replace(query, limit=count))
    if query.kinds and ChangeKind.PRICE not in query.kinds:
        return ()
    found: list[SeenChange] = []
    query = msgspec.structs.replace(query, kinds=(ChangeKind.PRICE,), limit=MAX_PAGE)
    while True:
        page = context.store.changes(series_id, query)
        found += [seen for seen in page if went_up(seen.change.before, seen.change.after) is (direction == "up")]
        if len(found) >= count or len(page) < MAX_PAGE:
            return found[:count]
        query = msgspec.structs.replace(query, after=key_of(page[-1]))


def _query(context: AnswerContext, params: Mapping[str, str]) -> ChangeQuery:
    for name, value in params.items():
        if "\0" in value:
            raise InvalidParameter(f"{name}: Expected text without NUL characters, got {value[:60]!r}")
    oldest_first = params["order"] == "oldest" or bool(params["since"] and not params["order"])
    cursor = params["cursor"]
    since, until = read_range(context, params)
    return ChangeQuery(
        since_at=since,
        until_at=until,
        models=tuple(map(ModelId, read_words(params["model"]))),
        authors=read_words(params["author"]),
        kinds=tuple(map(ChangeKind, read_words(params["kind"]))),
        fields=read_words(params["field"]),
        causes=read_causes(params["cause"]),
        min_percent=int(Fraction(params["min_percent"]) * 100) if params["min_percent"] else None,
        after=read_cursor(cursor, oldest_first=oldest_first) if cursor else None,
        oldest_first=oldest_first,
    )


def read_causes(text: str) -> tuple[Cause, ...]:
    """The causes that were asked for; none means every one."""
    words = read_words(text)
    return () if ALL_CAUSES in words else tuple(map(Cause, words))


def read_range(context: AnswerContext, params: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """After which instant and up to which changes are asked for, by `since` and `until`; None has no end there.

    Raises:
        InvalidParameter: A Serial that is none of this list's, or the range ends before it begins.
    """
    since, until = _since(context, params["since"]), _until(context, params["until"])
    if since is not None and until is not None and since > until:
        raise InvalidParameter(
            f"since, until: Expected since not to be later than until, got since={params['since']} and "
            f"until={params['until']}",
            hint="Swap them." if since != _AFTER_ALL else "No list has that Serial yet.",
        )
    return since, until


def _since(context: AnswerContext, text: str) -> datetime | None:
    moment = read_moment(text) if text else None
    if moment is None or isinstance(moment, datetime):
        return moment
    return None if moment == 0 else _taken_at(context, "since", moment) or _AFTER_ALL


def _until(context: AnswerContext, text: str) -> datetime | None:
    moment = read_moment(text) if text else None
    if moment is None or isinstance(moment, datetime):
        return moment
    return _BEFORE_ALL if moment == 0 else _taken_at(context, "until", moment)


def _taken_at(context: AnswerContext, name: str, serial: Serial) -> datetime | None:
    """When the list of a Serial was first had; None for one that is yet to come."""
    state = context.current.held.state
    found = context.store.taken_at(state.id, serial)
    newest = state.serial or 0
    if found is None and serial <= newest:
        raise InvalidParameter(
            f"{name}: Expected a Serial of this list, whose newest is {newest}, got {serial}",
            hint="Another list in the same database has that Serial. Send an instant instead.",
        )
    return found
