"""Memory: snapshots with fetches, records without volatile values, bytes as differences.

What the first schema held is carried over. Its changes are not: they had no cause, and are compared anew at the start.
"""

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
import zstandard
from alembic import op

# Used as they are today. Whoever changes what they write must leave a copy of this day's here.
from llmanac.catalogue.record import normal_form, split_volatile
from llmanac.store import blobs

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TICK = timedelta(microseconds=1)
_IDS_PER_STATEMENT = 500

_ASIDE = ("change", "raw_page", "reject", "model_version", "snapshot")
"""Tables that become others, in an order in which they can be dropped."""
_INDEXES = ("ix_snapshot_series_id_taken_at", "ix_change_model_serial", "ix_model_version_series_id_until_serial")


def upgrade() -> None:
    """Put the old tables aside, make the new ones, carry over, drop the old ones."""
    connection = op.get_bind()
    is_postgresql = connection.dialect.name == "postgresql"
    _put_aside(is_postgresql=is_postgresql)
    _make_tables()
    _carry_over(connection)
    if is_postgresql:
        op.execute("SELECT setval(pg_get_serial_sequence('snapshot', 'id'), max(id)) FROM snapshot")
    for name in _ASIDE:
        op.drop_table(f"old_{name}")


def _put_aside(*, is_postgresql: bool) -> None:
    for index in _INDEXES:
        op.drop_index(index)
    for name in _ASIDE:
        op.rename_table(name, f"old_{name}")
        if is_postgresql:
            # There a key is an index too, and the new table's has its name.
            op.execute(f"ALTER TABLE old_{name} RENAME CONSTRAINT pk_{name} TO pk_old_{name}")
    op.execute("ALTER TABLE series RENAME COLUMN serial TO snapshot_id")
    labelled = "LLMANAC_FLAP_DAYS by which changes are labelled; empty: not yet"
    op.add_column("series", sa.Column("flap_seconds", sa.BigInteger(), nullable=True, comment=labelled))
    if is_postgresql:
        comment = "the list that is served; no key, since snapshots refer to series"
        op.execute(f"COMMENT ON COLUMN series.snapshot_id IS '{comment}'")


def _make_tables() -> None:
    op.create_table(
        "blob",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the bytes"),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="of the bytes"),
        sa.Column(
            "base_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="the blob whose bytes are the dictionary; empty: none",
        ),
        sa.Column("depth", sa.Integer(), nullable=False, comment="how many blobs must be read before this one"),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="zstd of the bytes"),
        sa.ForeignKeyConstraint(["base_id"], ["blob.id"], name=op.f("fk_blob_base_id_blob")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blob")),
        sa.UniqueConstraint("digest", name=op.f("uq_blob_digest")),
        comment="bytes of any kind, each once, written as the difference to similar ones",
    )
    op.create_index(op.f("ix_blob_base_id"), "blob", ["base_id"], unique=False)
    op.create_table(
        "model_version",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="of the record's normal form"),
        sa.Column(
            "seen_at",
            sa.String(length=27),
            nullable=False,
            comment="of the first fetch with it, whose spelling is kept",
        ),
        sa.Column("record", sa.LargeBinary(), nullable=False, comment="upstream's JSON with null for volatile values"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_model_version_series_id_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_version")),
        sa.UniqueConstraint("series_id", "digest", "model", name=op.f("uq_model_version_series_id_digest_model")),
        comment="a record of a model; snapshots say when it was in force",
    )
    op.create_table(
        "snapshot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False, comment="rank by taken_at: an import renumbers"),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column(
            "scope", sa.String(length=16), nullable=False, comment="what the list was asked for: all, text, account"
        ),
        sa.Column("taken_at", sa.String(length=27), nullable=False, comment="of its first fetch"),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("model_count", sa.Integer(), nullable=False),
        sa.Column(
            "versions_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="JSON [model_version.id, …], upstream's order",
        ),
        sa.Column(
            "volatile_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="JSON {model: {member: value}}; empty: none has any",
        ),
        sa.Column(
            "comparison",
            sa.String(length=8),
            nullable=True,
            comment="first, same, seam, silent; empty: yet to be compared",
        ),
        sa.Column(
            "compared_id",
            sa.BigInteger(),
            nullable=True,
            comment="the snapshot its changes are against; no key: that may be the younger row",
        ),
        sa.Column("warning", sa.Text(), nullable=True, comment="why it was admitted although the guard objected"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_snapshot_series_id_series")),
        sa.ForeignKeyConstraint(["versions_id"], ["blob.id"], name=op.f("fk_snapshot_versions_id_blob")),
        sa.ForeignKeyConstraint(["volatile_id"], ["blob.id"], name=op.f("fk_snapshot_volatile_id_blob")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot")),
        sa.UniqueConstraint("serial", name=op.f("uq_snapshot_serial")),
        comment="one list, for as long as every fetch of its scope gave the same",
    )
    op.create_index(
        op.f("ix_snapshot_series_id_scope_taken_at"), "snapshot", ["series_id", "scope", "taken_at"], unique=False
    )
    op.create_index(op.f("ix_snapshot_versions_id"), "snapshot", ["versions_id"], unique=False)
    op.create_index(op.f("ix_snapshot_volatile_id"), "snapshot", ["volatile_id"], unique=False)
    op.create_table(
        "change",
        sa.Column("snapshot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("model", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("field", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=False, comment="the snapshot's taken_at"),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("own_cause", sa.String(length=16), nullable=False, comment="what the comparison itself says"),
        sa.Column("cause", sa.String(length=16), nullable=False, comment="the label in force: own_cause, or flap"),
        sa.Column(
            "percent",
            sa.BigInteger(),
            nullable=True,
            comment="of a price: size of the relative change in hundredths of a percent, cut",
        ),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_change_series_id_series")),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"], name=op.f("fk_change_snapshot_id_snapshot")),
        sa.PrimaryKeyConstraint("snapshot_id", "model", "field", name=op.f("pk_change")),
    )
    op.create_index(
        op.f("ix_change_series_id_model_seen_at"), "change", ["series_id", "model", "seen_at"], unique=False
    )
    op.create_index(
        op.f("ix_change_series_id_seen_at_model_field"),
        "change",
        ["series_id", "seen_at", "model", "field"],
        unique=False,
    )
    op.create_table(
        "fetch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.String(length=27), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False, comment="fetched or import"),
        sa.Column("snapshot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_fetch_series_id_series")),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"], name=op.f("fk_fetch_snapshot_id_snapshot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fetch")),
        sa.UniqueConstraint("series_id", "taken_at", name=op.f("uq_fetch_series_id_taken_at")),
        comment="one instant at which upstream had a list",
    )
    op.create_index(
        op.f("ix_fetch_series_id_scope_taken_at"), "fetch", ["series_id", "scope", "taken_at"], unique=False
    )
    op.create_index(op.f("ix_fetch_snapshot_id"), "fetch", ["snapshot_id"], unique=False)
    op.create_table(
        "reject",
        sa.Column("snapshot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"], name=op.f("fk_reject_snapshot_id_snapshot")),
        sa.PrimaryKeyConstraint("snapshot_id", "position", name=op.f("pk_reject")),
    )
    op.create_table(
        "raw_page",
        sa.Column("fetch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False, comment="models or account"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("blob_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["blob_id"], ["blob.id"], name=op.f("fk_raw_page_blob_id_blob")),
        sa.ForeignKeyConstraint(["fetch_id"], ["fetch.id"], name=op.f("fk_raw_page_fetch_id_fetch")),
        sa.PrimaryKeyConstraint("fetch_id", "part", "position", name=op.f("pk_raw_page")),
        comment="the answers of a fetch, byte for byte; none once LLMANAC_RAW_RETENTION_DAYS thinned them",
    )
    op.create_index(op.f("ix_raw_page_blob_id"), "raw_page", ["blob_id"], unique=False)


_old_snapshot = sa.table(
    "old_snapshot",
    *map(sa.column, ("serial", "series_id", "origin", "taken_at", "digest", "model_count", "versions", "warning")),
)
_old_version = sa.table("old_model_version", *map(sa.column, ("id", "model", "record")))
_old_page = sa.table("old_raw_page", *map(sa.column, ("serial", "part", "position", "url", "body")))
_series = sa.table("series", *map(sa.column, ("id", "scope", "snapshot_id", "agreed_at")))
_snapshot = sa.table(
    "snapshot",
    *map(
        sa.column,
        ("id", "serial", "series_id", "scope", "taken_at", "digest", "model_count", "versions_id", "volatile_id"),
    ),
    sa.column("warning"),
)
_fetch = sa.table("fetch", *map(sa.column, ("id", "series_id", "taken_at", "scope", "origin", "snapshot_id")))
_raw_page = sa.table("raw_page", *map(sa.column, ("fetch_id", "part", "position", "url", "blob_id")))
_model_version = sa.table("model_version", *map(sa.column, ("id", "series_id", "model", "digest", "seen_at", "record")))


class _Taken(NamedTuple):
    serial: int
    series_id: int
    origin: str
    taken_at: str
    digest: str
    model_count: int
    warning: str | None


class _Version(NamedTuple):
    id: int
    model: str
    volatile: dict[str, bytes]


class _Lane:
    """One series on its way over: what its next list resembles."""

    def __init__(self, series_id: int, scope: str) -> None:
        self.series_id = series_id
        self.scope = scope
        self.order: int | None = None
        self.volatile: int | None = None
        self.pages: list[int] = []
        self.versions: dict[int, _Version] = {}
        """Those of the last list, by their old ids."""
        self.known: dict[tuple[bytes, str], int] = {}
        """New ids by digest and model."""


def _carry_over(connection: sa.Connection) -> None:
    lanes = {row.id: _Lane(row.id, row.scope) for row in connection.execute(sa.select(_series.c.id, _series.c.scope))}
    version_ids = itertools.count(1)
    for serial, row in enumerate(_in_time_order(connection), start=1):
        lane = lanes[row.series_id]
        _carry_versions(connection, lane, row.serial, row.taken_at, version_ids)
        values = {
            "id": row.serial,
            "serial": serial,
            "series_id": lane.series_id,
            "scope": lane.scope,
            "taken_at": row.taken_at,
            "digest": row.digest,
            "model_count": row.model_count,
            "versions_id": lane.order,
            "volatile_id": _carry_volatile(connection, lane),
            "warning": row.warning,
        }
        connection.execute(sa.insert(_snapshot), [values])
        fetch_id = _add_fetch(connection, lane, row.taken_at, row.origin, row.serial)
        _carry_pages(connection, lane, row.serial, fetch_id)
    _carry_agreements(connection, lanes)
    connection.execute(
        sa.text(
            "INSERT INTO reject (snapshot_id, position, path, reason, raw)"
            " SELECT serial, position, path, reason, raw FROM old_reject"
        )
    )


def _in_time_order(connection: sa.Connection) -> list[_Taken]:
    """The old rows by instant, then series, each with an instant that is its own within its series.

    Serials were given in the order of saving. A clock that was turned back in between leaves another order of instants,
    and may have given one instant twice.
    """
    rows = connection.execute(sa.select(*(_old_snapshot.c[name] for name in _Taken._fields)))
    last: dict[int, str] = {}
    placed: list[_Taken] = []
    for row in sorted((_Taken(*row) for row in rows), key=lambda row: (row.taken_at, row.serial)):
        taken_at, before = row.taken_at, last.get(row.series_id, "")
        if taken_at <= before:
            taken_at = (datetime.fromisoformat(before) + _TICK).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        last[row.series_id] = taken_at
        placed.append(row._replace(taken_at=taken_at))
    return sorted(placed, key=lambda row: (row.taken_at, row.series_id))


def _carry_versions(
    connection: sa.Connection, lane: _Lane, old_serial: int, seen_at: str, version_ids: Iterator[int]
) -> None:
    """Split the records of one list, and keep each stable one once."""
    wanted = sa.select(_old_snapshot.c.versions).where(_old_snapshot.c.serial == old_serial)
    packed = connection.execute(wanted).scalar_one()
    order = msgspec.json.decode(zstandard.ZstdDecompressor().decompress(packed), type=list[int])
    kept = {old: lane.versions[old] for old in order if old in lane.versions}
    fresh: list[dict[str, object]] = []
    for row in _old_versions(connection, [old for old in order if old not in kept]):
        record, volatile = split_volatile(bytes(row.record))
        digest = sha256(normal_form(record)).digest()
        known = lane.known.get((digest, row.model))
        if known is None:
            known = lane.known[digest, row.model] = next(version_ids)
            fresh.append(
                {
                    "id": known,
                    "series_id": lane.series_id,
                    "model": row.model,
                    "digest": digest,
                    "seen_at": seen_at,
                    "record": record,
                }
            )
        kept[row.id] = _Version(known, row.model, volatile)
    if fresh:
        connection.execute(sa.insert(_model_version), fresh)
    lane.versions = {old: kept[old] for old in order}
    lane.order = blobs.put(
        connection, msgspec.json.encode([version.id for version in lane.versions.values()]), like=lane.order
    )


def _old_versions(connection: sa.Connection, ids: Sequence[int]) -> Iterator[sa.Row[tuple[object, ...]]]:
    for begin in range(0, len(ids), _IDS_PER_STATEMENT):
        part = ids[begin : begin + _IDS_PER_STATEMENT]
        yield from connection.execute(sa.select(_old_version).where(_old_version.c.id.in_(part)))


def _carry_volatile(connection: sa.Connection, lane: _Lane) -> int | None:
    document = {
        version.model: {name: msgspec.Raw(value) for name, value in sorted(version.volatile.items())}
        for version in lane.versions.values()
        if version.volatile
    }
    if not document:
        return None
    lane.volatile = blobs.put(connection, msgspec.json.encode(document), like=lane.volatile)
    return lane.volatile


def _add_fetch(connection: sa.Connection, lane: _Lane, taken_at: str, origin: str, snapshot_id: int) -> int:
    values = {
        "series_id": lane.series_id,
        "taken_at": taken_at,
        "scope": lane.scope,
        "origin": origin,
        "snapshot_id": snapshot_id,
    }
    return int(connection.execute(sa.insert(_fetch).returning(_fetch.c.id), [values]).scalar_one())


def _carry_pages(connection: sa.Connection, lane: _Lane, old_serial: int, fetch_id: int) -> None:
    pages = connection.execute(
        sa.select(_old_page).where(_old_page.c.serial == old_serial).order_by(_old_page.c.position)
    ).all()
    carried: list[int] = []
    for place, page in enumerate(pages):
        body = zstandard.ZstdDecompressor().decompress(page.body)
        like = lane.pages[place] if place < len(lane.pages) else None
        carried.append(blobs.put(connection, body, like=like))
        values = {
            "fetch_id": fetch_id,
            "part": page.part,
            "position": page.position,
            "url": page.url,
            "blob_id": carried[-1],
        }
        connection.execute(sa.insert(_raw_page), [values])
    lane.pages = carried or lane.pages


def _carry_agreements(connection: sa.Connection, lanes: dict[int, _Lane]) -> None:
    """The last time upstream agreed with the newest list was a fetch too; those before it were not noted."""
    newest = sa.select(sa.func.max(_fetch.c.taken_at)).where(_fetch.c.series_id == _series.c.id).scalar_subquery()
    rows = connection.execute(
        sa.select(_series).where(_series.c.agreed_at > newest, _series.c.snapshot_id.is_not(None))
    )
    for row in rows.all():
        _add_fetch(connection, lanes[row.id], row.agreed_at, "fetched", row.snapshot_id)
