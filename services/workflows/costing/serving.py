"""What serving cost, by model, version and day that is over: from the prediction log and from servers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

import numpy as np
import pyarrow as pa
import structlog
from sqlmodel import Session

from services.facts.cost import serving
from services.facts.cost.correcting import difference, standing
from services.facts.cost.hardware import Hardware, read
from services.facts.cost.service import Ledger
from services.facts.cost.serving import Day, Served
from services.facts.cost.types import Entry
from services.facts.kpi.service import PushedValues
from services.facts.prediction import columns
from services.facts.prediction.types import DayTally
from services.facts.registry.service import Registry
from services.kernel.identity import SYSTEM
from services.kernel.period import Period
from services.record.canonical import digest
from services.record.trail.unit_of_work import Store
from services.standards.governance.service import Governance
from services.workflows.costing import repository
from services.workflows.costing.tariffs import Tariffs

MOST = 120
"""So many days a look: the rest has its turn half a minute later."""
CPU_SHARE = "service.cpu_share"
DAY = timedelta(days=1)
Held = Mapping[int | None, Hardware]
log = structlog.get_logger(__name__)


class Rows(Protocol):
    """What models said, by day."""

    def states(self, model: str) -> Mapping[date, int]:
        """Return a number by day; the same object where nothing changed."""
        ...

    def tallies(self, model: str, since: date | None = None) -> list[DayTally]:
        """Return how much there is of each day, oldest first."""
        ...

    def day(self, model: str, day: date, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the predictions of a day."""
        ...


@dataclass(frozen=True)
class Rooms:
    """What the charging of servers works with."""

    store: Store
    ledger: Ledger
    registry: Registry
    governance: Governance
    rows: Rows
    pushed: PushedValues
    tariffs: Callable[[Session], Tariffs]


class Serving:
    """A duty that one worker does for all."""

    def __init__(self, rooms: Rooms) -> None:
        self._at = rooms
        self._seen: dict[str, tuple[object, ...]] = {}

    def look(self) -> int:
        """Charge days that are over and that nobody charged, or that changed since; return how many."""
        today = self._at.store.clock.now().date()
        with self._at.store.reading() as session:
            models = self._at.registry.models(session)
            teams = {each.name: each.team_id for each in self._at.governance.all(session)}
        done = 0
        for model in models:
            if done < MOST:
                done += self._model(model.name, model.tags, teams.get(model.name, ""), today, MOST - done)  # fmt: skip
        if done:
            log.info("days of serving charged", days=done)
        return done

    def _model(self, name: str, tags: Mapping[str, str], team: str, today: date, most: int) -> int:
        states = self._at.rows.states(name)
        with self._at.store.reading() as session:
            marks = self._at.pushed.marks(session, name)
            versions = self._at.registry.versions(session, name) if states or marks else []
        said = [[each.ref.version, dict(each.tags)] for each in versions]
        at = digest([dict(tags), said, team])[:16]
        seen = (states, tuple(marks.items()), at, today)
        before = self._seen.get(name)
        if before is not None and before[0] is states and before[1:] == seen[1:]:
            return 0
        held: dict[int | None, Hardware] = {None: read(tags, prefix=serving.PREFIX)}
        held |= {e.ref.version: read({**tags, **e.tags}, prefix=serving.PREFIX) for e in versions}
        due = self._due(name, marks, at, today)
        for day, stamp in due[:most]:
            self._charge(Day(name, day, team, (), None, _concurrency(tags)), held, stamp)
        if len(due) <= most:
            self._seen[name] = seen
        return min(len(due), most)

    def _due(
        self, name: str, marks: Mapping[date, str], at: str, today: date
    ) -> list[tuple[date, str]]:
        """Return days that are over and rest on something else than what was charged, oldest first."""
        told = {each.day: f"{each.rows}" for each in self._at.rows.tallies(name)}
        days = sorted(day for day in {*told, *marks} if day < today)
        stamps = {day: f"{told.get(day, '')}|{marks.get(day, '')}|{at}"[:120] for day in days}
        with self._at.store.reading() as session:
            known = repository.days(session, name)
        return [(day, stamps[day]) for day in days if _is_due(known.get(day), stamps[day])]

    def _charge(self, day: Day, held: dict[int | None, Hardware], stamp: str) -> None:
        rows = self._at.rows.day(day.model, day.day, ("version", "latency_ms"))
        served = served_of(rows)
        held = {**{each.version: held[None] for each in served}, **held}
        with self._at.store.unit(SYSTEM) as unit:
            end = day.starts_at + DAY
            values = self._at.pushed.values(unit.session, day.model, CPU_SHARE, day.starts_at, end)
            told = Day(
                day.model, day.day, day.team, served, serving.reported(values), day.concurrency
            )
            wanted = lines_of(told, held, self._at.tariffs(unit.session))
            lines = self._at.ledger.of_model(unit.session, day.model, Period(day.starts_at, end))
            known = standing(lines)
            mine = [each for each in known if each.first.source_id.startswith(serving.SOURCES)]
            fresh = difference(mine, wanted)
            corrected = any(each.corrects for each in fresh)
            self._at.ledger.add(
                unit, fresh, action="cost:corrected" if corrected else "cost:recorded"
            )
            repository.note_day(unit.session, day.model, day.day, stamp)


def _is_due(known: str | None, stamp: str) -> bool:
    """Tell whether a day rests on something else now; what was let go of since changes nothing."""
    if known is None:
        return True
    before, after = known.split("|"), stamp.split("|")
    return known != stamp and not any(b and not a for b, a in zip(before, after, strict=True))


def lines_of(day: Day, held: Held, tariffs: Tariffs) -> list[Entry]:
    """Return the lines that are wanted of a day."""
    found: list[Entry] = []
    busy = day.hosts.busy if day.hosts else None
    for version, lines in serving.charge(day, held, tariffs.at(day.starts_at)).items():
        grid = tariffs.grid(held[version].grid_region, day.starts_at)
        found += serving.with_energy(lines, held[version], grid, busy)
    return found


def served_of(rows: pa.Table) -> tuple[Served, ...]:
    """Return what each version answered, by version; where some latencies are unknown, their mean stands in."""
    if not rows.num_rows:
        return ()
    versions, took = columns.numbers(rows, "version"), columns.numbers(rows, "latency_ms")
    numbers = np.nan_to_num(versions, nan=0.0).astype(np.int64)
    found: list[Served] = []
    for version in np.unique(numbers):
        its = took[numbers == version]
        known = its[np.isfinite(its) & (its >= 0)]
        mean = float(known.mean()) if len(known) else None
        seconds = None if mean is None else Decimal(str(round(mean * len(its), 3))) / 1000
        found.append(Served(int(version) or None, len(its), seconds))
    return tuple(found)


def _concurrency(tags: Mapping[str, str]) -> Decimal:
    """Return how many requests are answered at once: 1 where nobody says, or says nonsense."""
    said = tags.get(f"{serving.PREFIX}concurrency", "").strip()
    return Decimal(said) if said.isdecimal() and 0 < int(said) <= 100_000 else Decimal(1)
