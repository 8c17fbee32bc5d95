"""Filing what versions cost, so that policies may have cost clauses: once a day, and what making them took."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlmodel import Session

from services.facts.cost import by_version, standing
from services.facts.cost.by_version import Made
from services.facts.cost.evidence import CURRENCY, Dollars, reading, training_reading
from services.facts.cost.standing import CostStanding, at_current_traffic
from services.facts.evidence.service import EvidenceStore
from services.facts.evidence.types import EvidenceKind, Producer, Reading
from services.facts.registry.service import Registry
from services.kernel.clock import Clock
from services.kernel.error import NotFound
from services.kernel.identity import SYSTEM, ModelRef
from services.kernel.money import Money
from services.kernel.period import Period
from services.record.canonical import canonical, sha256_hex
from services.record.trail.unit_of_work import Store
from services.standards.price.service import Prices
from services.workflows.measurement.service import code_version

DAY = timedelta(days=1)
SETTLING = timedelta(hours=1)
"""So long after midnight, in UTC, the lines of the day before have come."""
BACK, EVERY = timedelta(days=35), timedelta(minutes=10)
"""So far back lines are corrected; so often it is looked whether what was made cost something else."""
CHAMPION = "champion"
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Rooms:
    """What filing works with.

    Attributes
    ----------
    made
        Which runs and tickets made which version of a model.
    """

    clock: Clock
    store: Store
    registry: Registry
    evidence: EvidenceStore
    prices: Prices
    made: Callable[[Session, str], Made] = lambda _, __: Made()

    def dollars(self, session: Session, money: Money | None, at: datetime) -> Money | None:
        """Return money in US dollars; None where there is none, or no rate."""
        return self.prices.convert(session, money, CURRENCY, at) if money is not None else None


class Evidencing:
    """A duty that one worker does for all: what serving costs."""

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
            ref = _ref(self._at.registry, unit.session, model, version)
            if ref is None or kind in self._at.evidence.of_period(unit.session, ref, end):
                return False
            made = self._reading(unit.session, ref, end)
            self._at.evidence.file(
                unit, ref, made, Producer(f"cost-{end:%Y-%m-%d}", code_version())
            )
        return True

    def _reading(self, session: Session, ref: ModelRef, end: datetime) -> Reading:
        found = standing.standings(session, ref.name, end, Made())
        held, aliases = found[ref.version], self._at.registry.aliases(session, ref.name)
        alias = next((a for a, v in sorted(aliases.items()) if v == ref.version), None)
        champion = found.get(aliases[CHAMPION]) if CHAMPION in aliases else None
        traffic = champion if champion is not None and champion.requests else None
        dollars = Dollars(
            self._at.dollars(session, held.per_thousand, end),
            self._at.dollars(session, at_current_traffic(held, traffic), end),
        )
        day, of_champion = Period(end - DAY, end), traffic is not None
        return reading(held, dollars, alias, day, of_champion=of_champion)


class TrainingEvidencing:
    """A duty that one worker does for all: what making each version took, filed when that changes."""

    def __init__(self, rooms: Rooms) -> None:
        self._at = rooms
        self._last: datetime | None = None
        self._seen: dict[str, tuple[int, ...]] = {}

    def look(self) -> int:
        """File what making versions took, where it is not on file like that; return how many were filed.

        Notes
        -----
        The first look is at every model; later ones at those whose sums of the last 35 days changed, or
        that have a version more.
        """
        now = self._at.clock.now().astimezone(UTC)
        if self._last is not None and now - self._last < EVERY:
            return 0
        since = (now - BACK).date() if self._last else standing.BEGINNING.date()
        with self._at.store.reading() as session:
            sums = by_version.making(session, since)
            newest = {
                each.name: each.latest_version or 0 for each in self._at.registry.models(session)
            }
        told = {name: (*each, newest[name]) for name, each in sums.items() if name in newest}
        due = [name for name, each in told.items() if self._seen.get(name) != each]
        filed = sum(self._model(name, now) for name in due)
        self._seen, self._last = told, now
        if filed:
            log.info("training cost filed", count=filed)
        return filed

    def _model(self, name: str, now: datetime) -> int:
        with self._at.store.reading() as session:
            made = self._at.made(session, name)
            found = standing.standings(session, name, now, made)
        versions = {*made.runs.values(), *made.tickets.values()}
        return sum(
            self._file(name, version, held)
            for version, held in found.items()
            if version in versions and held.made
        )

    def _file(self, name: str, version: int, held: CostStanding) -> bool:
        kind = EvidenceKind.TRAINING_COST.value
        with self._at.store.unit(SYSTEM) as unit:
            try:
                seen = self._at.registry.version(unit.session, name, version)
            except NotFound:
                return False
            dollars = self._at.dollars(unit.session, held.whole_training, seen.created_at)
            made = training_reading(held, dollars)
            known = self._at.evidence.latest(unit.session, seen.ref, kind)
            digest = sha256_hex(canonical(made.payload))
            if known is not None and known.payload_sha256 == digest:
                return False
            self._at.evidence.file(
                unit,
                seen.ref,
                made,
                Producer(f"training-cost-{unit.now:%Y-%m-%dT%H:%M}", code_version()),
            )
        return True


def _ref(registry: Registry, session: Session, model: str, version: int) -> ModelRef | None:
    try:
        return registry.ref(session, model, version)
    except NotFound:
        return None
