"""What runs now, what it cost so far, and what speaks against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago, short
from console.views.cost.sight import sight
from console.views.tickets import amount, worst
from services.decisions.retraining.types import Ticket, TicketState
from services.facts.convergence.types import DoubtedRun, DoubtKind
from services.kernel.money import Money
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services
    from services.workflows.retraining.seen import Seen

OTHERS = (
    "A run of somebody else is marked in MLflow and told to the channels; nothing here can end it."
)


@dataclass(frozen=True, slots=True)
class StopRow:
    """One run that goes on.

    Attributes
    ----------
    ticket_id
        Of our own trainings; empty for a run of somebody else.
    against
        What speaks against it; empty where nothing does.
    stoppable
        Whether this person may stop it.
    """

    ticket_id: str
    status: str
    word: str
    name: str
    model: str
    by: str
    since: str
    spent: str
    against: str
    stoppable: bool = False


def load(services: "Services", principal: Principal) -> tuple[StopRow, ...]:
    """Return what runs now of what this person sees: our own trainings, and doubted runs of others."""
    with services.store.reading() as session:
        mine = sight(services, principal, session)
        doubted = [
            e for e in services.convergence.doubted(session) if mine.sees(e.model or e.experiment)
        ]
        running = services.tickets.in_states(session, TicketState.RUNNING)
        own = tuple(
            _own(services, session, principal, each, doubted)
            for each in running
            if mine.sees(each.model)
        )
        others = tuple(_other(services, each) for each in doubted if not each.is_ours)
    return tuple(sorted((*own, *others), key=lambda row: (not row.against, row.since)))


def _own(
    services: "Services", session: Session, principal: Principal, ticket: Ticket,
    doubted: Sequence[DoubtedRun],
) -> StopRow:  # fmt: skip
    seen = services.watching.seen(session, ticket.ticket_id)
    said = [each.words for each in doubted if each.ticket_id == ticket.ticket_id]
    said += [
        each.stop_words or each.warning for each in seen[-1:] if each.stop_words or each.warning
    ]
    status, word = ("stale", "Doubted") if said else ("info", "Runs")
    if seen and seen[-1].stop_kind:
        word = "Being stopped"
    may = services.authority.permits(
        principal, Action.TICKET_CANCEL, model=ticket.model, team=ticket.team
    )
    tries = services.tickets.attempts(session, ticket.ticket_id)
    began = (tries[-1].started_at if tries else None) or ticket.opened_at
    return StopRow(
        ticket.ticket_id, status, word, f"{ticket.recipe}, {short(ticket.ticket_id)}", ticket.model,
        "the console", ago(began, services.clock.now()), _used(ticket, seen), " ".join(said), may,
    )  # fmt: skip


def _other(services: "Services", run: DoubtedRun) -> StopRow:
    is_over = any(each.kind is DoubtKind.OVER_BUDGET for each in run.doubts)
    since = ago(run.started_at, services.clock.now()) if run.started_at else ""
    marked = " Marked in MLflow." if run.marked_at else ""
    return StopRow(
        "", "stale", "Over budget" if is_over else "Doubted", run.name or short(run.run_id),
        run.model or run.experiment, run.user or "unknown", since, "unknown", f"{run.words}{marked}",
    )  # fmt: skip


def _used(ticket: Ticket, seen: "Sequence[Seen]") -> str:
    """Return what a training cost so far, and at what its own budget ends it."""
    return f"{_spent(seen)}, {worst(ticket.quote)}" if ticket.quote else _spent(seen)


def _spent(seen: "Sequence[Seen]") -> str:
    if not seen or seen[-1].spent_micros is None:
        return "unknown"
    return amount(Money(seen[-1].currency, seen[-1].spent_micros))
