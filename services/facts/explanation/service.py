"""The global explanation: how much each feature moves the output, and whether the parts add up."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.facts.evidence.types import (
    EvidenceInput,
    EvidenceKind,
    Measurement,
    Reading,
    segment,
)
from services.kernel.error import InsufficientEvidence

SCHEMA = "explanation/1"
SHOWN_ROWS = 200
TOLERANCE = 1e-4
DIGITS = 10
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Explained:
    """SHAP values as they came out of the sandbox.

    Attributes
    ----------
    values
        (n, m) attributions in the unit of the output.
    base
        The output expected over the background.
    output
        (n,) the model's own output: the residual is measured against it, never against the
        explainer's reading of the model.
    """

    values: Floats
    base: float
    output: Floats
    features: tuple[str, ...]
    space: str
    explainer: str
    background_rows: int


def from_values(explained: Explained, *, seed: int, evaluation_sha256: str) -> Reading:
    """Return the reading of SHAP values.

    Raises
    ------
    InsufficientEvidence
        When there is not one part for each row and feature, or the parts do not add up to the
        model's own output.
    """
    values, base, output = explained.values, explained.base, explained.output
    features, n = explained.features, len(output)
    if not n or values.shape != (n, len(features)) or output.shape != (n,):
        raise InsufficientEvidence("The attributions are not one a row and feature; try again.")
    residual = float(np.abs(values.sum(axis=1) + base - output).max())
    scale = max(1.0, float(np.abs(output).max()))
    if not np.isfinite(residual) or residual > TOLERANCE * scale:
        raise InsufficientEvidence(
            f"The attributions miss the model's own output by {residual:.3g}; they were not filed."
        )
    importance = np.abs(values).mean(axis=0)
    spread = np.abs(values).std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else None
    order = sorted(
        range(len(features)), key=lambda i: (-round(float(importance[i]), DIGITS), features[i])
    )
    unit = explained.space
    rows = np.random.default_rng(seed).permutation(n)[:SHOWN_ROWS]
    return Reading(
        kind=EvidenceKind.EXPLANATION,
        schema=SCHEMA,
        payload={
            "n": n,
            "base": round(base, DIGITS),
            "space": explained.space,
            "features": list(features),
            "mean_absolute": [round(float(v), DIGITS) for v in importance],
            "sample": [[round(float(v), 6) for v in values[row]] for row in sorted(rows)],
        },
        measurements=(
            *(
                _bar(features[i], float(importance[i]), None if spread is None else float(spread[i]),
                     unit, n)
                for i in order
            ),
            Measurement("explanation.additivity_residual", "", residual, unit, n, method="exact"),
        ),
        inputs=(EvidenceInput("evaluation", evaluation_sha256, n),),
        parameters={
            "explainer": explained.explainer, "space": explained.space, "background": "evaluation set", "seed": seed,
            "background_rows": explained.background_rows, "rows": n,
        },
        seed=seed,
    )  # fmt: skip


def _bar(feature: str, value: float, error: float | None, unit: str, n: int) -> Measurement:
    """Return the importance of one feature; one row alone gives no interval."""
    where = segment(feature=feature)
    if error is None:
        return Measurement("explanation.importance", where, value, unit, n, method="one row")
    half = 1.96 * error
    return Measurement(
        "explanation.importance", where, value, unit, n, max(0.0, value - half), value + half, 0.95,
        "mean-normal",
    )  # fmt: skip
