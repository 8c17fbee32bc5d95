"""cost: sources, budgets, recommendations

Revision ID: 20261126_05
Revises: 20261126_04
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261126_05"
down_revision = "20261126_04"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what the costs of models need."""
    op.create_table(
        "budget",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("budget_id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("span", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("percents", JSON, nullable=False),
        sa.Column("forecast", sa.Boolean(), nullable=False),
        sa.Column("stops", sa.Boolean(), nullable=False),
        sa.Column("channels", JSON, nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_budget")),
    )
    op.create_index(op.f("ix_budget_budget_id"), "budget", ["budget_id"], unique=False)
    op.create_index(op.f("ix_budget_valid_from"), "budget", ["valid_from"], unique=False)
    op.create_index(op.f("ix_budget_valid_to"), "budget", ["valid_to"], unique=False)
    op.create_index(
        "uq_budget_standing",
        "budget",
        ["scope", "name", "span"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "cost_bill",
        sa.Column("bill_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("new", sa.BigInteger(), nullable=False),
        sa.Column("known", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("restated", sa.BigInteger(), nullable=False),
        sa.Column("corrected", JSON, nullable=False),
        sa.Column("unallocated", sa.BigInteger(), nullable=False),
        sa.Column("billed", JSON, nullable=False),
        sa.Column("effective", JSON, nullable=False),
        sa.Column("refusals", JSON, nullable=False),
        sa.Column("environments", JSON, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("imported_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bill_id", name=op.f("pk_cost_bill")),
    )
    op.create_index(op.f("ix_cost_bill_at"), "cost_bill", ["at"], unique=False)
    op.create_index(op.f("ix_cost_bill_sha256"), "cost_bill", ["sha256"], unique=False)
    op.create_table(
        "cost_cover",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("covers", JSON, nullable=False),
        sa.Column("declared_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_cost_cover")),
    )
    op.create_index(op.f("ix_cost_cover_environment"), "cost_cover", ["environment"], unique=False)
    op.create_index(op.f("ix_cost_cover_valid_from"), "cost_cover", ["valid_from"], unique=False)
    op.create_index(op.f("ix_cost_cover_valid_to"), "cost_cover", ["valid_to"], unique=False)
    op.create_table(
        "cost_day_seen",
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("model", "day", name=op.f("pk_cost_day_seen")),
    )
    op.create_table(
        "cost_environment",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "month", "environment", "currency", "estimated", name=op.f("pk_cost_environment")
        ),
    )
    op.create_table(
        "cost_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("estimated_units", sa.BigInteger(), nullable=False),
        sa.Column("estimated", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("unpriced", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "month", "model", "team", "kind", "currency", name=op.f("pk_cost_month")
        ),
    )
    op.create_index(
        "ix_cost_month_sums",
        "cost_month",
        [
            "month",
            "kind",
            "currency",
            "team",
            "units",
            "micros",
            "estimated_units",
            "estimated",
            "lines",
            "unpriced",
        ],
        unique=False,
    )
    op.create_table(
        "cost_quantity",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("whole", sa.BigInteger(), nullable=False),
        sa.Column("rest", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "day", "model", "team", "kind", "unit", "sku", "method", name=op.f("pk_cost_quantity")
        ),
    )
    op.create_table(
        "cost_reconciled",
        sa.Column("reconciled_id", sa.String(), nullable=False),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("covers", JSON, nullable=False),
        sa.Column("billed", sa.BigInteger(), nullable=False),
        sa.Column("estimated", sa.BigInteger(), nullable=False),
        sa.Column("tagged", sa.BigInteger(), nullable=False),
        sa.Column("explained", sa.BigInteger(), nullable=False),
        sa.Column("taken_back", sa.BigInteger(), nullable=False),
        sa.Column("lowered", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("bill_lines", sa.BigInteger(), nullable=False),
        sa.Column("reconciled_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reconciled_id", name=op.f("pk_cost_reconciled")),
    )
    op.create_index(
        "ix_cost_reconciled_month", "cost_reconciled", ["month", "environment"], unique=False
    )
    op.create_table(
        "cost_run",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("root_id", sa.String(), nullable=False),
        sa.Column("experiment_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("declares", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_cost_run")),
    )
    op.create_index(op.f("ix_cost_run_ended_at"), "cost_run", ["ended_at"], unique=False)
    op.create_index(op.f("ix_cost_run_root_id"), "cost_run", ["root_id"], unique=False)
    op.create_index("ix_cost_run_state", "cost_run", ["state", "ended_at"], unique=False)
    op.create_table(
        "cost_team_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("unpriced", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "team", "kind", "currency", name=op.f("pk_cost_team_day")),
    )
    op.create_table(
        "disposal",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("disposal_id", sa.String(), nullable=False),
        sa.Column("open_run_id", sa.String(), nullable=True),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("versions", JSON, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ordered_by", sa.String(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_disposal")),
    )
    op.create_index(op.f("ix_disposal_run_id"), "disposal", ["run_id"], unique=False)
    op.create_index(op.f("ix_disposal_state"), "disposal", ["state"], unique=False)
    op.create_index(op.f("ix_disposal_valid_from"), "disposal", ["valid_from"], unique=False)
    op.create_index(op.f("ix_disposal_valid_to"), "disposal", ["valid_to"], unique=False)
    op.create_index(
        "uq_disposal_open",
        "disposal",
        ["open_run_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_index(
        "uq_disposal_standing",
        "disposal",
        ["disposal_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "grid_factor",
        sa.Column("grid_id", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("kg_per_kwh", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("grid_id", name=op.f("pk_grid_factor")),
    )
    op.create_index(op.f("ix_grid_factor_region"), "grid_factor", ["region"], unique=False)
    op.create_table(
        "hook",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("style", sa.String(), nullable=False),
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_hook")),
    )
    op.create_index(op.f("ix_hook_name"), "hook", ["name"], unique=False)
    op.create_index(op.f("ix_hook_valid_from"), "hook", ["valid_from"], unique=False)
    op.create_index(op.f("ix_hook_valid_to"), "hook", ["valid_to"], unique=False)
    op.create_index(
        "uq_hook_standing",
        "hook",
        ["name"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "hook_heard",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_hook_heard")),
    )
    op.create_table(
        "kept_run",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("experiment_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("held", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("weighed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_kept_run")),
    )
    op.create_index(op.f("ix_kept_run_model"), "kept_run", ["model"], unique=False)
    op.create_index(op.f("ix_kept_run_weighed_at"), "kept_run", ["weighed_at"], unique=False)
    op.create_table(
        "pushed_commit",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("commit", sa.String(), nullable=False),
        sa.Column("hook", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address", "branch", "commit", name=op.f("pk_pushed_commit")),
    )
    op.create_table(
        "recipe_proposal",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("recipe", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_recipe_proposal")),
    )
    op.create_table(
        "run_doubt",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("experiment", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("doubts", JSON, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_doubt")),
    )
    op.create_index(op.f("ix_run_doubt_model"), "run_doubt", ["model"], unique=False)
    op.create_table(
        "run_use",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("experiment_id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("gpu_type", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("declared_gpus", sa.Integer(), nullable=True),
        sa.Column("gpus", sa.Integer(), nullable=True),
        sa.Column("gpu_hours", sa.Float(), nullable=True),
        sa.Column("known_hours", sa.Float(), nullable=False),
        sa.Column("idle_hours", sa.Float(), nullable=True),
        sa.Column("numbers", JSON, nullable=False),
        sa.Column("findings", JSON, nullable=False),
        sa.Column("smaller", JSON, nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_use")),
    )
    op.create_index("ix_run_use_model", "run_use", ["model", "until"], unique=False)
    op.create_index("ix_run_use_until", "run_use", ["until"], unique=False)
    op.create_table(
        "saving",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("saving_id", sa.String(), nullable=False),
        sa.Column("open_key", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("experiment_id", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("costs", JSON, nullable=False),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("micros", sa.BigInteger(), nullable=True),
        sa.Column("lo_micros", sa.BigInteger(), nullable=True),
        sa.Column("hi_micros", sa.BigInteger(), nullable=True),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("runs", JSON, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_by", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_saving")),
    )
    op.create_index(op.f("ix_saving_model"), "saving", ["model"], unique=False)
    op.create_index(op.f("ix_saving_state"), "saving", ["state"], unique=False)
    op.create_index(op.f("ix_saving_valid_from"), "saving", ["valid_from"], unique=False)
    op.create_index(op.f("ix_saving_valid_to"), "saving", ["valid_to"], unique=False)
    op.create_index(
        "uq_saving_open",
        "saving",
        ["open_key"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_index(
        "uq_saving_standing",
        "saving",
        ["saving_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "serving_use",
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("comparable", sa.BigInteger(), nullable=False),
        sa.Column("again_by_day", sa.BigInteger(), nullable=False),
        sa.Column("again", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("p50_ms", sa.Float(), nullable=True),
        sa.Column("p95_ms", sa.Float(), nullable=True),
        sa.Column("hours", JSON, nullable=False),
        sa.Column("model_bytes", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("model", "version", name=op.f("pk_serving_use")),
    )
    op.create_table(
        "source_seen",
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("recipe_sha256", sa.String(), nullable=False),
        sa.Column("sign", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("first_sha256", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("model", name=op.f("pk_source_seen")),
    )
    op.add_column(
        "attempt", sa.Column("spot", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column(
        "cost_entry", sa.Column("experiment", sa.String(), server_default="", nullable=False)
    )
    op.add_column(
        "cost_entry", sa.Column("kwh_source", sa.String(), server_default="", nullable=False)
    )
    op.add_column("cost_entry", sa.Column("kg_micros", sa.BigInteger(), nullable=True))
    op.add_column(
        "cost_entry", sa.Column("grid_id", sa.String(), server_default="", nullable=False)
    )
    op.add_column("cost_entry", sa.Column("requests", sa.BigInteger(), nullable=True))
    op.add_column("cost_entry", sa.Column("method", sa.String(), server_default="", nullable=False))
    op.create_index(
        "ix_cost_entry_experiment",
        "cost_entry",
        ["experiment"],
        unique=False,
        sqlite_where=sa.text("experiment != ''"),
        postgresql_where=sa.text("experiment != ''"),
    )
    op.create_index(
        "ix_cost_entry_price_id",
        "cost_entry",
        ["price_id", "starts_at"],
        unique=False,
        sqlite_where=sa.text("price_id != ''"),
        postgresql_where=sa.text("price_id != ''"),
    )
    op.create_index(
        "ix_cost_entry_run_id",
        "cost_entry",
        ["run_id"],
        unique=False,
        sqlite_where=sa.text("run_id != ''"),
        postgresql_where=sa.text("run_id != ''"),
    )
    day = (
        "date(starts_at)"
        if op.get_bind().dialect.name == "sqlite"
        else "(starts_at AT TIME ZONE 'UTC')::date"
    )
    typed = "CASE WHEN unit IN ('gpu-hour', 'instance-hour') THEN sku ELSE '' END"
    op.execute(
        "INSERT INTO cost_quantity (day, model, team, kind, unit, sku, method, whole, rest) "
        f"SELECT {day}, model, team, kind, unit, {typed}, '', SUM(quantity_micros / 1000000), "
        "SUM(quantity_micros % 1000000) FROM cost_entry "
        "WHERE unit IN ('cpu-hour', 'gb-hour', 'gpu-hour', 'instance-hour', 'gb-month') "
        f"GROUP BY {day}, model, team, kind, unit, {typed}"
    )
    op.execute(
        "INSERT INTO cost_team_day (day, team, kind, currency, units, micros, lines, unpriced) "
        "SELECT day, team, kind, currency, SUM(micros / 1000000), SUM(micros % 1000000), SUM(lines), SUM(unpriced) "
        "FROM cost_day GROUP BY day, team, kind, currency"
    )
    first = (
        "date(starts_at, 'start of month')"
        if op.get_bind().dialect.name == "sqlite"
        else "date_trunc('month', starts_at AT TIME ZONE 'UTC')::date"
    )
    op.execute(
        "INSERT INTO cost_month (month, model, team, kind, currency, units, micros, estimated_units, "
        "estimated, lines, unpriced) SELECT "
        f"{first}, model, team, kind, COALESCE(currency, ''), "
        "SUM(COALESCE(micros, 0) / 1000000), SUM(COALESCE(micros, 0) % 1000000), "
        "SUM(CASE WHEN estimated THEN COALESCE(micros, 0) / 1000000 ELSE 0 END), "
        "SUM(CASE WHEN estimated THEN COALESCE(micros, 0) % 1000000 ELSE 0 END), COUNT(*), "
        "SUM(CASE WHEN micros IS NULL AND NOT EXISTS (SELECT 1 FROM cost_entry c "
        "WHERE c.corrects = e.source_id AND c.corrects <> '') THEN 1 ELSE 0 END) "
        f"FROM cost_entry e GROUP BY {first}, model, team, kind, COALESCE(currency, '')"
    )
    op.execute(
        "INSERT INTO cost_environment (month, environment, currency, estimated, units, micros, lines) "
        f"SELECT {first}, environment, COALESCE(currency, ''), estimated, "
        "SUM(COALESCE(micros, 0) / 1000000), SUM(COALESCE(micros, 0) % 1000000), COUNT(*) "
        f"FROM cost_entry GROUP BY {first}, environment, COALESCE(currency, ''), estimated"
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_index(
        "ix_cost_entry_run_id",
        table_name="cost_entry",
        sqlite_where=sa.text("run_id != ''"),
        postgresql_where=sa.text("run_id != ''"),
    )
    op.drop_index(
        "ix_cost_entry_price_id",
        table_name="cost_entry",
        sqlite_where=sa.text("price_id != ''"),
        postgresql_where=sa.text("price_id != ''"),
    )
    op.drop_index(
        "ix_cost_entry_experiment",
        table_name="cost_entry",
        sqlite_where=sa.text("experiment != ''"),
        postgresql_where=sa.text("experiment != ''"),
    )
    op.drop_column("cost_entry", "method")
    op.drop_column("cost_entry", "requests")
    op.drop_column("cost_entry", "grid_id")
    op.drop_column("cost_entry", "kg_micros")
    op.drop_column("cost_entry", "kwh_source")
    op.drop_column("cost_entry", "experiment")
    op.drop_column("attempt", "spot")
    op.drop_table("source_seen")
    op.drop_table("serving_use")
    op.drop_index(
        "uq_saving_standing",
        table_name="saving",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(
        "uq_saving_open",
        table_name="saving",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(op.f("ix_saving_valid_to"), table_name="saving")
    op.drop_index(op.f("ix_saving_valid_from"), table_name="saving")
    op.drop_index(op.f("ix_saving_state"), table_name="saving")
    op.drop_index(op.f("ix_saving_model"), table_name="saving")
    op.drop_table("saving")
    op.drop_index("ix_run_use_until", table_name="run_use")
    op.drop_index("ix_run_use_model", table_name="run_use")
    op.drop_table("run_use")
    op.drop_index(op.f("ix_run_doubt_model"), table_name="run_doubt")
    op.drop_table("run_doubt")
    op.drop_table("recipe_proposal")
    op.drop_table("pushed_commit")
    op.drop_index(op.f("ix_kept_run_weighed_at"), table_name="kept_run")
    op.drop_index(op.f("ix_kept_run_model"), table_name="kept_run")
    op.drop_table("kept_run")
    op.drop_table("hook_heard")
    op.drop_index(
        "uq_hook_standing",
        table_name="hook",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(op.f("ix_hook_valid_to"), table_name="hook")
    op.drop_index(op.f("ix_hook_valid_from"), table_name="hook")
    op.drop_index(op.f("ix_hook_name"), table_name="hook")
    op.drop_table("hook")
    op.drop_index(op.f("ix_grid_factor_region"), table_name="grid_factor")
    op.drop_table("grid_factor")
    op.drop_index(
        "uq_disposal_standing",
        table_name="disposal",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(
        "uq_disposal_open",
        table_name="disposal",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(op.f("ix_disposal_valid_to"), table_name="disposal")
    op.drop_index(op.f("ix_disposal_valid_from"), table_name="disposal")
    op.drop_index(op.f("ix_disposal_state"), table_name="disposal")
    op.drop_index(op.f("ix_disposal_run_id"), table_name="disposal")
    op.drop_table("disposal")
    op.drop_table("cost_team_day")
    op.drop_index("ix_cost_run_state", table_name="cost_run")
    op.drop_index(op.f("ix_cost_run_root_id"), table_name="cost_run")
    op.drop_index(op.f("ix_cost_run_ended_at"), table_name="cost_run")
    op.drop_table("cost_run")
    op.drop_index("ix_cost_reconciled_month", table_name="cost_reconciled")
    op.drop_table("cost_reconciled")
    op.drop_table("cost_quantity")
    op.drop_index("ix_cost_month_sums", table_name="cost_month")
    op.drop_table("cost_month")
    op.drop_table("cost_environment")
    op.drop_table("cost_day_seen")
    op.drop_index(op.f("ix_cost_cover_valid_to"), table_name="cost_cover")
    op.drop_index(op.f("ix_cost_cover_valid_from"), table_name="cost_cover")
    op.drop_index(op.f("ix_cost_cover_environment"), table_name="cost_cover")
    op.drop_table("cost_cover")
    op.drop_index(op.f("ix_cost_bill_sha256"), table_name="cost_bill")
    op.drop_index(op.f("ix_cost_bill_at"), table_name="cost_bill")
    op.drop_table("cost_bill")
    op.drop_index(
        "uq_budget_standing",
        table_name="budget",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(op.f("ix_budget_valid_to"), table_name="budget")
    op.drop_index(op.f("ix_budget_valid_from"), table_name="budget")
    op.drop_index(op.f("ix_budget_budget_id"), table_name="budget")
    op.drop_table("budget")
