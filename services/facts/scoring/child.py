"""The program inside the sandbox: give everything up, load one model, answer, end.

Run as a file with ``python -I``. What it is asked stands in ``job.json`` of its folder; what it answers
in ``result.json`` and ``answer.npz``. It never writes a pickle.
"""

import json
import os
import sqlite3
import sys
import time
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types",
          "/proc/self/status", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu",
          "/dev/urandom", "/dev/random", "/proc/self/maps", "/sys/fs/cgroup")  # fmt: skip
MOST_SECONDS, ENOUGH_SECONDS, MOST_ANSWERS = 2.0, 0.25, 300
TRUSTED = ("sklearn.", "numpy.", "scipy.", "pandas.", "builtins.", "collections.", "functools.",
           "xgboost.", "lightgbm.", "operator.")  # fmt: skip


def main(folder: Path) -> None:
    """Do what the job says and write down how it went."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    sys.path.insert(0, str(ROOT))
    from services.facts.scoring import confinement

    confinement.end_with_parent()
    confinement.limit(job["memory_mb"], job["seconds"] + 5, job["file_mb"])
    if job["level"] == "S1":
        code = (str(ROOT / "services"), str(ROOT / ".venv"), sys.prefix, sys.base_prefix)
        confinement.confine([*SYSTEM, *code], [str(folder), "/dev/null"])
    try:
        result = _answer(folder, job)
    except BaseException as error:  # noqa: BLE001 - whatever a stranger's model raises is its answer
        result = {"error": _limit(error), "words": _words(error)}
    (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
    sys.stdout.flush()
    os._exit(0)


def _answer(folder: Path, job: dict[str, Any]) -> dict[str, Any]:
    import numpy as np
    import pandas as pd

    model = _load(folder / "model", job)
    rows = pd.read_parquet(folder / "rows.parquet")
    if job["do"] == "explain":
        return _explain(folder, model, rows, job)
    if job["task"] != "regression" and hasattr(model, "predict_proba"):
        answer, classes = model.predict_proba, list(model.classes_)
    else:
        answer, classes = model.predict, []
    outputs = np.asarray(answer(rows))
    np.savez(folder / "answer.npz", outputs=outputs.astype("float64"))
    plain = [each.item() if hasattr(each, "item") else each for each in classes]
    return {"classes": plain, "libraries": _libraries(), "latency_ms": timed(answer, rows)}


def timed(answer: Any, rows: Any) -> float | None:
    """Return the processor time of an answer to one row, on one thread, in the mean of many.

    Notes
    -----
    The clock on the wall runs on while a busy machine does something else, and threads that wait for
    each other make a small answer longer: both would compare machines and not models. The processor's
    clock ticks coarsely on some machines, so that the shortest answer may seem to take nothing.
    """
    from threadpoolctl import threadpool_limits

    given = 0
    with threadpool_limits(1):
        began, until = time.process_time(), time.monotonic() + MOST_SECONDS
        while given < MOST_ANSWERS and time.process_time() - began < ENOUGH_SECONDS:
            if not len(rows) or time.monotonic() > until:
                break
            answer(rows.iloc[[given % len(rows)]])
            given += 1
        took = time.process_time() - began
    return took / given * 1000 if given and took > 0 else None


def _explain(folder: Path, model: Any, rows: Any, job: dict[str, Any]) -> dict[str, Any]:
    import numpy as np

    from services.facts.explanation.shap_adapter import explain

    found = explain(model, rows, rows.iloc[: job["background"]], job["seed"])
    np.savez(folder / "answer.npz", values=found.values, output=found.output)
    return {
        "base": found.base,
        "features": list(found.features),
        "space": found.space,
        "explainer": found.explainer,
        "background_rows": found.background_rows,
        "libraries": _libraries(),
    }


def _load(model: Path, job: dict[str, Any]) -> Any:
    if job["loader"] == "sklearn" and job["format"] == "skops":
        import skops.io

        types = skops.io.get_untrusted_types(file=model / job["file"])
        foreign = [name for name in types if not name.startswith(TRUSTED)]
        if foreign:
            raise RefusedType(f"The model holds the unknown type {foreign[0][:80]}.")
        return skops.io.load(model / job["file"], trusted=types)
    if job["loader"] == "sklearn":
        import cloudpickle

        with (model / job["file"]).open("rb") as file:
            return cloudpickle.load(file)
    import mlflow.pyfunc

    return mlflow.pyfunc.load_model(str(model))


class RefusedType(Exception):
    """The file of a model holds a type that is not loaded."""


LIMITS: dict[type[BaseException], str] = {
    MemoryError: "memory",
    RefusedType: "refused",
    BlockingIOError: "processes",
    sqlite3.Error: "files",
    OSError: "files",
}


def _libraries() -> list[list[str]]:
    from importlib.metadata import version

    names = ("numpy", "scipy", "scikit-learn", "pandas", "shap", "skops")
    return [["python", sys.version.split()[0]], *([name, version(name)] for name in names)]


def _limit(error: BaseException) -> str:
    """Return which limit an error speaks of."""
    if isinstance(error, KeyError):
        return "environment" if _last_file(error).endswith(("os.py", "<frozen os>")) else "error"
    if isinstance(error, OSError) and (error.errno == 101 or "unreachable" in str(error).lower()):
        return "network"
    for kind, limit in LIMITS.items():
        if isinstance(error, kind):
            return limit
    return "error"


def _last_file(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return frames[-1].filename if frames else ""


def _words(error: BaseException) -> str:
    message = getattr(error, "message", None) or str(error)
    return f"{type(error).__name__}: {str(message)[:300]}"


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
