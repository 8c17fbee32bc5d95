"""Recommending what could cost less, deciding about it, and telling what was saved since."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from services.facts.cost.service import Ledger
from services.judgement.saving import repository
from services.judgement.saving.types import (
    SAVING,
    Proposal,
    Recommendation,
    SavingState,
    Tracked,
    Worth,
)
from services.kernel.error import InvalidInput, NotFound
from services.kernel.identity import Actor, new_id
from services.kernel.money import Money
from services.kernel.period import Period
from services.kernel.text import clean
from services.people.account.types import Principal
from services.record.canonical import sha256_hex
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.standards.authority.rules import Authority
from services.standards.authority.types import Action
from services.standards.governance.service import Governance

TRACKED_DAYS = 30
AGAIN_AFTER = timedelta(days=30)
"""So long after it was done the same thing may be recommended again."""
CHANGED = 10
"""An open recommendation is written anew when its money differs by a tenth, once a day at most."""
DAY = timedelta(days=1)


class Savings:
    """What could cost less, and what came of it."""

    def __init__(
        self, store: Store, authority: Authority, governance: Governance, ledger: Ledger
    ) -> None:
        self._store, self._authority = store, authority
        self._governance, self._ledger = governance, ledger

    def find(
        self,
        session: Session,
        at: datetime | None = None,
        *,
        states: Sequence[SavingState] | None = None,
        models: Sequence[str] | None = None,
    ) -> list[Recommendation]:
        """Return recommendations as they stand now or stood at an instant, the newest first."""
        return repository.find(session, at, states=states, models=models)

    def by_id(self, session: Session, saving_id: str) -> Recommendation:
        """Return one recommendation.

        Raises
        ------
        NotFound
            When there is none of that id.
        """
        found = repository.by_id(session, saving_id)
        if found is None:
            raise NotFound("There is no such recommendation.")
        return found

    def history(self, session: Session, saving_id: str) -> list[Recommendation]:
        """Return how a recommendation stood, oldest first."""
        return repository.history(session, saving_id)

    def recommend(self, actor: Actor, proposals: Sequence[Proposal]) -> list[Recommendation]:
        """Recommend what is new and write anew what changed; event ``saving:recommended``.

        Notes
        -----
        What somebody dismissed is not recommended again; what was done is, after thirty days.
        """
        made: list[Recommendation] = []
        with self._store.reading() as session:
            known = repository.latest(session, [each.key for each in proposals])
        wanted = [each for each in proposals if self._is_news(known.get(each.key), each)]
        for proposal in wanted:
            with self._store.unit(actor) as unit:
                before = repository.latest(unit.session, [proposal.key]).get(proposal.key)
                if self._is_news(before, proposal):
                    made.append(self._write(unit, proposal, before))
        return made

    def dismiss(self, principal: Principal, saving_id: str, reason: str) -> Recommendation:
        """Say that it will not be done, and why; event ``saving:dismissed``.

        Raises
        ------
        InvalidInput
            When no reason is given.
        NotPermitted
            When this person neither owns nor operates what it is about.
        InvalidTransition
            When somebody decided already.
        """
        if not reason.strip():
            raise InvalidInput("Say why it will not be done; whoever comes later reads it.")
        return self._decide(principal, saving_id, SavingState.DISMISSED, reason)

    def done(self, principal: Principal, saving_id: str, note: str = "") -> Recommendation:
        """Say that it was done; from now on the same thing is compared; event ``saving:done``."""
        return self._decide(principal, saving_id, SavingState.DONE, note)

    def reopen(self, principal: Principal, saving_id: str, reason: str = "") -> Recommendation:
        """Take a dismissal back; event ``saving:reopened``."""
        return self._decide(principal, saving_id, SavingState.OPEN, reason)

    def seen_done(self, actor: Actor, saving_id: str, words: str) -> Recommendation:
        """Note that what was recommended shows in later runs; event ``saving:done``."""
        with self._store.unit(actor) as unit:
            return self._move(unit, self.by_id(unit.session, saving_id), SavingState.DONE, words)

    def may_decide(self, session: Session, principal: Principal, model: str) -> bool:
        """Tell whether a person may decide about what could cost less of a model; of none if empty."""
        return self._authority.permits(
            principal, Action.SAVING_DECIDE, **self._about(session, model)
        )

    def tracked(self, session: Session, made: Recommendation, now: datetime) -> Tracked | None:
        """Return what the same thing cost before it was done and after; None before a whole day passed.

        Notes
        -----
        Whole days in UTC: as many before the day of the deed as went by after it, thirty at most, of
        the kinds of cost that it would lower.
        """
        worth = made.proposal.worth
        if made.state is not SavingState.DONE or worth is None or not made.proposal.model:
            return None
        done = datetime.combine(made.changed_at.date(), time(), made.changed_at.tzinfo)
        days = min(TRACKED_DAYS, (now - done) // DAY - 1)
        if days < 1:
            return None
        currency = worth.amount.currency
        before, missing, other = self._spent(session, made, done - days * DAY, done)
        after, more, another = self._spent(session, made, done + DAY, done + (days + 1) * DAY)
        nothing = Money.none(currency)
        return Tracked(
            days,
            before.get(currency, nothing),
            after.get(currency, nothing),
            missing + more,
            bool((other | another) - {currency}),
        )

    def _spent(
        self, session: Session, made: Recommendation, start: datetime, end: datetime
    ) -> tuple[dict[str, Money], int, set[str]]:
        period, model = Period(start, end), made.proposal.model
        found: dict[str, Money] = {}
        for total in self._ledger.totals(session, period, ("kind",), model=model):
            if total.key[0] in made.proposal.costs:
                currency = total.amount.currency
                found[currency] = found.get(currency, Money.none(currency)) + total.amount
        missing = self._ledger.unpriced(session, period, ("kind",), model=model)
        unpriced = sum(n for key, n in missing.items() if key[0] in made.proposal.costs)
        return found, unpriced, set(found)

    def _is_news(self, known: Recommendation | None, proposal: Proposal) -> bool:
        if known is None:
            return True
        since = self._store.clock.now() - known.changed_at
        if known.state is SavingState.OPEN:
            return since >= DAY and differs(known.proposal.worth, proposal.worth)
        return known.state is SavingState.DONE and since >= AGAIN_AFTER

    def _write(
        self, unit: UnitOfWork, proposal: Proposal, before: Recommendation | None
    ) -> Recommendation:
        same = before if before is not None and before.is_open else None
        made = Recommendation(
            same.saving_id if same else new_id(), proposal, SavingState.OPEN,
            same.opened_at if same else unit.now, unit.now,
        )  # fmt: skip
        seq = unit.event("saving:recommended", ("saving", made.saving_id), **_words(proposal))
        repository.write(unit, made, seq)
        return made

    def _decide(
        self, principal: Principal, saving_id: str, state: SavingState, reason: str
    ) -> Recommendation:
        text = clean(reason, limit=2000, what="The reason")
        with self._store.unit(principal.actor) as unit:
            made = self.by_id(unit.session, saving_id)
            about = self._about(unit.session, made.proposal.model)
            self._authority.require(principal, Action.SAVING_DECIDE, **about)
            return self._move(unit, made, state, text, principal.person_id)

    def _move(
        self,
        unit: UnitOfWork,
        made: Recommendation,
        state: SavingState,
        reason: str,
        by: str | None = None,
    ) -> Recommendation:
        SAVING.check(made.state, state)
        after = replace(made, state=state, reason=reason, handled_by=by, changed_at=unit.now)
        word = "saving:reopened" if state is SavingState.OPEN else f"saving:{state.value}"
        told = {"reason_sha256": sha256_hex(reason.encode())} if reason else {}
        seq = unit.event(
            word, ("saving", made.saving_id), kind=made.proposal.kind, model=made.proposal.model, **told
        )  # fmt: skip
        repository.write(unit, after, seq)
        return after

    def _about(self, session: Session, model: str) -> dict[str, str | None]:
        known = self._governance.of(session, model) if model else None
        return {"model": model or None, "team": known.team_id if known else None}


def differs(known: Worth | None, now: Worth | None) -> bool:
    """Tell whether money changed by more than a tenth, or became known or unknown."""
    if known is None or now is None or known.amount.currency != now.amount.currency:
        return known != now
    change = abs(now.amount.micros - known.amount.micros)
    return change * CHANGED > abs(known.amount.micros)


def _words(proposal: Proposal) -> dict[str, Any]:
    worth = proposal.worth
    return {
        "kind": proposal.kind,
        "model": proposal.model,
        "experiment_id": proposal.experiment_id,
        "about": proposal.about,
        "currency": worth.amount.currency if worth else None,
        "a_month": worth.amount.decimal if worth else None,
        "lo": worth.lo.decimal if worth else None,
        "hi": worth.hi.decimal if worth else None,
        "confidence": proposal.confidence,
        "evidence": [asdict(each) for each in proposal.evidence],
        "runs": list(proposal.runs),
    }
