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
        "alert",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("open_key", sa.Text(), nullable=True),
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("source_uri", sa.Text(), nullable=False),
        sa.Column("monitor_id", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("lo", sa.Float(), nullable=True),
        sa.Column("hi", sa.Float(), nullable=True),
        sa.Column("floor", sa.Float(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("limit_words", sa.String(), nullable=False),
        sa.Column("bound", sa.Float(), nullable=True),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channels", JSON, nullable=False),
        sa.Column("runbook", sa.Text(), nullable=False),
        sa.Column("then", sa.String(), nullable=False),
        sa.Column("policy_sha256", sa.String(), nullable=False),
        sa.Column("handled_by", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("how", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_alert")),
    )
    op.create_index(op.f("ix_alert_name"), "alert", ["name"], unique=False)
    op.create_index(op.f("ix_alert_raised_at"), "alert", ["raised_at"], unique=False)
    op.create_index(op.f("ix_alert_state"), "alert", ["state"], unique=False)
    op.create_index(op.f("ix_alert_valid_from"), "alert", ["valid_from"], unique=False)
    op.create_index(op.f("ix_alert_valid_to"), "alert", ["valid_to"], unique=False)
    op.create_index(
        "uq_alert_open",
        "alert",
        ["open_key"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_index(
        "uq_alert_standing",
        "alert",
        ["alert_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
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
        "delivery",
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("message", JSON, nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_delivery")),
    )
    op.create_index("ix_delivery_due", "delivery", ["state", "next_at"], unique=False)
    op.create_index(
        "ix_delivery_order", "delivery", ["channel", "dedup_key", "delivery_id"], unique=False
    )
    op.create_index(op.f("ix_delivery_subject_id"), "delivery", ["subject_id"], unique=False)
    op.create_table(
        "feed",
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("shift_days", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("last_outcome", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("told_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("model", name=op.f("pk_feed")),
    )
    op.create_table(
        "incident",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("harm", sa.String(), nullable=False),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("origin_id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("aware_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("particulars", JSON, nullable=False),
        sa.Column("post_mortem", JSON, nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_model"), "incident", ["model"], unique=False)
    op.create_index(op.f("ix_incident_state"), "incident", ["state"], unique=False)
    op.create_index(op.f("ix_incident_valid_from"), "incident", ["valid_from"], unique=False)
    op.create_index(op.f("ix_incident_valid_to"), "incident", ["valid_to"], unique=False)
    op.create_index(
        "uq_incident_standing",
        "incident",
        ["incident_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "incident_entry",
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("evidence_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_incident_entry")),
    )
    op.create_index(
        op.f("ix_incident_entry_incident_id"), "incident_entry", ["incident_id"], unique=False
    )
    op.create_table(
        "incident_key",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_incident_key")),
    )
    op.create_table(
        "kpi",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("target", sa.Float(), nullable=True),
        sa.Column("formula", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_kpi")),
    )
    op.create_index(op.f("ix_kpi_model"), "kpi", ["model"], unique=False)
    op.create_index(op.f("ix_kpi_valid_from"), "kpi", ["valid_from"], unique=False)
    op.create_index(op.f("ix_kpi_valid_to"), "kpi", ["valid_to"], unique=False)
    op.create_index(
        "uq_kpi_standing",
        "kpi",
        ["model", "name"],
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
        "pushed_value",
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("feature", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("model", "metric", "feature", "at", name=op.f("pk_pushed_value")),
    )
    op.create_index("ix_pushed_value_asked", "pushed_value", ["model", "at"], unique=False)
    op.create_table(
        "remedy",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("remedy_id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_remedy")),
    )
    op.create_index(op.f("ix_remedy_incident_id"), "remedy", ["incident_id"], unique=False)
    op.create_index(op.f("ix_remedy_valid_from"), "remedy", ["valid_from"], unique=False)
    op.create_index(op.f("ix_remedy_valid_to"), "remedy", ["valid_to"], unique=False)
    op.create_index(
        "uq_remedy_standing",
        "remedy",
        ["remedy_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
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
    op.create_index(
        "ix_window_profile_window",
        "window_profile",
        ["monitor_id", "granularity", "start"],
        unique=False,
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
    op.drop_index("ix_window_profile_window", table_name="window_profile")
    op.drop_table("window_profile")
    op.drop_index("ix_window_metric_window", table_name="window_metric")
    op.drop_index("ix_window_metric_asked", table_name="window_metric")
    op.drop_table("window_metric")
    op.drop_index(
        "uq_remedy_standing",
        table_name="remedy",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(op.f("ix_remedy_valid_to"), table_name="remedy")
    op.drop_index(op.f("ix_remedy_valid_from"), table_name="remedy")
    op.drop_index(op.f("ix_remedy_incident_id"), table_name="remedy")
    op.drop_table("remedy")
    op.drop_index("ix_pushed_value_asked", table_name="pushed_value")
    op.drop_table("pushed_value")
    op.drop_index(op.f("ix_monitor_name"), table_name="monitor")
    op.drop_table("monitor")
    op.drop_table("log_file")
    op.drop_index(
        "uq_kpi_standing",
        table_name="kpi",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(op.f("ix_kpi_valid_to"), table_name="kpi")
    op.drop_index(op.f("ix_kpi_valid_from"), table_name="kpi")
    op.drop_index(op.f("ix_kpi_model"), table_name="kpi")
    op.drop_table("kpi")
    op.drop_table("incident_key")
    op.drop_index(op.f("ix_incident_entry_incident_id"), table_name="incident_entry")
    op.drop_table("incident_entry")
    op.drop_index(
        "uq_incident_standing",
        table_name="incident",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(op.f("ix_incident_valid_to"), table_name="incident")
    op.drop_index(op.f("ix_incident_valid_from"), table_name="incident")
    op.drop_index(op.f("ix_incident_state"), table_name="incident")
    op.drop_index(op.f("ix_incident_model"), table_name="incident")
    op.drop_table("incident")
    op.drop_table("feed")
    op.drop_index(op.f("ix_delivery_subject_id"), table_name="delivery")
    op.drop_index("ix_delivery_order", table_name="delivery")
    op.drop_index("ix_delivery_due", table_name="delivery")
    op.drop_table("delivery")
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
    op.drop_index(
        "uq_alert_standing",
        table_name="alert",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(
        "uq_alert_open",
        table_name="alert",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(op.f("ix_alert_valid_to"), table_name="alert")
    op.drop_index(op.f("ix_alert_valid_from"), table_name="alert")
    op.drop_index(op.f("ix_alert_state"), table_name="alert")
    op.drop_index(op.f("ix_alert_raised_at"), table_name="alert")
    op.drop_index(op.f("ix_alert_name"), table_name="alert")
    op.drop_table("alert")
