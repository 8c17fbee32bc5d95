"""One retrain ticket: why, on which data, at which price, who allows it, how it goes, what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import NOTHING, ago, count, digest, instant, plural
from console.views import compared, tickets
from console.views.attempts import AttemptRow, attempt_row
from console.views.compared import ComparedView
from console.views.decisions import team_of
from console.views.names import Names
from console.views.names import load as names_of
from console.views.quoted import Tile, quoted
from services.decisions.recipe.rules import difference
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


def load(services: "Services", principal: Principal, ticket_id: str) -> TicketView:
    """Return what the page of a ticket shows to this person.

    Raises
    ------
    NotFound
        When there is no such ticket.
    NotPermitted
        When this person may not see its model.
    """
    now = services.clock.now()
    with services.store.reading() as session:
        each = services.tickets.get(session, ticket_id)
        team = team_of(services, session, each.model)
        where = {"model": each.model, "team": team}
        services.authority.require(principal, Action.MODEL_READ, **where)
        names = names_of(services, session)
        attempts = services.tickets.attempts(session, ticket_id)
        changes = _changes(services, session, each)
        review = services.reviews.get(session, each.review_id) if each.review_id else None
        following = _following(services, session, each)
        report = compared.load(services, session, each)
    may = services.authority.permits(principal, Action.TICKET_CANCEL, **where)
    status, word = tickets.STATES[each.state]
    return TicketView(
        ticket_id, each.model, f"Retrain {each.model}", status, word,
        tickets.TRIGGERS[each.cause.trigger],
        f"opened by {names.person(each.opened_by)} {ago(each.opened_at, now)}"
        f"{' · dry run' if each.dry_run else ''}",
        _lead(each, attempts), each.rationale, each.cause.words, each.cause.evidence,
        each.cause.trigger in BY_ALERT,
        _facts(each, names), changes, _data(each), each.data.refused if each.data else (),
        quoted(each), tuple(Approver(role, n) for role, n in each.quorum.items()), each.review_id,
        review is not None and review.state.value == "open",
        tuple(attempt_row(a) for a in attempts), each.task_id if not each.is_over else "",
        each.result_version, following, each.report_evidence_id, report, may and not each.is_over,
        each.is_over, each.state.value in ("running", "evaluating"),
    )  # fmt: skip


BY_ALERT = (Trigger.DRIFT, Trigger.PERFORMANCE)
_LEADS: Mapping[TicketState, str] = MappingProxyType(
    {
        TicketState.DRAFT: "The data is checked and the price is reckoned; nothing has cost anything yet.",
        TicketState.AWAITING_APPROVAL: "It trains when it is approved, for {price}.",
        TicketState.QUEUED: "It may train, and waits for {engine}.",
        TicketState.RUNNING: "Attempt {attempt} trains on {engine}; {price}.",
        TicketState.EVALUATING: "It trained; champion and challenger answer the same holdout now.",
        TicketState.REGISTERED: "Version {version} is better and was registered; its review decides whether it runs.",
        TicketState.NO_BETTER: "The champion stays: {reason}",
    }
)


def _lead(each: Ticket, attempts: Sequence[Attempt]) -> str:
    return _LEADS.get(each.state, "The champion is unchanged. {reason}").format(
        price=tickets.price(each),
        engine=each.engine,
        attempt=attempts[-1].number if attempts else 1,
        version=each.result_version,
        reason=each.state_reason,
    )


def _facts(each: Ticket, names: Names) -> tuple[tuple[str, str], ...]:
    base = each.base.label if each.base else "no version yet"
    found = [
        ("To be better than", base),
        ("Recipe", f"{each.recipe} v{each.recipe_version}" if each.recipe else "to be drafted"),
        ("Recipe digest", digest(each.recipe_sha256, 2)),
        ("Engine", each.engine),
        ("For alias", each.alias),
        ("Team", names.team(each.team) or NOTHING),
    ]
    found += [(f"Parameter {name}", str(value)) for name, value in each.parameters.items()]
    if each.run_id:
        found.append(("MLflow run", each.run_id))
    return tuple(found)


def _changes(services: "Services", session: Session, each: Ticket) -> tuple[str, ...]:
    if not each.recipe_sha256:
        return ()
    before = None
    if each.base is not None:
        base = each.base
        made_by = services.tickets.of_version(session, base.name, base.version, base.run_id)
        if made_by is not None and made_by.recipe_sha256:
            before = services.recipes.by_sha256(session, made_by.recipe_sha256).recipe
    return difference(before, services.recipes.by_sha256(session, each.recipe_sha256).recipe)


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


def _data(each: Ticket) -> tuple[tuple[str, str], ...]:
    held = each.data
    if held is None:
        return ()
    period = (
        f"{instant(held.first_at)} to {instant(held.last_at)}" if held.first_at else "no instants"
    )
    return (
        ("Rows", f"{count(held.rows)} of {plural(held.columns, 'column')}"),
        ("Period", period),
        ("From", held.uri),
        ("SHA-256", digest(held.sha256, 2)),
    )
