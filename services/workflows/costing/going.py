"""Which runs go on, and which are no longer believed to: those that never ended, and those that are gone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from services.facts.registry.types import Run
from services.workflows.costing import nesting, pricing, repository
from services.workflows.costing.ports import Rooms
from services.workflows.costing.types import GONE, CostedRun, RunState

OVERDUE = timedelta(days=7)
"""After so long a run that did not end is no longer believed to run."""
MOST = 1_000


class Going:
    """Notes what goes on; none of it is charged."""

    def __init__(self, rooms: Rooms) -> None:
        self._at = rooms

    def note(self, now: datetime) -> None:
        """Note which runs go on, and which are no longer believed to."""
        runs = list(islice(self._at.source.running(), MOST))
        with self._at.store.reading() as session:
            known = repository.known(session, [each.run_id for each in runs])
            held = repository.in_states(session, RunState.RUNNING)
        told = {each.run_id: self._running(each, known, now) for each in runs}
        gone = [each for each in held if each.run_id not in told] if len(runs) < MOST else []
        told |= {each.run_id: each for each in self._lost(gone)}
        told |= self._owned(told, {each.run_id: each for each in runs})
        differ = [each for run_id, each in told.items() if known.get(run_id) != each]
        if differ:
            with self._at.store.operational() as session:
                repository.keep(session, differ)

    def _running(self, run: Run, known: dict[str, CostedRun], now: datetime) -> CostedRun:
        began = run.started_at or now
        overdue = now - began > OVERDUE
        state = RunState.OVERDUE if overdue else RunState.RUNNING
        words = f"has not ended since {began.date()}; it is not charged" if overdue else ""
        return pricing.noted(run, nesting.root_of(run, known), state, words=words)

    def _lost(self, gone: Sequence[CostedRun]) -> list[CostedRun]:
        """Return those of some runs that MLflow does not know any more, or only as deleted."""
        found = self._at.source.runs([each.run_id for each in gone]) if gone else []
        there = {each.run_id for each in found if each.ended_at is not None}
        return [
            replace(each, state=RunState.OVERDUE, words=GONE)
            for each in gone
            if each.run_id not in there
        ]

    def _owned(self, told: dict[str, CostedRun], runs: dict[str, Run]) -> dict[str, CostedRun]:
        """Return the runs that nobody charges with the model whose owner ought to know."""
        late = [each for each in told.values() if each.state is RunState.OVERDUE]
        if not late:
            return {}
        asked = [runs.get(each.run_id) or pricing.stub(each.run_id) for each in late]
        with self._at.store.reading() as session:
            whose = self._at.whose(session, asked)
        return {each.run_id: replace(each, model=whose[each.run_id].model) for each in late}
