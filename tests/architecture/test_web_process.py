"""What the web process loads: nothing that belongs to the worker or the sandbox."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = ("mlflow", "shap", "fairlearn", "evidently", "sklearn", "dbos", "skops", "numba", "duckdb")
LOAD = """
import importlib, pkgutil, sys
sys.path.insert(0, {root!r})
import console, pages, services.api
import services.bootstrap.services
for package in (console, pages, services.api):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(found.name)
print(sorted(set({heavy!r}) & {{name.split(".")[0] for name in sys.modules}}))
"""


def test_no_module_of_the_web_process_loads_what_belongs_to_the_worker() -> None:
    code = LOAD.format(root=str(ROOT), heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.stdout.strip().splitlines()[-1:] == ["[]"], done.stdout + done.stderr[-2000:]
