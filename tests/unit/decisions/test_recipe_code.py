"""The code of a recipe in the folder of a job: folders, repositories, projects, and what is refused."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from services.decisions.recipe.checkout import Checkout, unpack
from services.decisions.recipe.entry import digest_of, materialise
from services.decisions.recipe.types import Entry, EntryKind
from services.kernel.error import Conflict, InvalidInput, SourceUnavailable

PYTHON = ("python", "train.py")


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "inner").mkdir(parents=True)
    git(folder, "init", "--quiet")
    (folder / "train.py").write_text("print('first')\n")
    (folder / "inner" / "train.py").write_text("print('inner')\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "first")
    return folder


def test_a_folder_is_copied_without_what_is_made_again(tmp_path: Path) -> None:
    source = tmp_path / "mine"
    (source / "__pycache__").mkdir(parents=True)
    (source / "train.py").write_text("pass\n")
    (source / "__pycache__" / "x.pyc").write_bytes(b"x")
    entry = Entry(EntryKind.FOLDER, str(source), ("python", "train.py", "{rate}"))
    code = materialise(entry, {"rate": 0.1}, tmp_path / "job", tmp_path / "cache")
    assert code.command == ("python", "train.py", "0.1")
    assert [p.name for p in code.folder.iterdir()] == ["train.py"]
    assert code.sha256 == digest_of(source)
    (source / "train.py").write_text("changed\n")
    again = materialise(entry, {"rate": 0.1}, tmp_path / "job", tmp_path / "cache")
    assert again.sha256 == code.sha256
    with pytest.raises(Conflict, match="changed since the ticket was quoted"):
        materialise(entry, {"rate": 0.1}, tmp_path / "other", tmp_path / "cache", code.sha256)


def test_a_commit_is_the_commit_whatever_came_later(repository: Path, tmp_path: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    (repository / "train.py").write_text("print('second')\n")
    git(repository, "commit", "--quiet", "-am", "second")
    entry = Entry(EntryKind.GIT, str(repository), PYTHON, first)
    code = materialise(entry, {}, tmp_path / "job", tmp_path / "cache")
    assert (code.folder / "train.py").read_text() == "print('first')\n"
    assert not (code.folder / ".git").exists()
    inner = Entry(EntryKind.GIT, str(repository), PYTHON, first, "inner")
    below = materialise(inner, {}, tmp_path / "below", tmp_path / "cache")
    assert (below.folder / "train.py").read_text() == "print('inner')\n"


def test_a_commit_once_fetched_needs_its_repository_no_more(
    repository: Path, tmp_path: Path
) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    entry = Entry(EntryKind.GIT, str(repository), PYTHON, commit)
    materialise(entry, {}, tmp_path / "one", tmp_path / "cache")
    repository.rename(tmp_path / "away")
    assert materialise(entry, {}, tmp_path / "two", tmp_path / "cache").sha256


def test_a_commit_that_is_not_there_is_named(repository: Path, tmp_path: Path) -> None:
    entry = Entry(EntryKind.GIT, str(repository), PYTHON, "0" * 40)
    with pytest.raises(InvalidInput, match="has no commit 000000000000"):
        materialise(entry, {}, tmp_path / "job", tmp_path / "cache")
    assert not (tmp_path / "job" / "code").exists()
    gone = Entry(EntryKind.GIT, str(tmp_path / "nowhere"), PYTHON, "0" * 40)
    with pytest.raises(SourceUnavailable, match="does not answer"):
        materialise(gone, {}, tmp_path / "job", tmp_path / "cache")
    below = Entry(EntryKind.GIT, str(repository), PYTHON, git(repository, "rev-parse", "HEAD"), "x")
    with pytest.raises(InvalidInput, match="no folder 'x'"):
        materialise(below, {}, tmp_path / "job", tmp_path / "cache")


def test_no_program_is_a_transport(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    entry = Entry(EntryKind.GIT, f"ext::touch {mark}", PYTHON, "0" * 40)
    with pytest.raises(SourceUnavailable):
        materialise(entry, {}, tmp_path / "job", tmp_path / "cache")
    assert not mark.exists()


def test_git_that_takes_too_long_is_said(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "into").mkdir()
    with pytest.raises(SourceUnavailable, match="longer than"):
        Checkout(tmp_path / "cache", seconds=1e-6).extract(
            str(repository), "0" * 40, tmp_path / "into"
        )


def test_a_link_that_leads_out_is_refused(repository: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("key\n")
    (repository / "leak").symlink_to(secret)
    folder = Entry(EntryKind.FOLDER, str(repository), PYTHON)
    with pytest.raises(InvalidInput, match="'leak', which leads out"):
        materialise(folder, {}, tmp_path / "job", tmp_path / "cache")
    git(repository, "add", "leak")
    git(repository, "commit", "--quiet", "-m", "leak")
    entry = Entry(EntryKind.GIT, str(repository), PYTHON, git(repository, "rev-parse", "HEAD"))
    with pytest.raises(InvalidInput, match="leads out of its folder"):
        materialise(entry, {}, tmp_path / "job", tmp_path / "cache")
    assert not (tmp_path / "job" / "code").exists()


@pytest.mark.parametrize("name", ["../outside.txt", "/tmp/outside.txt"])
def test_an_archive_writes_nothing_outside(name: str, tmp_path: Path) -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as made:
        made.addfile(tarfile.TarInfo(name), io.BytesIO())
    (tmp_path / "into").mkdir()
    try:
        unpack(held.getvalue(), tmp_path / "into")
    except InvalidInput:
        pass
    else:  # an absolute name is written below the folder instead
        assert [p.name for p in (tmp_path / "into").rglob("*.txt")] == ["outside.txt"]
    assert not (tmp_path / "outside.txt").exists()


def project(folder: Path, command: str) -> Entry:
    folder.mkdir()
    (folder / "MLproject").write_text(
        "name: mine\nentry_points:\n  main:\n    parameters:\n"
        "      rate: {type: float, default: 0.5}\n      depth: int\n"
        f"    command: '{command}'\n"
    )
    return Entry(EntryKind.PROJECT, str(folder), ("main",))


def test_a_project_runs_its_entry_point_with_its_defaults(tmp_path: Path) -> None:
    entry = project(tmp_path / "mine", "echo {rate} {depth} {rate}")
    code = materialise(entry, {"depth": 3}, tmp_path / "job", tmp_path / "cache")
    done = subprocess.run(code.command, cwd=code.folder, capture_output=True, text=True, check=True)
    assert done.stdout == "0.5 3 0.5\n"
    with pytest.raises(InvalidInput, match="a value for depth"):
        materialise(entry, {}, tmp_path / "job", tmp_path / "cache")


def test_a_parameter_of_a_project_is_never_a_command(tmp_path: Path) -> None:
    entry = project(tmp_path / "mine", "echo {depth}")
    wicked = "3; touch ran $(touch ran) `touch ran`"
    code = materialise(entry, {"depth": wicked}, tmp_path / "job", tmp_path / "cache")
    done = subprocess.run(code.command, cwd=code.folder, capture_output=True, text=True, check=True)
    assert done.stdout == f"{wicked}\n"
    assert not (code.folder / "ran").exists()


def test_a_project_without_the_entry_point_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    entry = Entry(EntryKind.PROJECT, str(tmp_path / "mine"), ("main",))
    with pytest.raises(InvalidInput, match="no MLproject"):
        materialise(entry, {}, tmp_path / "one", tmp_path / "cache")
    (tmp_path / "mine" / "MLproject").write_text("name: x\n")
    with pytest.raises(InvalidInput, match="no entry point 'main'"):
        materialise(entry, {}, tmp_path / "two", tmp_path / "cache")


@pytest.mark.parametrize("named", ["/nowhere/at/all", "shipped:nothing", "shipped:../shipped"])
def test_a_folder_that_is_not_there_is_named(named: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="not there|comes with"):
        materialise(Entry(EntryKind.FOLDER, named, PYTHON), {}, tmp_path / "job", tmp_path)
