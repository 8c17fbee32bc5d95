"""Fixtures that every kind of test may use."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.kernel.clock import FixedClock
from services.record.archive.service import Archive
from services.record.storage.database import Database
from services.record.trail.unit_of_work import Store
from tests.support.databases import create, postgres_database, postgres_server, sqlite_database


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 3, 14, 9, 12, tzinfo=UTC))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server for this run."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_made(postgres: str) -> Iterator[str]:
    """The name of a database with all tables and an empty trail: a copy of it is made much faster."""
    name = f"cs_made_{uuid.uuid4().hex[:12]}"
    with postgres_database(postgres, name) as url:
        create(Database(url)).close()
        yield name


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A fresh governance database, once on each engine."""
    if request.param == "sqlite":
        made = sqlite_database(tmp_path)
        yield made
        made.close()
        return
    server, like = map(request.getfixturevalue, ("postgres", "postgres_made"))
    with postgres_database(server, f"cs_{uuid.uuid4().hex[:12]}", like) as url:
        made = Database(url)
        yield made
        made.close()


@pytest.fixture
def store(database: Database, clock: FixedClock) -> Store:
    """The door to a fresh governance database, once on each engine."""
    return Store(database, clock)


@pytest.fixture
def sqlite_store(tmp_path: Path, clock: FixedClock) -> Iterator[Store]:
    """The door to a fresh governance database on SQLite alone."""
    made = sqlite_database(tmp_path)
    yield Store(made, clock)
    made.close()


ALLOWED_SKIPS = Path(__file__).parent / "allowed_skips.txt"


def _allowed(reason: str) -> bool:
    lines = ALLOWED_SKIPS.read_text(encoding="utf-8").splitlines()
    return any(reason.startswith(line) for line in lines if line and not line.startswith("#"))


def _skips(reporter: pytest.TerminalReporter) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for report in reporter.stats.get("skipped", []):
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        found.append((report.nodeid, text.removeprefix("Skipped: ")))
    return found


@pytest.hookimpl(tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skips = _skips(terminalreporter)
    terminalreporter.section("what was skipped, and why")
    for nodeid, reason in skips:
        mark = "allowed" if _allowed(reason) else "NOT ALLOWED"
        terminalreporter.line(f"{mark:12} {nodeid}: {reason}")
    if not skips:
        terminalreporter.line("nothing")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(session.config, "workerinput"):
        return
    if any(not _allowed(reason) for _, reason in _skips(reporter)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
