"""Weighing what is kept of runs, and charging each whole day of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import structlog
from sqlmodel import Session

from services.facts.cost.hardware import Place
from services.facts.cost.rules import priced
from services.facts.cost.service import Ledger
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.facts.registry.types import Run, Weight
from services.facts.storage import rules
from services.facts.storage.service import Storage
from services.facts.storage.types import HOLD_TAG, KeptRun
from services.kernel.error import NotFound, SourceUnavailable
from services.kernel.identity import SYSTEM
from services.record.canonical import sha256_hex
from services.record.trail.unit_of_work import Store
from services.workflows.costing.repository import over
from services.workflows.costing.tariffs import Tariffs

AGAIN = timedelta(days=30)
"""So long after it was weighed a run is weighed again: files may be added to it at any time."""
MOST = 25
"""So many runs a look."""
BACK_DAYS = 31
"""So far back days are charged when nobody looked meanwhile."""
log = structlog.get_logger(__name__)


class Files(Protocol):
    """Where runs are read, and their files weighed."""

    def runs(self, run_ids: Sequence[str]) -> list[Run]:
        """Return runs by id."""
        ...

    def weigh_run(self, run_id: str) -> Weight:
        """Return what the files of a run come to."""
        ...

    def weigh_version(self, name: str, version: int) -> Weight:
        """Return what the files of a version come to."""
        ...


@dataclass(frozen=True)
class Rooms:
    """What weighing works with.

    Attributes
    ----------
    versions
        Name and number of the versions that came from each run, and whether their files lie apart
        from those of the run.
    model_of, team_of
        Whose a run is, and which team bears a model; empty where nobody knows.
    """

    store: Store
    storage: Storage
    ledger: Ledger
    source: Files
    tariffs: Callable[[Session], Tariffs]
    versions: Callable[[Session], dict[str, list[tuple[str, int, bool]]]]
    model_of: Callable[[Session, Run], str]
    team_of: Callable[[Session, str], str]


class Weighing:
    """A duty that one worker does for all."""

    def __init__(self, rooms: Rooms) -> None:
        self._at = rooms
        self._charged: date | None = None

    def look(self) -> int:
        """Weigh some runs that ended and were not weighed lately, charge yesterday; return how many."""
        now = self._at.store.clock.now()
        with self._at.store.reading() as session:
            due = self._due(session, now)
            versions = self._at.versions(session) if due else {}
        kept = [
            self._weighed(run, versions.get(run.run_id, []), now)
            for run in self._at.source.runs(due)
        ]
        self._at.storage.keep(kept)
        today = now.astimezone(UTC).date()
        if self._charged != today:
            self._charge(today)
            self._charged = today
        if kept:
            log.info("runs weighed", runs=len(kept))
        return len(kept)

    def _due(self, session: Session, now: datetime) -> list[str]:
        known = self._at.storage.known(session)
        fresh = [each for each in over(session) if each not in known]
        gone = {each.run_id for each in self._at.storage.all(session) if each.gone_at}
        old = sorted(
            (at, each) for each, at in known.items() if now - at >= AGAIN and each not in gone
        )
        return [*fresh, *(each for _, each in old)][:MOST]

    def _weighed(
        self, run: Run, versions: Sequence[tuple[str, int, bool]], now: datetime
    ) -> KeptRun:
        weight: Weight | None = Weight(0, 0)
        try:
            weight = self._at.source.weigh_run(run.run_id)
            for name, number, apart in versions:
                if apart:
                    weight += self._at.source.weigh_version(name, number)
        except NotFound:
            pass
        except SourceUnavailable as error:
            weight = None
            log.warning("files not weighed", run=run.run_id, reason=str(error))
        with self._at.store.reading() as session:
            model = versions[0][0] if versions else self._at.model_of(session, run)
        return KeptRun(
            run.run_id, run.experiment_id, run.tags.get("mlflow.runName", "")[:250], model,
            weight.size if weight else None, weight.files if weight else 0,
            run.tags.get(HOLD_TAG, "").strip()[:200], run.ended_at or now, now, now,
        )  # fmt: skip

    def _charge(self, today: date) -> None:
        """Charge the whole days before today that were not charged yet."""
        with self._at.store.unit(SYSTEM) as unit:
            kept, tariffs = self._at.storage.all(unit.session), self._at.tariffs(unit.session)
            lines: list[Entry] = []
            for back in range(BACK_DAYS, 0, -1):
                day = today - timedelta(days=back)
                for model, size in sorted(rules.by_model(kept, day).items()):
                    team = self._at.team_of(unit.session, model) if model else ""
                    lines.append(_line(day, size, Bearer(model=model, team=team), tariffs))
            known = self._at.ledger.known(unit.session, [each.source_id for each in lines])
            self._at.ledger.add(unit, [each for each in lines if each.source_id not in known])


def _line(day: date, size: int, bearer: Bearer, tariffs: Tariffs) -> Entry:
    start = datetime.combine(day, datetime.min.time(), UTC)
    use = Use(rules.SKU, rules.UNIT, rules.gb_months(size, day))
    rate = tariffs.at(start)(rules.SKU, Place())
    amount = priced(use, rate)
    whose = sha256_hex(bearer.model.encode())[:16] if bearer.model else "nobody"
    return Entry(
        source_id=f"storage:{whose}:{day.isoformat()}",
        kind=CostKind.STORAGE,
        use=use,
        amount=amount,
        bearer=bearer,
        starts_at=start,
        ends_at=start + timedelta(days=1),
        price_id=rate.price_id if rate is not None and amount is not None else "",
    )
