"""The code of a recipe, brought into the folder of a job."""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.decisions.recipe import project, shipping
from services.decisions.recipe.checkout import Checkout
from services.decisions.recipe.rules import Scalar, filled
from services.decisions.recipe.types import Entry, EntryKind
from services.kernel.error import Conflict, InvalidInput, SourceUnavailable
from services.record.canonical import digest

MOST_FILES, MOST_BYTES = 20_000, 512 * 1024 * 1024
LEFT_OUT = frozenset({".git", "__pycache__", ".venv", ".ruff_cache", ".pytest_cache"})


@dataclass(frozen=True, slots=True)
class Code:
    """The code of one job.

    Attributes
    ----------
    folder
        Where it lies.
    sha256
        Over the sorted list of path and digest of each file.
    command
        Program and arguments, parameters filled in; run in ``folder``. ``python`` is left as it is.
    """

    folder: Path
    sha256: str
    command: tuple[str, ...]


def materialise(
    entry: Entry, parameters: Mapping[str, Scalar], job: Path, cache: Path, expected: str = ""
) -> Code:
    """Bring the code of a recipe into ``job / "code"``; code that is there already is left alone.

    Parameters
    ----------
    job
        The folder of the job.
    cache
        Where repositories are kept between jobs.
    expected
        The digest the code had when the ticket was quoted; empty when nobody looked yet.

    Raises
    ------
    InvalidInput
        When the folder or the commit is not there, a file leads out of it, or it is too large.
    SourceUnavailable
        When the repository does not answer.
    Conflict
        When the code is not the expected one.
    """
    into = job / "code"
    if not into.is_dir():
        _bring(entry, into, cache)
    sha256 = digest_of(into)
    if expected and sha256 != expected:
        raise Conflict(
            "The code of the recipe changed since the ticket was quoted; open a new ticket."
        )
    return Code(into, sha256, _command(entry, into, parameters))


def digest_of(folder: Path) -> str:
    """Return SHA-256 over the sorted list of path and digest of each file of the code.

    Raises
    ------
    InvalidInput
        When the folder is not there, a file leads out of it, or it is too large.
    """
    return digest([[name, _sha256(path)] for name, path in sorted(_files(folder))])


def location(entry: Entry) -> Path:
    """Return the folder that a local entry names.

    Raises
    ------
    InvalidInput
        When it is not there.
    """
    place = Path(entry.location.removeprefix("file://")).expanduser()
    place = place / entry.folder if entry.folder else place
    if not place.is_dir():
        raise InvalidInput(f"The folder {entry.location} of the recipe is not there.")
    return place


def _bring(entry: Entry, into: Path, cache: Path) -> None:
    """Write the code beside its place, then put it there in one step."""
    partial = into.with_name(f".code.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        if entry.commit:
            Checkout(cache).extract(entry.location, entry.commit, partial, entry.folder)
        elif shipping.is_shipped(entry.location):
            for name, data in shipping.code(entry.location).items():
                (partial / name).write_bytes(data)
        else:
            for name, path in list(_files(location(entry))):
                (partial / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, partial / name)
        partial.replace(into)
    except OSError as error:
        raise SourceUnavailable(
            "The code cannot be written into the job's folder; free some space or mend its rights."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield every file of the code by its path, those that are made again left out."""
    if not folder.is_dir():
        raise InvalidInput(f"The folder {folder} of the recipe is not there.")
    root, number, size = folder.resolve(), 0, 0
    for at, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if each not in LEFT_OUT]
        for name in (*names, *(each for each in folders if (Path(at) / each).is_symlink())):
            path = Path(at) / name
            if not path.resolve().is_relative_to(root):
                raise InvalidInput(
                    f"The code has {path.relative_to(folder).as_posix()!r}, which leads out of its "
                    "folder; remove it."
                )
            if not path.is_file():
                continue
            number, size = number + 1, size + path.stat().st_size
            if number > MOST_FILES or size > MOST_BYTES:
                raise InvalidInput(
                    f"The code is more than {MOST_FILES:,} files or 512 MiB; data does not belong there."
                )
            yield path.relative_to(folder).as_posix(), path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _command(entry: Entry, folder: Path, parameters: Mapping[str, Scalar]) -> tuple[str, ...]:
    if entry.kind is EntryKind.PROJECT:
        return project.command(folder, entry.command[0], dict(parameters))
    return filled(entry.command, parameters)
