"""How the models of the demonstration are trained anew: rows and holdouts as files, and recipes.

The holdout of *flight-delay* is the last three weeks of the history that is told at once; a training takes
the flights of the prediction log until then, and the winter's. The others hold out what their first
version was measured on.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from services.facts.training_data.columns import normalised
from services.facts.training_data.hashing import digest
from services.workflows.demonstration import datasets, flights
from services.workflows.demonstration.replay import flight_days
from services.workflows.demonstration.types import DataSet

HELD_DAYS, RECENT_DAYS = 21, 180
TRAIN, HOLDOUT = "train.parquet", "holdout.parquet"
FLIGHTS = "flight-delay"
SETS = {
    "mortgage-approval": (datasets.mortgage, "auc"),
    "wage-benchmark": (datasets.wages, "r2"),
    "tumour-triage": (datasets.tumours, "auc"),
    "digit-reader": (datasets.digits, "accuracy"),
}
RECIPE = """\
# How {model} is trained anew: histogram gradient boosting of scikit-learn, which comes with the console.
recipe: {model}
version: 1
model: {model}
entry: {{folder: "shipped:sklearn", command: python train.py}}
parameters: {{rounds: 100, rate: 0.1, leaves: 31, at_once: 50, seed: 0}}
data:
{data}
holdout: {{uri: "{holdout}", sha256: "{sha256}"}}
environment: running
resources: {{cpus: 1, memory_gb: 4, seconds: 900}}
checkpoint: {{dir: checkpoint, signal: SIGTERM}}
metrics: [{metric}]
max_attempts: 2
"""


@dataclass(frozen=True)
class Laid:
    """Rows of a model as files, not written yet."""

    model: str
    train: pa.Table
    holdout: pa.Table
    metric: str
    target: str
    until: datetime | None = None


def recipes(folder: Path, today: date) -> dict[str, bytes]:
    """Write the rows of every model below a folder and return its recipe files by model.

    Parameters
    ----------
    today
        The day on which the demonstration begins; the flights' dates are shifted by it.
    """
    return {
        each.model: _written(each, folder / each.model)
        for each in [*map(_held, SETS), flown(today)]
    }


def flown(today: date) -> Laid:
    """Return the flights of winter, and those of the last three weeks of the history, as shifted."""
    rows, data = flights.table(), flights.flights()
    until = flight_days().plan.history_until
    if until is None:
        raise ValueError("the stream of flights tells a history")
    shift = pd.Timedelta(days=(today - timedelta(days=1) - until).days)
    ends = datetime.combine(until + timedelta(days=1), time(), UTC)
    begins = ends - timedelta(days=HELD_DAYS)
    known = rows[rows["late"].notna()]
    winter = known[known["at"] < flights.TRAINED_UNTIL].iloc[data.train]
    held = known[(known["at"] >= begins) & (known["at"] < ends)].sort_values("at", kind="stable")
    train, holdout = (_table(each, shift) for each in (winter, held))
    return Laid(FLIGHTS, train, holdout, "auc", "late", begins + shift.to_pytimedelta())


def _table(rows: pd.DataFrame, shift: pd.Timedelta) -> pa.Table:
    told = rows[flights.FEATURES].assign(
        flight=[f"flight-{number}" for number in rows.index],
        at=rows["at"] + shift,
        late=rows["late"].astype("int64"),
    )
    return pa.Table.from_pandas(told, preserve_index=False).replace_schema_metadata()


def _held(model: str) -> Laid:
    made, metric = SETS[model]
    data = made()
    train, holdout = _rows(data, data.train), _rows(data, data.evaluation)
    learned = [*data.features.columns, str(data.target.name), "row_id"]
    return Laid(model, train.select(learned), holdout, metric, str(data.target.name))


def _rows(data: DataSet, numbers: list[int]) -> pa.Table:
    parts = [data.features.iloc[numbers], data.target.iloc[numbers], data.protected.iloc[numbers]]
    frame = pd.concat(parts, axis=1).assign(row_id=[f"{data.name}-{number}" for number in numbers])
    return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()


def _written(laid: Laid, folder: Path) -> bytes:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, rows in ((TRAIN, laid.train), (HOLDOUT, laid.holdout)):
        parquet.write_table(rows, folder / name, compression="zstd")
    train = folder / TRAIN
    lines = [f'uri: "{train}"', f"target: {laid.target}", "id: row_id"]
    if laid.until is not None:
        lines = [
            f"uri: predictions:{laid.model}", f'plus: ["{train}"]', f"target: {laid.target}",
            "time: at", "id: flight",
            f"window: {{rolling_days: {RECENT_DAYS}, until: {laid.until:%Y-%m-%d}}}",
        ]  # fmt: skip
    return RECIPE.format(
        model=laid.model,
        data="\n".join(f"  {line}" for line in lines),
        holdout=folder / HOLDOUT,
        sha256=digest(normalised(laid.holdout)),
        metric=laid.metric,
    ).encode()
