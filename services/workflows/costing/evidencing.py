"""Filing once a day what each version that serves costs, so that policies may have cost clauses."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlmodel import Session

from services.facts.cost import by_version, standing
from services.facts.cost.by_version import Made
from services.facts.cost.evidence import CURRENCY, reading
from services.facts.evidence.service import EvidenceStore
from services.facts.evidence.types import EvidenceKind, Producer, Reading
from services.facts.registry.service import Registry
from services.kernel.clock import Clock
from services.kernel.error import NotFound
from services.kernel.identity import SYSTEM, ModelRef
from services.kernel.period import Period
from services.record.trail.unit_of_work import Store
from services.standards.price.service import Prices
from services.workflows.measurement.service import code_version

DAY = timedelta(days=1)
SETTLING = timedelta(hours=1)
"""So long after midnight, in UTC, the lines of the day before have come."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Rooms:
    """What filing works with."""

    clock: Clock
    store: Store
    registry: Registry
    evidence: EvidenceStore
    prices: Prices


class Evidencing:
    """A duty that one worker does for all."""

    def __init__(self, rooms: Rooms) -> None:
        self._at = rooms
        self._done: datetime | None = None

    def look(self) -> int:
        """File what is not on file of the last closed day; return how many were filed."""
        now = (self._at.clock.now() - SETTLING).astimezone(UTC)
        end = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if self._done == end:
            return 0
        with self._at.store.reading() as session:
            found = by_version.serving(session, end - standing.LATELY, end)
        filed = sum(self._file(model, version, end) for model, version in found)
        self._done = end
        if filed:
            log.info("cost evidence filed", count=filed)
        return filed

    def _file(self, model: str, version: int, end: datetime) -> bool:
        kind = EvidenceKind.COST.value
        with self._at.store.unit(SYSTEM) as unit:
            ref = self._ref(unit.session, model, version)
            if ref is None or kind in self._at.evidence.of_period(unit.session, ref, end):
                return False
            made = self._reading(unit.session, ref, end)
            self._at.evidence.file(
                unit, ref, made, Producer(f"cost-{end:%Y-%m-%d}", code_version())
            )
        return True

    def _reading(self, session: Session, ref: ModelRef, end: datetime) -> Reading:
        held = standing.standings(session, ref.name, end, Made())[ref.version]
        aliases = self._at.registry.aliases(session, ref.name)
        alias = next((a for a, v in sorted(aliases.items()) if v == ref.version), None)
        thousand = held.per_thousand
        if thousand is not None:
            thousand = self._at.prices.convert(session, thousand, CURRENCY, end)
        return reading(held, thousand, alias, Period(end - DAY, end))

    def _ref(self, session: Session, model: str, version: int) -> ModelRef | None:
        try:
            return self._at.registry.ref(session, model, version)
        except NotFound:
            return None
