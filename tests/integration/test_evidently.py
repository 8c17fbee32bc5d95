"""A real Evidently report, made in its own process; its scores and its page."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from services.facts.drift.evidently_adapter import report
from services.kernel.error import InsufficientEvidence

RIDDLE = "<script>alert(1)</script>"


def table(shift: float, rows: int = 3_000, seed: int = 1) -> pa.Table:
    drawn = np.random.default_rng(seed)
    return pa.table(
        {
            "f_age": drawn.normal(shift, 1, rows),
            f"f_{RIDDLE}": drawn.choice(["a", "b"], rows),
            "f_gone": pa.nulls(rows, pa.float64()),
            "prediction": drawn.choice([0, 1], rows),
        }
    )


def test_what_evidently_scores_is_what_scipy_measures_and_a_missing_column_stops_nothing(
    tmp_path: Path,
) -> None:
    reference, current = table(0.0), table(0.5, seed=2)
    made = report(reference, current, tmp_path / "job")
    scores = {each.column: each for each in made.scores}
    assert set(scores) == {"f_age", f"f_{RIDDLE}", "prediction"}
    assert made.left_out == ("f_gone",)
    ages = [side.column("f_age").to_numpy() for side in (reference, current)]
    expected = stats.wasserstein_distance(*ages) / ages[0].std()
    assert scores["f_age"].score == pytest.approx(expected, rel=1e-3)
    assert (scores["f_age"].detected, scores["prediction"].detected) == (True, False)
    assert made.html.startswith(b"<!DOCTYPE html>") or b"<html" in made.html[:2_000]


def test_tables_without_a_column_in_common_are_refused_in_words(tmp_path: Path) -> None:
    one, two = pa.table({"a": [1.0, 2.0]}), pa.table({"a": ["x", "y"]})
    with pytest.raises(InsufficientEvidence, match="nothing to report"):
        report(one, two, tmp_path / "job")


def test_a_report_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(InsufficientEvidence, match="stopped after"):
        report(table(0.0), table(0.0), tmp_path / "job", seconds=0.05)
