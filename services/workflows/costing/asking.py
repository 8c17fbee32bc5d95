"""Reading once a day what was asked of the versions that serve: how often, for what, and how fast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

import structlog
from sqlmodel import Session

from services.facts.cost import spending
from services.facts.cost.service import Ledger
from services.facts.prediction.asked import Asked
from services.facts.registry.service import Registry
from services.facts.service_level.service import ServingUses
from services.facts.service_level.types import ServingUse
from services.judgement.saving.serving import Spent, caching
from services.judgement.saving.types import Proposal
from services.kernel.error import CountersignError
from services.kernel.period import Period
from services.record.trail.unit_of_work import Store
from services.standards.price.service import Prices

DAYS = 30
AGAIN = timedelta(minutes=10)
"""So long after its first read a model is read again: its predictions may still be arriving."""
SERVING, ESTIMATED_BY = "serving", "requests"
log = structlog.get_logger(__name__)


class Questions(Protocol):
    """What the prediction log answers."""

    def asked(self, model: str, *, since: date, until: date) -> list[Asked]:
        """Return how often each version was asked, and how often for the same again."""
        ...


class Files(Protocol):
    """What knows how large a version is."""

    def version_bytes(self, name: str, version: int) -> int | None:
        """Return how large the files of a version are; None where nobody can tell."""
        ...


@dataclass(frozen=True)
class Rooms:
    """What reading works with."""

    store: Store
    registry: Registry
    uses: ServingUses
    questions: Questions
    files: Files


class Asking:
    """A duty that one worker does for all: one model a look, each once a day."""

    def __init__(self, rooms: Rooms) -> None:
        self._at = rooms
        self._done: dict[str, date] = {}
        self._again: dict[str, tuple[datetime, int]] = {}

    def look(self) -> str:
        """Read one model that is due; return its name, empty where none was or nothing was asked of any.

        Notes
        -----
        A model of which nothing was ever read is read again after ten minutes, until the same stands
        there: its predictions may still be arriving.
        """
        now = self._at.store.clock.now().astimezone(UTC)
        with self._at.store.reading() as session:
            serving = sorted({ref.name for ref in self._at.registry.serving(session)})
            for each in self._at.uses.find(session):
                if each.model not in self._again:
                    self._done.setdefault(each.model, each.seen_at.astimezone(UTC).date())
        for name in [each for each in serving if self._is_due(each, now)]:
            asked = self._read(name, now.date())
            self._note(name, asked, now)
            if asked != 0:
                return name
        return ""

    def _is_due(self, model: str, now: datetime) -> bool:
        waits = model in self._again and now < self._again[model][0]
        return self._done.get(model) != now.date() and not waits

    def _note(self, model: str, asked: int | None, now: datetime) -> None:
        first = model not in self._done or model in self._again
        if asked is None or (asked and (not first or self._again.get(model, (now, 0))[1] == asked)):
            self._done[model] = now.date()
            self._again.pop(model, None)
        else:
            self._again[model] = (now + AGAIN, asked)

    def _read(self, model: str, today: date) -> int | None:
        """Read one model; return how often it was asked, None where nobody can tell."""
        since, until = today - timedelta(days=DAYS), today - timedelta(days=1)
        try:
            found = self._at.questions.asked(model, since=since, until=until)
        except CountersignError as error:
            log.warning("the prediction log was not read", model=model, reason=error.message)
            return None
        for each in found:
            self._at.uses.keep(
                ServingUse(
                    model, each.version, since, until, each.n, each.comparable,
                    each.comparable - each.distinct_by_day, each.comparable - each.distinct,
                    each.seconds, each.p50_ms, each.p95_ms, each.hours,
                    self._bytes(model, each.version), self._at.store.clock.now(),
                )
            )  # fmt: skip
        return sum(each.n for each in found)

    def _bytes(self, model: str, version: int) -> int | None:
        try:
            return self._at.files.version_bytes(model, version)
        except CountersignError:
            return None


def proposals(
    session: Session, now: datetime, uses: ServingUses, ledger: Ledger, prices: Prices
) -> list[Proposal]:
    """Return what serving could cost less, by model."""
    by_model: dict[str, list[ServingUse]] = {}
    for each in uses.find(session):
        if (now.astimezone(UTC).date() - each.until).days <= DAYS:
            by_model.setdefault(each.model, []).append(each)
    found: list[Proposal] = []
    for model, held in by_model.items():
        proposal = caching(held, serving_spent(session, ledger, prices, model, held))
        found += [proposal] if proposal is not None else []
    return found


def serving_spent(
    session: Session, ledger: Ledger, prices: Prices, model: str, uses: Sequence[ServingUse],
    kinds: Sequence[str] = (SERVING,),
) -> Spent:  # fmt: skip
    """Return what serving a model cost in the days of its use, and how that is known."""
    start = datetime.combine(min(each.since for each in uses), time(), UTC)
    end = datetime.combine(max(each.until for each in uses), time(), UTC) + timedelta(days=1)
    period = Period(start, end)
    lines = [e.amount for e in ledger.totals(session, period, ("kind",), model=model) if e.key[0] in kinds]  # fmt: skip
    without = ledger.unpriced(session, period, ("kind",), model=model)
    missing = sum(count for key, count in without.items() if key[0] in kinds)
    if missing or len({each.currency for each in lines}) != 1:
        return Spent(None)
    held = ledger.quantities(session, period, ("kind",), model=model)
    asked = [each for each in held if each.key == (SERVING,) and each.unit == "request"]
    methods = {each.method for each in asked if each.quantity > 0}
    samples = [each.price_id for each in prices.all(session) if each.sample]
    return Spent(
        sum(lines[1:], lines[0]),
        measured=bool(methods) and ESTIMATED_BY not in methods,
        sample=bool(samples) and spending.rest_on(session, samples, start, end, model),
    )
