"""The next version of a recipe at a commit that was pushed: written here, and checked as read."""

import re
from dataclasses import replace

from services.decisions.recipe.reading import parse
from services.decisions.recipe.types import Recipe
from services.kernel.error import Conflict

_VERSION = re.compile(r"^version:[ \t]*\d+", re.MULTILINE)
BY_HAND = "The recipe cannot be written anew by itself; publish its next version with that commit."


def at_commit(recipe: Recipe, text: str, version: int, commit: str) -> tuple[Recipe, str]:
    """Return a recipe at another commit, and its file; words and comments stay as they were.

    Parameters
    ----------
    text
        The file of the recipe.
    version
        What the next version counts.

    Raises
    ------
    Conflict
        When anything but commit and version would be another.
    """
    alone = re.compile(rf"(?<![0-9a-f]){recipe.entry.commit}(?![0-9a-f])")
    written = _VERSION.sub(f"version: {version}", alone.sub(commit, text), count=1)
    made = parse(written.encode())
    wanted = replace(
        recipe, version=version, entry=replace(recipe.entry, commit=commit), sha256=made.sha256
    )
    if made != wanted:
        raise Conflict(BY_HAND)
    return made, written
