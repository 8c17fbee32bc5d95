"""Bringing a governance database to the schema of this release."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from services.kernel.error import Conflict
from services.record.storage.database import Database

FOLDER = Path(__file__).parent


def config() -> Config:
    """Return the Alembic configuration; there is no file, and no address in it."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("version_path_separator", "os")
    return made


def head() -> str:
    """Return the revision of this release."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


def revision(database: Database) -> str | None:
    """Return the revision a database stands at; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(url: str, to: str = "head") -> None:
    """Bring a database to a revision, in one transaction.

    Raises
    ------
    Conflict
        When the database was written by a later release.
    """
    database = Database(url, guarded=False)
    try:
        standing = revision(database)
        if to == "head" and standing == head():
            return
        known = {
            script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()
        }
        if standing is not None and standing not in known:
            raise Conflict(
                "The governance database was written by a later release; start that release."
            )
        _migrate(database, to)
    finally:
        database.close()


def downgrade(url: str, to: str = "base") -> None:
    """Take a database back to a revision."""
    database = Database(url, guarded=False)
    try:
        made = config()
        with database.engine.connect().execution_options(writing=True) as connection:
            made.attributes["connection"] = connection
            command.downgrade(made, to)
    finally:
        database.close()


def _migrate(database: Database, to: str) -> None:
    made = config()
    with database.engine.connect().execution_options(writing=True) as connection:
        made.attributes["connection"] = connection
        command.upgrade(made, to)
