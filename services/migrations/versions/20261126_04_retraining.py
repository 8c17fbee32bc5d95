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
    op.create_index("ix_cost_entry_corrects", "cost_entry", ["corrects"], unique=False)
    op.create_index("ix_cost_entry_model", "cost_entry", ["model", "starts_at"], unique=False)
    op.create_index("ix_cost_entry_starts", "cost_entry", ["starts_at"], unique=False)
    op.create_index("ix_cost_entry_ticket", "cost_entry", ["ticket_id"], unique=False)
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


def downgrade() -> None:
    """Take it away."""
    op.drop_index(op.f("ix_recipe_valid_to"), table_name="recipe")
    op.drop_index(op.f("ix_recipe_valid_from"), table_name="recipe")
    op.drop_index(op.f("ix_recipe_model"), table_name="recipe")
    op.drop_table("recipe")
    op.drop_index(op.f("ix_price_valid_to"), table_name="price")
    op.drop_index(op.f("ix_price_valid_from"), table_name="price")
    op.drop_index(op.f("ix_price_price_id"), table_name="price")
    op.drop_index("ix_price_asked", table_name="price")
    op.drop_table("price")
    op.drop_table("exchange")
    op.drop_index("ix_cost_entry_ticket", table_name="cost_entry")
    op.drop_index("ix_cost_entry_starts", table_name="cost_entry")
    op.drop_index("ix_cost_entry_model", table_name="cost_entry")
    op.drop_index("ix_cost_entry_corrects", table_name="cost_entry")
    op.drop_table("cost_entry")
    op.drop_index(op.f("ix_attempt_watch_ticket_id"), table_name="attempt_watch")
    op.drop_table("attempt_watch")
    op.drop_table("attempt_log")
