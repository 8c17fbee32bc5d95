"""A recipe drafted from a run: what MLflow knows of how a version was trained, and what it does not."""

from collections.abc import Sequence

from services.decisions.recipe.types import RecipeDraft
from services.facts.registry.types import Run

UNSET = "0" * 64
"""Where the digest of the holdout is still to be written down."""
NOT_PARAMETERS = ("estimator", "rows")
GAPS = {
    "code": "Say where the code lies: a git repository and a commit, or a folder.",
    "commit": "The run logged no commit; name one, or a folder.",
    "command": "Say how the code is started.",
    "data": "The run names no data that can be read again; say where the rows come from.",
    "target": "Name the column that is to be predicted.",
    "holdout": "Name rows that no training sees, and write down their digest.",
    "environment": "Name a lock file, or write 'environment: running' to use the console's own packages.",
}


def drafted(model: str, run: Run) -> RecipeDraft:
    """Return a recipe file for a person to complete; it can be read, and cannot train yet."""
    gaps = ["command", "target", "holdout", "environment"]
    where, commit = run.tags.get("mlflow.source.git.repoURL", ""), run.git_commit or ""
    entry = [f"  git: {where}", f'  commit: "{commit}"'] if where and commit else ["  folder: ."]
    if not where:
        gaps.insert(0, "code")
    elif not commit:
        gaps.insert(0, "commit")
    uri = next(
        (d.source for d in run.datasets if d.context == "training" and "://" in d.source), ""
    )
    if not uri:
        gaps.insert(1, "data")
    lines = [
        f"# Drafted from run {run.run_id}; complete what is marked with TO DO.",
        f"recipe: {model}", "version: 1", f"model: {model}", "entry:", *entry,
        f"  command: {_command(run)}   # TO DO", *_parameters(run),
        "data:", f"  uri: {uri or 'data/train.parquet'}   # {'' if uri else 'TO DO'}".rstrip("# "),
        "  target: target   # TO DO", "holdout:", "  uri: data/holdout.parquet   # TO DO",
        f'  sha256: "{UNSET}"', "environment: running   # TO DO",
    ]  # fmt: skip
    return RecipeDraft(model, run.run_id, "\n".join(lines) + "\n", tuple(GAPS[gap] for gap in gaps))


def _command(run: Run) -> str:
    script = run.tags.get("mlflow.source.name", "")
    return f"python {script.rpartition('/')[2]}" if script.endswith(".py") else "python train.py"


def _parameters(run: Run) -> Sequence[str]:
    held = [
        (k, v)
        for k, v in sorted(run.params.items())
        if k not in NOT_PARAMETERS and k.isidentifier()
    ]
    plain = [(k, v) for k, v in held if v and v.replace(".", "").replace("_", "").isalnum()]
    return ["parameters:", *(f"  {key}: {value}" for key, value in plain)] if plain else []
