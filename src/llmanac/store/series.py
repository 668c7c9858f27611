"""Statements on series: where each stands, and the counters that workers poll."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, ScalarSelect, insert, select, update

from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.ids import Serial
from llmanac.store.rows import Attempt, Outcome, Revisions, Scope, SeriesKey, SeriesState
from llmanac.store.schema import fetch, revision, series, snapshot

_Validators = tuple[tuple[str, str], ...]


def open_series(connection: Connection, key: SeriesKey) -> int:
    """The id of a series; it begins now if it is new. Needs a writing transaction."""
    known = find_series(connection, key)
    if known is not None:
        return known
    values = {**msgspec.structs.asdict(key), "validators": "[]", "failures": 0}
    return int(connection.execute(insert(series).returning(series.c.id), [values]).scalar_one())


def find_series(connection: Connection, key: SeriesKey) -> int | None:
    """The id of a series, or None when it never began."""
    return connection.scalar(
        select(series.c.id).where(
            series.c.source == key.source, series.c.base_url == key.base_url, series.c.scope == key.scope
        )
    )


def every(connection: Connection) -> tuple[int, ...]:
    """The ids of all series, the oldest first."""
    return tuple(connection.scalars(select(series.c.id).order_by(series.c.id)))


def state(connection: Connection, series_id: int) -> SeriesState:
    """Where a series stands."""
    row = connection.execute(
        select(series, snapshot.c.serial, snapshot.c.digest, _origin().label("origin"))
        .outerjoin(snapshot, snapshot.c.id == series.c.snapshot_id)
        .where(series.c.id == series_id)
    ).one()
    attempt = None
    if row.attempted_at is not None:
        attempt = Attempt(row.attempted_at, Outcome(row.outcome), row.outcome_code, row.outcome_detail, row.due_at)
    return SeriesState(
        id=row.id,
        key=SeriesKey(row.source, row.base_url, Scope(row.scope)),
        serial=None if row.serial is None else Serial(row.serial),
        snapshot_id=row.snapshot_id,
        digest=row.digest,
        origin=None if row.origin is None else Origin(row.origin),
        validators=msgspec.json.decode(row.validators, type=_Validators),
        agreed_at=row.agreed_at,
        attempt=attempt,
        failures=row.failures,
        due_at=row.due_at,
    )


def _origin() -> ScalarSelect[str]:
    """How the newest fetch of the current list came."""
    return (
        select(fetch.c.origin)
        .where(fetch.c.snapshot_id == series.c.snapshot_id)
        .order_by(fetch.c.taken_at.desc())
        .limit(1)
        .correlate(series)
        .scalar_subquery()
    )


def note_attempt(connection: Connection, series_id: int, attempt: Attempt) -> None:
    """Note how an attempt ended, good or not, and tell the workers."""
    good = attempt.outcome in (Outcome.CHANGED, Outcome.UNCHANGED)
    connection.execute(
        update(series)
        .where(series.c.id == series_id)
        .values(
            attempted_at=attempt.attempted_at,
            outcome=attempt.outcome,
            outcome_code=attempt.code,
            outcome_detail=attempt.detail,
            due_at=attempt.due_at,
            failures=0 if good else series.c.failures + 1,
        )
    )
    bump(connection, "state")


def note_validators(connection: Connection, series_id: int, validators: _Validators) -> None:
    """What upstream gave to ask by next time."""
    text = msgspec.json.encode(validators).decode()
    connection.execute(update(series).where(series.c.id == series_id).values(validators=text))


def serve(connection: Connection, series_id: int, snapshot_id: int | None, agreed_at: datetime | None) -> None:
    """Which list is the current one, and when it was last seen; workers are told by `bump`."""
    connection.execute(
        update(series).where(series.c.id == series_id).values(snapshot_id=snapshot_id, agreed_at=agreed_at)
    )


def set_due(connection: Connection, series_id: int, due_at: datetime | None) -> None:
    """When the next attempt is planned; None is at once."""
    connection.execute(update(series).where(series.c.id == series_id).values(due_at=due_at))
    bump(connection, "state")


def revisions(connection: Connection) -> Revisions:
    """The counters, in one small read."""
    found = {row.name: row.value for row in connection.execute(select(revision))}
    return Revisions(found.get("catalogue", 0), found.get("state", 0), found.get("tokens", 0))


def bump(connection: Connection, name: str, *, to: int | None = None) -> None:
    """Raise a counter by one, or to a value. Needs a writing transaction."""
    changed = connection.execute(
        update(revision).where(revision.c.name == name).values(value=revision.c.value + 1 if to is None else to)
    )
    if not changed.rowcount:
        connection.execute(insert(revision), [{"name": name, "value": 1 if to is None else to}])


def labelled_by(connection: Connection, series_id: int) -> timedelta | None:
    """The flap days by which changes are labelled; None when nobody noted them."""
    wanted = select(series.c.flap_seconds).where(series.c.id == series_id)
    seconds = connection.execute(wanted).scalar_one()
    return None if seconds is None else timedelta(seconds=seconds)


def note_labelled_by(connection: Connection, series_id: int, flap: timedelta) -> None:
    """By which flap days changes are labelled from now on."""
    seconds = int(flap.total_seconds())
    connection.execute(update(series).where(series.c.id == series_id).values(flap_seconds=seconds))
