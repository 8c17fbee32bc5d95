"""What ``countersign`` refuses before anything starts: one sentence, exit 2, nothing left behind."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.people.token.types import SCOPES
from tests.integration.cli.commands import UP, countersign, processes, ran, refusal, silent

SECRET = "0123456789abcdef0123456789abcdef"


@contextmanager
def listening() -> Iterator[str]:
    """Hold a port of the loopback."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        yield str(held.getsockname()[1])


@contextmanager
def full_disk(folder: Path) -> Iterator[list[str]]:
    """Fill a disk of its own, mounted at a folder; yield what must stand before a command.

    Where nobody may mount, no file may grow beyond one block instead.
    """
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        mounted = os.geteuid() == 0 and not subprocess.run(mount, capture_output=True).returncode
    except FileNotFoundError:
        mounted = False
    if not mounted:
        yield ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh"]
        return
    try:
        with pytest.raises(OSError), (folder / "filling").open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        yield []
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def untouched(home: Path) -> bool:
    """Tell whether no process was ever started over a workspace."""
    return not (processes(home) or (home / "run.json").exists() or list((home / "logs").glob("*")))


def test_a_taken_console_port_is_named_with_the_setting_that_moves_it(tmp_path: Path) -> None:
    home = tmp_path / "workspace"
    with listening() as port:
        said = refusal(countersign(home, "up", COUNTERSIGN_PORT=port))
    assert port in said
    assert "COUNTERSIGN_PORT" in said
    assert untouched(home)


def test_a_taken_mlflow_port_is_named_with_the_setting_that_moves_it(tmp_path: Path) -> None:
    home = tmp_path / "workspace"
    embedded = ["env", "-u", "COUNTERSIGN_MLFLOW_URI", *UP]
    with listening() as port:
        said = refusal(ran(embedded, home, COUNTERSIGN_MLFLOW_PORT=port))
    assert port in said
    assert "COUNTERSIGN_MLFLOW_PORT" in said
    assert untouched(home)


@pytest.mark.parametrize("place", ["{file}/workspace", "/dev/null/workspace"])
def test_a_workspace_that_cannot_be_made_is_named(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    home = Path(place.format(file=tmp_path / "file"))
    said = refusal(countersign(home, "up"))
    assert str(home) in said
    assert "COUNTERSIGN_HOME" in said
    assert not processes(home)


def test_a_full_disk_is_said_before_anything_starts(tmp_path: Path) -> None:
    home = tmp_path / "disk" / "workspace"
    with full_disk(tmp_path / "disk") as before:
        said = refusal(ran([*before, *UP], home))
        assert untouched(home)
    assert str(home) in said
    assert "free some space" in said


@pytest.mark.parametrize("command", [["up"], ["status"], ["migrate"], ["trail", "verify"]])
def test_a_mistyped_setting_is_refused_by_name(command: list[str], tmp_path: Path) -> None:
    said = refusal(countersign(tmp_path / "workspace", *command, COUNTERSIGN_PROT="9000"))
    assert "COUNTERSIGN_PROT " in said
    assert not (tmp_path / "workspace").exists()


def test_the_settings_of_jobs_of_tests_and_of_clients_are_no_mistakes(tmp_path: Path) -> None:
    done = countersign(
        tmp_path / "workspace",
        "migrate",
        COUNTERSIGN_TEST_ANYTHING="1",
        COUNTERSIGN_JOB_ANYTHING="1",
        COUNTERSIGN_URL="http://127.0.0.1:1",
        COUNTERSIGN_TOKEN="none",
    )
    assert done.returncode == 0, done.stderr


def opened(home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Open a workspace, which needs its secret."""
    return countersign(home, "token", "create", "--scope", "gate:read", "--name", "ci", **settings)


def test_a_secret_is_read_from_the_file_that_is_named(tmp_path: Path) -> None:
    home, file = tmp_path / "workspace", tmp_path / "secret"
    file.write_text(SECRET + "\n", encoding="utf-8")
    done = opened(home, COUNTERSIGN_SECRET_KEY_FILE=str(file))
    assert done.returncode == 0, done.stderr
    assert not (home / "keys" / "secret.key").exists(), "it made a secret of its own"
    file.write_text("short\n", encoding="utf-8")
    assert "too short" in refusal(opened(home, COUNTERSIGN_SECRET_KEY_FILE=str(file)))


def test_without_a_given_secret_one_is_made_that_only_the_owner_reads(tmp_path: Path) -> None:
    home = tmp_path / "workspace"
    assert opened(home).returncode == 0
    key = home / "keys" / "secret.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(key.read_bytes()) == 64
    before = key.read_bytes()
    assert opened(home).returncode == 0
    assert key.read_bytes() == before


@pytest.mark.parametrize("name", ["COUNTERSIGN_SECRET_KEY_FILE", "COUNTERSIGN_PORT_FILE"])
def test_a_secret_file_is_refused_by_name_when_it_cannot_be_used(name: str, tmp_path: Path) -> None:
    said = refusal(opened(tmp_path / "workspace", **{name: str(tmp_path / "none")}))
    assert said.startswith(name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COUNTERSIGN_PORT", "0"),
        ("COUNTERSIGN_PORT", "the usual"),
        ("COUNTERSIGN_DEMO", "perhaps"),
        ("COUNTERSIGN_DATABASE_URL", "mysql://localhost/countersign"),
        ("COUNTERSIGN_DATABASE_URL", "a file"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_its_setting(
    name: str, value: str, tmp_path: Path
) -> None:
    home = tmp_path / "workspace"
    assert refusal(countersign(home, "up", **{name: value})).startswith(name)
    assert untouched(home)


@pytest.mark.parametrize("address", ["", "http://countersign.example"])
def test_no_other_machine_may_reach_a_console_without_encryption(
    address: str, tmp_path: Path
) -> None:
    given = {"COUNTERSIGN_PUBLIC_URL": address} if address else {}
    said = refusal(countersign(tmp_path / "w", "up", COUNTERSIGN_HOST="0.0.0.0", **given))
    assert "COUNTERSIGN_HOST=0.0.0.0" in said
    assert "COUNTERSIGN_PUBLIC_URL" in said
    assert not (tmp_path / "w").exists()


def test_behind_an_https_address_the_console_may_listen_to_others(tmp_path: Path) -> None:
    public = {"COUNTERSIGN_PUBLIC_URL": "https://countersign.example"}
    done = countersign(tmp_path / "w", "migrate", COUNTERSIGN_HOST="0.0.0.0", **public)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["champagne"],
        ["gate", "open"],
        ["gate", "check", "credit"],
        ["gate", "check", "credit", "two"],
        ["trail"],
        ["wait", "dinner"],
    ],
)
def test_a_wrong_word_ends_with_two_and_the_usage(words: list[str], tmp_path: Path) -> None:
    done = countersign(tmp_path / "workspace", *words)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: countersign")
    assert not done.stdout
    assert not (tmp_path / "workspace").exists()


def test_nobody_unknown_gets_a_link_or_a_token(tmp_path: Path) -> None:
    home, email = tmp_path / "workspace", "nobody@example.org"
    assert email in refusal(countersign(home, "person", "link", email))
    token = ["token", "create", "--scope", "gate:read", "--name", "ci", "--for", email]
    assert email in refusal(countersign(home, *token))


def test_an_unknown_scope_is_refused_with_all_the_scopes_there_are(tmp_path: Path) -> None:
    token = ["token", "create", "--scope", "gate:read", "--scope", "gate:sign", "--name", "ci"]
    done = countersign(tmp_path / "workspace", *token)
    said = refusal(done)
    assert "'gate:sign'" in said
    assert all(scope in said for scope in SCOPES)
    assert not done.stdout


def test_a_command_without_a_console_says_how_to_start_one(tmp_path: Path) -> None:
    home = tmp_path / "workspace"
    for command in (["status"], ["gate", "check", "credit", "1"], ["trail", "list"]):
        assert "'countersign up'" in refusal(countersign(home, *command))


@pytest.mark.parametrize("address", ["", "credit", "ftp://x"], ids=["silent", "word", "ftp"])
def test_the_gate_cannot_tell_when_the_address_does_not_answer(
    address: str, tmp_path: Path
) -> None:
    address = address or silent()
    given = {"COUNTERSIGN_URL": address, "COUNTERSIGN_TOKEN": "cs_none"}
    said = refusal(countersign(tmp_path / "w", "gate", "check", "credit", "1", **given))
    assert address in said
