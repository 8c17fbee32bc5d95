"""The evaluation set: rows with the truth, and what their columns mean."""

import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from services.kernel.error import InvalidInput
from services.record.canonical import sha256_hex

TASKS = ("classification", "regression", "multiclass")
KEYS = frozenset(
    {"task", "target", "prediction", "favourable", "protected", "segments", "weight", "id", "time"}
)


@dataclass(frozen=True)
class EvaluationSet:
    """Rows a version is measured on.

    Attributes
    ----------
    rows
        (n, k) everything logged.
    features
        Columns that are neither target, prediction, protected, id, time nor weight.
    favourable
        The value of the target that a person hopes for; None where nobody does.
    sha256
        Of the Parquet bytes.
    """

    task: str
    target: str
    prediction: str | None
    favourable: int | str | None
    protected: tuple[str, ...]
    segments: tuple[str, ...]
    id: str | None
    rows: pd.DataFrame
    sha256: str
    time: str | None = None

    @property
    def features(self) -> list[str]:
        """Return the columns a model may read."""
        known = {self.target, self.prediction, self.id, self.time, *self.protected}
        return [name for name in self.rows.columns if name not in known]

    @property
    def n(self) -> int:
        """Return the number of rows."""
        return len(self.rows)


def parse(schema: bytes, data: bytes) -> EvaluationSet:
    """Read an evaluation set from the two files a run logged.

    Raises
    ------
    InvalidInput
        Naming the key, the column or the row that cannot be used.
    """
    meaning = _schema(schema)
    rows = _rows(data)
    named = [
        meaning["target"],
        meaning["prediction"],
        meaning["id"],
        meaning["time"],
        *meaning["protected"],
        *meaning["segments"],
    ]
    for name in named:
        if name is not None and name not in rows.columns:
            raise InvalidInput(
                f"evaluation/schema.json names the column {name!r}, which data.parquet lacks."
            )
    _truth(rows[meaning["target"]], meaning)
    return EvaluationSet(
        task=meaning["task"],
        target=meaning["target"],
        prediction=meaning["prediction"],
        favourable=meaning["favourable"],
        protected=tuple(meaning["protected"]),
        segments=tuple(meaning["segments"]),
        id=meaning["id"],
        rows=rows,
        sha256=sha256_hex(data),
        time=meaning["time"],
    )


def _schema(data: bytes) -> dict[str, Any]:
    try:
        held = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("evaluation/schema.json is not JSON.") from error
    if not isinstance(held, dict):
        raise InvalidInput("evaluation/schema.json must hold one object.")
    unknown = sorted(set(held) - KEYS)
    if unknown:
        raise InvalidInput(f"evaluation/schema.json has the unknown key {unknown[0]!r}.")
    if held.get("task") not in TASKS:
        raise InvalidInput(f"'task' in evaluation/schema.json must be one of {', '.join(TASKS)}.")
    if not isinstance(held.get("target"), str):
        raise InvalidInput("'target' in evaluation/schema.json must name a column.")
    return _lists(held)


def _lists(held: dict[str, Any]) -> dict[str, Any]:
    lists = {key: held.get(key) for key in ("protected", "segments")}
    lists = {key: [] if value is None else value for key, value in lists.items()}
    for key, value in lists.items():
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise InvalidInput(f"{key!r} in evaluation/schema.json must be a list of columns.")
    names = ("prediction", "id", "time", "weight")
    found = {**dict.fromkeys(names), **held, **lists}
    for key in names:
        if found[key] is not None and not isinstance(found[key], str):
            raise InvalidInput(f"{key!r} in evaluation/schema.json must name a column, or be null.")
    if found["weight"]:
        raise InvalidInput(
            "Weighted evaluation sets are not supported in this release; leave 'weight' empty."
        )
    return {**found, "favourable": _favourable(held.get("favourable"))}


def _favourable(value: object) -> int | str | None:
    """Return the favourable value: a text or a whole number, of which true and false are 1 and 0."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return int(value)
    raise InvalidInput("'favourable' in evaluation/schema.json must be a text or a whole number.")


def _rows(data: bytes) -> pd.DataFrame:
    try:
        rows = pd.read_parquet(io.BytesIO(data))
    except (ValueError, OSError) as error:
        raise InvalidInput("evaluation/data.parquet is not a Parquet file.") from error
    names = [str(name) for name in rows.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput(f"evaluation/data.parquet has the column {twice[0]!r} twice.")
    if len(rows) < 2:
        raise InvalidInput(f"evaluation/data.parquet has {len(rows)} rows; two are the least.")
    rows.columns = pd.Index(names)
    return rows


def _truth(column: pd.Series, meaning: dict[str, Any]) -> None:
    name = meaning["target"]
    missing = column.isna()
    if bool(missing.any()):
        first = int(missing.to_numpy().argmax())
        raise InvalidInput(f"The target {name!r} is missing in row {first} of data.parquet.")
    if meaning["task"] == "regression":
        _numbers(column, name)
        return
    if any(isinstance(each, list | dict | set | np.ndarray) for each in column):
        raise InvalidInput(f"The target {name!r} holds lists; one class a row is needed.")
    favourable = meaning["favourable"]
    if favourable is not None and not bool((column == favourable).any()):
        raise InvalidInput(
            f"No row of the target {name!r} has the favourable value {favourable!r} "
            "that evaluation/schema.json names."
        )
    classes = int(column.nunique())
    if classes < 2:
        raise InvalidInput(f"The target {name!r} has one class only; nothing can be measured.")
    if meaning["task"] == "classification" and classes > 2:
        raise InvalidInput(f"The target {name!r} has {classes} classes; its task is 'multiclass'.")


def _numbers(column: pd.Series, name: str) -> None:
    if not pd.api.types.is_numeric_dtype(column):
        raise InvalidInput(f"The target {name!r} of a regression must be a number.")
    endless = ~np.isfinite(column.to_numpy(dtype=np.float64))
    if bool(endless.any()):
        first = int(endless.argmax())
        raise InvalidInput(f"The target {name!r} is not finite in row {first} of data.parquet.")
