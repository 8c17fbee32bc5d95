"""A recipe drafted from a run holds what the run tells, can be read, and names the gaps."""

from services.decisions.recipe.drafting import drafted
from services.decisions.recipe.reading import parse
from services.decisions.recipe.types import EntryKind
from services.facts.registry.types import Dataset, Run

COMMIT = "0123456789" * 4


def run(**more: object) -> Run:
    held: dict[str, object] = {
        "run_id": "r1", "experiment_id": "0", "user": "ada", "status": "FINISHED",
        "started_at": None, "ended_at": None, "git_commit": None, "metrics": {}, "params": {},
        "tags": {},
    }  # fmt: skip
    return Run(**{**held, **more})  # type: ignore[arg-type]


def test_a_run_that_tells_nothing_leaves_everything_to_a_person() -> None:
    draft = drafted("credit-risk", run())
    assert parse(draft.text.encode()).entry.location == "."
    assert any("where the code lies" in gap for gap in draft.gaps)
    assert any("rows come from" in gap for gap in draft.gaps)


def test_what_a_run_tells_stands_in_the_draft() -> None:
    draft = drafted(
        "credit-risk",
        run(
            git_commit=COMMIT,
            params={"trees": "100", "rate": "0.1", "estimator": "Trees", "odd": "a: [b"},
            tags={"mlflow.source.git.repoURL": "https://example.org/a.git", "mlflow.source.name": "src/fit.py"},
            datasets=(Dataset("rows", "training", "12345678", "s3://bucket/rows.parquet"),),
        ),
    )  # fmt: skip
    recipe = parse(draft.text.encode())
    assert (recipe.entry.kind, recipe.entry.commit) == (EntryKind.GIT, COMMIT)
    assert recipe.entry.command == ("python", "fit.py")
    assert recipe.parameters == {"rate": 0.1, "trees": 100}
    assert recipe.data.uri == "s3://bucket/rows.parquet"
    assert not any("code lies" in gap or "rows come from" in gap for gap in draft.gaps)


def test_a_repository_without_a_commit_is_a_gap() -> None:
    draft = drafted(
        "credit-risk", run(tags={"mlflow.source.git.repoURL": "https://example.org/a.git"})
    )
    assert any("logged no commit" in gap for gap in draft.gaps)
