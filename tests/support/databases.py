"""Fresh governance databases for tests: SQLite in a folder, PostgreSQL from whatever server there is."""

import contextlib
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import SQLModel

import services.migrations.tables  # noqa: F401
from services.record.storage.database import Database
from services.record.trail import guards
from services.record.trail.repository import open_trail


def create(database: Database) -> Database:
    """Make all tables, triggers and the head of the trail."""
    statements = guards.SQLITE if database.is_sqlite else guards.POSTGRESQL
    with database.engine.connect().execution_options(writing=True) as connection:
        with connection.begin():
            SQLModel.metadata.create_all(connection)
            for statement in statements:
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    with database.writing() as session:
        open_trail(session)
    return database


@functools.cache
def _made() -> bytes:
    """Return the file of a database with all tables and an empty trail."""
    with tempfile.TemporaryDirectory(prefix="cs-made-") as folder:
        place = Path(folder) / "governance.sqlite"
        create(Database(f"sqlite:///{place}", guarded=False)).close()
        return place.read_bytes()


def sqlite_database(folder: Path) -> Database:
    """Return a new SQLite database in a folder: the first of a process, copied."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / "governance.sqlite"
    place.write_bytes(_made())
    return Database(f"sqlite:///{place}", guarded=False)


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """Yield the address of a PostgreSQL server: given, else Debian's binaries, else the pgserver wheel."""
    given = os.environ.get("COUNTERSIGN_TEST_PG_URL")
    if given:
        yield given
        return
    binaries = _debian_binaries()
    with _debian(binaries) if binaries else _wheel() as url:
        yield url


def _debian_binaries() -> Path | None:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    return None


def _as_postgres(command: list[str]) -> list[str]:
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]


@contextlib.contextmanager
def _debian(binaries: Path) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="cs-pg-", dir="/tmp"))
    root = os.geteuid() == 0
    if root:
        shutil.chown(folder, "postgres", "postgres")
    dress = _as_postgres if root else list
    run = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
    data = str(folder / "data")
    subprocess.run(
        dress([str(binaries / "initdb"), "--no-sync", "-A", "trust", "-U", "postgres", "-D", data]),
        **run,  # type: ignore[call-overload]
    )
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=200"
    control = [str(binaries / "pg_ctl"), "-D", data, "-w", "-o", options, "-l", f"{folder}/log"]
    subprocess.run(dress([*control, "start"]), **run)  # type: ignore[call-overload]
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        subprocess.run(
            dress([str(binaries / "pg_ctl"), "-D", data, "-m", "immediate", "stop"]),
            check=False,
            stdout=subprocess.DEVNULL,
            cwd=folder,
        )
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _wheel() -> Iterator[str]:
    import pgserver

    folder = Path(tempfile.mkdtemp(prefix="cs-pg-"))
    server = pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


@contextlib.contextmanager
def postgres_database(server: str, name: str, like: str = "template1") -> Iterator[str]:
    """Yield the address of a new database on a server, a copy of another; dropped afterwards."""
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    try:
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        engine.dispose()
