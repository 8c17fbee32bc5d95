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
    pass


def downgrade() -> None:
    """Take it away."""
    pass
