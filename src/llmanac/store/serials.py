"""Serials: the rank of each snapshot by its first fetch, over all series. A list woven in counts the later ones on."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from llmanac.catalogue.ids import Serial
from llmanac.store.schema import series, snapshot


def make_room(connection: Connection, series_id: int, taken_at: datetime) -> Serial:
    """The Serial of a snapshot that begins at this instant; those after it are counted on by one."""
    later = _later(connection, series_id, taken_at)
    place = connection.scalar(select(func.min(snapshot.c.serial)).where(later))
    if place is None:
        return Serial((connection.scalar(select(func.max(snapshot.c.serial))) or 0) + 1)
    _count_on(connection, snapshot.c.serial >= place)
    return Serial(place)


def rank_again(connection: Connection, series_id: int, snapshot_id: int, taken_at: datetime) -> None:
    """A snapshot begins earlier than known: those that it thereby passes are counted on by one."""
    serial = connection.execute(select(snapshot.c.serial).where(snapshot.c.id == snapshot_id)).scalar_one()
    passed = _later(connection, series_id, taken_at) & (snapshot.c.serial < serial)
    place = connection.scalar(select(func.min(snapshot.c.serial)).where(passed))
    if place is not None:
        # Out of the way first, since no two rows may have one Serial even for a moment.
        _set(connection, snapshot_id, 0)
        _count_on(connection, snapshot.c.serial.between(place, serial - 1))
        _set(connection, snapshot_id, place)


def _later(connection: Connection, series_id: int, taken_at: datetime) -> ColumnElement[bool]:
    """At one instant series come by what they follow: their numbers depend on which was there first."""
    rows = connection.execute(select(series.c.id, series.c.source, series.c.base_url, series.c.scope))
    keys = {row.id: (row.source, row.base_url, row.scope) for row in rows}
    after = [found for found, key in keys.items() if key > keys[series_id]]
    return (snapshot.c.taken_at > taken_at) | ((snapshot.c.taken_at == taken_at) & snapshot.c.series_id.in_(after))


def _count_on(connection: Connection, wanted: ColumnElement[bool]) -> None:
    # By way of negative numbers, for the same reason.
    connection.execute(update(snapshot).where(wanted).values(serial=-(snapshot.c.serial + 1)))
    connection.execute(update(snapshot).where(snapshot.c.serial < 0).values(serial=-snapshot.c.serial))


def _set(connection: Connection, snapshot_id: int, serial: int) -> None:
    connection.execute(update(snapshot).where(snapshot.c.id == snapshot_id).values(serial=serial))
