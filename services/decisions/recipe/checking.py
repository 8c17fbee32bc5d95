"""Looking at a project before it is published: the recipe, its code, its rows, its own tests."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from services.decisions.recipe.entry import digest_of
from services.decisions.recipe.reading import parse
from services.decisions.recipe.rules import filled
from services.decisions.recipe.types import EntryKind, EnvironmentKind, Recipe
from services.facts.training_data.leakage import look
from services.facts.training_data.loading import TrainingRows
from services.kernel.error import CountersignError, InvalidInput

FILE = "recipe.yaml"
SECONDS = 900.0
ELSEWHERE = ("predictions:", "sql+env:")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    holds
        None where it could not be told here.
    """

    what: str
    holds: bool | None
    words: str = ""


def check(folder: Path, rows: TrainingRows, *, tests: bool = True) -> Iterator[Finding]:
    """Yield what was looked at, one thing after another; a broken recipe ends it.

    Parameters
    ----------
    tests
        Whether to run the project's own tests.
    """
    place = folder / FILE
    if not place.is_file():
        yield Finding("recipe", holds=False, words=f"There is no {FILE} in {folder}.")
        return
    try:
        recipe = parse(place.read_bytes())
    except CountersignError as error:
        yield Finding("recipe", holds=False, words=f"{FILE}: {error.message}")
        return
    yield Finding(
        "recipe", holds=True, words=f"{recipe.name} version {recipe.version}, {recipe.sha256[:12]}…"
    )
    yield _tried("code", lambda: _code(folder, recipe))
    yield _rows(recipe, rows)
    if tests and (folder / "tests").is_dir():
        yield _tests(folder)


def _tried(what: str, told: Callable[[], str]) -> Finding:
    try:
        return Finding(what, holds=True, words=told())
    except CountersignError as error:
        return Finding(what, holds=False, words=error.message)


def _code(folder: Path, recipe: Recipe) -> str:
    entry = recipe.entry
    if entry.kind is not EntryKind.FOLDER:
        return f"commit {entry.commit[:12]} is looked at when a ticket is opened"
    for word in filled(entry.command, recipe.parameters):
        if word.endswith(".py") and not (folder / word).is_file():
            raise InvalidInput(f"The command names {word}, which is not in the folder.")
    lock = recipe.environment
    if lock.kind is EnvironmentKind.LOCK and not (folder / lock.name).is_file():
        raise InvalidInput(
            f"The lock {lock.name} is not in the folder; 'uv pip compile' writes it."
        )
    return f"digest {digest_of(folder)[:12]}…"


def _rows(recipe: Recipe, rows: TrainingRows) -> Finding:
    if any(uri.startswith(ELSEWHERE) for uri in (*recipe.data.uris, recipe.holdout.uri)):
        return Finding(
            "rows", holds=None, words="they are where the console is; a ticket looks at them"
        )
    try:
        holdout = rows.holdout(recipe.data, recipe.holdout.uri, recipe.holdout.sha256)
        train = rows.load(recipe.data)
        refused = look(train, holdout).refused
    except CountersignError as error:
        return Finding("rows", holds=False, words=error.message)
    words = (
        " ".join(refused) or f"{train.rows:,} to train on, {holdout.rows:,} held out, no leakage"
    )
    return Finding("rows", holds=not refused, words=words)


def _tests(folder: Path) -> Finding:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "unittest", "discover", "-s", "tests"],
            cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Finding("tests", holds=False, words=f"they took longer than {SECONDS:g} seconds")
    last = (done.stderr.strip().splitlines() or ["they said nothing"])[-1]
    if done.returncode:
        return Finding("tests", holds=False, words=f"{last}\n{done.stderr[-2000:]}")
    skipped = "skipped" in last
    return Finding("tests", holds=None if skipped else True, words=last)
