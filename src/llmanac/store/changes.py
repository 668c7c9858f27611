"""Statements on changes: written by weaving a list in, read page by page."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from llmanac.catalogue.change import Cause, Change, ChangeKind
from llmanac.catalogue.ids import ModelId, Serial
from llmanac.catalogue.snapshot import ListScope
from llmanac.store.rows import ChangeQuery, ChangeRow, SeenChange
from llmanac.store.schema import change, fetch, snapshot
from llmanac.store.versions import IDS_PER_STATEMENT

_EVER = datetime(9999, 12, 31, tzinfo=UTC)
_CAUSES = {cause.value: cause for cause in Cause}
_KINDS = {kind.value: kind for kind in ChangeKind}
"""By look-up, which takes a tenth of the time of a call: weaving in reads every change of the models it touches."""


class TimelineRow(msgspec.Struct, frozen=True):
    """A change of a model's timeline, with the snapshot it belongs to."""

    snapshot_id: int
    seen_at: datetime
    row: ChangeRow


def insert_changes(connection: Connection, series_id: int, rows: Iterable[TimelineRow]) -> None:
    """Write changes."""
    values = [
        {
            "snapshot_id": each.snapshot_id,
            "series_id": series_id,
            "seen_at": each.seen_at,
            "model": each.row.change.model,
            "field": each.row.change.field,
            "kind": each.row.change.kind,
            "before": each.row.change.before,
            "after": each.row.change.after,
            "own_cause": each.row.change.cause,
            "cause": each.row.label,
            "percent": each.row.percent,
        }
        for each in rows
    ]
    if values:
        connection.execute(insert(change), values)


def clear_snapshot(connection: Connection, snapshot_id: int) -> frozenset[ModelId]:
    """Forget the changes of one snapshot; the models they were of."""
    found = _changed_in(connection, snapshot_id)
    connection.execute(delete(change).where(change.c.snapshot_id == snapshot_id))
    return found


def delete_changes(connection: Connection, rows: Iterable[TimelineRow]) -> None:
    """Forget these changes."""
    values = [_named(each) for each in rows]
    if values:
        connection.execute(delete(change).where(_IS_NAMED), values)


def label_changes(connection: Connection, rows: Iterable[TimelineRow]) -> None:
    """Give changes the labels that these rows have."""
    values = [{**_named(each), "label": each.row.label} for each in rows]
    if values:
        connection.execute(update(change).where(_IS_NAMED).values(cause=bindparam("label")), values)


_IS_NAMED = and_(
    change.c.snapshot_id == bindparam("of_snapshot"),
    change.c.model == bindparam("of_model"),
    change.c.field == bindparam("of_field"),
)


def _named(each: TimelineRow) -> dict[str, object]:
    named = each.row.change
    return {"of_snapshot": each.snapshot_id, "of_model": named.model, "of_field": named.field}


def _changed_in(connection: Connection, snapshot_id: int) -> frozenset[ModelId]:
    models = connection.scalars(select(change.c.model).where(change.c.snapshot_id == snapshot_id).distinct())
    return frozenset(map(ModelId, models))


def move_changes(connection: Connection, snapshot_id: int, seen_at: datetime) -> frozenset[ModelId]:
    """The snapshot was seen earlier than known: so were its changes. The models they are of."""
    found = _changed_in(connection, snapshot_id)
    connection.execute(update(change).where(change.c.snapshot_id == snapshot_id).values(seen_at=seen_at))
    return found


def timelines(connection: Connection, series_id: int, models: Sequence[ModelId]) -> dict[ModelId, list[TimelineRow]]:
    """Every change of these models, each model's in order (seen_at, field)."""
    found: dict[ModelId, list[TimelineRow]] = {model: [] for model in models}
    for begin in range(0, len(models), IDS_PER_STATEMENT):
        part = models[begin : begin + IDS_PER_STATEMENT]
        rows = connection.execute(
            select(change).where(change.c.series_id == series_id, change.c.model.in_(part)).order_by(change.c.seen_at)
        )
        # All at once: one by one takes a third longer.
        for row in rows.all():
            found[ModelId(row.model)].append(TimelineRow(row.snapshot_id, row.seen_at, _row(row)))
    for timeline in found.values():
        # Not the database's order, which depends on its collation.
        timeline.sort(key=lambda entry: (entry.seen_at, entry.row.change.field))
    return found


def _row(row: Row[tuple[object, ...]]) -> ChangeRow:
    cause = _CAUSES[row.own_cause]
    made = Change(ModelId(row.model), _KINDS[row.kind], row.field, row.before, row.after, cause)
    return ChangeRow(made, _CAUSES[row.cause], row.percent)


def seen_changes(connection: Connection, series_id: int, query: ChangeQuery) -> tuple[SeenChange, ...]:
    """One page, in the query's order, with what a reader needs of serials and fetches. O(page)."""
    order = (change.c.seen_at, change.c.model, change.c.field)
    statement = _seen().where(change.c.series_id == series_id, *_wanted(query))
    if query.after is not None:
        bound = tuple_(literal(query.after.seen_at, change.c.seen_at.type), query.after.model, query.after.field)
        here = tuple_(*order)
        statement = statement.where(here > bound if query.oldest_first else here < bound)
    directed = order if query.oldest_first else tuple(column.desc() for column in order)
    rows = connection.execute(statement.order_by(*directed).limit(query.limit))
    return tuple(map(_as_seen, rows))


def _seen() -> Select[tuple[object, ...]]:
    """Changes with the Serial, the scope and the fetch before."""
    columns = (change, snapshot.c.serial, snapshot.c.scope, _fetched_before().label("since_at"))
    return select(*columns).join(snapshot, snapshot.c.id == change.c.snapshot_id)


def _as_seen(row: Row[tuple[object, ...]]) -> SeenChange:
    made = _row(row)
    return SeenChange(Serial(row.serial), row.seen_at, row.since_at, ListScope(row.scope), made.change, made.label)


def _fetched_before() -> ColumnElement[datetime | None]:
    """The newest fetch of the list that was compared with: the change happened after it."""
    compared = snapshot.alias("compared")
    scope = select(compared.c.scope).where(compared.c.id == snapshot.c.compared_id).correlate(snapshot)
    return (
        select(func.max(fetch.c.taken_at))
        .where(
            fetch.c.series_id == change.c.series_id,
            fetch.c.scope == scope.scalar_subquery(),
            fetch.c.taken_at < change.c.seen_at,
        )
        .correlate(change, snapshot)
        .scalar_subquery()
    )


def _wanted(query: ChangeQuery) -> Iterator[ColumnElement[bool]]:
    if query.since_at is not None:
        yield change.c.seen_at > query.since_at
    if query.until_at is not None:
        yield change.c.seen_at <= query.until_at
    if query.models:
        yield change.c.model.in_(query.models)
    if query.authors:
        yield or_(*(_of_author(author) for author in query.authors))
    if query.kinds:
        yield change.c.kind.in_(query.kinds)
    if query.fields:
        yield or_(*(_of_field(field) for field in query.fields))
    if query.causes:
        yield change.c.cause.in_(query.causes)
    if query.min_percent is not None:
        yield change.c.percent >= query.min_percent


def _of_author(author: str) -> ColumnElement[bool]:
    return or_(_begins(change.c.model, f"{author}/"), _begins(change.c.model, f"~{author}/"))


def _of_field(field: str) -> ColumnElement[bool]:
    """The field itself, and what is inside it: `pricing` holds `pricing.prompt`."""
    return or_(change.c.field == field, _begins(change.c.field, f"{field}."), _begins(change.c.field, f"{field}["))


def _begins(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    # Not LIKE, which ignores case on SQLite and not on PostgreSQL. Both sort these columns by code points, so what
    # begins alike is a range, of which a database also knows how many rows it holds.
    return and_(column >= prefix, column < prefix[:-1] + chr(ord(prefix[-1]) + 1))


def gone(connection: Connection, series_id: int, until: datetime | None = None) -> tuple[SeenChange, ...]:
    """The last removal of every model that was not listed at an instant (None: now), the latest first.

    O(changes by then), some 5 ms for those of a year.
    """
    latest = (
        select(change.c.series_id, change.c.model, func.max(change.c.seen_at).label("seen_at"))
        # Always with a bound, which leads SQLite to the one index that holds all of this.
        .where(change.c.series_id == series_id, change.c.field == "", change.c.seen_at <= (until or _EVER))
        .group_by(change.c.series_id, change.c.model)
        .subquery()
    )
    # By the join alone, and not by the series as a value: else SQLite reads every change of the series once more.
    last = and_(
        change.c.series_id == latest.c.series_id,
        change.c.model == latest.c.model,
        change.c.seen_at == latest.c.seen_at,
    )
    removed = (change.c.field == "", change.c.kind == ChangeKind.REMOVED)
    rows = connection.execute(_seen().join(latest, last).where(*removed))
    return tuple(sorted(map(_as_seen, rows), key=lambda found: (found.seen_at, found.change.model), reverse=True))


def changed_models(connection: Connection, series_id: int) -> tuple[ModelId, ...]:
    """Every model that has a change."""
    found = connection.scalars(select(change.c.model).where(change.c.series_id == series_id).distinct())
    return tuple(ModelId(model) for model in found)
