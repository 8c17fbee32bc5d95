"""Reading the part of a recipe that says where its code comes from."""

import re
import shlex
from collections.abc import Mapping
from typing import Any

from services.decisions.recipe.types import Entry, EntryKind
from services.standards.policy.reading import Part

PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
KEYS = ("project", "git", "folder", "commit", "branch", "command", "path")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+@-]{0,254}")


def entry(part: Part, parameters: Mapping[str, Any]) -> Entry:
    """Return the code that trains, and how it is started."""
    held = part.members(KEYS)
    named = [kind for kind in EntryKind if kind.value in held]
    if len(named) != 1:
        part.fail("name exactly one of project, git and folder")
    kind, where = named[0], held[named[0].value]
    if where.text().startswith("-"):
        where.fail("an address does not begin with a hyphen")
    commit = _commit(kind, held, where)
    if "branch" in held and not commit:
        held["branch"].fail("a branch goes with the commit of a repository")
    command = _command(kind, held, part)
    if kind is not EntryKind.PROJECT:
        for name in (each for word in command for each in PLACE.findall(word)):
            if name not in parameters:
                held["command"].fail(f"{{{name}}} is no parameter of this recipe")
    folder = below(held["path"]) if "path" in held else ""
    return Entry(kind, where.text(), command, commit, folder, _branch(held))


def _commit(kind: EntryKind, held: Mapping[str, Part], where: Part) -> str:
    if "commit" not in held:
        if kind is EntryKind.GIT or (kind is EntryKind.PROJECT and "://" in where.text()):
            where.fail("a repository needs 'commit: ' and its forty hexadecimal digits")
        return ""
    if kind is EntryKind.FOLDER:
        held["commit"].fail("a folder has no commit; its content is digested instead")
    if not _COMMIT.fullmatch(str(held["commit"].value)):
        held["commit"].fail(
            "a commit is forty hexadecimal digits in quotes, no branch and no tag: those move"
        )
    return held["commit"].text()


def _branch(held: Mapping[str, Part]) -> str:
    if "branch" not in held:
        return ""
    text = held["branch"].text()
    if not _BRANCH.fullmatch(text) or ".." in text:
        held["branch"].fail("a branch is written as git writes it, such as main")
    return text


def _command(kind: EntryKind, held: Mapping[str, Part], part: Part) -> tuple[str, ...]:
    if "command" not in held:
        if kind is EntryKind.PROJECT:
            return ("main",)
        part.fail("the key 'command' is missing, such as 'command: python train.py'")
    given = held["command"]
    if isinstance(given.value, list):
        words = given.texts()
    else:
        try:
            words = tuple(shlex.split(given.text()))
        except ValueError:
            given.fail("the quotation marks do not match")
    if not words:
        given.fail("a program is needed here, such as 'python train.py'")
    if kind is EntryKind.PROJECT and len(words) != 1:
        given.fail("of an MLflow Project only the name of an entry point is given")
    return words


def below(part: Part) -> str:
    """Return a path that goes only down."""
    text = part.text().strip("/")
    if ".." in text.split("/") or part.text().startswith("/"):
        part.fail("a path lies below the repository's own folder")
    return text
