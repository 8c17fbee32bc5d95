"""MLflow Projects: the file ``MLproject`` is read, nothing of MLflow is needed."""

import re
from pathlib import Path
from typing import Any

import yaml

from services.decisions.recipe.rules import Scalar, filled
from services.kernel.error import InvalidInput

FILE = "MLproject"
LARGEST = 64 * 1024
_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def command(folder: Path, point: str, parameters: dict[str, Scalar]) -> tuple[str, ...]:
    """Return what an entry point runs: a shell command, its parameters filled in and quoted.

    Parameters
    ----------
    folder
        Where the project lies.
    parameters
        What the recipe says; the project's own defaults fill what it does not.

    Raises
    ------
    InvalidInput
        When there is no such entry point, or a parameter has no value.
    """
    points = _read(folder).get("entry_points")
    found = points.get(point) if isinstance(points, dict) else None
    if not isinstance(found, dict) or not isinstance(found.get("command"), str):
        raise InvalidInput(f"{FILE} has no entry point {point!r} with a command.")
    line = " ".join(found["command"].split())
    values = _defaults(found.get("parameters")) | parameters
    # each parameter becomes a variable of the shell: its text is never read as a command
    names = list(dict.fromkeys(_PLACE.findall(line)))
    told = filled(tuple(f"{{{name}}}" for name in names), values)
    numbers = {name: f'"${{{place}}}"' for place, name in enumerate(names, start=1)}
    return ("sh", "-c", _PLACE.sub(lambda m: numbers[m[1]], line), point, *told)


def _read(folder: Path) -> dict[str, Any]:
    place = folder / FILE
    if not place.is_file():
        raise InvalidInput(f"There is no {FILE} in the folder of the project.")
    if place.stat().st_size > LARGEST:
        raise InvalidInput(f"{FILE} is larger than 64 KiB.")
    try:
        held = yaml.safe_load(place.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(f"{FILE} is not YAML.") from error
    return held if isinstance(held, dict) else {}


def _defaults(given: Any) -> dict[str, Scalar]:
    """Return the values that a project gives its own parameters."""
    if not isinstance(given, dict):
        return {}
    return {
        str(name): each["default"]
        for name, each in given.items()
        if isinstance(each, dict) and isinstance(each.get("default"), str | int | float | bool)
    }
