"""Tables and migrations agree on both engines, and every step can be taken back."""

from datetime import UTC, datetime
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


LINE = """INSERT INTO cost_entry (source_id, kind, sku, unit, quantity_micros, currency, micros, model, run_id, team,
 ticket_id, environment, starts_at, ends_at, price_id, estimated, corrects, added_at, event_seq)
 VALUES (:source, 'training', 'cpu', 'cpu-hour', 1500000, :currency, :micros, 'loan', '', '', '', 'lab',
 :at, :at, '', :estimated, '', :at, 1)"""

DAY = """INSERT INTO cost_day (day, model, team, kind, currency, micros, lines, unpriced)
 VALUES ('2026-11-03', :model, '', 'training', 'USD', 10100001, 2, 0)"""


def test_lines_of_an_earlier_release_stand_in_months_and_environments(url: str) -> None:
    run.upgrade(url, "20261126_04")
    database = Database(url, guarded=False)
    at = datetime(2026, 11, 3, tzinfo=UTC)
    given = [("a", "USD", 2_500_001, True), ("b", "USD", 7_600_000, False), ("c", None, None, True)]
    with database.engine.begin() as connection:
        for source, currency, micros, estimated in given:
            connection.execute(
                sa.text(LINE).bindparams(sa.bindparam("at", type_=sa.DateTime(timezone=True))),
                {"source": source, "currency": currency, "micros": micros, "estimated": estimated, "at": at},
            )  # fmt: skip
        for model in ("loan", "fraud"):
            connection.execute(sa.text(DAY), {"model": model})
    run.upgrade(url)
    with database.engine.connect() as connection:
        months = connection.execute(sa.text("SELECT currency, units * 1000000 + micros, estimated_units * 1000000 + estimated, lines, unpriced FROM cost_month ORDER BY 1")).all()  # fmt: skip
        days = connection.execute(sa.text("SELECT currency, units * 1000000 + micros, lines FROM cost_team_day")).all()  # fmt: skip
        sides = connection.execute(sa.text("SELECT environment, currency, units * 1000000 + micros, lines FROM cost_environment ORDER BY 2, 3")).all()  # fmt: skip
    database.close()
    assert [tuple(map(str, row)) for row in months] == [
        ("", "0", "0", "1", "1"), ("USD", "10100001", "2500001", "2", "0"),
    ]  # fmt: skip
    assert [tuple(map(str, row)) for row in days] == [("USD", "20200002", "4")]
    assert [tuple(map(str, row)) for row in sides] == [
        ("lab", "", "0", "1"), ("lab", "USD", "2500001", "1"), ("lab", "USD", "7600000", "1"),
    ]  # fmt: skip
