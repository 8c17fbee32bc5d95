"""What serving cost, by model, version and day that is over: from the prediction log and from servers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
from services.facts.registry.types import Model
from services.kernel.error import NotFound
from services.kernel.identity import SYSTEM
from services.kernel.period import Period
from services.record.canonical import digest
from services.record.trail.unit_of_work import Store
from services.standards.governance.service import Governance
from services.workflows.costing import repository
from services.workflows.costing.tariffs import Tariffs

MOST = 120
"""So many days a look: the rest has its turn half a minute later."""
AGAIN = timedelta(minutes=10)
COLUMNS = ("version", "latency_ms")
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
        self._seen: dict[str, tuple[Mapping[date, int], datetime]] = {}

    def look(self) -> int:
        """Charge days that are over and that nobody charged, or that changed since; return how many."""
        now = self._at.store.clock.now()
        with self._at.store.reading() as session:
            models = self._at.registry.models(session)
            teams = {each.name: each.team_id for each in self._at.governance.all(session)}
        reporting, done = set(self._at.pushed.models()), 0
        for model in models:
            if done < MOST and self._may_differ(model.name, now, reporting):
                done += self._model(model, teams.get(model.name, ""), now, MOST - done)
        if done:
            log.info("days of serving charged", days=done)
        return done

    def _may_differ(self, name: str, now: datetime, reporting: set[str]) -> bool:
        """Tell whether a model is to be looked into: what did not change is, every ten minutes."""
        before = self._seen.get(name)
        if before is None or name in reporting or now - before[1] >= AGAIN:
            return True
        return before[0] is not self._at.rows.states(name)

    def _model(self, model: Model, team: str, now: datetime, most: int) -> int:
        name, states = model.name, self._at.rows.states(model.name)
        with self._at.store.reading() as session:
            marks = self._at.pushed.marks(session, name)
            versions = self._at.registry.versions(session, name) if states or marks else []
        said = {each.ref.version: told for each in versions if (told := _said(each.tags))}
        at = digest([_said(model.tags), sorted(map(str, said.items())), team])[:16]
        due = self._due(name, marks, at, now.date())
        for day, stamp in due[:most]:
            self._charge(Day(name, day, team, (), None, concurrency(model.tags)), model, stamp)
        if len(due) <= most:
            self._seen[name] = (states, now)
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

    def _charge(self, day: Day, model: Model, stamp: str) -> None:
        rows, end = self._at.rows.day(day.model, day.day, COLUMNS), day.starts_at + DAY
        served = served_of(rows)
        with self._at.store.unit(SYSTEM) as unit:
            said = self._held(unit.session, model, end)
            held = {**{each.version: said[None] for each in served}, **said}
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

    def _held(self, session: Session, model: Model, at: datetime) -> Held:
        """Return what a model and its versions were said to be served by at the end of a day.

        Notes
        -----
        A day before anything was said goes by what is said now.
        """
        for asked in (at, None):
            try:
                tags = self._at.registry.model(session, model.name, asked).tags
            except NotFound:
                continue
            versions = self._at.registry.versions(session, model.name, asked)
            held = {each.ref.version: {**tags, **each.tags} for each in versions}
            if asked is None or _said(tags) or any(_said(each) for each in held.values()):
                return {
                    None: read(tags, prefix=serving.PREFIX),
                    **{version: read(its, prefix=serving.PREFIX) for version, its in held.items()},
                }
        return {None: Hardware()}


def _is_due(known: str | None, stamp: str) -> bool:
    """Tell whether a day rests on something else now; what was let go of since changes nothing."""
    if known is None:
        return True
    before, after = known.split("|"), stamp.split("|")
    return known != stamp and not any(b and not a for b, a in zip(before, after, strict=True))


def _said(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags that say what serves a model."""
    return {name: tags[name] for name in sorted(tags) if name.startswith(serving.PREFIX)}


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


def concurrency(tags: Mapping[str, str]) -> Decimal:
    """Return how many requests are answered at once: 1 where nobody says, or says nonsense."""
    said = tags.get(f"{serving.PREFIX}concurrency", "").strip()
    return Decimal(said) if said.isdecimal() and 0 < int(said) <= 100_000 else Decimal(1)
