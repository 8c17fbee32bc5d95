"""retraining: recipes, tickets, attempts, prices, the cost ledger

Revision ID: 20261126_04
Revises: 20261125_03
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261126_04"
down_revision = "20261125_03"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what retraining and its money need."""
    op.create_table(
        "attempt",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("preempted", sa.Boolean(), nullable=False),
        sa.Column("resumed_from", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("usage", JSON, nullable=False),
        sa.Column("log_sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_state"), "attempt", ["state"], unique=False)
    op.create_index(op.f("ix_attempt_ticket_id"), "attempt", ["ticket_id"], unique=False)
    op.create_index(op.f("ix_attempt_valid_from"), "attempt", ["valid_from"], unique=False)
    op.create_index(op.f("ix_attempt_valid_to"), "attempt", ["valid_to"], unique=False)
    op.create_index(
        "uq_attempt_number",
        "attempt",
        ["ticket_id", "number"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_index(
        "uq_attempt_standing",
        "attempt",
        ["attempt_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "attempt_log",
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("begins", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "begins", name=op.f("pk_attempt_log")),
    )
    op.create_table(
        "attempt_watch",
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("log_end", sa.BigInteger(), nullable=False),
        sa.Column("line_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("step", sa.Float(), nullable=True),
        sa.Column("metrics", JSON, nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("resumed_from", sa.Text(), nullable=False),
        sa.Column("usage", JSON, nullable=False),
        sa.Column("spent_micros", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("stop_kind", sa.String(), nullable=False),
        sa.Column("stop_words", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_attempt_watch")),
    )
    op.create_index(
        op.f("ix_attempt_watch_ticket_id"), "attempt_watch", ["ticket_id"], unique=False
    )
    op.create_table(
        "caller_tally",
        sa.Column("monitor_id", sa.String(), nullable=False),
        sa.Column("granularity", sa.String(), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("caller_hash", sa.String(), nullable=False),
        sa.Column("queries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "monitor_id", "granularity", "start", "caller_hash", name=op.f("pk_caller_tally")
        ),
    )
    op.create_table(
        "cost_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("unpriced", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "day", "model", "team", "kind", "currency", name=op.f("pk_cost_day")
        ),
    )
    op.create_table(
        "cost_entry",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("quantity_micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("micros", sa.BigInteger(), nullable=True),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("price_id", sa.String(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("corrects", sa.String(), nullable=False),
        sa.Column("kwh_micros", sa.BigInteger(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_cost_entry")),
    )
    op.create_index(
        "ix_cost_entry_corrects",
        "cost_entry",
        ["corrects"],
        unique=False,
        sqlite_where=sa.text("corrects != ''"),
        postgresql_where=sa.text("corrects != ''"),
    )
    op.create_index("ix_cost_entry_model", "cost_entry", ["model", "starts_at"], unique=False)
    op.create_index("ix_cost_entry_starts", "cost_entry", ["starts_at"], unique=False)
    op.create_index(
        "ix_cost_entry_ticket_id",
        "cost_entry",
        ["ticket_id"],
        unique=False,
        sqlite_where=sa.text("ticket_id != ''"),
        postgresql_where=sa.text("ticket_id != ''"),
    )
    op.create_table(
        "cost_import",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("new", sa.BigInteger(), nullable=False),
        sa.Column("unallocated", sa.BigInteger(), nullable=False),
        sa.Column("billed", JSON, nullable=False),
        sa.Column("effective", JSON, nullable=False),
        sa.Column("imported_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_cost_import")),
    )
    op.create_table(
        "engine",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("gpu_type", sa.String(), nullable=False),
        sa.Column("allow_private", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_engine")),
    )
    op.create_index(op.f("ix_engine_name"), "engine", ["name"], unique=False)
    op.create_index(op.f("ix_engine_valid_from"), "engine", ["valid_from"], unique=False)
    op.create_index(op.f("ix_engine_valid_to"), "engine", ["valid_to"], unique=False)
    op.create_index(
        "uq_engine_standing",
        "engine",
        ["name"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "exchange",
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("each", sa.String(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("base", "quote", "starts_at", name=op.f("pk_exchange")),
    )
    op.create_table(
        "holdout_look",
        sa.Column("holdout_sha256", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "holdout_sha256", "model", "ticket_id", name=op.f("pk_holdout_look")
        ),
        sa.UniqueConstraint(
            "holdout_sha256",
            "model",
            "number",
            name=op.f("uq_holdout_look_holdout_sha256_model_number"),
        ),
    )
    op.create_table(
        "price",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("price_id", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_price")),
    )
    op.create_index("ix_price_asked", "price", ["sku", "starts_at"], unique=False)
    op.create_index(op.f("ix_price_price_id"), "price", ["price_id"], unique=False)
    op.create_index(op.f("ix_price_valid_from"), "price", ["valid_from"], unique=False)
    op.create_index(op.f("ix_price_valid_to"), "price", ["valid_to"], unique=False)
    op.create_table(
        "recipe",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("recipe", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("recipe", "version", name=op.f("pk_recipe")),
        sa.UniqueConstraint("sha256", name=op.f("uq_recipe_sha256")),
    )
    op.create_index(op.f("ix_recipe_model"), "recipe", ["model"], unique=False)
    op.create_index(op.f("ix_recipe_valid_from"), "recipe", ["valid_from"], unique=False)
    op.create_index(op.f("ix_recipe_valid_to"), "recipe", ["valid_to"], unique=False)
    op.create_table(
        "remote_attempt",
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("preempted", sa.Boolean(), nullable=False),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("usage", JSON, nullable=True),
        sa.Column("result", JSON, nullable=True),
        sa.Column("log_bytes", SEQ, nullable=False),
        sa.Column("log_limit", SEQ, nullable=False),
        sa.Column("stop_reason", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_remote_attempt")),
    )
    op.create_index(
        op.f("ix_remote_attempt_ticket_id"), "remote_attempt", ["ticket_id"], unique=False
    )
    op.create_table(
        "remote_log",
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("piece", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "start", name=op.f("pk_remote_log")),
    )
    op.create_table(
        "ticket",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("base", JSON, nullable=True),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("cause", JSON, nullable=False),
        sa.Column("recipe", sa.String(), nullable=False),
        sa.Column("recipe_version", sa.Integer(), nullable=False),
        sa.Column("recipe_sha256", sa.String(), nullable=False),
        sa.Column("parameters", JSON, nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("data", JSON, nullable=True),
        sa.Column("quote", JSON, nullable=True),
        sa.Column("review_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("quorum", JSON, nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("spent", JSON, nullable=True),
        sa.Column("result_version", sa.Integer(), nullable=True),
        sa.Column("report_evidence_id", sa.String(), nullable=False),
        sa.Column("recalled_by", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_ticket")),
    )
    op.create_index(op.f("ix_ticket_model"), "ticket", ["model"], unique=False)
    op.create_index(op.f("ix_ticket_state"), "ticket", ["state"], unique=False)
    op.create_index(op.f("ix_ticket_ticket_id"), "ticket", ["ticket_id"], unique=False)
    op.create_index(op.f("ix_ticket_valid_from"), "ticket", ["valid_from"], unique=False)
    op.create_index(op.f("ix_ticket_valid_to"), "ticket", ["valid_to"], unique=False)
    op.create_index(
        "uq_ticket_standing",
        "ticket",
        ["ticket_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "ticket_key",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_ticket_key")),
    )
    op.create_table(
        "ticket_lease",
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_lease")),
    )
    op.create_table(
        "ticket_version",
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_version")),
        sa.UniqueConstraint(
            "model", "version", "run_id", name=op.f("uq_ticket_version_model_version_run_id")
        ),
    )
    op.create_table(
        "trigger_note",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_trigger_note")),
    )
    op.create_index(op.f("ix_trigger_note_last_at"), "trigger_note", ["last_at"], unique=False)
    op.create_index(op.f("ix_trigger_note_model"), "trigger_note", ["model"], unique=False)
    op.add_column(
        "review", sa.Column("subject_kind", sa.String(), server_default="version", nullable=False)
    )
    op.add_column("review", sa.Column("subject_id", sa.String(), server_default="", nullable=False))
    op.add_column("window_metric", sa.Column("coverage", sa.Float(), nullable=True))
    op.create_index(
        "ix_window_seen_counted",
        "window_seen",
        ["monitor_id", "granularity", "rows", "labelled"],
        unique=False,
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_window_seen_counted", table_name="window_seen")
    op.drop_column("window_metric", "coverage")
    op.drop_column("review", "subject_id")
    op.drop_column("review", "subject_kind")
    op.drop_index(op.f("ix_trigger_note_model"), table_name="trigger_note")
    op.drop_index(op.f("ix_trigger_note_last_at"), table_name="trigger_note")
    op.drop_table("trigger_note")
    op.drop_table("ticket_version")
    op.drop_table("ticket_lease")
    op.drop_table("ticket_key")
    op.drop_index(
        "uq_ticket_standing",
        table_name="ticket",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(op.f("ix_ticket_valid_to"), table_name="ticket")
    op.drop_index(op.f("ix_ticket_valid_from"), table_name="ticket")
    op.drop_index(op.f("ix_ticket_ticket_id"), table_name="ticket")
    op.drop_index(op.f("ix_ticket_state"), table_name="ticket")
    op.drop_index(op.f("ix_ticket_model"), table_name="ticket")
    op.drop_table("ticket")
    op.drop_table("remote_log")
    op.drop_index(op.f("ix_remote_attempt_ticket_id"), table_name="remote_attempt")
    op.drop_table("remote_attempt")
    op.drop_index(op.f("ix_recipe_valid_to"), table_name="recipe")
    op.drop_index(op.f("ix_recipe_valid_from"), table_name="recipe")
    op.drop_index(op.f("ix_recipe_model"), table_name="recipe")
    op.drop_table("recipe")
    op.drop_index(op.f("ix_price_valid_to"), table_name="price")
    op.drop_index(op.f("ix_price_valid_from"), table_name="price")
    op.drop_index(op.f("ix_price_price_id"), table_name="price")
    op.drop_index("ix_price_asked", table_name="price")
    op.drop_table("price")
    op.drop_table("holdout_look")
    op.drop_table("exchange")
    op.drop_index(
        "uq_engine_standing",
        table_name="engine",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(op.f("ix_engine_valid_to"), table_name="engine")
    op.drop_index(op.f("ix_engine_valid_from"), table_name="engine")
    op.drop_index(op.f("ix_engine_name"), table_name="engine")
    op.drop_table("engine")
    op.drop_table("cost_import")
    op.drop_index(
        "ix_cost_entry_ticket_id",
        table_name="cost_entry",
        sqlite_where=sa.text("ticket_id != ''"),
        postgresql_where=sa.text("ticket_id != ''"),
    )
    op.drop_index("ix_cost_entry_starts", table_name="cost_entry")
    op.drop_index("ix_cost_entry_model", table_name="cost_entry")
    op.drop_index(
        "ix_cost_entry_corrects",
        table_name="cost_entry",
        sqlite_where=sa.text("corrects != ''"),
        postgresql_where=sa.text("corrects != ''"),
    )
    op.drop_table("cost_entry")
    op.drop_table("cost_day")
    op.drop_table("caller_tally")
    op.drop_index(op.f("ix_attempt_watch_ticket_id"), table_name="attempt_watch")
    op.drop_table("attempt_watch")
    op.drop_table("attempt_log")
    op.drop_index(
        "uq_attempt_standing",
        table_name="attempt",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(
        "uq_attempt_number",
        table_name="attempt",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(op.f("ix_attempt_valid_to"), table_name="attempt")
    op.drop_index(op.f("ix_attempt_valid_from"), table_name="attempt")
    op.drop_index(op.f("ix_attempt_ticket_id"), table_name="attempt")
    op.drop_index(op.f("ix_attempt_state"), table_name="attempt")
    op.drop_table("attempt")
