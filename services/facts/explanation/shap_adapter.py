"""SHAP values of trees and linear models; the one file that imports SHAP, loaded in the sandbox alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shap
from shap.maskers import Independent
from shap.utils._exceptions import InvalidModelError

from services.kernel.error import InsufficientEvidence

MOST_ROWS = 1000
PROBED_ROWS = 20
TREES = frozenset(
    {
        "DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor",
        "GradientBoostingClassifier", "GradientBoostingRegressor", "HistGradientBoostingClassifier",
        "HistGradientBoostingRegressor", "RandomForestClassifier", "RandomForestRegressor",
    }
)  # fmt: skip
LINEAR = frozenset({"LogisticRegression", "LinearRegression", "Ridge", "Lasso", "ElasticNet"})
PROBABILITY = frozenset(
    {"DecisionTreeClassifier", "ExtraTreesClassifier", "RandomForestClassifier"}
)
HISTOGRAM = frozenset({"HistGradientBoostingClassifier", "HistGradientBoostingRegressor"})
FLOAT32 = TREES - HISTOGRAM


@dataclass(frozen=True)
class Attribution:
    """What each feature adds to each row's output.

    Attributes
    ----------
    values
        (n, m) in the unit of the explained output.
    base
        The output expected over the background.
    output
        (n,) the model's own output for the same rows, in the same space.
    space
        ``log-odds``, ``probability`` or ``target``.
    """

    values: npt.NDArray[np.float64]
    base: float
    output: npt.NDArray[np.float64]
    features: tuple[str, ...]
    space: str
    explainer: str
    background_rows: int


def explain(model: Any, rows: pd.DataFrame, background: pd.DataFrame, seed: int) -> Attribution:
    """Explain rows by a model.

    Parameters
    ----------
    model
        A scikit-learn estimator, or a pipeline whose steps before the last are numeric and make of
        each feature one column, in the same order and from that feature alone.
    rows
        (n, m) at most 1,000 are explained: the first of a seeded shuffle.
    background
        (b, m) what the base value is expected over.

    Raises
    ------
    InsufficientEvidence
        For any other model: its explanation is not measured.
    """
    before, final = _parts(model)
    kind = type(final).__name__
    if _outputs(final) > 1:
        raise InsufficientEvidence("Explanations of several outputs are not measured here.")
    if kind not in TREES | LINEAR or len(getattr(final, "classes_", (0, 1))) != 2:
        raise InsufficientEvidence(f"Explanations of a {kind} are not measured in this release.")
    _same_features(model, rows)
    _keeps_columns(before, rows)
    _same_features(final, rows)
    chosen = (
        rows.sample(min(len(rows), MOST_ROWS), random_state=seed) if len(rows) > MOST_ROWS else rows
    )
    inside, outside = _transformed(before, chosen, kind), _transformed(before, background, kind)
    explainer, name, used = _explainer(final, kind, outside)
    arguments = {} if kind in LINEAR else {"check_additivity": False}
    values, base = _second(explainer(inside, **arguments))
    return Attribution(
        values, base, _output(final, inside, kind), tuple(str(c) for c in rows.columns),
        _space(final, kind), name, used,
    )  # fmt: skip


def _parts(model: Any) -> tuple[Any, Any]:
    """Return what comes before the last step, None where nothing does, and the last step."""
    if not hasattr(model, "steps"):
        return None, model
    return (model[:-1] if len(model.steps) > 1 else None), model[-1]


def _outputs(final: Any) -> int:
    """Return how many targets a model answers, as a tree or a linear regression says it."""
    slopes: Any = getattr(final, "coef_", 0)
    rows = len(slopes) if np.ndim(slopes) == 2 and not hasattr(final, "classes_") else 1
    return max(int(getattr(final, "n_outputs_", 1)), rows)


def _same_features(model: Any, rows: pd.DataFrame) -> None:
    """Refuse rows with other columns than the model learned from, or in another order."""
    names = [str(each) for each in rows.columns]
    learned = [str(each) for each in getattr(model, "feature_names_in_", names)]
    # a pipeline counts as its first step does, which may be none
    count = getattr(model, "n_features_in_", len(names) if hasattr(model, "steps") else None)
    if learned != names or count != len(names):
        raise InsufficientEvidence(
            "The version learned from other columns than the evaluation set has, or in another "
            "order; this is not measured."
        )


def _keeps_columns(before: Any, rows: pd.DataFrame) -> None:
    """Refuse a pipeline that drops, adds, mixes or reorders columns: bars would bear wrong names."""
    if before is None:
        return
    names = [str(each) for each in rows.columns]
    try:
        kept = [str(each) for each in before.get_feature_names_out(rows.columns)]
    except (AttributeError, TypeError, ValueError) as error:
        raise InsufficientEvidence(
            "The pipeline does not say which columns its steps make; this is not measured."
        ) from error
    if kept != names or _mixes(before, rows.iloc[:PROBED_ROWS].copy()):
        raise InsufficientEvidence(
            "The pipeline changes, mixes or reorders columns; this is not measured."
        )


def _mixes(before: Any, rows: pd.DataFrame) -> bool:
    """Tell whether a feature moves a column that does not bear its name, whatever the names say.

    Notes
    -----
    The values of one feature after the other are moved on by a row; every other column must stay as
    it was. Scikit-learn's Normalizer keeps the names of its columns and mixes them all the same.
    """
    plain = np.asarray(before.transform(rows), dtype=np.float64)
    if plain.shape != rows.shape:
        return True
    for place in range(plain.shape[1]):
        moved = rows.copy()
        moved.isetitem(place, np.roll(rows.iloc[:, place].to_numpy(), 1))
        found = np.asarray(before.transform(moved), dtype=np.float64)
        others = np.arange(plain.shape[1]) != place
        if not np.array_equal(found[:, others], plain[:, others], equal_nan=True):
            return True
    return False


def _explainer(final: Any, kind: str, background: npt.NDArray[np.float64]) -> tuple[Any, str, int]:
    """Return the explainer, its name and how many background rows it uses.

    Notes
    -----
    Histogram trees are explained along their own paths: against background rows SHAP rounds their
    thresholds and misses the model's output. Our own residual, against the model, is what is filed.
    """
    if kind in HISTOGRAM:
        return shap.TreeExplainer(final), "TreeExplainer, path-dependent", 0
    masker: Any = Independent(background, max_samples=len(background))
    if kind in LINEAR:
        return shap.LinearExplainer(final, masker), "LinearExplainer", len(background)
    try:
        explainer = shap.TreeExplainer(final, masker, feature_perturbation="interventional")
    except InvalidModelError as error:
        raise InsufficientEvidence(
            f"Explanations of a {kind} made in this way are not measured in this release."
        ) from error
    return explainer, "TreeExplainer, interventional", len(background)


def _transformed(before: Any, rows: pd.DataFrame, kind: str) -> npt.NDArray[np.float64]:
    """Return the rows as the last step sees them; trees of scikit-learn see them as float32."""
    found = np.asarray(before.transform(rows) if before is not None else rows, dtype=np.float64)
    return found.astype(np.float32).astype(np.float64) if kind in FLOAT32 else found


def _second(explanation: Any) -> tuple[npt.NDArray[np.float64], float]:
    """Return values and base of the second class where both classes are given."""
    values, base = np.asarray(explanation.values), np.asarray(explanation.base_values)
    if values.ndim == 3:
        values, base = values[..., 1], base[..., 1]
    return values.astype(np.float64), float(np.ravel(base)[0])


def _output(final: Any, inside: npt.NDArray[np.float64], kind: str) -> npt.NDArray[np.float64]:
    names = getattr(final, "feature_names_in_", None)
    seen = inside if names is None else pd.DataFrame(inside, columns=names)
    if kind in PROBABILITY:
        return np.asarray(final.predict_proba(seen)[:, 1], dtype=np.float64)
    if hasattr(final, "decision_function"):
        return np.asarray(final.decision_function(seen), dtype=np.float64).reshape(-1)
    return np.asarray(final.predict(seen), dtype=np.float64).reshape(-1)


def _space(final: Any, kind: str) -> str:
    if kind in PROBABILITY:
        return "probability"
    return "log-odds" if hasattr(final, "classes_") else "target"
