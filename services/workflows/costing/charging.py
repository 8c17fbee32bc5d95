"""What runs of MLflow cost: those that ended since the last look, and those of which more is known now."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice

import structlog

from services.facts.cost import unpriced
from services.facts.cost.correcting import difference, standing
from services.facts.cost.running import UNDECLARED
from services.facts.cost.types import Entry
from services.facts.registry.types import Run
from services.kernel.identity import SYSTEM
from services.workflows.costing import nesting, pricing, repository
from services.workflows.costing.going import Going
from services.workflows.costing.ports import Rooms
from services.workflows.costing.types import CostedRun, RunState
from services.workflows.retraining.ports import JOB_TAG

OVERLAP = timedelta(hours=1)
"""So far behind the last known end runs are asked for again: clocks differ, tags and samples come late."""
SETTLES = timedelta(minutes=2)
"""So long after its end a version is registered and samples arrive: charged sooner, it is corrected."""
BACK = timedelta(days=35)
"""So far back everything is looked through once a day."""
PART, MOST, DEPTH = 200, 1_000, 5
BEGINNING = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
log = structlog.get_logger(__name__)


class Charging:
    """A duty that one worker does for all."""

    def __init__(self, rooms: Rooms) -> None:
        self._at = rooms
        self._going = Going(rooms)
        self._swept = date.min
        self._prices: datetime | None = None
        self._after = ""

    def look(self) -> int:
        """Charge what ended or changed; return how many runs were looked into.

        Notes
        -----
        What is charged and what is known of the run are stored in one transaction, so a look that
        breaks off loses nothing and charges nothing twice.
        """
        now = self._at.store.clock.now()
        fresh = {run.run_id: run for run in islice(self._fresh(now), MOST)}
        fresh |= {run.run_id: run for run in (*self._owned_since(now), *self._priced_since())}
        self._going.note(now)
        stranded = self._stranded()
        if fresh or stranded:
            self._settle(fresh, stranded)
            log.info("runs charged", runs=len(fresh))
        return len(fresh)

    # what is to be looked into

    def _fresh(self, now: datetime) -> Iterator[Run]:
        """Yield runs that are over and that nobody looked into, or that say something else now."""
        sweeps = self._swept != now.date()
        with self._at.store.reading() as session:
            newest = repository.newest(session)
        since = BEGINNING if newest is None else min(newest, now) - OVERLAP
        found = self._at.source.ended_runs(min(since, now - BACK) if sweeps else since)
        while part := list(islice(found, PART)):
            yield from self._changed([each for each in part if self._is_settled(each, now)])
        self._swept = now.date()

    def _changed(self, runs: Sequence[Run]) -> list[Run]:
        with self._at.store.reading() as session:
            known = repository.known(session, [each.run_id for each in runs])
            whose = self._at.whose(session, runs)
        return [
            run
            for run in runs
            if run.run_id not in known
            or known[run.run_id].stamp != pricing.stamp(run, whose[run.run_id])
            or not known[run.run_id].is_over
        ]

    def _is_settled(self, run: Run, now: datetime) -> bool:
        """Tell whether a run is over for a while; a clock that runs ahead is not waited for."""
        return run.ended_at is None or not timedelta(0) <= now - run.ended_at < SETTLES

    def _owned_since(self, now: datetime) -> list[Run]:
        """Return runs that were charged to nobody and that a version came from since."""
        with self._at.store.reading() as session:
            ids = repository.nobodys(session, now - BACK, MOST)
            stubs = [pricing.stub(run_id) for run_id in ids]
            whose = self._at.whose(session, stubs) if stubs else {}
        owned = [run_id for run_id in ids if whose[run_id].model]
        return self._at.source.runs(owned) if owned else []

    def _priced_since(self) -> list[Run]:
        """Return runs without a price once prices were published, some of them a look."""
        with self._at.store.reading() as session:
            newest = self._at.tariffs(session).newest
            if newest == self._prices:
                return []
            ids = unpriced.runs(session, UNDECLARED.sku, after=self._after, most=MOST)
        if len(ids) < MOST:
            self._prices, self._after = newest, ""
        else:
            self._after = ids[-1]
        return self._at.source.runs(ids) if ids else []

    def _stranded(self) -> set[str]:
        """Return the runs that others wait for although nobody believes that they go on."""
        with self._at.store.reading() as session:
            waiting = {each.root_id for each in repository.in_states(session, RunState.WAITING)}
            known = repository.known(session, sorted(waiting))
        return {
            root
            for root in waiting
            if root not in known or known[root].state is not RunState.RUNNING
        }

    # what becomes of it

    def _settle(self, fresh: dict[str, Run], stranded: set[str]) -> None:
        """Charge runs, and what else is decided by them."""
        runs = self._with_parents(fresh)
        with self._at.store.reading() as session:
            above = [parent for run in runs.values() if (parent := run.tags.get(nesting.PARENT))]
            known = repository.known(session, [*runs, *above])
        noted = dict(known)
        for run in sorted(runs.values(), key=lambda each: self._depth(each, runs)):
            noted[run.run_id] = self._first_note(run, noted)
        roots = {noted[run_id].root_id for run_id in runs} | stranded
        with self._at.store.reading() as session:
            family = {e.run_id: e for e in repository.of_roots(session, sorted(roots))}
        family |= {run_id: noted[run_id] for run_id in runs}
        more = [e.run_id for e in family.values() if e.is_over and e.run_id not in runs]
        runs |= {e.run_id: e for e in self._at.source.runs([i for i in more if _waits(family[i])])}
        self._write(runs, family)

    def _with_parents(self, fresh: dict[str, Run]) -> dict[str, Run]:
        """Return runs with those that they are part of, as far as nobody looked at these."""
        runs = dict(fresh)
        for _ in range(DEPTH):
            parents = {each.tags.get(nesting.PARENT, "") for each in runs.values()} - {"", *runs}
            with self._at.store.reading() as session:
                parents -= set(repository.known(session, sorted(parents)))
            found = self._at.source.runs(sorted(parents)) if parents else []
            if not found:
                break
            runs |= {each.run_id: each for each in found}
        return runs

    def _depth(self, run: Run, runs: dict[str, Run]) -> int:
        depth, above = 0, runs.get(run.tags.get(nesting.PARENT, ""))
        while above is not None and depth < DEPTH:
            depth, above = depth + 1, runs.get(above.tags.get(nesting.PARENT, ""))
        return depth

    def _first_note(self, run: Run, noted: dict[str, CostedRun]) -> CostedRun:
        root_id = nesting.root_of(run, noted)
        if JOB_TAG in run.tags:
            return pricing.noted(run, run.run_id, RunState.OURS)
        if run.ended_at is None:
            return pricing.noted(run, root_id, RunState.RUNNING)
        began = run.started_at
        if began is None or run.ended_at < began:
            words = "ended before it began; is a clock wrong? How long it took is unknown"
            return pricing.noted(run, root_id, RunState.SKEWED, words=words)
        return pricing.noted(run, root_id, RunState.CHARGED)

    def _write(self, runs: dict[str, Run], family: dict[str, CostedRun]) -> None:
        with self._at.store.unit(SYSTEM) as unit:
            tariffs = self._at.tariffs(unit.session)
            whose = self._at.whose(unit.session, list(runs.values()))
            kept, lines = list[CostedRun](), list[Entry]()
            for run_id, run in runs.items():
                known = standing(self._at.ledger.of_run(unit.session, run_id))
                if any(each.first.source_id.startswith("attempt:") for each in known):
                    family[run_id] = replace(family[run_id], state=RunState.OURS)
                note, wanted = pricing.charged(run, family, whose[run_id], tariffs)
                mine = [each for each in known if each.first.source_id.startswith("run:")]
                lines += difference(mine, wanted)
                kept.append(note)
            corrected = any(each.corrects for each in lines)
            self._at.ledger.add(
                unit, lines, action="cost:corrected" if corrected else "cost:recorded"
            )
            repository.keep(unit.session, kept)


def _waits(run: CostedRun) -> bool:
    """Tell whether what becomes of a run depends on those beside it."""
    return run.state in (RunState.WAITING, RunState.WITHIN) or run.is_root
