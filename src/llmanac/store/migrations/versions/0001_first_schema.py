"""The first schema: series, snapshots with versions and changes, quarantine, tokens, lease, revisions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "revision",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_revision")),
        comment="counters that every worker polls: catalogue (the newest Serial), state, tokens",
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=True, comment="newest snapshot of this series"),
        sa.Column("validators", sa.Text(), nullable=False, comment="JSON [[address, ETag], …] of the last good fetch"),
        sa.Column(
            "agreed_at",
            sa.String(length=27),
            nullable=True,
            comment="when upstream was last seen to agree with the newest snapshot",
        ),
        sa.Column("attempted_at", sa.String(length=27), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("outcome_code", sa.String(length=64), nullable=True),
        sa.Column("outcome_detail", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False, comment="attempts since the last good one"),
        sa.Column("due_at", sa.String(length=27), nullable=True, comment="next attempt; empty means at once"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("source", "base_url", "scope", name=op.f("uq_series_source_base_url_scope")),
        comment="one list that is followed: another address or scope is another series",
    )
    op.create_table(
        "token",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hint", sa.String(length=12), nullable=False, comment="the first characters, to recognise it by"),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="SHA-256"),
        sa.Column("scopes", sa.Text(), nullable=False, comment="JSON array"),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=True),
        sa.Column("revoked_at", sa.String(length=27), nullable=True),
        sa.Column("last_used_on", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_token_hash")),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("admissible", sa.Boolean(), nullable=False, comment="whether an administrator may admit it"),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("model_count", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", sa.String(length=27), nullable=False),
        sa.Column("last_seen_at", sa.String(length=27), nullable=False),
        sa.Column(
            "repeats",
            sa.Integer(),
            nullable=False,
            comment="consecutive syncs; 0 when upstream has said something else since",
        ),
        sa.Column("stored_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_quarantine_series_id_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_quarantine_series_id_last_seen_at"), "quarantine", ["series_id", "last_seen_at"], unique=False
    )
    op.create_table(
        "snapshot",
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("taken_at", sa.String(length=27), nullable=False),
        sa.Column("saved_at", sa.String(length=27), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("model_count", sa.Integer(), nullable=False),
        sa.Column(
            "versions",
            sa.LargeBinary(),
            nullable=False,
            comment="zstd of JSON [model_version.id, …] in upstream's order",
        ),
        sa.Column("warning", sa.Text(), nullable=True, comment="why it was admitted although the guard objected"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_snapshot_series_id_series")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_snapshot")),
        comment="one admitted list under one Serial",
    )
    op.create_index(op.f("ix_snapshot_series_id_taken_at"), "snapshot", ["series_id", "taken_at"], unique=False)
    op.create_table(
        "change",
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["serial"], ["snapshot.serial"], name=op.f("fk_change_serial_snapshot")),
        sa.PrimaryKeyConstraint("serial", "position", name=op.f("pk_change")),
    )
    op.create_index(op.f("ix_change_model_serial"), "change", ["model", "serial"], unique=False)
    op.create_table(
        "model_version",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("from_serial", sa.BigInteger(), nullable=False),
        sa.Column(
            "until_serial", sa.BigInteger(), nullable=True, comment="first Serial without it; empty while it is current"
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False, comment="upstream's JSON, byte for byte"),
        sa.ForeignKeyConstraint(
            ["from_serial"], ["snapshot.serial"], name=op.f("fk_model_version_from_serial_snapshot")
        ),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_model_version_series_id_series")),
        sa.ForeignKeyConstraint(
            ["until_serial"], ["snapshot.serial"], name=op.f("fk_model_version_until_serial_snapshot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_version")),
        sa.UniqueConstraint(
            "series_id", "model", "from_serial", name=op.f("uq_model_version_series_id_model_from_serial")
        ),
        comment="a model's record and the Serials it was in force for",
    )
    op.create_index(
        op.f("ix_model_version_series_id_until_serial"), "model_version", ["series_id", "until_serial"], unique=False
    )
    op.create_table(
        "quarantine_page",
        sa.Column("quarantine_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["quarantine_id"],
            ["quarantine.id"],
            name=op.f("fk_quarantine_page_quarantine_id_quarantine"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("quarantine_id", "part", "position", name=op.f("pk_quarantine_page")),
    )
    op.create_table(
        "raw_page",
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False, comment="models or account"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="zstd of the bytes upstream sent"),
        sa.ForeignKeyConstraint(["serial"], ["snapshot.serial"], name=op.f("fk_raw_page_serial_snapshot")),
        sa.PrimaryKeyConstraint("serial", "part", "position", name=op.f("pk_raw_page")),
        comment="the answers a snapshot was decoded from",
    )
    op.create_table(
        "reject",
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["serial"], ["snapshot.serial"], name=op.f("fk_reject_serial_snapshot")),
        sa.PrimaryKeyConstraint("serial", "position", name=op.f("pk_reject")),
    )
