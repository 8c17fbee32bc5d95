"""The search of shipped recipes: so many trials, poor ones pruned, gone on with after a crash, ended in time."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SHARED = Path(__file__).parents[3] / "services/decisions/recipe/shipped/shared/search.py"
ASKED = {
    "trials": 12, "metric": "auc", "maximise": True, "pruner": "median",
    "space": {"rate": {"low": 0.0, "high": 1.0, "log": False}, "kind": {"choices": ["a", "b"]}},
}  # fmt: skip


@pytest.fixture(scope="module")
def search() -> ModuleType:
    spec = importlib.util.spec_from_file_location("shipped_search", SHARED)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


class Job:
    """A job with a search, and what it reported."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.folder, self.checkpoint = folder, folder / "checkpoint"
        self.parameters = {"rate": 0.5, "rounds": 3}
        self.search, self.reported = {**ASKED, **more}, list[dict[str, Any]]()

    def report(self, step: int, **told: Any) -> None:
        self.reported.append({"step": step, **told})


class Trials:
    """A figure that is the better the nearer the rate is to 0.2, said in ten steps."""

    def __init__(self) -> None:
        self.begun = self.ended = 0

    def __call__(self, p: dict[str, Any], watch: Callable[[int, float], None]) -> float:
        self.begun += 1
        value = 1.0 - abs(float(p["rate"]) - 0.2)
        for step in range(10):
            watch(step, value)
        self.ended += 1
        return value


def test_poor_trials_are_pruned_and_the_best_is_returned(
    search: ModuleType, tmp_path: Path
) -> None:
    job, trials = Job(tmp_path), Trials()
    best = search.best(job, trials, seed=1)
    assert trials.begun == 12
    assert trials.ended < 12
    assert len(job.reported) == trials.ended
    value = max(each["auc"] for each in job.reported)
    assert value == pytest.approx(1.0 - abs(best["rate"] - 0.2))
    assert (best["rounds"], best["kind"] in ("a", "b")) == (3, True)
    again = Trials()
    assert search.best(Job(tmp_path), again, seed=1) == best
    assert again.begun == 0, "all trials were made before the crash"


def test_no_trial_begins_after_the_time_of_the_search(search: ModuleType, tmp_path: Path) -> None:
    job, trials = Job(tmp_path, seconds=0.0), Trials()
    found = search.best(job, trials, seed=1)
    assert trials.begun <= 1
    assert found["rounds"] == 3


def test_without_a_search_the_parameters_stay(search: ModuleType, tmp_path: Path) -> None:
    job = Job(tmp_path)
    job.search = {}
    assert search.best(job, Trials()) == {"rate": 0.5, "rounds": 3}
