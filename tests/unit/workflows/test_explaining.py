"""What a script leaves, and what the answers of a version rest on."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from services.facts.explanation.service import Explained
from services.facts.scoring.types import Limit, LimitExceeded
from services.kernel.error import InsufficientEvidence, InvalidInput
from services.workflows.retraining.explaining import ROWS, importance
from services.workflows.retraining.result import Start, begun, result_of

FRAME = pd.DataFrame({"age": np.arange(900.0), "income": np.arange(900.0) % 7})


class Explains:
    """Explains a version, or is stopped."""

    def __init__(self, *, stopped: bool = False) -> None:
        self.stopped, self.asked = stopped, list[pd.DataFrame]()

    def explain(
        self, model: Path, rows: pd.DataFrame, seed: int, work: Path, **_: Any
    ) -> Explained:
        if self.stopped:
            raise LimitExceeded(Limit.CRASHED, "It crashed.")
        self.asked.append(rows)
        values = np.column_stack([np.full(len(rows), 2.0), np.where(rows["age"] > 400, 1.0, -1.0)])
        return Explained(values, 0.0, values.sum(axis=1), ("age", "income"), "raw", "exact", 10)


def explained(scorer: Any, tmp_path: Path) -> Any:
    return importance(
        scorer, tmp_path, FRAME, tmp_path / "work", trusted=False, should_stop=lambda: False
    )


def test_importance_is_the_mean_size_over_the_same_rows_for_both(tmp_path: Path) -> None:
    scorer = Explains()
    assert explained(scorer, tmp_path) == {"age": 2.0, "income": 1.0}
    explained(scorer, tmp_path)
    first, second = scorer.asked
    assert len(first) == ROWS
    assert first.equals(second)


def test_what_cannot_be_explained_is_not_compared(tmp_path: Path) -> None:
    assert explained(Explains(stopped=True), tmp_path) is None


def left(tmp_path: Path, text: str) -> Path:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "MLmodel").write_text("flavors: {}")
    (tmp_path / "result.json").write_text(text)
    return tmp_path


def test_a_result_has_its_figures_and_its_folds(tmp_path: Path) -> None:
    told = {"metrics": {"auc": 0.7, "loss": float("nan")}, "folds": {"auc": [0.6, 0.8], "one": [1]}}
    found = result_of(left(tmp_path, json.dumps(told)))
    assert (found.metrics, found.folds) == ({"auc": 0.7}, {"auc": (0.6, 0.8)})


def test_a_result_says_what_it_began_from(tmp_path: Path) -> None:
    told = {"start": {"warm": True, "words": "its 200 rounds"}}
    said = result_of(left(tmp_path, json.dumps(told))).start
    assert said == Start(warm=True, words="its 200 rounds")
    assert (begun(said, wanted=True), begun(said, wanted=False)) == (said, None)
    silent = begun(None, wanted=True)
    assert silent is not None
    assert (silent.warm, "does not say" in silent.words) == (False, True)


@pytest.mark.parametrize("text", ["[]", '{"metrics": 1}', '{"folds": {"auc": 0.7}}', "nothing"])
def test_a_result_that_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        result_of(left(tmp_path, text))


def test_a_result_without_a_model_is_none(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text("{}")
    with pytest.raises(InsufficientEvidence, match="left no out/result.json"):
        result_of(tmp_path)
