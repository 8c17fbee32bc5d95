"""Rows as estimators take them: numbers, texts by number, and a part kept apart to watch progress."""

import numpy as np
import pandas as pd
import skops.io
from mlflow.models import infer_signature
from mlflow.sklearn import save_model
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.model_selection import train_test_split

PACKAGES = ("scikit-learn", "numpy", "pandas", "skops")


def split(job, seed):
    """Return features, target, and the row numbers to learn from and to watch progress on.

    With a time column the last fifth is watched, else a fifth drawn with the seed.
    """
    rows, schema = job.rows(), job.schema
    features = rows[schema["features"]].copy()
    for name in features.columns:
        if not pd.api.types.is_numeric_dtype(features[name]):
            if pd.api.types.is_datetime64_any_dtype(features[name]):
                features[name] = features[name].astype("int64")
            else:
                features[name] = features[name].astype(object).where(features[name].notna(), None)
                continue
        features[name] = features[name].astype("float64")
    target = rows[schema["target"]]
    if schema["task"] != "regression" and pd.api.types.is_float_dtype(target):
        target = target.astype("int64")  # classes 0.0 and 1.0 are 0 and 1
    everything = np.arange(len(rows))
    if schema.get("time"):
        ordered = everything[np.argsort(rows[schema["time"]].to_numpy(), kind="stable")]
        cut = int(len(ordered) * 0.8)
        return features, target, np.sort(ordered[:cut]), np.sort(ordered[cut:])
    classes = target if schema["task"] != "regression" and target.value_counts().min() > 1 else None
    learn, watch = train_test_split(everything, test_size=0.2, random_state=seed, stratify=classes)
    return features, target, np.sort(learn), np.sort(watch)


def texts(features):
    """Return the names of columns that hold texts."""
    return [name for name in features.columns if features[name].dtype == object]


def score(model, features, target, task):
    """Return the figures of rows: R squared, or accuracy and, of two classes, AUC."""
    if task == "regression":
        return {"r2": float(r2_score(target, model.predict(features)))}
    figures = {"accuracy": float(accuracy_score(target, model.predict(features)))}
    if task == "classification" and target.nunique() == 2:
        figures["auc"] = float(roc_auc_score(target, model.predict_proba(features)[:, 1]))
    return figures


def main_figure(task):
    """Return the name of the figure to watch."""
    return {"regression": "r2", "classification": "auc"}.get(task, "accuracy")


def save(job, model, features, more=()):
    """Save a scikit-learn model in a format that runs no code when it is loaded."""
    from importlib.metadata import version

    example = features.head(5)
    save_model(
        model,
        job.model_folder(),
        signature=infer_signature(example, model.predict(example)),
        input_example=example,
        pip_requirements=[f"{name}=={version(name)}" for name in (*PACKAGES, *more)],
        skops_trusted_types=skops.io.get_untrusted_types(data=skops.io.dumps(model)),
    )
