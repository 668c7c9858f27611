"""Statements on model versions: each record of a model once, however often it comes back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, Select, bindparam, func, insert, select, update

from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.model import Model
from llmanac.catalogue.record import normal_form, split_volatile
from llmanac.store import blobs
from llmanac.store.among import IDS, among, ids_value
from llmanac.store.database import BINARY
from llmanac.store.schema import model_version

IDS_PER_STATEMENT = 500
"""SQLite builds older than 3.32 allow 999 variables in a statement."""

_Values = dict[str, bytes]
_RESPELL = (
    update(model_version)
    .where(model_version.c.id == bindparam("version"))
    .values(seen_at=bindparam("seen_at"), record=bindparam("record"))
)


class StableModel(msgspec.Struct, frozen=True):
    """A model as a version keeps it. `volatile` are the values that are kept with the snapshot."""

    id: ModelId
    record: bytes
    digest: bytes
    volatile: _Values


class KeptVersions(msgspec.Struct, frozen=True):
    """`ids` of the versions of a list, in its order; `spellings`: records that are kept in other bytes than sent."""

    ids: tuple[int, ...]
    spellings: Mapping[ModelId, bytes]


def stable_of(model: Model) -> StableModel:
    """A model without its volatile values."""
    record, volatile = split_volatile(model.record)
    return StableModel(model.id, record, sha256(normal_form(record)).digest() if volatile else model.digest, volatile)


def put_versions(
    connection: Connection, series_id: int, models: Sequence[StableModel], seen_at: datetime
) -> KeptVersions:
    """Keep every record that is not kept yet. Of equal records the spelling of the earliest fetch is kept."""
    kept = _select_kept(connection, series_id, models)
    first_id = (connection.scalar(select(func.max(model_version.c.id))) or 0) + 1
    fresh = [model for model in models if (model.digest, model.id) not in kept]
    rows = [
        {
            "id": first_id + offset,
            "series_id": series_id,
            "model": model.id,
            "digest": model.digest,
            "seen_at": seen_at,
            "record": model.record,
        }
        for offset, model in enumerate(fresh)
    ]
    if rows:
        connection.execute(insert(model_version), rows)
    ids = {(model.digest, model.id): first_id + offset for offset, model in enumerate(fresh)}
    spellings: dict[ModelId, bytes] = {}
    earlier: list[dict[str, object]] = []
    for model in models:
        found = kept.get((model.digest, model.id))
        if found is None:
            continue
        ids[model.digest, model.id] = found.id
        if seen_at < found.seen_at:
            earlier.append({"version": found.id, "seen_at": seen_at, "record": model.record})
        elif found.record != model.record:
            spellings[model.id] = found.record
    if earlier:
        connection.execute(_RESPELL, earlier)
    return KeptVersions(tuple(ids[model.digest, model.id] for model in models), spellings)


class _Kept(msgspec.Struct, frozen=True):
    id: int
    seen_at: datetime
    record: bytes


def _select_kept(
    connection: Connection, series_id: int, models: Sequence[StableModel]
) -> dict[tuple[bytes, ModelId], _Kept]:
    table = model_version
    kept: dict[tuple[bytes, ModelId], _Kept] = {}
    columns = (table.c.id, table.c.model, table.c.digest, table.c.seen_at, table.c.record)
    for begin in range(0, len(models), IDS_PER_STATEMENT):
        digests = {model.digest for model in models[begin : begin + IDS_PER_STATEMENT]}
        rows = connection.execute(
            select(*columns).where(table.c.series_id == series_id, table.c.digest.in_(sorted(digests)))
        )
        for row in rows:
            kept[bytes(row.digest), ModelId(row.model)] = _Kept(row.id, row.seen_at, bytes(row.record))
    return kept


class KeptVersion(NamedTuple):
    """A version's model, its stable record and the digest of that."""

    model: ModelId
    record: bytes
    digest: bytes


def select_versions(connection: Connection, versions: Iterable[int]) -> dict[int, KeptVersion]:
    """Versions by their ids."""
    dialect = connection.dialect.name
    rows = connection.execute(_select_versions(dialect), {IDS: ids_value(dialect, versions)}).all()
    return {version: KeptVersion(ModelId(model), record, digest) for version, model, record, digest in rows}


@cache
def _select_versions(dialect: str) -> Select[int, str, bytes, bytes]:
    table = model_version
    wanted = select(table.c.id, table.c.model, table.c.record, table.c.digest)
    return wanted.where(among(dialect, table.c.id)).execution_options(**{BINARY: True})


def put_order(connection: Connection, versions: Sequence[int], *, like: int | None) -> int:
    """The blob of a list of versions."""
    return blobs.put(connection, msgspec.json.encode(versions), like=like)


def read_order(connection: Connection, blob_id: int) -> list[int]:
    """The inverse of `put_order`."""
    return msgspec.json.decode(blobs.read(connection, blob_id), type=list[int])


def put_volatile(connection: Connection, models: Iterable[StableModel], *, like: int | None) -> int | None:
    """The blob of a list's volatile values; None when no model has any."""
    document = {
        model.id: {name: msgspec.Raw(value) for name, value in sorted(model.volatile.items())}
        for model in models
        if model.volatile
    }
    return blobs.put(connection, msgspec.json.encode(document), like=like) if document else None


def read_volatile(connection: Connection, blob_id: int | None) -> dict[str, _Values]:
    """The inverse of `put_volatile`: by model, by member."""
    if blob_id is None:
        return {}
    document = msgspec.json.decode(blobs.read(connection, blob_id), type=dict[str, dict[str, msgspec.Raw]])
    return {model: {name: bytes(raw) for name, raw in values.items()} for model, values in document.items()}
