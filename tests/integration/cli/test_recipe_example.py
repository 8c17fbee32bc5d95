"""The example of the documentation: its recipe can be read, its script keeps the contract."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from services.decisions.recipe import shipping
from services.decisions.recipe.reading import parse
from tests.support.recipes import DIGEST

TEXT = (Path(__file__).parents[3] / "docs" / "recipes.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_recipe_of_the_documentation_can_be_read() -> None:
    recipe = parse(re.sub(r'sha256: ".*?"', f'sha256: "{DIGEST}"', block("yaml")).encode())
    assert recipe.name == "house-prices"
    assert len(block("python").strip().splitlines()) <= 20


def test_the_script_of_the_documentation_leaves_a_model_and_a_result(tmp_path: Path) -> None:
    code, data = tmp_path / "code", tmp_path / "data"
    code.mkdir()
    data.mkdir()
    (code / "train.py").write_text(block("python"))
    (code / "contract.py").write_bytes(shipping.code("sklearn")["contract.py"])
    rooms = np.arange(60.0)
    pd.DataFrame({"rooms": rooms, "price": 3 * rooms + 1}).to_parquet(data / "train.parquet")
    schema = {"task": "regression", "target": "price", "features": ["rooms"]}
    (data / "schema.json").write_text(json.dumps(schema))
    done = subprocess.run(
        [sys.executable, "train.py"], cwd=code, capture_output=True, text=True, check=False,
        env={**os.environ, "COUNTERSIGN_JOB_DIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "::countersign::" in done.stdout
    assert json.loads((tmp_path / "out" / "result.json").read_text())["metrics"]["r2"] > 0.99
    assert (tmp_path / "out" / "model" / "MLmodel").is_file()
