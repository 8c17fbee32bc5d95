"""Runs that go on and seem to go nowhere: found, marked in MLflow where they are not ours, and told."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol

import structlog
from sqlmodel import Session

from services.facts.convergence.rules import doubts, watched
from services.facts.convergence.service import Convergence
from services.facts.convergence.types import Course, Doubt, DoubtedRun, DoubtKind
from services.facts.registry.types import Run
from services.judgement.spending.service import Spending
from services.judgement.spending.types import Standing
from services.kernel.identity import SYSTEM
from services.record.trail.unit_of_work import Store
from services.standards.budget.rules import reaching
from services.standards.channel.service import Channels
from services.standards.channel.types import Message
from services.workflows.retraining.ports import JOB_TAG

EVERY = timedelta(minutes=2)
MOST = 200
MARK = "countersign.marked"
NOT_OURS = "It is not ours, so nothing of ours ends it; whoever began it may, in MLflow."
log = structlog.get_logger(__name__)


class Runs(Protocol):
    """Where runs are read, and marked."""

    def running(self) -> Iterator[Run]:
        """Yield the runs that have not ended."""
        ...

    def history(self, run_id: str, key: str) -> list[tuple[float, float]]:
        """Return all values of a metric as seconds since 1970 and value."""
        ...

    def experiment_name(self, experiment_id: str) -> str:
        """Return the name of an experiment."""
        ...

    def log(
        self,
        run_id: str,
        at: datetime,
        metrics: Mapping[str, float] | None = None,
        params: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Write metrics, parameters and tags to a run."""
        ...


@dataclass(frozen=True)
class Rooms:
    """What looking works with.

    Attributes
    ----------
    model_of
        Whose run it is; empty where nobody knows.
    baseline
        What the version in use of a model reached on a metric; None where nobody knows.
    team_of
        The team of a model; empty where nobody governs it.
    """

    store: Store
    convergence: Convergence
    spending: Spending
    channels: Channels
    runs: Runs
    model_of: Callable[[Session, Run], str]
    baseline: Callable[[Session, str, str], float | None]
    team_of: Callable[[Session, str], str]


class Doubting:
    """A duty that one worker does for all."""

    def __init__(self, rooms: Rooms) -> None:
        self._at = rooms
        self._last: datetime | None = None
        self._experiments: dict[str, str] = {}

    def look(self) -> list[DoubtedRun]:
        """Look at the runs that go on; at most every two minutes. Return those that are doubted.

        Notes
        -----
        A run of somebody else is marked in MLflow and told about once for each kind of doubt, with an
        event ``run:marked``. Nothing is ended here: our own trainings have guards of their own, and a
        button.
        """
        now = self._at.store.clock.now()
        if self._last is not None and now - self._last < EVERY:
            return []
        self._last = now
        with self._at.store.reading() as session:
            known = {each.run_id: each for each in self._at.convergence.doubted(session)}
            standings = self._at.spending.all(session)
        found: list[DoubtedRun] = []
        for run in islice(self._at.runs.running(), MOST):
            seen = self._doubted(run, standings, now)
            before = known.get(run.run_id)
            if seen.doubts:
                seen = replace(seen, marked_at=before.marked_at if before else None)
                found.append(self._marked(seen, before, standings))
        if found or known:
            with self._at.store.operational() as session:
                self._at.convergence.keep(session, found)
        return found

    def _doubted(self, run: Run, standings: Sequence[Standing], now: datetime) -> DoubtedRun:
        experiment = self._experiment(run.experiment_id)
        with self._at.store.reading() as session:
            model = self._at.model_of(session, run) or run.tags.get("countersign.model", "")
            ticket = run.tags.get(JOB_TAG, "")[:36]
            if ticket and not model:
                model = experiment
            seen = DoubtedRun(
                run.run_id, run.tags.get("mlflow.runName", ""), run.user or "", model, experiment,
                ticket, run.started_at, (), now,
            )  # fmt: skip
            said = self._course(session, run, model or experiment)
            over = self._over(session, seen, standings)
        return replace(seen, doubts=(*(doubts(said) if said else ()), *over))

    def _course(self, session: Session, run: Run, model: str) -> Course | None:
        chosen = watched(tuple(run.metrics), run.tags)
        if chosen is None:
            return None
        name, maximise = chosen
        values = [value for _, value in self._at.runs.history(run.run_id, name)]
        return Course(name, maximise, values, self._at.baseline(session, model, name))

    def _over(
        self, session: Session, run: DoubtedRun, standings: Sequence[Standing]
    ) -> tuple[Doubt, ...]:
        mine = _reaching(run, standings, self._at.team_of(session, run.model))
        return tuple(
            Doubt(
                DoubtKind.OVER_BUDGET,
                f"The budget of {each.budget.whose} in {each.label} is used up.",
            )
            for each in mine
            if each.is_used_up
        )

    def _experiment(self, experiment_id: str) -> str:
        if experiment_id not in self._experiments:
            self._experiments[experiment_id] = self._at.runs.experiment_name(experiment_id)
        return self._experiments[experiment_id]

    def _marked(
        self, run: DoubtedRun, before: DoubtedRun | None, standings: Sequence[Standing]
    ) -> DoubtedRun:
        """Mark a run of somebody else and tell about it, where there is something new to say."""
        told = (
            {each.kind for each in before.doubts}
            if before and before.marked_at
            else set[DoubtKind]()
        )
        fresh = [each for each in run.doubts if each.kind not in told]
        if run.is_ours or not fresh:
            return run
        kinds = sorted({each.kind.value for each in run.doubts})
        at = self._at.store.clock.now()
        tags = {MARK: ",".join(kinds), f"{MARK}.why": run.words[:500], f"{MARK}.at": at.isoformat()}
        self._at.runs.log(run.run_id, at, tags=tags)
        marked = replace(run, marked_at=at)
        with self._at.store.unit(SYSTEM) as unit:
            self._at.convergence.mark(unit.session, marked)
            unit.event(
                "run:marked", ("run", run.run_id), model=run.model, experiment=run.experiment, doubts=kinds,
            )  # fmt: skip
            for name in self._channels(unit.session, run, standings):
                self._at.channels.tell(
                    unit.session, name, message(run), subject=("run", run.run_id),
                    requested_by=SYSTEM.id, key=f"run-marked:{run.run_id}:{','.join(kinds)}:{name}",
                )  # fmt: skip
        log.info("run marked", run=run.run_id, doubts=kinds)
        return marked

    def _channels(
        self, session: Session, run: DoubtedRun, standings: Sequence[Standing]
    ) -> list[str]:
        """Return who is told: the channels of the budgets that the run counts against, else all."""
        there = [each.name for each in self._at.channels.all(session) if each.enabled]
        mine = _reaching(run, standings, self._at.team_of(session, run.model))
        named = {name for each in mine for name in each.budget.channels}
        return [name for name in there if name in named] or there


def message(run: DoubtedRun) -> Message:
    """Return what is told about a run of somebody else."""
    facts = [
        ("Run", run.name or run.run_id),
        ("Experiment", run.experiment),
        ("Begun by", run.user),
    ]
    return Message(
        title=f"A run in {run.experiment or 'MLflow'} seems to go nowhere",
        text=f"{run.words} {NOT_OURS}",
        severity="warning",
        dedup_key=f"run:{run.run_id}",
        link="/cost?tab=Runs",
        facts=tuple((name, value) for name, value in facts if value),
    )


def finite(value: float | None) -> float | None:
    """Return a number; None for what is none."""
    return value if value is not None and math.isfinite(value) else None


def _reaching(run: DoubtedRun, standings: Sequence[Standing], team: str) -> list[Standing]:
    budgets = reaching(
        [each.budget for each in standings],
        model=run.model,
        team=team,
        experiment=run.experiment,
        ticket=run.ticket_id,
    )
    ids = {each.budget_id for each in budgets}
    return [each for each in standings if each.budget.budget_id in ids]
