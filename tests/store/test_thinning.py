"""Old raw bytes go; everything else stays, and whatever stays can still be read."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import Connection, func, insert, select, update

from llmanac.store import blobs
from llmanac.store.database import Database
from llmanac.store.digests import digests
from llmanac.store.migrate import migrate
from llmanac.store.schema import blob, fetch, raw_page, series, snapshot
from llmanac.store.thinning import thin
from tests.store.contents import BEGIN, HOUR, SERIES, fill, page_bytes

FUTURE = BEGIN + timedelta(days=999)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """A store with some of everything, in a writing transaction."""
    database = Database(database_url)
    migrate(database)
    with database.write() as opened:
        fill(opened)
        yield opened
    database.close()


def series_ids(connection: Connection) -> list[int]:
    """In the order of `contents.SERIES`."""
    known = {row.base_url: row.id for row in connection.execute(select(series))}
    return [known[base_url] for base_url in SERIES]


def pages(connection: Connection, series_id: int) -> dict[tuple[int, int], bytes]:
    """The raw bytes of a series, by hour of the fetch and place in it."""
    rows = connection.execute(
        select(raw_page, fetch.c.taken_at)
        .join(fetch, fetch.c.id == raw_page.c.fetch_id)
        .where(fetch.c.series_id == series_id)
    ).all()
    bodies = blobs.read_many(connection, (row.blob_id for row in rows))
    return {((row.taken_at - BEGIN) // HOUR, row.position): bodies[row.blob_id] for row in rows}


def needed(connection: Connection) -> set[int]:
    """Blobs that are named, and those they are written against."""
    found = set(connection.scalars(select(raw_page.c.blob_id)))
    found |= set(connection.scalars(select(snapshot.c.versions_id)))
    found |= set(connection.scalars(select(snapshot.c.volatile_id).where(snapshot.c.volatile_id.is_not(None))))
    base_of = {row.id: row.base_id for row in connection.execute(select(blob.c.id, blob.c.base_id))}
    for blob_id in list(found):
        base = base_of[blob_id]
        while base is not None:
            found.add(base)
            base = base_of[base]
    return found


def blob_ids(connection: Connection) -> set[int]:
    return set(connection.scalars(select(blob.c.id)))


def test_pages_before_the_instant_go_and_those_at_it_stay(connection: Connection) -> None:
    one, other = series_ids(connection)
    before, others = pages(connection, one), pages(connection, other)
    assert thin(connection, one, older_than=BEGIN + 3 * HOUR) == 6
    assert pages(connection, one) == {key: body for key, body in before.items() if key[0] >= 3}
    assert pages(connection, other) == others


def test_all_else_stays_as_it_was(connection: Connection) -> None:
    before = digests(connection)
    for series_id in series_ids(connection):
        assert thin(connection, series_id, older_than=FUTURE) == 12
    after = digests(connection)
    assert {old.noun for old, new in zip(before, after, strict=True) if old != new} == {"raw_page"}
    assert connection.scalar(select(func.count()).select_from(raw_page)) == 0


def test_bytes_go_with_the_last_page_that_has_them(connection: Connection) -> None:
    """Both series were sent the same bytes."""
    one, other = series_ids(connection)
    wanted = blobs.put(connection, page_bytes(0), like=None)
    thin(connection, one, older_than=FUTURE)
    assert blobs.read(connection, wanted) == page_bytes(0)
    # As if nothing had been written against it.
    connection.execute(update(blob).values(base_id=None, depth=0))
    thin(connection, other, older_than=FUTURE)
    assert wanted not in blob_ids(connection)


def test_what_others_are_written_against_stays_for_as_long_as_they_do(connection: Connection) -> None:
    series_id = series_ids(connection)[0]
    first = blobs.put(connection, page_bytes(50), like=None)
    second = blobs.put(connection, page_bytes(51), like=first)
    for fetch_id, blob_id in zip(fetch_ids(connection, series_id), (first, second), strict=False):
        row = {"fetch_id": fetch_id, "part": "account", "position": 9, "url": "/", "blob_id": blob_id}
        connection.execute(insert(raw_page), [row])
    thin(connection, series_id, older_than=BEGIN + HOUR)
    assert {first, second} <= blob_ids(connection)
    assert blobs.read(connection, second) == page_bytes(51)
    thin(connection, series_id, older_than=BEGIN + 2 * HOUR)
    assert not {first, second} & blob_ids(connection)


def fetch_ids(connection: Connection, series_id: int) -> list[int]:
    """Oldest first."""
    wanted = select(fetch.c.id).where(fetch.c.series_id == series_id).order_by(fetch.c.taken_at)
    return list(connection.scalars(wanted))


def test_thinning_again_finds_nothing(connection: Connection) -> None:
    series_id = series_ids(connection)[0]
    assert thin(connection, series_id, older_than=FUTURE) == 12
    assert thin(connection, series_id, older_than=FUTURE) == 0


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))])
def test_whatever_is_thinned_exactly_what_is_needed_stays_and_can_be_read(seed: int, database_url: str) -> None:
    """Many bytes written against any others, thinned step by step."""
    dice = Random(seed)
    database = Database(database_url)
    migrate(database)
    with database.write() as connection:
        fill(connection, seed)
        one, other = series_ids(connection)
        kept = list(blob_ids(connection))
        for fetch_id in (*fetch_ids(connection, one), *fetch_ids(connection, other)):
            for position in range(2, 8):
                kept.append(blobs.put(connection, page_bytes(dice.randrange(40)), like=dice.choice(kept)))
                row = {"fetch_id": fetch_id, "part": "models", "position": position, "url": "/", "blob_id": kept[-1]}
                connection.execute(insert(raw_page), [row])
        for hour in range(7):
            expected = {series_id: pages(connection, series_id) for series_id in (one, other)}
            thinned = dice.choice((one, other))
            gone = {key for key in expected[thinned] if key[0] < hour}
            assert thin(connection, thinned, older_than=BEGIN + hour * HOUR) == len(gone)
            expected[thinned] = {key: body for key, body in expected[thinned].items() if key not in gone}
            assert {series_id: pages(connection, series_id) for series_id in (one, other)} == expected
            assert blob_ids(connection) == needed(connection) or not gone
            blobs.read_many(connection, blob_ids(connection))
    database.close()
