"""Retrain tickets: what waits for whom, what trains now, what came of the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from console.format import ago, plural
from services.decisions.retraining.quote import Quote
from services.decisions.retraining.types import Ticket, TicketState, Trigger
from services.kernel.money import Money
from services.people.account.types import Principal
from services.standards.authority.types import Action
from services.standards.engine.types import LOCAL

if TYPE_CHECKING:
    from services.bootstrap.services import Services

STATES: Mapping[TicketState, tuple[str, str]] = MappingProxyType(
    {
        TicketState.DRAFT: ("info", "Being quoted"),
        TicketState.AWAITING_APPROVAL: ("stale", "Waits for approval"),
        TicketState.QUEUED: ("info", "Queued"),
        TicketState.RUNNING: ("info", "Training"),
        TicketState.EVALUATING: ("info", "Being compared"),
        TicketState.REGISTERED: ("pass", "Registered"),
        TicketState.NO_BETTER: ("none", "No better"),
        TicketState.REFUSED: ("fail", "Refused"),
        TicketState.CANCELLED: ("none", "Cancelled"),
        TicketState.STOPPED_BUDGET: ("fail", "Stopped: budget"),
        TicketState.STOPPED_DIVERGED: ("fail", "Stopped: no progress"),
        TicketState.FAILED: ("fail", "Failed"),
    }
)
TRIGGERS: Mapping[Trigger, str] = MappingProxyType(
    {
        Trigger.DRIFT: "drift",
        Trigger.PERFORMANCE: "performance",
        Trigger.SCHEDULE: "schedule",
        Trigger.DATA: "new data",
        Trigger.LABELS: "new labels",
        Trigger.CODE: "new code",
        Trigger.EXPIRY: "approval expires",
        Trigger.MANUAL: "by hand",
    }
)
_TRAINS = frozenset({TicketState.QUEUED, TicketState.RUNNING, TicketState.EVALUATING})


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket in a list."""

    ticket_id: str
    model: str
    why: str
    trigger: str
    status: str
    word: str
    recipe: str
    engine: str
    price: str
    opened: str
    result: str
    open: bool


@dataclass(frozen=True, slots=True)
class HeldRow:
    """Something that asked for a training and was held back."""

    model: str
    trigger: str
    cause: str
    reason: str
    when: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What the form that opens a ticket offers; no model where this person may open none.

    Attributes
    ----------
    recipes
        For each model the name of the recipe in force; empty where a ticket only drafts it.
    busy
        Models of which a ticket is open already.
    """

    recipes: Mapping[str, str]
    engines: tuple[str, ...]
    model: str
    asked: bool
    busy: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketsView:
    """What the list shows."""

    sentence: str
    rows: tuple[TicketRow, ...]
    held: tuple[HeldRow, ...]
    offer: Offer
    model: str


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> TicketsView:
    """Return the tickets of the models this person may see, newest first; ``model`` filters."""
    now = services.clock.now()
    with services.store.reading() as session:
        teams = {each.name: each.team_id for each in services.governance.all(session)}
        seen = {
            name
            for name, team in teams.items()
            if services.authority.permits(principal, Action.MODEL_READ, model=name, team=team)
        }
        model = query.get("model", "") if query.get("model") in seen else ""
        wanted = {model} if model else seen
        found = [each for each in services.tickets.list(session) if each.model in wanted]
        held = [each for each in services.tickets.held_back(session) if each.model in wanted]
        recipes = {
            name: each.recipe.name if each is not None else ""
            for name in sorted(seen)
            if services.authority.permits(
                principal, Action.TICKET_OPEN, model=name, team=teams[name]
            )
            for each in (services.recipes.current(session, name),)
        }
        engines = (LOCAL, *(e.name for e in services.engine_settings.all(session) if e.enabled))
    waits = sum(each.state is TicketState.AWAITING_APPROVAL for each in found)
    trains = sum(each.state in _TRAINS for each in found)
    return TicketsView(
        f"{plural(waits, 'waits', 'wait')} for approval · {trains} in training or queued · "
        f"{len(found)} in all",
        tuple(row(each, ago(each.opened_at, now)) for each in found),
        tuple(
            HeldRow(h.model, TRIGGERS[Trigger(h.trigger)], h.cause, h.reason, ago(h.last_at, now))
            for h in held[:20]
        ),
        Offer(recipes, engines, model if model in recipes else "", "open" in query,
              tuple(sorted({e.model for e in found if not e.is_over} & set(recipes)))),
        model,
    )  # fmt: skip


def row(each: Ticket, opened: str) -> TicketRow:
    """Return one ticket as a line."""
    recipe = f"{each.recipe} v{each.recipe_version}" if each.recipe else "to be drafted"
    return TicketRow(
        each.ticket_id, each.model, each.cause.words, TRIGGERS[each.cause.trigger],
        *standing(each), recipe, each.engine, price(each), opened,
        f"v{each.result_version}" if each.result_version else each.state_reason, not each.is_over,
    )  # fmt: skip


def standing(each: Ticket) -> tuple[str, str]:
    """Return status and word of where a ticket stands; one that was sent back waits for a person."""
    return ("stale", "Sent back") if each.was_returned else STATES[each.state]


def price(each: Ticket) -> str:
    """Return what it cost, or may cost: ``0.31 of at most 4.20 USD``."""
    if each.quote is None:
        return "not quoted yet"
    most = worst(each.quote)
    if each.spent is None:
        return most if not each.is_over else f"unpriced, {most}"
    return f"{amount(each.spent)}, {most}"


def worst(quote: Quote) -> str:
    """Return the worst case in words; what has no price is never nothing."""
    return f"at most {amount(quote.worst)}" if quote.worst else "no price for all of it"


def amount(money: Money | None) -> str:
    """Return money as people read it: ``0.31 USD``; below a cent with the digits it needs."""
    if money is None:
        return "unpriced"
    whole = abs(money.micros)
    places = 2 if whole == 0 or whole >= 10_000 else 4 if whole >= 1_000 else 6
    return f"{money.micros / 1_000_000:,.{places}f} {money.currency}".replace("-", "−")
