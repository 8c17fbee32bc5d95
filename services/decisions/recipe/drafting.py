"""Drafting a recipe from the run that a version came from; what the run does not say is a gap."""

import json
import re
from collections.abc import Mapping

from services.decisions.recipe.reading import PARAMETER
from services.decisions.recipe.types import RecipeDraft
from services.facts.registry.types import Run

REPOSITORY, SOURCE = "mlflow.source.git.repoURL", "mlflow.source.name"
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_UNNAMED = re.compile(r"[^a-z0-9]+")


def draft(model: str, run: Run, requirements: str = "") -> RecipeDraft:
    """Return a recipe file as far as a run tells it.

    Parameters
    ----------
    requirements
        What the version's own ``requirements.txt`` says; empty where it has none.

    Returns
    -------
    RecipeDraft
        A text to be completed: each gap stands as ``TODO`` in it, and as one sentence beside it.
    """
    gaps: list[str] = []
    parts = [
        f"# Drafted from run {run.run_id}; complete each TODO.",
        f"recipe: {_name(model)}",
        "version: 1",
        f"model: {_told(model)}",
        *_entry(run, gaps),
        *_parameters(run.params, gaps),
        *_data(run, gaps),
        *_environment(requirements, gaps),
        f"metrics: [{', '.join(_told(name) for name in sorted(run.metrics))}]",
    ]
    gaps.append("Name the holdout: rows that no training sees, and their SHA-256.")
    parts.append("holdout: {uri: TODO, sha256: TODO}")
    return RecipeDraft(model, run.run_id, "\n".join(parts) + "\n", tuple(gaps))


def _name(model: str) -> str:
    return _UNNAMED.sub("-", model.lower()).strip("-")[:60] or "TODO"


def _told(value: object) -> str:
    """Return a value as YAML that is JSON too."""
    return json.dumps(value, ensure_ascii=False)


def _entry(run: Run, gaps: list[str]) -> list[str]:
    where, script = run.tags.get(REPOSITORY, ""), run.tags.get(SOURCE, "")
    if not where:
        gaps.append("The run does not say which repository its code is from; name it, or a folder.")
    if not run.git_commit:
        gaps.append("The run does not say which commit it was trained at; name its forty digits.")
    if not script.endswith(".py"):
        gaps.append("The run does not say which script trained it; write the command.")
    command = f"python {script}" if script.endswith(".py") else "TODO"
    return [
        "entry:",
        f"  git: {_told(where) if where else 'TODO'}",
        f"  commit: {_told(run.git_commit) if run.git_commit else 'TODO'}",
        f"  command: {_told(command)}",
    ]


def _parameters(params: Mapping[str, str], gaps: list[str]) -> list[str]:
    usable = {name: text for name, text in sorted(params.items()) if PARAMETER.fullmatch(name)}
    left = sorted(set(params) - set(usable))
    if left:
        gaps.append(f"The parameter {left[0]!r} has a name that no command can hold; rename it.")
    if not usable:
        gaps.append("The run logged no parameters; write those that the script takes.")
        return []
    return ["parameters:", *(f"  {name}: {_value(text)}" for name, text in usable.items())]


def _value(text: str) -> str:
    if text in ("True", "False"):
        return text.lower()
    return text if _NUMBER.fullmatch(text) else _told(text)


def _data(run: Run, gaps: list[str]) -> list[str]:
    training = [each for each in run.datasets if each.context in ("", "training", "train")]
    if not training:
        gaps.append("The run logged no training data; name its address.")
    elif "://" not in training[0].source and not training[0].source.startswith("/"):
        gaps.append(f"The run names its data {training[0].name!r}, and no address; add it.")
    known = training and ("://" in training[0].source or training[0].source.startswith("/"))
    gaps.append("Name the column of the target, and those of time and id where there are any.")
    return [
        "data:",
        f"  uri: {_told(training[0].source) if known else 'TODO'}",
        "  target: TODO",
    ]


def _environment(requirements: str, gaps: list[str]) -> list[str]:
    words = "its packages" if requirements else "no packages"
    gaps.append(
        f"The version names {words}; lock them with 'uv pip compile --generate-hashes' and name the lock."
    )
    listed = [f"# {line}" for line in requirements.splitlines() if line.strip()][:40]
    return [*listed, "environment: {lock: TODO}"]
