"""Projects written by ``recipe init``: each passes its own checks, and a broken one does not."""

import importlib.util
import json
from pathlib import Path

import pytest

from services.cli.main import main

NEEDS = {"sklearn": None, "boost": "xgboost", "network": "torch"}


def checked(
    capsys: pytest.CaptureFixture[str], folder: Path, *more: str
) -> tuple[int, dict[str, object]]:
    capsys.readouterr()
    code = main(["recipe", "check", str(folder), "--json", *more])
    told = json.loads(capsys.readouterr().out)
    return code, {each["what"]: each for each in told}


def written(tmp_path: Path, kind: str = "sklearn") -> Path:
    assert main(["recipe", "init", "house-prices", "--kind", kind, "--in", str(tmp_path)]) == 0
    return tmp_path / "house-prices"


@pytest.mark.slow
@pytest.mark.parametrize("kind", NEEDS)
def test_a_written_project_passes_its_own_checks(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needed = NEEDS[kind]
    if needed is not None and importlib.util.find_spec(needed) is None:
        pytest.skip(f"{needed} is not installed")
    folder = written(tmp_path, kind)
    code, found = checked(capsys, folder)
    assert (code, [each["holds"] for each in found.values()]) == (0, [True] * 4), found  # type: ignore[index]


def test_a_project_has_everything_a_person_needs(tmp_path: Path) -> None:
    folder = written(tmp_path)
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {
        "recipe.yaml", "train.py", "contract.py", "rows.py", "search.py", "requirements.txt",
        "README.md", "card.md", "runbook.md", "data/train.csv", "data/holdout.csv",
        "tests/test_training.py", ".github/workflows/retrain.yml",
    }  # fmt: skip
    assert not any("%(" in (folder / name).read_text() for name in names)


def test_another_project_is_never_written_over(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "train.py").write_text("mine\n")
    assert main(["recipe", "init", "house-prices", "--in", str(tmp_path)]) == 2
    assert (folder / "train.py").read_text() == "mine\n"
    assert main(["recipe", "init", "../House", "--in", str(tmp_path)]) == 2


@pytest.mark.parametrize(
    ("file", "old", "new", "what", "words"),
    [
        (
            "recipe.yaml",
            "max_attempts: 2",
            "max_atempts: 2",
            "recipe",
            "did you mean 'max_attempts'",
        ),
        ("recipe.yaml", "python train.py", "python tarin.py", "code", "tarin.py"),
        ("recipe.yaml", "environment: running ", "environment: {lock: x.lock} ", "code", "x.lock"),
        ("data/holdout.csv", "r601", "r6001", "rows", "is pinned"),
        ("data/train.csv", "r5,", "r601,", "rows", "same id"),
    ],
)
def test_what_is_wrong_with_a_project_is_said(
    file: str,
    old: str,
    new: str,
    what: str,
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = written(tmp_path)
    text = (folder / file).read_text()
    assert old in text or f'"{old[:-1]}",' in text
    text = (
        text.replace(old, new, 1)
        if old in text
        else text.replace(f'"{old[:-1]}",', f'"{new[:-1]}",', 1)
    )
    (folder / file).write_text(text)
    code, found = checked(capsys, folder, "--no-tests")
    assert code == 1
    assert words in str(found[what])


def test_a_folder_without_a_recipe_and_rows_elsewhere_are_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checked(capsys, tmp_path)[0] == 1
    folder = written(tmp_path)
    recipe = folder / "recipe.yaml"
    recipe.write_text(
        recipe.read_text().replace(f"uri: {folder}/data/train.csv", "uri: predictions:x")
    )
    assert checked(capsys, folder, "--no-tests")[0] == 2


def test_the_digest_of_a_file_is_the_one_its_recipe_pins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = written(tmp_path)
    capsys.readouterr()
    assert main(["recipe", "digest", str(folder / "data" / "holdout.csv")]) == 0
    assert capsys.readouterr().out.strip() in (folder / "recipe.yaml").read_text()
    assert main(["recipe", "digest", str(folder / "none.csv")]) == 2
