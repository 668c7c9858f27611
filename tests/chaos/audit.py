"""What the database must hold after any number of kills. In: a database at rest. Out: every fault in it, in words."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tests.chaos.expected import change_faults
from tests.chaos.kept import Blobs, integer, octets
from tests.chaos.lists import ChangingLists, TornError
from tests.chaos.stores import Database

SNAPSHOTS_AT_ONCE = 100
"""Records read together; all of them would not fit into memory after hundreds of rounds."""


def audit(database: Database, lists: ChangingLists, *, shown: int, served: tuple[int, int]) -> list[str]:
    """Every fault found.

    Args:
        database: At rest: no server uses it.
        lists: All that upstream served.
        shown: The highest Serial any client saw.
        served: Serial and version of the list that was answered last.
    """
    return [f"store: {fault}" for fault in _faults(database, lists, shown, served)]


def last_serial(database: Database) -> int:
    """The newest saved Serial; 0 when there is none."""
    [[newest]] = database.rows("SELECT coalesce(max(serial), 0) FROM snapshot")
    return integer(newest)


def _faults(database: Database, lists: ChangingLists, shown: int, served: tuple[int, int]) -> Iterator[str]:
    yield from database.faults()
    serials = [integer(row[0]) for row in database.rows("SELECT serial FROM snapshot ORDER BY serial")]
    if serials != list(range(1, len(serials) + 1)):
        gaps = sorted(set(range(1, max(serials))) - set(serials))
        yield f"expected Serials 1 to {len(serials)} without gap or double, got up to {max(serials)} without {gaps}"
    last = serials[-1] if serials else 0
    if shown > last:
        yield f"Serial {shown} was shown, the newest that was saved is {last}"
    yield from _counters(database, last)
    yield from _chain(database)
    blobs = Blobs(database)
    versions, faults = _pages(database, blobs, lists, serials)
    yield from faults
    if served != (last, versions.get(last)):
        yield f"answered last: Serial and version {served}, saved last: {(last, versions.get(last))}"
    yield from _to_the_end(_rebuilt(database, blobs, versions, lists))
    yield from _to_the_end(change_faults(database, versions))
    yield from _to_the_end(_unneeded(database, blobs))
    for row in database.rows("SELECT reason, detail FROM quarantine"):
        yield f"a list that is good was quarantined: {tuple(row)}"
    for row in database.rows("SELECT snapshot_id, path, reason FROM reject"):
        yield f"a row that is good was rejected: {tuple(row)}"


def _to_the_end(faults: Iterator[str]) -> Iterator[str]:
    """What cannot even be read is a fault too."""
    try:
        yield from faults
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError) as problem:
        yield f"what is kept cannot be read: {problem!r}"


def _counters(database: Database, last: int) -> Iterator[str]:
    followed = [row[0] for row in database.rows(
        "SELECT snapshot.serial FROM series LEFT JOIN snapshot ON snapshot.id = series.snapshot_id"
    )]  # fmt: skip
    if followed != [last]:
        yield f"expected one series at Serial {last}, got {followed}"
    told = [row[0] for row in database.rows("SELECT value FROM revision WHERE name = 'catalogue'")]
    if told != [last]:
        yield f"expected workers to be told {last} times of another list, got {told}"


def _chain(database: Database) -> Iterator[str]:
    """Every list was fetched once, since upstream never sent one again, and is compared with the one before it."""
    fetched = defaultdict(list)
    for snapshot_id, series_id, scope, taken_at in database.rows(
        'SELECT snapshot_id, series_id, scope, taken_at FROM "fetch" ORDER BY taken_at'
    ):
        fetched[snapshot_id].append((series_id, scope, taken_at))
    before: tuple[object, str] = (None, "")
    for key, serial, series_id, scope, taken_at, comparison, compared_id in database.rows(
        "SELECT id, serial, series_id, scope, taken_at, comparison, compared_id FROM snapshot ORDER BY serial"
    ):
        if (own := fetched.pop(key, [])) != [(series_id, scope, taken_at)]:
            yield f"Serial {serial} of {taken_at} was fetched otherwise: {own}"
        if not before[1] < str(taken_at):
            yield f"Serial {serial} was taken at {taken_at}, the one before it at {before[1]}"
        if (comparison, compared_id) != ("same" if before[0] else "first", before[0]):
            yield f"Serial {serial} is {comparison} to {compared_id}, before it is {before[0]}"
        before = key, str(taken_at)
    if fetched:
        yield f"fetches without their list: {dict(fetched)}"


def _pages(
    database: Database, blobs: Blobs, lists: ChangingLists, serials: Sequence[int]
) -> tuple[dict[int, int], list[str]]:
    """The version each Serial was read from; each has its bytes, and versions grow with Serials."""
    versions: dict[int, int] = {}
    faults = []
    for serial, blob_id in database.rows(
        'SELECT snapshot.serial, raw_page.blob_id FROM raw_page JOIN "fetch" ON "fetch".id = raw_page.fetch_id'
        ' JOIN snapshot ON snapshot.id = "fetch".snapshot_id ORDER BY snapshot.serial, part, position'
    ):
        try:
            version = lists.identify_rows(json.loads(blobs.read(blob_id))["data"])
        except (TornError, ValueError, LookupError) as problem:
            faults.append(f"raw bytes of Serial {serial}: {problem}")
            continue
        if versions and version <= max(versions.values()):
            faults.append(f"Serial {serial} is version {version}, which is not newer than those before it")
        versions[integer(serial)] = version
    if sorted(versions) != list(serials):
        faults.append(f"Serials without raw bytes: {sorted(set(serials) - set(versions))}")
    return versions, faults


def _rebuilt(database: Database, blobs: Blobs, versions: Mapping[int, int], lists: ChangingLists) -> Iterator[str]:
    """Each snapshot's models, put together from their versions and what is kept beside, are those that were sent."""
    for begin in range(1, max(versions, default=0) + 1, SNAPSHOTS_AT_ONCE):
        found = database.rows(
            "SELECT serial, versions_id, volatile_id, model_count FROM snapshot"
            f" WHERE serial >= {begin} AND serial < {begin + SNAPSHOTS_AT_ONCE} ORDER BY serial"
        )
        orders = {integer(row[0]): json.loads(blobs.read(row[1])) for row in found}
        records = _records(database, sorted({key for order in orders.values() for key in order}))
        for serial, _, volatile_id, count in found:
            order = orders[integer(serial)]
            if not len(set(order)) == len(order) == count:
                yield f"Serial {serial} lists {order} and counts {count}"
            measured = {} if volatile_id is None else json.loads(blobs.read(volatile_id))
            listed = [records.get(key, {}) for key in order]
            rows = [{**row, **measured.pop(row.get("id"), {})} for row in listed]
            if measured:
                yield f"Serial {serial} has measurements of models that it does not list: {sorted(measured)}"
            yield from _same_list(integer(serial), rows, versions, lists)


def _records(database: Database, keys: Sequence[int]) -> dict[int, dict[str, object]]:
    """By their numbers."""
    rows = database.rows(f"SELECT id, record FROM model_version WHERE id IN ({','.join(map(str, keys))})")
    return {integer(row[0]): json.loads(octets(row[1])) for row in rows}


def _same_list(
    serial: int, rows: Sequence[dict[str, object]], versions: Mapping[int, int], lists: ChangingLists
) -> Iterator[str]:
    try:
        version = lists.identify_rows(rows)
    except (TornError, KeyError) as problem:
        yield f"Serial {serial} cannot be rebuilt: {problem!r}"
    else:
        if version != versions.get(serial):
            yield f"Serial {serial} has the bytes of version {versions.get(serial)}, the models of {version}"


def _unneeded(database: Database, blobs: Blobs) -> Iterator[str]:
    """Every row belongs to a list that was saved: nothing is left of those that were not."""
    used = database.rows(
        "SELECT versions_id FROM snapshot UNION SELECT volatile_id FROM snapshot WHERE volatile_id IS NOT NULL"
        " UNION SELECT blob_id FROM raw_page"
    )
    if left := blobs.unread([row[0] for row in used]):
        yield f"bytes that nobody reads: blobs {left}"
    orders = database.rows("SELECT versions_id FROM snapshot")
    listed = {key for row in orders for key in json.loads(blobs.read(row[0]))}
    kept = {integer(row[0]) for row in database.rows("SELECT id FROM model_version")}
    if kept != listed:
        yield f"versions that no list has, or that are not there: {sorted(kept ^ listed)}"
    for row in database.rows("SELECT model, count(*) FROM model_version GROUP BY model, digest HAVING count(*) > 1"):
        yield f"one record kept {row[1]} times: of {row[0]}"
