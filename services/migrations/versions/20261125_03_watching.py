"""watching: the prediction log's ledger, monitors, windows, alerts, channels, incidents

Revision ID: 20261125_03
Revises: 20261124_02
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261125_03"
down_revision = "20261124_02"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what production watch needs."""
    op.create_table(
        "binning",
        sa.Column("monitor_id", sa.String(), nullable=False),
        sa.Column("feature", sa.String(), nullable=False),
        sa.Column("binning", sa.LargeBinary(), nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("monitor_id", "feature", name=op.f("pk_binning")),
    )
    op.create_table(
        "channel",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("allow_private", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_channel")),
    )
    op.create_index(op.f("ix_channel_name"), "channel", ["name"], unique=False)
    op.create_index(op.f("ix_channel_valid_from"), "channel", ["valid_from"], unique=False)
    op.create_index(op.f("ix_channel_valid_to"), "channel", ["valid_to"], unique=False)
    op.create_index(
        "uq_channel_standing",
        "channel",
        ["name"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "log_file",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("rows_sha256", sa.String(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_log_file")),
        sa.UniqueConstraint(
            "model",
            "stream",
            "day",
            "rows_sha256",
            name=op.f("uq_log_file_model_stream_day_rows_sha256"),
        ),
    )
    op.create_table(
        "monitor",
        sa.Column("monitor_id", sa.String(), nullable=False),
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("source_uri", sa.Text(), nullable=False),
        sa.Column("granularity", sa.String(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("threshold", sa.Float(), nullable=True),
        sa.Column("favourable", JSON, nullable=True),
        sa.Column("segments", JSON, nullable=False),
        sa.Column("reference_sha256", sa.String(), nullable=False),
        sa.Column("reference_rows", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("monitor_id", name=op.f("pk_monitor")),
    )
    op.create_index(op.f("ix_monitor_name"), "monitor", ["name"], unique=False)
    op.create_table(
        "window_metric",
        sa.Column("row_id", SEQ, autoincrement=True, nullable=False),
        sa.Column("monitor_id", sa.String(), nullable=False),
        sa.Column("granularity", sa.String(), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("feature", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("lo", sa.Float(), nullable=True),
        sa.Column("hi", sa.Float(), nullable=True),
        sa.Column("floor", sa.Float(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_window_metric")),
    )
    op.create_index(
        "ix_window_metric_asked",
        "window_metric",
        ["monitor_id", "metric", "granularity", "start"],
        unique=False,
    )
    op.create_index(
        "ix_window_metric_window",
        "window_metric",
        ["monitor_id", "granularity", "start"],
        unique=False,
    )
    op.create_table(
        "window_profile",
        sa.Column("row_id", SEQ, autoincrement=True, nullable=False),
        sa.Column("monitor_id", sa.String(), nullable=False),
        sa.Column("feature", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("granularity", sa.String(), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("profile", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_window_profile")),
        sa.UniqueConstraint(
            "monitor_id",
            "feature",
            "segment",
            "granularity",
            "start",
            name=op.f("uq_window_profile_monitor_id_feature_segment_granularity_start"),
        ),
    )
    op.create_table(
        "window_seen",
        sa.Column("monitor_id", sa.String(), nullable=False),
        sa.Column("granularity", sa.String(), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("labelled", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("monitor_id", "granularity", "start", name=op.f("pk_window_seen")),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("window_seen")
    op.drop_table("window_profile")
    op.drop_index("ix_window_metric_window", table_name="window_metric")
    op.drop_index("ix_window_metric_asked", table_name="window_metric")
    op.drop_table("window_metric")
    op.drop_index(op.f("ix_monitor_name"), table_name="monitor")
    op.drop_table("monitor")
    op.drop_table("log_file")
    op.drop_index(
        "uq_channel_standing",
        table_name="channel",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(op.f("ix_channel_valid_to"), table_name="channel")
    op.drop_index(op.f("ix_channel_valid_from"), table_name="channel")
    op.drop_index(op.f("ix_channel_name"), table_name="channel")
    op.drop_table("channel")
    op.drop_table("binning")
