"""Runs that the ledger cannot put a price on: that never ended, whose clock was wrong, or that lack a price."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from services.facts.cost import unpriced
from services.facts.cost.running import UNDECLARED
from services.facts.cost.unpriced import Missing
from services.kernel.period import Period
from services.workflows.costing import repository
from services.workflows.costing.types import GONE, UNREAD, CostedRun, RunState

MOST = 200


class Why(StrEnum):
    """Why nobody can say what a run costs."""

    ENDLESS = "endless"
    GONE = "gone"
    SKEWED = "skewed"
    UNSAID = "unsaid"
    UNREAD = "unread"
    NO_PRICE = "no_price"


@dataclass(frozen=True, slots=True)
class Uncharged:
    """One run, or one ticket of ours, of which nobody can say what it costs.

    Attributes
    ----------
    run_id, ticket_id
        One of them may be empty.
    used
        What it used without a price, as thing and unit; empty where it is not charged at all.
    at
        When it began, or ended; None where nobody knows.
    """

    run_id: str
    ticket_id: str
    name: str
    model: str
    why: Why
    words: str
    used: tuple[tuple[str, str], ...]
    at: datetime | None


def find(session: Session, period: Period, models: Collection[str] | None) -> list[Uncharged]:
    """Return the runs of which nobody can say what they cost, the newest first.

    Parameters
    ----------
    period
        In which what lacks a price began; what never ended or has a wrong clock is told of any time.
    models
        Whose; None for everything, also what no model bears.
    """
    noted = [
        _noted(each)
        for each in repository.in_states(session, RunState.OVERDUE, RunState.SKEWED)
        if models is None or each.model in models
    ]
    missing = unpriced.of_runs(session, period.start, period.end, models, MOST)
    known = repository.known(session, sorted({each.run_id for each in missing}))
    told = {each.run_id for each in noted}
    noted += [each for each in _priceless(missing, known) if each.run_id not in told]
    return sorted(noted, key=lambda each: (each.at is not None, each.at), reverse=True)


def _noted(run: CostedRun) -> Uncharged:
    why = Why.SKEWED if run.state is RunState.SKEWED else Why.ENDLESS
    why = Why.GONE if run.words == GONE else why
    return Uncharged(
        run.run_id, "", run.name, run.model, why, run.words, (), run.started_at or run.ended_at
    )


def _priceless(missing: Iterable[Missing], known: dict[str, CostedRun]) -> list[Uncharged]:
    """Return runs and tickets with all that they used without a price, each once."""
    held: dict[tuple[str, str], list[Missing]] = {}
    for each in missing:
        held.setdefault((each.run_id, "" if each.run_id else each.ticket_id), []).append(each)
    return [_of(parts, known.get(run_id)) for (run_id, _), parts in held.items()]


def _of(parts: list[Missing], run: CostedRun | None) -> Uncharged:
    first, words = parts[0], run.words if run else ""
    used = tuple((each.sku, each.unit) for each in parts)
    why = Why.NO_PRICE
    if words.startswith(UNREAD):
        why = Why.UNREAD
    elif any(sku == UNDECLARED.sku for sku, _ in used):
        why = Why.UNSAID
    return Uncharged(
        first.run_id, first.ticket_id, run.name if run else "", first.model, why, words, used,
        max(each.since for each in parts),
    )  # fmt: skip
