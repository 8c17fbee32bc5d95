"""Evidently, in one file and in a process of its own: a report of two tables, and its scores.

Run as ``python -m services.facts.drift.evidently_adapter FOLDER``: the folder holds ``reference.parquet``
and ``current.parquet``; ``report.html`` and ``scores.json`` are written beside them.

Notes
-----
Importing Evidently takes seconds and hundreds of megabytes, one all-missing column kills a whole report,
and its page carries the names of columns as they are: so it runs apart, is given only what it can
compare, and what it writes is offered as a file and never drawn.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from services.kernel.error import InsufficientEvidence

SECONDS = 300.0
LEAST = 2
_ENVIRONMENT = ("PATH", "LANG", "TMPDIR", "OPENBLAS_CORETYPE", "PYTHONPATH")


@dataclass(frozen=True, slots=True)
class Score:
    """What Evidently says about one column.

    Attributes
    ----------
    method
        In its own words; "p_value" methods find drift below the threshold, distances above it.
    detected
        None where it gave no verdict.
    """

    column: str
    method: str
    score: float
    threshold: float | None
    detected: bool | None


@dataclass(frozen=True)
class Report:
    """A page for download, and what stands in it."""

    html: bytes
    scores: tuple[Score, ...]
    left_out: tuple[str, ...]


def report(
    reference: pa.Table, current: pa.Table, folder: Path, seconds: float = SECONDS
) -> Report:
    """Let Evidently compare two tables column by column, by its own defaults.

    Parameters
    ----------
    folder
        An empty folder for the job.
    seconds
        After which it is stopped.

    Raises
    ------
    InsufficientEvidence
        When no column can be compared, or Evidently did not end well or in time.
    """
    names, left_out = comparable(reference, current)
    if not names:
        raise InsufficientEvidence(
            "No column has values on both sides; there is nothing to report."
        )
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(reference.select(names), folder / "reference.parquet")
    pq.write_table(current.select(names), folder / "current.parquet")
    kept = {key: os.environ[key] for key in _ENVIRONMENT if key in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "services.facts.drift.evidently_adapter", str(folder)],
            env={**kept, "DO_NOT_TRACK": "1", "HOME": str(folder), "MPLCONFIGDIR": str(folder)},
            capture_output=True, timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        words = f"Evidently was stopped after {seconds:.0f} seconds; ask for fewer windows."
        raise InsufficientEvidence(words) from error
    if done.returncode != 0:
        tail = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise InsufficientEvidence("Evidently could not make the report.", tail=tail)
    held: list[dict[str, Any]] = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    scores = tuple(Score(**each) for each in held)
    return Report((folder / "report.html").read_bytes(), scores, left_out)


def comparable(reference: pa.Table, current: pa.Table) -> tuple[list[str], tuple[str, ...]]:
    """Return the columns that have values of one kind on both sides, and those that have not."""
    names = [name for name in reference.column_names if _usable(reference, current, name)]
    return names, tuple(name for name in reference.column_names if name not in names)


def _usable(reference: pa.Table, current: pa.Table, name: str) -> bool:
    if name not in current.column_names:
        return False
    one, two = reference.column(name), current.column(name)
    enough = all(len(each) - each.null_count >= LEAST for each in (one, two))
    return enough and _is_number(one.type) == _is_number(two.type)


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind)


def _make(folder: Path) -> None:
    """Write the report; this alone loads Evidently."""
    from evidently import DataDefinition, Dataset
    from evidently import Report as Made
    from evidently.presets import DataDriftPreset

    frames = {name: pq.read_table(folder / f"{name}.parquet") for name in ("reference", "current")}
    schema = frames["reference"].schema
    numbers = [field.name for field in schema if _is_number(field.type)]
    meaning = DataDefinition(
        numerical_columns=numbers,
        categorical_columns=[name for name in schema.names if name not in numbers],
    )
    sets = {
        name: Dataset.from_pandas(_plain(frame), data_definition=meaning)
        for name, frame in frames.items()
    }
    snapshot = Made([DataDriftPreset()], include_tests=True).run(sets["current"], sets["reference"])
    snapshot.save_html(str(folder / "report.html"))
    scores = _scores(json.loads(snapshot.json()))
    (folder / "scores.json").write_text(json.dumps(scores), encoding="utf-8")


def _plain(table: pa.Table) -> Any:
    frame = table.to_pandas()
    for field in table.schema:
        wanted = "float64" if _is_number(field.type) else "object"
        frame[field.name] = frame[field.name].astype(wanted)
    return frame


def _scores(told: dict[str, Any]) -> list[dict[str, Any]]:
    verdicts = {
        each["metric_config"]["metric_id"]: each["status"] == "FAIL" for each in told["tests"]
    }
    return [
        {
            "column": each["config"]["column"],
            "method": str(each["config"].get("method")),
            "score": float(each["value"]),
            "threshold": each["config"].get("threshold"),
            "detected": verdicts.get(each["id"]),
        }
        for each in told["metrics"]
        if str(each["config"]["type"]).endswith(":ValueDrift")
    ]


if __name__ == "__main__":
    _make(Path(sys.argv[1]))
