"""The recipes that come with the console: their code, and a project of one's own made from it."""

from importlib import resources
from importlib.resources.abc import Traversable

from services.kernel.error import InvalidInput

SHIPPED = "shipped:"
KINDS = ("sklearn", "boost", "network")
ENDINGS = (".py", ".yaml", ".yml", ".md", ".txt")


def is_shipped(location: str) -> bool:
    """Tell whether code comes with the console."""
    return location.startswith(SHIPPED)


def code(kind: str) -> dict[str, bytes]:
    """Return the files of a shipped recipe by name: its script, and what all scripts share.

    Raises
    ------
    InvalidInput
        When there is none of that name.
    """
    kind = kind.removeprefix(SHIPPED)
    if kind not in KINDS:
        raise InvalidInput(
            f"No recipe called {kind!r} comes with the console; there are {', '.join(KINDS)}."
        )
    return _files("shared") | _files(kind)


def template() -> dict[str, str]:
    """Return the other files of a project by name, with places to be filled in."""
    told = {f"/{name}": data.decode() for name, data in _files("project").items()}
    return {
        name.replace("/github__", "/.github__").replace("__", "/").removeprefix("/"): text
        for name, text in told.items()
    }


def _files(folder: str) -> dict[str, bytes]:
    place: Traversable = resources.files("services.decisions.recipe") / "shipped" / folder
    return {each.name: each.read_bytes() for each in place.iterdir() if each.name.endswith(ENDINGS)}
