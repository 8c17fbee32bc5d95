"""``countersign trail verify``: 0 when every hash holds, 1 when one does not, 2 when none was seen."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.cli.commands import countersign, refusal
from tests.support.workspace import ROOT

TAMPERED = 2


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose trail has some events."""
    home = tmp_path_factory.mktemp("trail") / "workspace"
    for name in ("Olga Marsh", "Vera Lindqvist"):
        email = f"{name.split()[0].lower()}@example.org"
        done = countersign(home, "person", "create", email, "--name", name, "--role", "auditor")
        assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def copied(grown: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A copy of its database, opened as somebody with the file in their hands would."""
    with closing(sqlite3.connect(grown / "governance.sqlite")) as source:
        with closing(sqlite3.connect(tmp_path / "governance.sqlite")) as target:
            source.backup(target)
            yield target


def unguarded(database: sqlite3.Connection) -> None:
    """Drop what guards the trail."""
    names = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    assert any(name.startswith("trail_event") for (name,) in names)
    for (name,) in names:
        database.execute(f'DROP TRIGGER "{name}"')
    database.commit()


def test_a_fresh_trail_verifies(grown: Path) -> None:
    done = countersign(grown, "trail", "verify")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Verified: ")
    held = json.loads(countersign(grown, "trail", "verify", "--json").stdout)
    assert held["holds"] is True
    assert held["events"] > TAMPERED
    assert (held["broken_at"], held["reason"]) == (None, "")
    assert held["root"] in done.stdout


def test_verifying_writes_nothing(grown: Path) -> None:
    file = grown / "governance.sqlite"
    before = file.read_bytes(), file.stat().st_mtime_ns
    assert countersign(grown, "trail", "verify").returncode == 0
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
    assert not (ROOT / "file:").exists()  # an address is no path


def test_the_trail_cannot_be_changed_while_its_guard_stands(copied: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.DatabaseError):
        copied.execute("UPDATE trail_event SET envelope = envelope || ' '")


@pytest.mark.parametrize("place", ["the file of the workspace", "a database that is named"])
def test_one_changed_byte_is_found_and_named(
    place: str, copied: sqlite3.Connection, tmp_path: Path
) -> None:
    unguarded(copied)
    changed = copied.execute(
        "UPDATE trail_event SET envelope = replace(envelope, 'Z\"', 'z\"') WHERE seq = ?",
        (TAMPERED,),
    ).rowcount
    copied.commit()
    assert changed == 1
    named = ["--database", f"sqlite:///{tmp_path}/governance.sqlite"]
    home, given = (tmp_path, []) if place.startswith("the") else (tmp_path / "other", named)
    done = countersign(home, "trail", "verify", *given)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.startswith(f"TAMPERED at event {TAMPERED}: ")
    held = json.loads(countersign(home, "trail", "verify", "--json", *given).stdout)
    assert (held["holds"], held["broken_at"], held["events"]) == (False, TAMPERED, TAMPERED - 1)


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("DELETE FROM trail_event WHERE seq = 2", 2),
        ("DELETE FROM trail_event WHERE seq = (SELECT max(seq) FROM trail_event)", None),
        ("UPDATE trail_head SET size = size + 1", None),
        ("UPDATE trail_index SET actor_id = 'somebody else' WHERE seq = 2", 2),
    ],
)
def test_what_is_taken_away_moved_or_relabelled_is_found(
    statement: str, broken_at: int | None, copied: sqlite3.Connection, tmp_path: Path
) -> None:
    unguarded(copied)
    assert copied.execute(statement).rowcount == 1
    copied.commit()
    done = countersign(tmp_path, "trail", "verify", "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    held = json.loads(done.stdout)
    assert held["holds"] is False
    assert broken_at is None or held["broken_at"] == broken_at


def test_a_missing_database_cannot_be_verified_and_is_not_made(tmp_path: Path) -> None:
    assert refusal(countersign(tmp_path / "none", "trail", "verify"))
    named = f"sqlite:///{tmp_path}/none.sqlite"
    assert refusal(countersign(tmp_path / "none", "trail", "verify", "--database", named))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"a text that is long enough to be looked at " * 9])
def test_a_file_that_is_no_database_cannot_be_verified(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "governance.sqlite").write_bytes(content)
    done = countersign(tmp_path, "trail", "verify")
    assert done.returncode == 2
    assert done.stderr.startswith("It could not be verified: ")
    assert "Traceback" not in done.stderr
    assert not done.stdout


@pytest.mark.parametrize("address", ["mysql://localhost/x", "junk", "postgresql://u@127.0.0.1:1/x"])
def test_an_address_that_leads_nowhere_cannot_be_verified(address: str, tmp_path: Path) -> None:
    assert refusal(countersign(tmp_path, "trail", "verify", "--database", address))
