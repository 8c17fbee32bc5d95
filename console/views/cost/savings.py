"""Savings: what could cost less, how sure that is, what people decided, and what it brought."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago, day
from console.views.cost.saving_rows import SavingRow, row, who
from console.views.cost.sight import sight
from console.views.tickets import amount
from services.judgement.saving.types import Recommendation, SavingState
from services.kernel.money import Money
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class Detail:
    """One recommendation with what it rests on."""

    row: SavingRow
    state: str
    evidence: tuple[tuple[str, str, str], ...]
    runs: tuple[str, ...]
    steps: tuple[tuple[str, str, str, str], ...]
    decides: bool


@dataclass(frozen=True, slots=True)
class SavingsView:
    """What the tab shows.

    Attributes
    ----------
    most
        The dearest open recommendation of each model added up: those of one model overlap.
    """

    open: tuple[SavingRow, ...]
    done: tuple[SavingRow, ...]
    dismissed: tuple[SavingRow, ...]
    most: str
    saved: str
    chosen: Detail | None

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was ever recommended."""
        return not (self.open or self.done or self.dismissed)


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> SavingsView:
    """Return what this person may see of what could cost less; ``id`` opens one."""
    now = services.clock.now()
    with services.store.reading() as session:
        mine = sight(services, principal, session)
        models = None if mine.everything else tuple(mine.models)
        found = services.savings.find(session, models=models)
        tracked = {
            each.saving_id: services.savings.tracked(session, each, now)
            for each in found
            if each.state is SavingState.DONE
        }
        rows = {
            each.saving_id: row(services, session, each, tracked.get(each.saving_id))
            for each in found
        }
        chosen = next((each for each in found if each.saving_id == query.get("id")), None)
        detail = _detail(services, principal, session, chosen, rows) if chosen else None
    by_state = {
        state: tuple(rows[each.saving_id] for each in found if each.state is state)
        for state in SavingState
    }
    waiting = sorted((e for e in found if e.is_open), key=_size, reverse=True)
    return SavingsView(
        tuple(rows[each.saving_id] for each in waiting),
        by_state[SavingState.DONE],
        by_state[SavingState.DISMISSED],
        _most(waiting),
        _together([each.saved for each in tracked.values() if each is not None]),
        detail,
    )


def _size(each: Recommendation) -> int:
    return each.proposal.worth.amount.micros if each.proposal.worth else -1


def _most(waiting: list[Recommendation]) -> str:
    best: dict[str, Money] = {}
    for each in waiting:
        proposal, worth = each.proposal, each.proposal.worth
        if worth is not None:
            whose = proposal.model or proposal.experiment_id
            best.setdefault(f"{whose} {worth.amount.currency}", worth.amount)
    return _together(list(best.values()))


def _together(sums: list[Money]) -> str:
    """Return money added up by currency, in words."""
    held: dict[str, Money] = {}
    for each in sums:
        held[each.currency] = held.get(each.currency, Money.none(each.currency)) + each
    return ", ".join(amount(each) for each in held.values())


def _detail(
    services: "Services",
    principal: Principal,
    session: Session,
    chosen: Recommendation,
    rows: Mapping[str, SavingRow],
) -> Detail:
    proposal = chosen.proposal
    steps = tuple(
        (
            each.state.value.capitalize(),
            ago(each.changed_at, services.clock.now()),
            who(services, session, each.handled_by),
            each.reason,
        )
        for each in services.savings.history(session, chosen.saving_id)
    )
    return Detail(
        rows[chosen.saving_id],
        chosen.state.value,
        _evidence(services, session, chosen),
        proposal.runs,
        steps,
        services.savings.may_decide(session, principal, proposal.model),
    )


def _evidence(
    services: "Services", session: Session, chosen: Recommendation
) -> tuple[tuple[str, str, str], ...]:
    """Return what it rests on; where a price was read is its list, and since when it holds."""
    prices = {each.price_id: each for each in services.prices.all(session)}

    def place(where: str) -> str:
        price = prices.get(where)
        return f"{price.source}, from {day(price.starts_at)}" if price else where

    return tuple((each.name, each.value, place(each.where)) for each in chosen.proposal.evidence)
