"""A version that serves, rows of production in memory, and what watches them: no server, no sandbox."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from services.facts.explanation.service import Explained
from services.facts.prediction import frame
from services.facts.prediction.columns import within
from services.facts.prediction.custody import Custodies
from services.facts.prediction.withheld import Decision
from services.facts.scoring.types import Scores
from services.facts.window.service import Windows
from services.facts.window.types import Monitor
from services.kernel.clock import FixedClock
from services.record.trail.unit_of_work import Store
from services.workflows.monitoring.plan import in_parts
from services.workflows.monitoring.service import Monitoring
from services.workflows.monitoring.types import Parts
from services.workflows.monitoring.watch import Watch
from services.workflows.sync.service import Sync
from tests.support.console_services import NAME, govern, open_services
from tests.support.fake_mlflow import FakeMlflow
from tests.support.office import Office

SCHEMA = {
    "task": "classification", "target": "late", "prediction": None, "favourable": None,
    "protected": [], "segments": ["carrier"], "weight": None, "id": "row_id", "time": None,
}  # fmt: skip


def world(
    rows: int, seed: int, *, warmer: float = 0.0, turned: bool = False,
    weekday: int | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return flights: temperature and carrier, and whether they were late.

    Parameters
    ----------
    warmer
        By how many standard deviations the temperature moved: the inputs drift.
    turned
        Whether warm days are late where cold ones were: the relation drifts.
    weekday
        The day of the week of all rows, 7 for rows of every day; None: the model is not told.
    """
    drawn = np.random.default_rng(seed)
    temp = drawn.normal(warmer, 1.0, rows)
    chance = 1 / (1 + np.exp(2.0 * temp if not turned else -2.0 * temp))
    return pd.DataFrame(
        {
            "row_id": [f"r{seed}-{each}" for each in range(rows)],
            "temp": temp,
            "carrier": drawn.choice(["UA", "AA", "9E"], rows, p=[0.5, 0.3, 0.2]),
            **({} if weekday is None else {"weekday": _weekdays(drawn, weekday, rows)}),
            "late": (drawn.random(rows) < chance).astype(int),
        }
    )


def _weekdays(drawn: np.random.Generator, weekday: int, rows: int) -> Any:
    return (
        drawn.integers(0, 7, rows).astype(float) if weekday == 7 else np.full(rows, float(weekday))
    )


def score(frame: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the chance that the model sees: right as long as the relation holds."""
    return 1 / (1 + np.exp(2.0 * frame["temp"].to_numpy(dtype=np.float64)))


class Answers:
    """A scorer that answers at once."""

    def score(self, model: Path, rows: pd.DataFrame, task: str, work: Path, **_: Any) -> Scores:
        del model, task, work
        positive = score(rows)
        return Scores(np.stack([1 - positive, positive], axis=1), (0, 1), ())

    def explain(
        self, model: Path, rows: pd.DataFrame, seed: int, work: Path, **_: Any
    ) -> Explained:
        """Explain by how far the temperature is from its mean; carriers weigh little."""
        del model, seed, work
        temp = np.abs(rows["temp"].to_numpy(dtype=float))
        values = np.stack([0.1 * temp, np.full(len(rows), 0.5)], axis=1)
        return Explained(
            values, 0.0, values.sum(axis=1), ("temp", "carrier"), "probability", "test", 100
        )


class Files(FakeMlflow):
    """A registry whose runs logged an evaluation set, or did not."""

    evaluation: pd.DataFrame | None = None

    def download_run_folder(self, run_id: str, folder: str, into: Path) -> bool:
        del run_id, folder
        if self.evaluation is None:
            return False
        into.mkdir(parents=True, exist_ok=True)
        (into / "schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
        self.evaluation.to_parquet(into / "data.parquet", index=False)
        return True


@dataclass(frozen=True)
class Day:
    """How much one day holds."""

    day: date
    rows: int
    labelled: int
    stamp: str


@dataclass
class Log:
    """Days of production in memory."""

    held: dict[date, pa.Table] = field(default_factory=dict[date, pa.Table])

    def add(
        self, day: date, frame: pd.DataFrame, version: int = 1, *, known: bool = True,
        caller: str | None = None,
    ) -> None:  # fmt: skip
        """Store a day; ``known`` says whether its outcomes arrived, ``caller`` who sent all of it."""
        midnight = datetime.combine(day, time(), UTC)
        at = [midnight + timedelta(days=1) * each / len(frame) for each in range(len(frame))]
        chance = score(frame)
        outcome = pa.array(frame["late"] if known else [None] * len(frame), pa.int64())
        self.held[day] = pa.table(
            {
                "prediction_id": pa.array(frame["row_id"], pa.string()),
                "version": pa.array([version] * len(frame), pa.int64()),
                "at": pa.array(at, pa.timestamp("us", "UTC")),
                "received_at": pa.array(at, pa.timestamp("us", "UTC")),
                "status": pa.array(["ok"] * len(frame)),
                "latency_ms": pa.array(np.linspace(10, 60, len(frame))),
                "score": pa.array(chance),
                "prediction": pa.array((chance >= 0.5).astype(np.int64)),
                "f_temp": pa.array(frame["temp"]),
                "f_carrier": pa.array(frame["carrier"], pa.string()),
                **{f"f_{name}": pa.array(frame[name]) for name in ("weekday",) if name in frame},
                "s_carrier": pa.array(frame["carrier"], pa.string()),
                **({"caller_hash": pa.array([caller] * len(frame))} if caller else {}),
                "outcome": outcome,
                "outcome_received_at": pa.array(at, pa.timestamp("us", "UTC")),
            }
        )

    def tallies(self, model: str, since: date) -> Sequence[Day]:
        del model
        found = {d: t.num_rows - t.column("outcome").null_count for d, t in self.held.items()}
        return [
            Day(d, self.held[d].num_rows, known, f"{self.held[d].num_rows}.{known}")
            for d, known in sorted(found.items())
            if d >= since
        ]

    def states(self, model: str) -> Mapping[date, str]:
        return {each.day: each.stamp for each in self.tallies(model, date.min)}

    def day(self, model: str, day: date) -> pa.Table:
        del model
        return self.held[day]

    def recent(self, model: str, since: datetime) -> pa.Table:
        """Return the rows since an instant; days after today are none of the present's."""
        del model
        held = frame.together([t for d, t in self.held.items() if d >= since.date()])
        return within(held, since, since + timedelta(minutes=10)) if held.num_rows else held


@dataclass
class Tower:
    """What watches, and the house it stands in."""

    services: Any
    mlflow: Files
    log: Log
    watch: Watch
    monitoring: Monitoring
    judged: list[Monitor]
    sync: Sync

    def run(self) -> list[str]:
        """Look, then carry out what was asked for as the worker does; return the tasks."""
        self.watch.look()
        asked = [t for t in self.services.tasks.open("batch") if t.kind == "monitoring"]
        for task in asked:
            self.carry_out(task.task_id)
        return [task.task_id for task in asked]

    def carry_out(self, task_id: str) -> None:
        self.services.tasks.start(task_id)
        monitor_id = self.monitoring.prepare(task_id)["monitor_id"]
        closed: list[str] = []
        for windows, share in in_parts(lambda a: self.monitoring.plan(task_id, monitor_id, a)):
            closed += self.monitoring.measure(task_id, monitor_id, windows, share)
        if closed:
            self.monitoring.attribute(task_id, monitor_id, closed[-1])
        self.monitoring.conclude(task_id, monitor_id, closed)

    def numbers(self, metric: str, feature: str = "", segment: str = "") -> list[Any]:
        with self.services.store.reading() as session:
            (monitor,) = self.services.windows.monitors(session)
            return self.services.windows.numbers(
                session, monitor, metrics=[metric], feature=feature, segment=segment
            )


def _decisions(store: Store) -> Any:
    def decisions(name: str) -> list[Decision]:
        with store.reading() as session:
            return Custodies(store).decisions(session, name)

    return decisions


def open_tower(store: Store, folder: Path, clock: FixedClock) -> Tower:
    """Return a governed model whose version 1 is champion, with an evaluation set of 4,000 rows."""
    mlflow = Files()
    mlflow.add(NAME)
    mlflow.evaluation = world(4_000, seed=1)
    services = open_services(store, folder, clock, mlflow)
    office = Office(services, mlflow, folder, None, None, Sync(store, mlflow))  # type: ignore[arg-type]
    from services.kernel.identity import Role, Tier

    office.olga = office.hire("Olga Owner", Role.OWNER)
    govern(services, office.olga, Tier.HIGH)
    mlflow.models[NAME].aliases["champion"] = 1
    office.sync.look()
    log, judged = Log(), list[Monitor]()
    windows: Windows = services.windows
    monitoring = Monitoring(
        Parts(
            store=store, tasks=services.tasks, archive=services.archive,
            evidence=services.evidence, registry=services.registry, source=mlflow,
            scorer=Answers(), windows=windows, rows=log,
            policy=lambda _: None, note=lambda _: "a stream made for a test",
            business=lambda *_: [], decisions=_decisions(store), judge=judged.append, jobs=folder / "jobs",
        )
    )  # fmt: skip
    watch = Watch(
        store, services.tasks, services.registry, services.governance, windows, rows=log,
        has_evaluation=lambda *_: mlflow.evaluation is not None,
    )  # fmt: skip
    return Tower(services, mlflow, log, watch, monitoring, judged, office.sync)
