"""What the database must hold after any number of kills. In: a database at rest. Out: every fault in it, in words."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence

import zstandard

from tests.chaos.lists import ChangingLists, TornError
from tests.chaos.stores import Database

SERIALS_AT_ONCE = 100
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
    assert isinstance(newest, int)
    return newest


def _faults(database: Database, lists: ChangingLists, shown: int, served: tuple[int, int]) -> Iterator[str]:
    yield from database.faults()
    serials = [_integer(row[0]) for row in database.rows("SELECT serial FROM snapshot ORDER BY serial")]
    if serials != list(range(1, len(serials) + 1)):
        gaps = sorted(set(range(1, max(serials))) - set(serials))
        yield f"expected Serials 1 to {len(serials)} without gap or double, got up to {max(serials)} without {gaps}"
    last = serials[-1] if serials else 0
    if shown > last:
        yield f"Serial {shown} was shown, the newest that was saved is {last}"
    yield from _counters(database, last)
    versions, faults = _pages(database, lists, serials)
    yield from faults
    if served != (last, versions.get(last)):
        yield f"answered last: Serial and version {served}, saved last: {(last, versions.get(last))}"
    yield from _rebuilt(database, versions, lists)
    yield from _changes(database, versions)
    for row in database.rows("SELECT reason, detail FROM quarantine"):
        yield f"a list that is good was quarantined: {tuple(row)}"
    for row in database.rows("SELECT serial, path, reason FROM reject"):
        yield f"a row that is good was rejected: {tuple(row)}"


def _counters(database: Database, last: int) -> Iterator[str]:
    followed = [row[0] for row in database.rows("SELECT serial FROM series")]
    if followed != [last]:
        yield f"expected one series at Serial {last}, got {followed}"
    polled = [row[0] for row in database.rows("SELECT value FROM revision WHERE name = 'catalogue'")]
    if polled != [last]:
        yield f"expected workers to be told of Serial {last}, got {polled}"


def _pages(database: Database, lists: ChangingLists, serials: Sequence[int]) -> tuple[dict[int, int], list[str]]:
    """The version each Serial was read from; each has its bytes, and versions grow with Serials."""
    versions: dict[int, int] = {}
    faults = []
    for serial, body in database.rows("SELECT serial, body FROM raw_page ORDER BY serial, part, position"):
        try:
            version = lists.identify_rows(json.loads(_unpacked(body))["data"])
        except (TornError, ValueError, LookupError, zstandard.ZstdError) as problem:
            faults.append(f"raw bytes of Serial {serial}: {problem}")
            continue
        if versions and version <= max(versions.values()):
            faults.append(f"Serial {serial} is version {version}, which is not newer than those before it")
        versions[_integer(serial)] = version
    if sorted(versions) != list(serials):
        faults.append(f"Serials without raw bytes: {sorted(set(serials) - set(versions))}")
    return versions, faults


def _rebuilt(database: Database, versions: dict[int, int], lists: ChangingLists) -> Iterator[str]:
    """Each snapshot's models, put together from their versions, are those of the list it was read from."""
    last = max(versions, default=0)
    for begin in range(1, last + 1, SERIALS_AT_ONCE):
        end = min(begin + SERIALS_AT_ONCE, last + 1)
        found = database.rows(
            "SELECT id, from_serial, until_serial, model, record FROM model_version"
            f" WHERE from_serial < {end} AND (until_serial IS NULL OR until_serial > {begin})"
        )
        records = {_integer(row[0]): json.loads(_octets(row[4])) for row in found}
        in_force: dict[int, set[int]] = defaultdict(set)
        for key, since, until, model, _ in found:
            if records[_integer(key)]["id"] != model:
                yield f"model_version {key} is of {model} and holds {records[_integer(key)]['id']}"
            for serial in range(max(_integer(since), begin), end if until is None else min(_integer(until), end)):
                in_force[serial].add(_integer(key))
        for number, listed, count in database.rows(
            f"SELECT serial, versions, model_count FROM snapshot WHERE serial >= {begin} AND serial < {end}"
        ):
            keys: list[int] = json.loads(_unpacked(listed))
            if set(keys) != in_force[_integer(number)] or not len(set(keys)) == len(keys) == count:
                yield f"Serial {number} lists {keys}, counts {count}, in force are {sorted(in_force[_integer(number)])}"
            yield from _same_list(_integer(number), [records.get(key, {}) for key in keys], versions, lists)


def _same_list(
    serial: int, rows: Sequence[dict[str, object]], versions: dict[int, int], lists: ChangingLists
) -> Iterator[str]:
    try:
        version = lists.identify_rows(rows)
    except (TornError, KeyError) as problem:
        yield f"Serial {serial} cannot be rebuilt: {problem!r}"
    else:
        if version != versions.get(serial):
            yield f"Serial {serial} has the bytes of version {versions.get(serial)}, the models of {version}"


def _changes(database: Database, versions: dict[int, int]) -> Iterator[str]:
    """Every Serial says what changed in it, numbered without a gap."""
    positions: dict[int, list[int]] = defaultdict(list)
    for serial, position in database.rows("SELECT serial, position FROM change ORDER BY serial, position"):
        positions[_integer(serial)].append(_integer(position))
    if set(positions) != set(versions):
        yield f"Serials without changes, or changes without one: {sorted(set(positions) ^ set(versions))}"
    for serial, found in positions.items():
        if found != list(range(len(found))):
            yield f"changes of Serial {serial} are numbered {found}"


def _unpacked(stored: object) -> bytes:
    return zstandard.ZstdDecompressor().decompress(_octets(stored))


def _octets(stored: object) -> bytes:
    assert isinstance(stored, bytes), f"expected bytes, got {stored!r}"
    return stored


def _integer(stored: object) -> int:
    assert isinstance(stored, int), f"expected an integer, got {stored!r}"
    return stored
