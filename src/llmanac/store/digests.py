"""What a store holds, as one count and one digest by noun: two stores with equal digests say the same.

Only content counts. Row numbers, the order of writing, compression and leases leave no trace: a row is digested with
what its keys stand for (the series' address, a list's instant, the SHA-256 of bytes). Equal on both databases.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256

import msgspec
from sqlalchemy import Connection, Row, Select, select

from llmanac.store import blobs
from llmanac.store.schema import (
    blob,
    change,
    fetch,
    model_version,
    quarantine,
    quarantine_page,
    raw_page,
    reject,
    series,
    snapshot,
    token,
)
from llmanac.store.snapshots import decompress

_ROWS_AT_ONCE = 500

_Content = tuple[object, ...]
_SeriesKey = tuple[str, str, str]


class NounDigest(msgspec.Struct, frozen=True):
    """How many of a noun there are, and the digest of all of them."""

    noun: str
    count: int
    sha256: str


def digests(connection: Connection) -> tuple[NounDigest, ...]:
    """Count and digest of every noun. Reads all but the bytes of blobs; holds 32 bytes of each row of one noun.

    `attempt` is where following a series stands (validators, last attempt, next one due): an import of all lists into
    an empty store gives back all nouns but that one, the quarantine and tokens.
    """
    keys = {
        row.id: (row.source, row.base_url, row.scope)
        for row in connection.execute(select(series.c.id, series.c.source, series.c.base_url, series.c.scope))
    }
    return tuple(_digest(noun, contents(connection, keys)) for noun, contents in _NOUNS.items())


def blob_digest(connection: Connection) -> NounDigest:
    """Count and digest of blobs as they are stored, compression and all: equal after a copy, else as a rule not."""
    base = blob.alias("base")
    wanted = select(blob.c.digest, blob.c.size, blob.c.body, base.c.digest.label("base"))
    rows = _stream(connection, wanted.outerjoin(base, base.c.id == blob.c.base_id))
    return _digest("blob", ((row.digest, row.size, row.base, sha256(row.body).digest()) for row in rows))


def _digest(noun: str, contents: Iterable[_Content]) -> NounDigest:
    # Sorted here: each database sorts texts in its own way.
    each = sorted(sha256(msgspec.json.encode(content)).digest() for content in contents)
    return NounDigest(noun, len(each), sha256(b"".join(each)).hexdigest())


def _stream(connection: Connection, wanted: Select[tuple[object, ...]]) -> Iterator[Row[tuple[object, ...]]]:
    yield from connection.execute(wanted.execution_options(yield_per=_ROWS_AT_ONCE))


_Keys = Mapping[int, _SeriesKey]


def _series(connection: Connection, keys: _Keys) -> Iterator[_Content]:
    current = series.outerjoin(snapshot, snapshot.c.id == series.c.snapshot_id)
    for row in _stream(connection, select(series.c.id, snapshot.c.taken_at, snapshot.c.scope).select_from(current)):
        yield keys[row.id], row.taken_at, row.scope


_ATTEMPT = (
    "flap_seconds",
    "validators",
    "agreed_at",
    "attempted_at",
    "outcome",
    "outcome_code",
    "outcome_detail",
    "failures",
    "due_at",
)


def _attempts(connection: Connection, keys: _Keys) -> Iterator[_Content]:
    for row in _stream(connection, select(series.c.id, *(series.c[name] for name in _ATTEMPT))):
        yield keys[row.id], *row[1:]


def _fetches(connection: Connection, keys: _Keys) -> Iterator[_Content]:
    wanted = select(fetch, snapshot.c.taken_at.label("began_at"), snapshot.c.digest)
    for row in _stream(connection, wanted.join(snapshot, snapshot.c.id == fetch.c.snapshot_id)):
        yield keys[row.series_id], row.taken_at, row.scope, row.origin, row.began_at, row.digest


def _snapshots(connection: Connection, keys: _Keys) -> Iterator[_Content]:
    versions = {
        row.id: sha256(msgspec.json.encode((row.model, row.digest))).digest()
        for row in _stream(connection, select(model_version.c.id, model_version.c.model, model_version.c.digest))
    }
    compared = snapshot.alias("compared")
    wanted = (
        select(snapshot, blob.c.digest.label("volatile"), compared.c.taken_at.label("compared_at"))
        .outerjoin(blob, blob.c.id == snapshot.c.volatile_id)
        .outerjoin(compared, compared.c.id == snapshot.c.compared_id)
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    for rows in connection.execute(wanted).partitions():
        orders = blobs.read_many(connection, (row.versions_id for row in rows))
        for row in rows:
            order = msgspec.json.decode(orders[row.versions_id], type=list[int])
            listed = sha256(b"".join(versions[version] for version in order)).digest()
            content = (row.taken_at, row.digest, row.model_count, row.comparison, row.compared_at, row.warning)
            yield keys[row.series_id], row.serial, row.scope, listed, row.volatile, *content


def _versions(connection: Connection, keys: _Keys) -> Iterator[_Content]:
    for row in _stream(connection, select(model_version)):
        yield keys[row.series_id], row.model, row.digest, row.seen_at, sha256(row.record).digest()


_CHANGE = ("seen_at", "model", "field", "kind", "before", "after", "own_cause", "cause", "percent")


def _changes(connection: Connection, keys: _Keys) -> Iterator[_Content]:
    wanted = select(change.c.series_id, snapshot.c.serial, *(change.c[name] for name in _CHANGE))
    for row in _stream(connection, wanted.join(snapshot, snapshot.c.id == change.c.snapshot_id)):
        yield keys[row.series_id], *row[1:]


def _rejects(connection: Connection, keys: _Keys) -> Iterator[_Content]:
    wanted = select(reject, snapshot.c.series_id, snapshot.c.taken_at)
    for row in _stream(connection, wanted.join(snapshot, snapshot.c.id == reject.c.snapshot_id)):
        yield keys[row.series_id], row.taken_at, row.position, row.path, row.reason, sha256(row.raw).digest()


def _raw_pages(connection: Connection, keys: _Keys) -> Iterator[_Content]:
    wanted = (
        select(raw_page, fetch.c.series_id, fetch.c.taken_at, blob.c.digest)
        .join(fetch, fetch.c.id == raw_page.c.fetch_id)
        .join(blob, blob.c.id == raw_page.c.blob_id)
    )
    for row in _stream(connection, wanted):
        yield keys[row.series_id], row.taken_at, row.part, row.position, row.url, row.digest


_QUARANTINE = (
    "reason",
    "detail",
    "admissible",
    "digest",
    "model_count",
    "first_seen_at",
    "last_seen_at",
    "repeats",
)


def _quarantine(connection: Connection, keys: _Keys) -> Iterator[_Content]:
    for row in connection.execute(select(quarantine)).all():
        pages = _stream(connection, select(quarantine_page).where(quarantine_page.c.quarantine_id == row.id))
        content = sorted((page.position, page.part, page.url, sha256(decompress(page.body)).digest()) for page in pages)
        yield keys[row.series_id], *(row._mapping[name] for name in _QUARANTINE), content  # noqa: SLF001  its documented name


def _tokens(connection: Connection, keys: _Keys) -> Iterator[_Content]:  # noqa: ARG001  as the others
    for row in _stream(connection, select(token)):
        yield tuple(row)


_NOUNS: Mapping[str, Callable[[Connection, _Keys], Iterator[_Content]]] = {
    "series": _series,
    "attempt": _attempts,
    "fetch": _fetches,
    "snapshot": _snapshots,
    "model_version": _versions,
    "change": _changes,
    "reject": _rejects,
    "raw_page": _raw_pages,
    "quarantine": _quarantine,
    "token": _tokens,
}
