"""What a recipe asks to be run, and how two of them differ."""

import json
import math
from collections.abc import Mapping
from typing import Any

from services.decisions.recipe.code import PLACE
from services.decisions.recipe.reading import canonical_bytes
from services.decisions.recipe.types import Recipe
from services.kernel.error import InvalidInput

Scalar = str | int | float | bool


def filled(command: tuple[str, ...], parameters: Mapping[str, Scalar]) -> tuple[str, ...]:
    """Return a command with ``{name}`` replaced by parameters.

    Raises
    ------
    InvalidInput
        When a parameter has no value.
    """
    wanted = {name for word in command for name in PLACE.findall(word)}
    missing = sorted(wanted - set(parameters))
    if missing:
        raise InvalidInput(f"The command needs a value for {', '.join(missing)}.")
    return tuple(PLACE.sub(lambda m: told(parameters[m[1]]), word) for word in command)


def told(value: Scalar) -> str:
    """Return a parameter as a command line says it."""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def with_parameters(recipe: Recipe, given: Mapping[str, str]) -> dict[str, Scalar]:
    """Return the recipe's parameters, some of them replaced by what a ticket says.

    Raises
    ------
    InvalidInput
        When the recipe has no such parameter, or the text is no value of its kind.
    """
    unknown = sorted(set(given) - set(recipe.parameters))
    if unknown:
        known = ", ".join(sorted(recipe.parameters)) or "none"
        raise InvalidInput(f"{recipe.name!r} has no parameter {unknown[0]!r}; it has {known}.")
    return {
        name: _like(name, value, given[name]) if name in given else value
        for name, value in recipe.parameters.items()
    }


def _like(name: str, before: Scalar, text: str) -> Scalar:
    if isinstance(before, bool):
        if text.lower() not in ("true", "false"):
            raise InvalidInput(f"The parameter {name!r} is true or false.")
        return text.lower() == "true"
    if isinstance(before, str):
        return text
    try:
        found = int(text) if isinstance(before, int) else float(text)
    except ValueError as error:
        kind = "a whole number" if isinstance(before, int) else "a finite number"
        raise InvalidInput(f"The parameter {name!r} is {kind}, and {text!r} is none.") from error
    if not math.isfinite(found):
        raise InvalidInput(f"The parameter {name!r} is a finite number, and {text!r} is none.")
    return found


def difference(before: Recipe | None, after: Recipe) -> tuple[str, ...]:
    """Return how a recipe differs from another, one sentence for each thing; empty when it does not.

    Parameters
    ----------
    before
        The recipe of the version to be replaced; None where it was trained without one.
    """
    if before is None:
        return ("The version to be replaced was trained without a recipe.",)
    old, new = (_flat(json.loads(canonical_bytes(each))) for each in (before, after))
    return tuple(
        _sentence(key, old.get(key), new.get(key))
        for key in sorted(old.keys() | new.keys())
        if key not in ("version", "name") and old.get(key) != new.get(key)
    )


def _flat(value: Any, key: str = "") -> dict[str, Any]:
    if isinstance(value, dict) and value:
        found: dict[str, Any] = {}
        for name, each in value.items():
            found |= _flat(each, f"{key}.{name}" if key else str(name))
        return found
    return {key: value}


def _sentence(key: str, old: Any, new: Any) -> str:
    words = key.replace("needs.", "resources.").replace("_", " ")
    if _absent(old):
        return f"{words} is {_shown(new)}, where nothing stood."
    if _absent(new):
        return f"{words} is gone; it was {_shown(old)}."
    return f"{words} is {_shown(new)}; it was {_shown(old)}."


def _absent(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)
