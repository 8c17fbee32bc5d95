"""Training the demonstration's models through MLflow's public client, as a user's own code would.

Run as a program of its own: ``python -m services.workflows.demonstration.training``. Nothing here
knows the console: what it logs is what anybody could log.
"""

import argparse
import hashlib
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import skops.io
from mlflow.data.pandas_dataset import from_pandas
from mlflow.models import infer_signature
from mlflow.sklearn import log_model
from sklearn.metrics import accuracy_score, mean_absolute_error, r2_score, roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score

from services.workflows.demonstration.recipes import RECIPES
from services.workflows.demonstration.replay import WORDS, answered
from services.workflows.demonstration.stability import describe
from services.workflows.demonstration.types import DataSet, Recipe
from services.workflows.feed import types as feed
from services.workflows.feed.rules import plan_text

PACKAGES = ("scikit-learn", "numpy", "pandas", "skops")


def parquet(frame: pd.DataFrame) -> bytes:
    """Return a table as Parquet bytes; the same table gives the same bytes."""
    held = io.BytesIO()
    frame.to_parquet(held, index=False)
    return held.getvalue()


def rows_of(data: DataSet, numbers: list[int]) -> pd.DataFrame:
    """Return some rows with everything known about them."""
    parts = [data.features.iloc[numbers], data.target.iloc[numbers]]
    if len(data.protected.columns):
        parts.append(data.protected.iloc[numbers])
    frame = pd.concat(parts, axis=1).reset_index(drop=True)
    frame.insert(0, "row_id", [f"{data.name}-{number}" for number in numbers])
    return frame


def schema_of(data: DataSet) -> dict[str, Any]:
    """Return what the columns of the evaluation set mean."""
    return {
        "task": data.task,
        "target": data.target.name,
        "prediction": None,
        "favourable": data.favourable,
        "protected": list(data.protected.columns),
        "segments": list(data.segments),
        "weight": None,
        "id": "row_id",
        "time": None,
    }


def scores(data: DataSet, model: Any) -> dict[str, float]:
    """Return the figures a trainer logs."""
    held = data.features.iloc[data.evaluation]
    truth = data.target.iloc[data.evaluation]
    if data.task == "regression":
        guess = model.predict(held)
        return {"r2": r2_score(truth, guess), "mae": mean_absolute_error(truth, guess)}
    figures = {"accuracy": accuracy_score(truth, model.predict(held))}
    if data.task == "classification":
        figures["auc"] = roc_auc_score(truth, model.predict_proba(held)[:, 1])
    return {name: float(value) for name, value in figures.items()}


def folds(recipe: Recipe, data: DataSet) -> list[float]:
    """Return the score of five folds of the training rows."""
    regression = data.task == "regression"
    split = KFold(5, shuffle=True, random_state=0) if regression else StratifiedKFold(5)
    part, truth = data.features.iloc[data.train], data.target.iloc[data.train]
    scoring = "r2" if regression else "accuracy"
    return cross_val_score(recipe.build(), part, truth, cv=split, scoring=scoring).tolist()


def cpu_seconds() -> float:
    """Return how long processors worked for this process and those it waited for, in seconds."""
    told = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in told)


def commit() -> str | None:
    """Return the commit of the code that trains, or None outside a git checkout."""
    found = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # noqa: S607 - whatever git the person uses
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or None if found.returncode == 0 else None


def train(recipe: Recipe) -> None:
    """Train one version and log everything about it."""
    before = cpu_seconds()
    data = recipe.data()
    training = rows_of(data, data.train)
    digest = hashlib.sha256(parquet(training)).hexdigest()
    tags = {
        "mlflow.user": recipe.user,
        "mlflow.source.name": "services/workflows/demonstration/training.py",
    }
    code = commit()
    if code:
        tags["mlflow.source.git.commit"] = code
    mlflow.set_experiment(recipe.model)
    with mlflow.start_run(tags=tags) as run:
        model = recipe.build()
        model.fit(data.features.iloc[data.train], data.target.iloc[data.train])
        mlflow.log_params(_parameters(model, data))
        mlflow.log_metrics(scores(data, model))
        for step, value in enumerate(folds(recipe, data)):
            mlflow.log_metric("fold_score", value, step=step)
        named = from_pandas(
            training, source=data.source, name=data.name, targets=str(data.target.name)
        )
        mlflow.log_input(named, context="training", tags={"countersign.data_sha256": digest})
        _log_evaluation(data)
        _log_replay(recipe, data, model)
        description, limitations, figures = describe(recipe)
        mlflow.log_metrics(figures)
        if limitations:
            mlflow.set_tag("countersign.card.limitations", limitations)
        version = _log_model(recipe, data, model)
        mlflow.log_metric("countersign.cpu_seconds", round(cpu_seconds() - before, 3))
    _announce(recipe, version, description)
    print(f"trained {recipe.model} version {version} (run {run.info.run_id})", flush=True)  # noqa: T201


def _announce(recipe: Recipe, version: str, description: str) -> None:
    """Say of the model what is not of its run: its words, what would serve it, its alias."""
    client = mlflow.MlflowClient()
    for name, value in recipe.served_by.items():
        client.set_registered_model_tag(recipe.model, f"countersign.serving.{name}", value)
    client.update_model_version(recipe.model, version, description)
    if recipe.alias:
        client.set_registered_model_alias(recipe.model, recipe.alias, version)


def _parameters(model: Any, data: DataSet) -> dict[str, Any]:
    final = model.steps[-1][1] if hasattr(model, "steps") else model
    named = {key: value for key, value in final.get_params(deep=False).items() if value is not None}
    return {"estimator": type(final).__name__, "rows": len(data.train), **named}


def _log_evaluation(data: DataSet) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "data.parquet").write_bytes(parquet(rows_of(data, data.evaluation)))
        (place / "schema.json").write_text(json.dumps(schema_of(data), indent=1), encoding="utf-8")
        mlflow.log_artifacts(folder, "evaluation")


def _log_replay(recipe: Recipe, data: DataSet, model: Any) -> None:
    """Log what the trained version answers to the rows of its stream."""
    if recipe.replay is None:
        return
    replay = recipe.replay()
    words = None if data.task == "regression" else WORDS[recipe.model]
    with tempfile.TemporaryDirectory() as folder:
        answered(replay, model, words).to_parquet(
            Path(folder) / feed.ROWS, index=False, compression="zstd"
        )
        (Path(folder) / feed.PLAN).write_text(plan_text(replay.plan), encoding="utf-8")
        mlflow.log_artifacts(folder, feed.FOLDER)
    mlflow.set_tag(feed.TAG, "replay/1")
    if replay.window:
        mlflow.set_tag("countersign.window", replay.window)


def _log_model(recipe: Recipe, data: DataSet, model: Any) -> str:
    example = data.features.iloc[data.train[:5]]
    logged = log_model(
        model,
        name="model",
        signature=infer_signature(example, model.predict(example)),
        input_example=example,
        registered_model_name=recipe.model,
        pip_requirements=[f"{name}=={_installed(name)}" for name in PACKAGES],
        skops_trusted_types=skops.io.get_untrusted_types(data=skops.io.dumps(model)),
    )
    return str(logged.registered_model_version)


def _installed(name: str) -> str:
    from importlib.metadata import version

    return version(name)


def _wanted(missing: list[str] | None) -> list[Recipe]:
    """Return the recipes to train: all, or those that come after the versions there are."""
    if missing is None:
        return list(RECIPES)
    there = {name: int(count) for name, _, count in (each.partition("=") for each in missing)}
    numbered: dict[str, list[Recipe]] = {}
    for recipe in RECIPES:
        numbered.setdefault(recipe.model, []).append(recipe)
    return [
        r for name, recipes in numbered.items() if name in there for r in recipes[there[name] :]
    ]


def main() -> int:
    """Train every recipe, in order; print one line for each."""
    parser = argparse.ArgumentParser(description="Train the models of the demonstration.")
    parser.add_argument("--tracking-uri", required=True)
    parser.add_argument(
        "--missing", nargs="*", default=None, help="only these, as NAME=VERSIONS_THERE"
    )
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", module="mlflow")
    os.environ.setdefault("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "false")
    mlflow.set_tracking_uri(arguments.tracking_uri)
    for recipe in _wanted(arguments.missing):
        train(recipe)
    return 0


if __name__ == "__main__":
    sys.exit(main())
