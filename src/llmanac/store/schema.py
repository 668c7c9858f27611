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
        """To text."""
        return None if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  as above
        """From text."""
        return None if value is None else datetime.fromisoformat(value)


_KEY = BigInteger().with_variant(Integer, "sqlite")

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("base_url", Text, nullable=False),
    Column("scope", String(16), nullable=False),
    Column("serial", BigInteger, comment="newest snapshot of this series"),
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

snapshot = Table(
    "snapshot",
    metadata,
    Column("serial", BigInteger, primary_key=True, autoincrement=False),
    Column("series_id", ForeignKey("series.id"), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("model_count", Integer, nullable=False),
    Column("versions", LargeBinary, nullable=False, comment="zstd of JSON [model_version.id, …] in upstream's order"),
    Column("warning", Text, comment="why it was admitted although the guard objected"),
    Index(None, "series_id", "taken_at"),
    comment="one admitted list under one Serial",
)

raw_page = Table(
    "raw_page",
    metadata,
    Column("serial", ForeignKey("snapshot.serial"), primary_key=True),
    Column("part", String(16), primary_key=True, comment="models or account"),
    Column("position", Integer, primary_key=True),
    Column("url", Text, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="zstd of the bytes upstream sent"),
    comment="the answers a snapshot was decoded from",
)

model_version = Table(
    "model_version",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("series_id", ForeignKey("series.id"), nullable=False),
    Column("model", Text, nullable=False),
    Column("from_serial", ForeignKey("snapshot.serial"), nullable=False),
    Column("until_serial", ForeignKey("snapshot.serial"), comment="first Serial without it; empty while it is current"),
    Column("digest", LargeBinary, nullable=False),
    Column("record", LargeBinary, nullable=False, comment="upstream's JSON, byte for byte"),
    UniqueConstraint("series_id", "model", "from_serial"),
    Index(None, "series_id", "until_serial"),
    comment="a model's record and the Serials it was in force for",
)

change = Table(
    "change",
    metadata,
    Column("serial", ForeignKey("snapshot.serial"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("model", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("field", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Index(None, "model", "serial"),
)

reject = Table(
    "reject",
    metadata,
    Column("serial", ForeignKey("snapshot.serial"), primary_key=True),
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
