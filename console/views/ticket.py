"""One retrain ticket: why, on which data, at which price, who allows it, how it goes, what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago
from console.views import compared, grounds, returned, snapshot, tickets
from console.views.attempts import AttemptRow, attempt_rows, mark, resumed
from console.views.compared import ComparedView
from console.views.decisions import team_of
from console.views.drafted import drafted
from console.views.names import load as names_of
from console.views.quoted import Tile, quoted
from console.views.returned import ReturnedView
from services.decisions.recipe.types import RecipeDraft
from services.decisions.retraining.types import Attempt, Ticket, TicketState, Trigger
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class Approver:
    """Whose signature is asked for."""

    role: str
    count: int


@dataclass(frozen=True, slots=True)
class TicketView:
    """What the page of a ticket shows.

    Attributes
    ----------
    lead
        Where it stands, in one sentence.
    changes
        How the recipe differs from that of the version to be replaced, one sentence each.
    approvers
        Empty where nobody need sign; the review that gathers them is ``review_id``.
    task_id
        What the worker does for it now; empty when it does nothing.
    may_cancel
        Whether this person may stop it, and it is not over.
    returned
        What may be revised; None where it was not sent back.
    told
        What people should know of the rows.
    draft
        Of a model without a recipe what its run tells, and the gaps; else None.
    beside
        Ids of other tickets of the model that are open.
    mark
        Changes whenever the page is to be drawn anew.
    """

    ticket_id: str
    model: str
    title: str
    status: str
    word: str
    trigger: str
    caption: str
    lead: str
    rationale: str
    cause: str
    evidence: tuple[str, ...]
    by_alert: bool
    facts: tuple[tuple[str, str], ...]
    changes: tuple[str, ...]
    data: tuple[tuple[str, str], ...]
    refused: tuple[str, ...]
    quote: tuple[Tile, ...]
    approvers: tuple[Approver, ...]
    review_id: str
    review_open: bool
    attempts: tuple[AttemptRow, ...]
    task_id: str
    result_version: int | None
    promotion_review: str
    report_evidence_id: str
    compared: ComparedView | None
    may_cancel: bool
    over: bool
    trains: bool
    returned: ReturnedView | None
    told: tuple[str, ...]
    draft: RecipeDraft | None = None
    beside: tuple[str, ...] = ()
    mark: str = ""


def load(services: "Services", principal: Principal, ticket_id: str) -> TicketView:
    """Return what the page of a ticket shows to this person.

    Raises
    ------
    NotFound
        When there is no such ticket.
    NotPermitted
        When this person may not see its model.
    """
    with services.store.reading() as session:
        each = services.tickets.get(session, ticket_id)
        team = team_of(services, session, each.model)
        where = {"model": each.model, "team": team}
        services.authority.require(principal, Action.MODEL_READ, **where)
        names = names_of(services, session)
        attempts = services.tickets.attempts(session, ticket_id)
        seen = services.watching.seen(session, ticket_id)
        changes = services.tickets.changes(session, each)
        beside = services.tickets.beside(session, each)
        held = grounds.budgets(services, session, each, names)
        sent_back = returned.load(services, session, principal, each, team)
        review = services.reviews.get(session, each.review_id) if each.review_id else None
        following = _following(services, session, each)
        report = compared.load(services, session, each)
        draft = None if each.recipe else drafted(services, session, each.base)
    looked, told = snapshot.load(services, each)
    may = services.authority.permits(principal, Action.TICKET_CANCEL, **where)
    status, word = tickets.standing(each)
    return TicketView(
        ticket_id, each.model, f"Retrain {each.model}", status, word,
        tickets.TRIGGERS[each.cause.trigger],
        f"opened by {names.person(each.opened_by)} {ago(each.opened_at, services.clock.now())}"
        f"{' · dry run' if each.dry_run else ''}",
        _lead(each, attempts, resumed(attempts, len(attempts) - 1, seen) if attempts else ""), each.rationale, each.cause.words, each.cause.evidence,
        each.cause.trigger in BY_ALERT,
        (*grounds.facts(each, names), *held), changes, (*grounds.data(each), *looked), each.data.refused if each.data else (),
        quoted(each), tuple(Approver(role, n) for role, n in each.quorum.items()), each.review_id,
        review is not None and review.state.value == "open",
        attempt_rows(attempts, seen), each.task_id if not each.is_over else "",
        each.result_version, following, each.report_evidence_id, report, may and not each.is_over,
        each.is_over, each.state.value in ("running", "evaluating"), sent_back, told, draft,
        tuple(other.ticket_id for other in beside), mark(each, len(attempts)),
    )  # fmt: skip


STAYS = "the champion stays as it is"
BY_ALERT = (Trigger.DRIFT, Trigger.PERFORMANCE)
_STAYS = "; the champion stays as it is"
"""What many reasons end with, and the sentence here begins with."""
_LEADS: Mapping[TicketState, str] = MappingProxyType(
    {
        TicketState.DRAFT: "The data is checked and the price is reckoned; nothing has cost anything yet.",
        TicketState.AWAITING_APPROVAL: "It trains when it is approved, for {price}.",
        TicketState.QUEUED: "It may train, and waits for {engine}.",
        TicketState.RUNNING: "Attempt {attempt} trains on {engine}{resumed}; {price}.",
        TicketState.EVALUATING: "It trained; champion and challenger answer the same holdout now.",
        TicketState.REGISTERED: "Version {version} is better and was registered; its review decides whether it runs.",
        TicketState.NO_BETTER: "The champion stays: {reason}",
    }
)


def _lead(each: Ticket, attempts: Sequence[Attempt], resumed: str) -> str:
    if each.was_returned:
        return "It was sent back; it is quoted again when it was revised."
    unchanged = "{reason}" if STAYS in each.state_reason else "The champion is unchanged. {reason}"
    return _LEADS.get(each.state, unchanged).format(
        price=tickets.price(each),
        engine=each.engine,
        resumed=f", resumed at {resumed}" if resumed else "",
        attempt=attempts[-1].number if attempts else 1,
        version=each.result_version,
        reason=each.state_reason.replace(_STAYS, ""),
    )


def _following(services: "Services", session: Session, each: Ticket) -> str:
    """Return the id of the review that opened for the version of a ticket, or nothing."""
    if each.result_version is None:
        return ""
    made = [
        review.review_id
        for review in services.reviews.list(session, model=each.model)
        if review.purpose == "promotion" and review.ref.version == each.result_version
    ]
    return made[-1] if made else ""
