"""Reading a recipe: every key known, every value checked, every error with its line and column."""

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from services.decisions.recipe.code import below, entry
from services.decisions.recipe.guards import guards
from services.decisions.recipe.needs import SPOT, needs
from services.decisions.recipe.sources import source
from services.decisions.recipe.types import (
    Checkpoint,
    Environment,
    EnvironmentKind,
    Holdout,
    Needs,
    Recipe,
    Search,
)
from services.record.canonical import canonical, sha256_hex
from services.standards.policy.reading import Part, read

KEYS = (
    "recipe", "version", "model", "entry", "parameters", "data", "environment", "resources",
    "checkpoint", "metrics", "holdout", "search", "warm_start", "max_attempts", "engine", "guards",
)  # fmt: skip
NEEDED = ("recipe", "version", "model", "entry", "data", "environment", "holdout")
PRUNERS = ("median", "hyperband", "none")
TAKEN = (".", "attempts", "code", "data", "out")
"""Folders of a job in which no checkpoint is kept."""
SIGNALS = ("SIGTERM", "SIGUSR1")
PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def parse(data: bytes) -> Recipe:
    """Read a recipe from the bytes of its file.

    Raises
    ------
    PolicyError
        With line and column, for anything that is not exactly a recipe.
    """
    held = read(data).members(KEYS, NEEDED)
    parameters = _parameters(held.get("parameters"))
    recipe = Recipe(
        name=held["recipe"].name(),
        version=held["version"].whole(1),
        sha256="",
        model=held["model"].text(),
        entry=entry(held["entry"], parameters),
        data=source(held["data"]),
        environment=_environment(held["environment"]),
        holdout=_holdout(held["holdout"]),
        needs=needs(held["resources"]) if "resources" in held else Needs(),
        parameters=parameters,
        checkpoint=_checkpoint(held["checkpoint"]) if "checkpoint" in held else None,
        metrics=held["metrics"].texts() if "metrics" in held else (),
        search=_search(held["search"]) if "search" in held else None,
        **_rest(held),
    )
    return replace(recipe, sha256=sha256_hex(canonical_bytes(recipe)))


def canonical_bytes(recipe: Recipe) -> bytes:
    """Return what a recipe says, written in the one way; spaces, comments and order are gone."""
    said = {k: v for k, v in asdict(recipe).items() if k != "sha256"}
    if not recipe.entry.branch:
        del said["entry"]["branch"]
    if not recipe.needs.spot:
        said["needs"] = {k: v for k, v in said["needs"].items() if k not in SPOT}
    return canonical(said)


def _rest(held: Mapping[str, Part]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "warm_start" in held:
        found["warm_start"] = held["warm_start"].truth()
    if "max_attempts" in held:
        found["max_attempts"] = held["max_attempts"].whole(1)
    if "engine" in held:
        found["engine"] = held["engine"].name()
    if "guards" in held:
        found["guards"] = guards(held["guards"])
    return found


def _parameters(part: Part | None) -> dict[str, str | int | float | bool]:
    if part is None:
        return {}
    found: dict[str, str | int | float | bool] = {}
    for name, each in part.members(given(part)).items():
        if not PARAMETER.fullmatch(name):
            (part.keys or {})[name].fail(
                "a parameter's name is made of letters, digits and underscores"
            )
        found[name] = scalar(each)
    return found


def given(part: Part) -> tuple[str, ...]:
    """Return the keys of a mapping, whatever they are; a mapping must stand there."""
    return tuple(part.value) if isinstance(part.value, dict) else ()


def scalar(part: Part) -> str | int | float | bool:
    """Return a text, a finite number, true or false."""
    value = part.value
    if isinstance(value, float):
        return part.number()
    if isinstance(value, date | datetime):
        part.fail("write a date in quotation marks")
    if not isinstance(value, str | int | bool):
        part.fail("a text, a number, true or false is needed here")
    return value


def _environment(part: Part) -> Environment:
    if part.value == EnvironmentKind.RUNNING.value:
        return Environment(EnvironmentKind.RUNNING)
    held = part.members(("lock", "image"))
    if len(held) != 1:
        part.fail("name one of 'lock: FILE' and 'image: IMAGE', or write 'environment: running'")
    kind = EnvironmentKind.LOCK if "lock" in held else EnvironmentKind.IMAGE
    named = held[kind.value]
    if kind is EnvironmentKind.LOCK:
        return Environment(kind, below(named))
    return Environment(kind, named.text())


def _checkpoint(part: Part) -> Checkpoint:
    held = part.members(("dir", "signal"))
    folder = below(held["dir"]) if "dir" in held else Checkpoint().dir
    if not folder or folder.split("/")[0] in TAKEN:
        held["dir"].fail(f"a folder of its own is needed, none of {', '.join(TAKEN)}")
    return Checkpoint(
        folder,
        held["signal"].one_of(SIGNALS) if "signal" in held else Checkpoint().signal,
    )


def _holdout(part: Part) -> Holdout:
    held = part.members(("uri", "sha256"), ("uri", "sha256"))
    if not _DIGEST.fullmatch(str(held["sha256"].value)):
        held["sha256"].fail(
            "a SHA-256 is 64 hexadecimal digits; 'countersign recipe digest' says it"
        )
    return Holdout(held["uri"].text(), held["sha256"].text())


def _search(part: Part) -> Search:
    needed = ("trials", "metric", "space")
    held = part.members((*needed, "maximise", "pruner"), needed)
    space = held["space"]
    if not given(space):
        space.fail("name at least one parameter to search over")
    return Search(
        trials=held["trials"].whole(1),
        metric=held["metric"].text(),
        maximise=held["maximise"].truth() if "maximise" in held else True,
        space={name: _range(each) for name, each in space.members(given(space)).items()},
        pruner=held["pruner"].one_of(PRUNERS) if "pruner" in held else "median",
    )


def _range(part: Part) -> dict[str, object]:
    held = part.members(("low", "high", "log", "choices"))
    if set(held) == {"choices"}:
        return {"choices": [scalar(each) for each in held["choices"].items()]}
    if not {"low", "high"} <= set(held) or "choices" in held:
        part.fail("write 'low' and 'high' (and 'log: true'), or 'choices' alone")
    low, high = held["low"].number(), held["high"].number()
    if not low < high:
        held["high"].fail("'high' is more than 'low'")
    log = held["log"].truth() if "log" in held else False
    if log and low <= 0:
        held["low"].fail("with 'log: true' the lower end is more than 0")
    whole = all(isinstance(held[end].value, int) for end in ("low", "high"))
    return {"low": int(low) if whole else low, "high": int(high) if whole else high, "log": log}
