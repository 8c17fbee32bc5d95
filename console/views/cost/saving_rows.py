"""One recommendation as lists show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago, plural
from console.views.tickets import amount
from services.judgement.saving.types import (
    Recommendation,
    SavingKind,
    SavingState,
    Tracked,
    Worth,
)
from services.kernel.error import NotFound
from services.kernel.money import Money

if TYPE_CHECKING:
    from services.bootstrap.services import Services

TITLES: Mapping[SavingKind, str] = MappingProxyType(
    {
        SavingKind.IDLE_GPU: "Let go of idle GPUs",
        SavingKind.RIGHT_SIZE: "Take a smaller GPU",
        SavingKind.CPU_BOUND: "Prepare data without a GPU",
        SavingKind.SPOT: "Train on spot",
        SavingKind.TIME_SHARING: "Share a GPU",
        SavingKind.CACHING: "Cache repeated questions",
        SavingKind.FEWER_REPLICAS: "Run fewer replicas",
        SavingKind.BY_REQUEST: "Pay by request",
    }
)


@dataclass(frozen=True, slots=True)
class SavingRow:
    """One recommendation as a list shows it.

    Attributes
    ----------
    worth, between
        A month's money and its interval, in words; *unpriced* where something has no price, and no
        interval where both ends are the same.
    outcome
        What it brought, or why it was dismissed.
    """

    saving_id: str
    title: str
    whose: str
    model: str
    words: str
    worth: str
    between: str
    confidence: str
    because: str
    when: str
    sample: bool
    outcome: str = ""
    who: str = ""


def row(
    services: "Services", session: Session, each: Recommendation, tracked: Tracked | None
) -> SavingRow:
    """Return a recommendation as lists show it, with what it brought."""
    proposal, worth = each.proposal, each.proposal.worth
    return SavingRow(
        saving_id=each.saving_id,
        title=TITLES[proposal.kind],
        whose=proposal.model or f"experiment {proposal.experiment_id}",
        model=proposal.model,
        words=proposal.words,
        worth=f"{amount(worth.amount)} a month" if worth else "unpriced",
        between=_between(worth),
        confidence=proposal.confidence.value,
        because=proposal.because,
        sample=proposal.because.endswith("sample prices"),
        when=ago(each.changed_at, services.clock.now()),
        outcome=_outcome(each, tracked),
        who=who(services, session, each.handled_by),
    )


def _between(worth: Worth | None) -> str:
    if worth is None or worth.lo == worth.hi:
        return ""
    return f"{amount(worth.lo)} to {amount(worth.hi)}"


def _outcome(each: Recommendation, tracked: Tracked | None) -> str:
    if each.state is SavingState.DISMISSED:
        return each.reason
    if each.state is not SavingState.DONE:
        return ""
    if not each.proposal.model:
        return "no model is known of these runs, so there is nothing to compare"
    if each.proposal.worth is None:
        return "it had no price, so there is nothing to compare"
    if tracked is None:
        return "compared from the second day on"
    words = f"{amount(tracked.before)} in {plural(tracked.days, 'day')} before, {amount(tracked.after)} in as many after"  # fmt: skip
    if tracked.unpriced:
        words += f"; {plural(tracked.unpriced, 'line')} without a price, so this is not all"
    if tracked.elsewhere:
        words += "; other currencies are not in it"
    verb = "saved" if tracked.saved.micros >= 0 else "costs more by"
    return f"{verb} {amount(_absolute(tracked.saved))}: {words}"


def _absolute(money: Money) -> Money:
    return Money(money.currency, abs(money.micros))


def who(services: "Services", session: Session, person_id: str | None) -> str:
    """Return the name of a person; nobody is the console itself."""
    if not person_id:
        return "the console"
    try:
        return services.accounts.by_id(session, person_id).name
    except NotFound:
        return "somebody"
