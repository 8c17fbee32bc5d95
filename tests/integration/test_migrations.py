"""Tables and migrations agree on both engines, and every step can be taken back."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

import services.migrations.tables  # noqa: F401
from services.kernel.clock import FixedClock
from services.kernel.identity import SYSTEM
from services.migrations import run
from services.record.storage.database import Database
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from tests.support.databases import postgres_database


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/governance.sqlite"
        return
    with postgres_database(request.getfixturevalue("postgres"), f"cs_mig_{id(request)}") as made:
        yield made


def test_the_migrations_make_exactly_the_tables_there_are(url: str) -> None:
    run.upgrade(url)
    database = Database(url, guarded=False)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []
    database.close()


def test_a_migrated_database_keeps_a_trail_that_nobody_may_change(
    url: str, clock: FixedClock
) -> None:
    run.upgrade(url)
    run.upgrade(url)
    database = Database(url)
    store = Store(database, clock)
    with store.unit(SYSTEM) as unit:
        unit.event("workspace:opened", ("workspace", "default"))
    with store.unit(SYSTEM) as unit:
        unit.event("workspace:opened", ("workspace", "default"))
    assert Trail(store).verify().size == 2
    with database.engine.connect().execution_options(writing=True) as connection:
        with pytest.raises(sa.exc.DatabaseError), connection.begin():
            connection.exec_driver_sql("UPDATE trail_event SET envelope = 'x'")
    database.close()


def test_the_first_step_can_be_taken_back(url: str) -> None:
    run.upgrade(url)
    run.downgrade(url)
    database = Database(url, guarded=False)
    names = set(sa.inspect(database.engine).get_table_names()) - {"alembic_version"}
    database.close()
    assert names == set()
    run.upgrade(url)


def test_the_triggers_of_the_first_step_are_those_of_the_trail() -> None:
    from importlib import import_module

    from services.record.trail import guards

    step = import_module("services.migrations.versions.20261124_01_first_tables")
    assert step.SQLITE == guards.SQLITE
    assert step.POSTGRESQL == guards.POSTGRESQL
