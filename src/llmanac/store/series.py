"""Statements on series: where each stands, and the counters that workers poll."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, insert, select, update

from llmanac.catalogue.ids import Serial
from llmanac.store.rows import Attempt, Outcome, Revisions, Scope, SeriesKey, SeriesState
from llmanac.store.schema import revision, series

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


def state(connection: Connection, series_id: int) -> SeriesState:
    """Where a series stands."""
    row = connection.execute(select(series).where(series.c.id == series_id)).one()
    attempt = None
    if row.attempted_at is not None:
        attempt = Attempt(row.attempted_at, Outcome(row.outcome), row.outcome_code, row.outcome_detail, row.due_at)
    return SeriesState(
        id=row.id,
        key=SeriesKey(row.source, row.base_url, Scope(row.scope)),
        serial=None if row.serial is None else Serial(row.serial),
        validators=msgspec.json.decode(row.validators, type=_Validators),
        agreed_at=row.agreed_at,
        attempt=attempt,
        failures=row.failures,
        due_at=row.due_at,
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


def note_agreement(
    connection: Connection, series_id: int, serial: Serial, *, agreed_at: datetime, validators: _Validators | None
) -> None:
    """Upstream agrees with this Serial. `validators` None keeps those there are (it said "not modified")."""
    values: dict[str, object] = {"serial": serial, "agreed_at": agreed_at}
    if validators is not None:
        values["validators"] = msgspec.json.encode(validators).decode()
    connection.execute(update(series).where(series.c.id == series_id).values(values))


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
