"""Looking at how busy the hardware of runs was: those that ended since the last look, and those that run."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Protocol

import structlog
from sqlmodel import Session

from services.decisions.retraining import attempts
from services.facts.cost import hardware
from services.facts.cost.rules import gpu_sku
from services.facts.registry.types import Run
from services.facts.utilisation import reading, rules, series
from services.facts.utilisation.service import Utilisation
from services.facts.utilisation.types import RunFacts, RunUse, Track
from services.kernel.error import NotFound
from services.record.trail.unit_of_work import Store
from services.workflows.retraining.ports import JOB_TAG

OVERLAP = timedelta(hours=1)
"""So far behind the last known end runs are asked for again: clocks differ, and some end late."""
SETTLES = timedelta(minutes=5)
"""So long after its end samples of a run may still arrive."""
AGAIN = timedelta(minutes=5)
"""How often a run that goes on is looked at."""
BACK = timedelta(days=35)
"""So far back runs are asked for once a day: some come into MLflow long after they ended."""
PART = 200
MOST = 100
"""So many runs a look: the rest has its turn half a minute later."""
BEGINNING = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
CHECKPOINT = "countersign.checkpoint_seconds"
log = structlog.get_logger(__name__)


class Histories(Protocol):
    """Where runs and their samples are read."""

    def ended_runs(self, since: datetime) -> Iterator[Run]:
        """Yield the runs that ended since an instant, in that order."""
        ...

    def running(self) -> Iterator[Run]:
        """Yield the runs that have not ended."""
        ...

    def runs(self, run_ids: Sequence[str]) -> list[Run]:
        """Return runs by id."""
        ...

    def history(self, run_id: str, key: str) -> list[tuple[float, float]]:
        """Return all values of a metric as seconds since 1970 and value."""
        ...


@dataclass(frozen=True)
class Rooms:
    """What the audit works with.

    Attributes
    ----------
    model_of
        Whose run it is, by its id and tags; empty where nobody knows.
    """

    store: Store
    utilisation: Utilisation
    source: Histories
    model_of: Callable[[Session, Run], str]


class Auditing:
    """A duty that one worker does for all."""

    def __init__(self, rooms: Rooms) -> None:
        self._at = rooms
        self._swept = date.min

    def look(self) -> int:
        """Look at runs that nobody looked at, or that went on since; return how many.

        Notes
        -----
        What was looked at is stored as it is read, so a look that breaks off loses nothing. A run
        that was deleted in MLflow before it settled stays as it was seen.
        """
        done = 0
        for run in self._due():
            now = self._at.store.clock.now()
            use = self._audit(run, now)
            over = use.facts.ended_at
            self._at.utilisation.keep([(use, over is not None and now - over >= SETTLES)])
            done += 1
            if done >= MOST:
                break
        if done:
            log.info("runs audited", runs=done)
        return done

    def _due(self) -> Iterator[Run]:
        """Yield runs to look at: ended ones first, then those that go on, then those not yet final."""
        now = self._at.store.clock.now()
        with self._at.store.reading() as session:
            newest = self._at.utilisation.newest(session)
            waiting = self._at.utilisation.unsettled(session)[:MOST]
        source, since = self._at.source, newest - OVERLAP if newest else BEGINNING
        if self._swept != now.date():
            since = min(since, now - BACK)
        for runs in (source.ended_runs(since), source.running(), iter(source.runs(waiting))):
            while part := list(islice(runs, PART)):
                yield from self._fresh(part)
        self._swept = now.date()

    def _fresh(self, runs: Sequence[Run]) -> list[Run]:
        """Return of some runs those that nobody looked at, or not for a while and not for good."""
        now = self._at.store.clock.now()
        with self._at.store.reading() as session:
            known = self._at.utilisation.known(session, [each.run_id for each in runs])
        return [
            run
            for run in runs
            if run.started_at is not None
            and (
                run.run_id not in known
                or (not known[run.run_id][0] and now - known[run.run_id][1] >= AGAIN)
            )
        ]

    def _audit(self, run: Run, now: datetime) -> RunUse:
        with self._at.store.reading() as session:
            facts = facts_of(run, self._at.model_of(session, run))
            held = attempts.of_tickets(session, [facts.ticket_id]) if facts.ticket_id else {}
        sku = gpu_sku(facts.gpu_type)
        use = rules.audit(facts, self._tracks(run), now, sku)
        if use.is_known or not facts.ticket_id:
            return use
        usages = [each.usage for each in held[facts.ticket_id] if each.usage]
        return rules.of_sampler(facts, usages, use.until, sku)

    def _tracks(self, run: Run) -> reading.Tracks:
        found: dict[str, Track] = {}
        try:
            for key in reading.keys(run.metrics):
                found[key] = series.track(self._at.source.history(run.run_id, key))
        except NotFound:
            return {}
        return found


def facts_of(run: Run, model: str) -> RunFacts:
    """Return a run as the audit takes it; a run that never began is none.

    Notes
    -----
    Tags say how many GPUs there were and of which type, as they do for its cost; and how often the
    run keeps its work: ``countersign.checkpoint_seconds``.
    """
    said = hardware.read({**run.params, **run.tags}).parts
    return RunFacts(
        run_id=run.run_id,
        model=model,
        experiment_id=run.experiment_id,
        name=run.tags.get("mlflow.runName", ""),
        status=run.status,
        started_at=run.started_at or BEGINNING,
        ended_at=run.ended_at,
        declared_gpus=said.gpus or None,
        gpu_type=said.gpu_type[:120],
        ticket_id=run.tags.get(JOB_TAG, "")[:36],
        checkpoint_hours=_hours(run.tags.get(CHECKPOINT, "")),
    )


def _hours(seconds: str) -> float | None:
    """Return seconds in words as hours; None where they are no whole number above 0."""
    is_number = seconds.isdecimal() and 0 < len(seconds) <= 9 and int(seconds) > 0
    return int(seconds) / 3600 if is_number else None
