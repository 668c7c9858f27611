"""`GET /api/ai/changes`: what became of the models, newest first, or from a moment on."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction

import msgspec
from fastapi import APIRouter, Request, Response

from llmanac.catalogue.change import Cause, ChangeKind
from llmanac.catalogue.ids import ModelId, Serial
from llmanac.errors import InvalidParameter
from llmanac.history.certainty import Certainty
from llmanac.history.percent import went_up
from llmanac.query.fields import CHANGES_FIELDS, MAX_PAGE
from llmanac.query.read import read_moment, read_words
from llmanac.render.changes import ChangePage, ShownChange, show_change
from llmanac.store.rows import ChangeQuery, SeenChange
from llmanac.web.asked import CHANGES_PATH, asking
from llmanac.web.certainty import certainties, key_of
from llmanac.web.conditional import conditional
from llmanac.web.cursor import read_cursor, write_cursor
from llmanac.web.describe import STORED, described
from llmanac.web.parts import READS, AskedFields, Given, Parts

router = APIRouter()
ALL_CAUSES = "all"
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
_AFTER_ALL = datetime(9999, 12, 31, tzinfo=UTC)

_EXAMPLE_AT = datetime.fromisoformat("2026-10-26T04:00:00+00:00")
_EXAMPLE_BEFORE = datetime.fromisoformat("2026-10-26T03:00:00+00:00")
_EXAMPLE = ChangePage(
    serial=42,
    changes=(
        ShownChange(
            serial=42,
            model="acme/owl-2",
            name="Acme: Owl 2",
            kind=ChangeKind.PRICE,
            field="pricing.prompt",
            before=msgspec.Raw(b'"0.000002"'),
            after=msgspec.Raw(b'"0.0000015"'),
            percent="-25.00",
            cause=Cause.REAL,
            own_cause=Cause.REAL,
            seen_at=_EXAMPLE_AT,
            since_at=_EXAMPLE_BEFORE,
            certainty=None,
            confirmed_at=None,
            announced=None,
        ),
        ShownChange(
            serial=42,
            model="acme/owl-1",
            name="Acme: Owl 1",
            kind=ChangeKind.REMOVED,
            field="",
            before=msgspec.Raw(b"null"),
            after=msgspec.Raw(b"null"),
            percent=None,
            cause=Cause.REAL,
            own_cause=Cause.REAL,
            seen_at=_EXAMPLE_AT,
            since_at=_EXAMPLE_BEFORE,
            certainty=Certainty.CONFIRMED,
            confirmed_at=_EXAMPLE_AT,
            announced=date(2026, 10, 26),
        ),
    ),
    next="W2ZhbHNlLCIyMDI2LTEwLTI2VDA0OjAwOjAwWiIsImFjbWUvb3dsLTEiLCIiXQ",
)


@router.get(
    CHANGES_PATH,
    summary="What changed",
    dependencies=[READS],
    **asking(CHANGES_FIELDS, described(ChangePage, _EXAMPLE, says="One page of changes", refusals=STORED)),
)
def changes(request: Request, parts: Given, asked: AskedFields) -> Response:
    """Field by field, with what each change is worth. By default the newest real ones; with `since` the oldest first.

    A page that is not the last has `next`: send it as `cursor`, with the other parameters as they were. A follower that
    has read the last page goes on with the `seen_at` of its last row as `since`. A model that is soon back turns its
    removal into a `flap`, so who follows removals asks for `cause=real,flap`.
    """
    return conditional(request, msgspec.json.encode(make_changes(parts, asked)))


def make_changes(parts: Parts, asked: Mapping[str, str]) -> ChangePage:
    """The page that was asked for; three queries and one for each list of it that removed models.

    Raises:
        InvalidParameter: A Serial is none of this list's, `since` is later than `until`, or the cursor is no good here.
    """
    state = parts.current.held.state
    query = _query(parts, asked)
    limit = int(asked["limit"])
    found = _first(parts, query, limit + 1, asked["direction"])
    page = found[:limit]
    listed = {} if parts.current.held.catalogue is None else parts.current.held.catalogue.by_id
    sure = certainties(parts.store, state.id, page)
    more = len(found) > limit
    return ChangePage(
        serial=state.serial or 0,
        changes=tuple(show_change(seen, sure.get(key_of(seen)), listed) for seen in page),
        next=write_cursor(key_of(page[-1]), oldest_first=query.oldest_first) if more else None,
    )


def _first(parts: Parts, query: ChangeQuery, count: int, direction: str) -> Sequence[SeenChange]:
    """The first so many. With a direction as many price changes are read as that takes: no database compares them."""
    series_id = parts.current.held.state.id
    if not direction:
        return parts.store.changes(series_id, msgspec.structs.replace(query, limit=count))
    if query.kinds and ChangeKind.PRICE not in query.kinds:
        return ()
    found: list[SeenChange] = []
    query = msgspec.structs.replace(query, kinds=(ChangeKind.PRICE,), limit=MAX_PAGE)
    while True:
        page = parts.store.changes(series_id, query)
        found += [seen for seen in page if went_up(seen.change.before, seen.change.after) is (direction == "up")]
        if len(found) >= count or len(page) < MAX_PAGE:
            return found[:count]
        query = msgspec.structs.replace(query, after=key_of(page[-1]))


def _query(parts: Parts, asked: Mapping[str, str]) -> ChangeQuery:
    for name, value in asked.items():
        if "\0" in value:
            raise InvalidParameter(f"{name}: Expected text without NUL characters, got {value[:60]!r}")
    oldest_first = asked["order"] == "oldest" or bool(asked["since"] and not asked["order"])
    cursor = asked["cursor"]
    since, until = read_range(parts, asked)
    return ChangeQuery(
        since_at=since,
        until_at=until,
        models=tuple(map(ModelId, read_words(asked["model"]))),
        authors=read_words(asked["author"]),
        kinds=tuple(map(ChangeKind, read_words(asked["kind"]))),
        fields=read_words(asked["field"]),
        causes=read_causes(asked["cause"]),
        min_percent=int(Fraction(asked["min_percent"]) * 100) if asked["min_percent"] else None,
        after=read_cursor(cursor, oldest_first=oldest_first) if cursor else None,
        oldest_first=oldest_first,
    )


def read_causes(text: str) -> tuple[Cause, ...]:
    """The causes that were asked for; none means every one."""
    words = read_words(text)
    return () if ALL_CAUSES in words else tuple(map(Cause, words))


def read_range(parts: Parts, asked: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """After which instant and up to which changes are asked for, by `since` and `until`; None has no end there.

    Raises:
        InvalidParameter: A Serial that is none of this list's, or the range ends before it begins.
    """
    since, until = _since(parts, asked["since"]), _until(parts, asked["until"])
    if since is not None and until is not None and since > until:
        raise InvalidParameter(
            f"since, until: Expected since not to be later than until, got since={asked['since']} and "
            f"until={asked['until']}",
            hint="Swap them." if since != _AFTER_ALL else "No list has that Serial yet.",
        )
    return since, until


def _since(parts: Parts, text: str) -> datetime | None:
    moment = read_moment(text) if text else None
    if moment is None or isinstance(moment, datetime):
        return moment
    return None if moment == 0 else _taken_at(parts, "since", moment) or _AFTER_ALL


def _until(parts: Parts, text: str) -> datetime | None:
    moment = read_moment(text) if text else None
    if moment is None or isinstance(moment, datetime):
        return moment
    return _BEFORE_ALL if moment == 0 else _taken_at(parts, "until", moment)


def _taken_at(parts: Parts, name: str, serial: Serial) -> datetime | None:
    """When the list of a Serial was first had; None for one that is yet to come."""
    state = parts.current.held.state
    found = parts.store.taken_at(state.id, serial)
    newest = state.serial or 0
    if found is None and serial <= newest:
        raise InvalidParameter(
            f"{name}: Expected a Serial of this list, whose newest is {newest}, got {serial}",
            hint="Another list in the same database has that Serial. Send an instant instead.",
        )
    return found
