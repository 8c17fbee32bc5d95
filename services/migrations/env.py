"""What Alembic runs: one transaction over a connection that is handed in."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel
from sqlmodel.sql import sqltypes

import services.migrations.tables  # noqa: F401


def render_item(kind: str, item: Any, _: object) -> str | Literal[False]:
    """Name types that belong to a library as plain SQLAlchemy types: old steps outlive libraries."""
    if kind != "type":
        return False
    if isinstance(item, sqltypes.AutoString):
        return "sa.String()"
    if type(item).__name__ == "UTCDateTime":
        return "sa.DateTime(timezone=True)"
    if isinstance(item, sa.JSON):
        return "JSON"
    if isinstance(item, sa.BigInteger) and getattr(item, "_variant_mapping", None):
        return "SEQ"
    return False


def migrate() -> None:
    """Run the steps; all of them or none."""
    connection: sa.Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_item=render_item,
        transactional_ddl=True,
        compare_type=False,
    )
    with context.begin_transaction():
        context.run_migrations()


migrate()
