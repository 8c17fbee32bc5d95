"""What people may write into MLflow, from the mirror to the page, on each engine."""

from pathlib import Path
from typing import Any

import pytest

from services.facts.registry import reading
from services.facts.registry.service import Registry
from services.kernel.clock import FixedClock
from services.kernel.text import lookalike, visible
from services.record.trail.unit_of_work import Store
from services.workflows.sync.service import Sync
from tests.support.fake_mlflow import FakeMlflow

COMPOSED, DECOMPOSED = "\u00e9tude", "e\u0301tude"
FORGED = "line1\nERROR admin logged in\x1b[2K"


@pytest.fixture
def mlflow() -> FakeMlflow:
    return FakeMlflow()


def names(store: Store) -> list[str]:
    with store.reading() as session:
        return [model.name for model in Registry().models(session)]


def test_two_names_that_look_the_same_stay_two_models(store: Store, mlflow: FakeMlflow) -> None:
    for name in (COMPOSED, DECOMPOSED, "credit", "\u0441redit"):
        mlflow.add(name)
    Sync(store, mlflow).look()
    assert set(names(store)) == {COMPOSED, DECOMPOSED, "credit", "\u0441redit"}


@pytest.mark.parametrize(
    ("name", "odd"),
    [("credit", ""), ("\u0441redit", "Cyrillic and Latin"), ("κredit", "Greek and Latin"),
     ("кредит", ""), ("信用-model", "CJK and Latin"), (DECOMPOSED, "combining"), ("étude", "")],
)  # fmt: skip
def test_a_name_that_could_be_taken_for_another_is_told(name: str, odd: str) -> None:
    said = lookalike(name)
    assert (said == "") == (odd == "")
    assert odd.lower() in said.lower()


def test_tags_of_any_length_and_content_are_kept_and_forge_no_line(
    store: Store, mlflow: FakeMlflow, capsys: pytest.CaptureFixture[str]
) -> None:
    mlflow.add("credit")
    mlflow.models["credit"].tags = {"long": "x" * 6_000, "forged": FORGED}
    mlflow.down = ""
    Sync(store, mlflow).look()
    with store.reading() as session:
        tags = Registry().model(session, "credit").tags
    assert len(tags["long"]) == 6_000
    assert tags["forged"] == FORGED
    assert "admin logged in" not in capsys.readouterr().out
    assert visible(FORGED) == "line1\\u000aERROR admin logged in\\u001b[2K"


def test_a_nul_in_what_mlflow_says_does_not_stop_the_mirror(store: Store) -> None:
    odd = [{"key": "k\x00", "value": "a\x00b"}, {"key": "half", "value": "\ud800"}]
    words = {"description": "nul \x00 here", "tags": odd, "name": "credit"}
    held = {**words, "version": "1", "run_id": "r1", "source": "models:/\x00"}
    run = {
        "info": {"run_id": "r1", "start_time": 1, "status": "FINISHED"},
        "data": {"tags": odd, "params": odd, "metrics": [{"key": "auc", "value": "Infinity"}]},
        "inputs": {"dataset_inputs": [{"dataset": {"name": "\ud800", "source": "\x00"}}]},
    }

    class Odd(FakeMlflow):
        def heads(self) -> list[Any]:
            lost = {**words, "name": "lost \ud800"}
            return [reading.head({**words, "latest_versions": [held]}), reading.head(lost)]

        def all_versions(self, progress: Any = None) -> list[Any]:
            del progress
            return [reading.version(held)]

        def runs(self, run_ids: Any) -> list[Any]:
            return [reading.run(run) for _ in run_ids]

    Sync(store, Odd()).look()
    assert names(store) == ["credit"]
    with store.reading() as session:
        assert Registry().model(session, "credit").tags == {
            "half": "\\ud800",
            "k\\u0000": "a\\u0000b",
        }
        assert Registry().run(session, "r1") is not None
        assert len(Registry().sync_state(session).skipped) == 1


def test_aliases_that_differ_in_case_are_two_aliases_and_one_question(
    store: Store, mlflow: FakeMlflow, clock: FixedClock
) -> None:
    for _ in range(2):
        mlflow.add("credit")
    mlflow.models["credit"].aliases = {"Champion": 1, "champion": 2}
    Sync(store, mlflow).look()
    del clock
    with store.reading() as session:
        assert Registry().aliases(session, "credit") == {"Champion": 1, "champion": 2}
        exact: Any = Registry().champion(session, "credit", "champion")
        other: Any = Registry().champion(session, "credit", "Champion")
    assert (exact.version, other.version) == (2, 1)


def test_a_log_line_about_an_odd_name_is_one_line(
    store: Store, mlflow: FakeMlflow, tmp_path: Path
) -> None:
    mlflow.add("a\x00b\nERROR forged")
    Sync(store, mlflow).look()
    with store.reading() as session:
        (said,) = Registry().sync_state(session).skipped
    assert "\n" not in said
    assert "\\u0000" in said
    del tmp_path
