"""The tables, as SQLAlchemy sees them. `migrations/` makes them; a test holds the two together.

Instants are text, `2026-10-26T04:00:00.000000Z`: they sort, compare and read the same on both databases.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An instant in UTC, to the microsecond, as sortable text."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002  SQLAlchemy's signature
        """To text. Not by `strftime`, which writes the year 999 with three digits."""
        return (
            None if value is None else value.astimezone(UTC).replace(tzinfo=None).isoformat("T", "microseconds") + "Z"
        )

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  as above
        """From text."""
        return None if value is None else datetime.fromisoformat(value)


_KEY = BigInteger().with_variant(Integer, "sqlite")
_EXACT = Text().with_variant(Text(collation="C"), "postgresql")
"""Sorts by code points, as SQLite does; PostgreSQL would follow its locale, and sort what an index could give."""

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("base_url", Text, nullable=False),
    Column("scope", String(16), nullable=False),
    Column("snapshot_id", BigInteger, comment="the list that is served; no key, since snapshots refer to series"),
    Column("flap_seconds", BigInteger, comment="LLMANAC_FLAP_DAYS by which changes are labelled; empty: not yet"),
    Column("validators", Text, nullable=False, comment="JSON [[address, ETag], …] of the last good fetch"),
    Column("agreed_at", Instant, comment="when upstream was last seen to agree with the newest snapshot"),
    Column("attempted_at", Instant),
    Column("outcome", String(16)),
    Column("outcome_code", String(64)),
    Column("outcome_detail", Text),
    Column("failures", Integer, nullable=False, comment="attempts since the last good one"),
    Column("due_at", Instant, comment="next attempt; empty means at once"),
    UniqueConstraint("source", "base_url", "scope"),
    comment="one list that is followed: another address or scope is another series",
)

blob = Table(
    "blob",
    metadata,
    Column("id", _KEY, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True, comment="SHA-256 of the bytes"),
    Column("size", BigInteger, nullable=False, comment="of the bytes"),
    Column("base_id", ForeignKey("blob.id"), comment="the blob whose bytes are the dictionary; empty: none"),
    Column("depth", Integer, nullable=False, comment="how many blobs must be read before this one"),
    Column("body", LargeBinary, nullable=False, comment="zstd of the bytes"),
    Index(None, "base_id"),
    comment="bytes of any kind, each once, written as the difference to similar ones",
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("id", _KEY, primary_key=True),
    Column("serial", BigInteger, nullable=False, unique=True, comment="rank by taken_at: an import renumbers"),
    Column("series_id", ForeignKey("series.id"), nullable=False),
    Column("scope", String(16), nullable=False, comment="what the list was asked for: all, text, account"),
    Column("taken_at", Instant, nullable=False, comment="of its first fetch"),
    Column("digest", String(64), nullable=False),
    Column("model_count", Integer, nullable=False),
    Column(
        "versions_id", ForeignKey("blob.id"), nullable=False, comment="JSON [model_version.id, …], upstream's order"
    ),
    Column("volatile_id", ForeignKey("blob.id"), comment="JSON {model: {member: value}}; empty: none has any"),
    Column("comparison", String(8), comment="first, same, seam, silent; empty: yet to be compared"),
    Column(
        "compared_id", BigInteger, comment="the snapshot its changes are against; no key: that may be the younger row"
    ),
    Column("warning", Text, comment="why it was admitted although the guard objected"),
    Index(None, "series_id", "scope", "taken_at"),
    # Before a blob is thinned, it is asked whether a snapshot needs it.
    Index(None, "versions_id"),
    Index(None, "volatile_id"),
    comment="one list, for as long as every fetch of its scope gave the same",
)

fetch = Table(
    "fetch",
    metadata,
    Column("id", _KEY, primary_key=True),
    Column("series_id", ForeignKey("series.id"), nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("scope", String(16), nullable=False),
    Column("origin", String(16), nullable=False, comment="fetched or import"),
    Column("snapshot_id", ForeignKey("snapshot.id"), nullable=False),
    UniqueConstraint("series_id", "taken_at"),
    Index(None, "series_id", "scope", "taken_at"),
    Index(None, "snapshot_id"),
    comment="one instant at which upstream had a list",
)

raw_page = Table(
    "raw_page",
    metadata,
    Column("fetch_id", ForeignKey("fetch.id"), primary_key=True),
    Column("part", String(16), primary_key=True, comment="models or account"),
    Column("position", Integer, primary_key=True),
    Column("url", Text, nullable=False),
    Column("blob_id", ForeignKey("blob.id"), nullable=False),
    Index(None, "blob_id"),
    comment="the answers of a fetch, byte for byte; none once LLMANAC_RAW_RETENTION_DAYS thinned them",
)

model_version = Table(
    "model_version",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("series_id", ForeignKey("series.id"), nullable=False),
    Column("model", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, comment="of the record's normal form"),
    Column("seen_at", Instant, nullable=False, comment="of the first fetch with it, whose spelling is kept"),
    Column("record", LargeBinary, nullable=False, comment="upstream's JSON with null for volatile values"),
    UniqueConstraint("series_id", "digest", "model"),
    comment="a record of a model; snapshots say when it was in force",
)

change = Table(
    "change",
    metadata,
    Column("snapshot_id", ForeignKey("snapshot.id"), primary_key=True),
    Column("model", _EXACT, primary_key=True),
    Column("field", _EXACT, primary_key=True),
    Column("series_id", ForeignKey("series.id"), nullable=False),
    Column("seen_at", Instant, nullable=False, comment="the snapshot's taken_at"),
    Column("kind", String(20), nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("own_cause", String(16), nullable=False, comment="what the comparison itself says"),
    Column("cause", String(16), nullable=False, comment="the label in force: own_cause, or flap"),
    Column("percent", BigInteger, comment="of a price: size of the relative change in hundredths of a percent, cut"),
    Index(None, "series_id", "seen_at", "model", "field"),
    Index(None, "series_id", "model", "seen_at"),
)

reject = Table(
    "reject",
    metadata,
    Column("snapshot_id", ForeignKey("snapshot.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("path", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", _KEY, primary_key=True),
    Column("series_id", ForeignKey("series.id"), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("admissible", Boolean, nullable=False, comment="whether an administrator may admit it"),
    Column("digest", String(64), nullable=False),
    Column("model_count", Integer, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column(
        "repeats", Integer, nullable=False, comment="consecutive syncs; 0 when upstream has said something else since"
    ),
    Column("stored_bytes", BigInteger, nullable=False),
    Index(None, "series_id", "last_seen_at"),
    sqlite_autoincrement=True,
)

quarantine_page = Table(
    "quarantine_page",
    metadata,
    Column("quarantine_id", ForeignKey("quarantine.id", ondelete="CASCADE"), primary_key=True),
    Column("part", String(16), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("url", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

token = Table(
    "token",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", Text, nullable=False),
    Column("hint", String(12), nullable=False, comment="the first characters, to recognise it by"),
    Column("hash", LargeBinary, nullable=False, unique=True, comment="SHA-256"),
    Column("scopes", Text, nullable=False, comment="JSON array"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("last_used_on", String(10)),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("expires_at", Instant, nullable=False),
)

revision = Table(
    "revision",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
    comment="counters that every worker polls: catalogue (the newest Serial), state, tokens",
)
