"""Looking for what asks for a new model, and opening its ticket or noting why not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from services.decisions.promotion.service import Promotions
from services.decisions.retraining.opening import ALIAS
from services.decisions.retraining.service import Tickets
from services.decisions.retraining.types import Cause, Held, Ticket, Trigger
from services.facts.prediction.reader import PredictionReader
from services.judgement.alert.service import Alerts
from services.judgement.gate.service import Gate
from services.kernel.error import CountersignError, NotFound
from services.record.trail.unit_of_work import Store
from services.standards.governance.service import Governance
from services.standards.policy.service import Policies
from services.standards.policy.training import Retraining
from services.workflows.triggering import rules
from services.workflows.triggering.types import Newest

log = structlog.get_logger(__name__)
PATIENCE = timedelta(minutes=10)
"""How long a cause that was held back is left alone before it is asked about again."""
NewestOf = Callable[[Session, str], Newest | None]
"""Returns the newest training data of a model; None when nobody can tell."""


PushedOf = Callable[[Session, str], str]
"""Returns the commit that was pushed to the branch of a model's recipe; empty when none was."""


def nothing_pushed(session: Session, model: str) -> str:
    """Return that nothing was pushed."""
    del session, model
    return ""


def nobody_can_tell(session: Session, model: str) -> Newest | None:
    """Return that nothing newer is known."""
    del session, model
    return None


@dataclass(frozen=True)
class Rooms:
    """The rooms that are looked into."""

    store: Store
    governance: Governance
    policies: Policies
    gate: Gate
    alerts: Alerts
    promotions: Promotions
    predictions: PredictionReader
    tickets: Tickets
    newest: NewestOf = nobody_can_tell
    pushed: PushedOf = nothing_pushed


class Triggers:
    """A duty that one worker does for all."""

    def __init__(self, rooms: Rooms) -> None:
        self._at = rooms

    def look(self) -> list[Ticket | Held]:
        """Open the ticket of each cause there is, or note why it is held back.

        Notes
        -----
        Causes come in the order of the triggers: where several ask at once the first opens the ticket,
        and the others stand beside it as held back. What the policy does not name is not looked for,
        and nothing is done twice: a known cause is not even asked about.
        """
        found: list[Ticket | Held] = []
        for model, cause in self._causes():
            try:
                made = self._at.tickets.open_as(model, cause)
            except CountersignError as error:
                log.warning("no ticket was opened", model=model, reason=error.message)
                continue
            if isinstance(made, Ticket):
                log.info("a ticket was opened", model=model, trigger=cause.trigger.value)
            found.append(made)
        return found

    def _causes(self) -> list[tuple[str, Cause]]:
        with self._at.store.reading() as session:
            now = self._at.store.clock.now()
            quiet = {each.key for each in self._at.tickets.held_back(session)
                     if now - each.last_at < PATIENCE}  # fmt: skip
            found: list[tuple[str, Cause]] = []
            for model in self._at.governance.all(session):
                try:
                    asked = self._asked(session, model.name, now)
                except CountersignError as error:
                    log.warning("nobody could look", model=model.name, reason=error.message)
                    continue
                found += [
                    (model.name, cause)
                    for cause in asked
                    if cause.key not in quiet and not self._at.tickets.knows(session, cause.key)
                ]
        return found

    def _asked(self, session: Session, model: str, now: datetime) -> list[Cause]:
        """Return what asks for a model and is named in its policy; nothing without a policy."""
        known = self._plan(session, model)
        if known is None:
            return []
        plan, since = known
        asked = self._of_model(session, model, plan, (since, now))
        return [cause for cause in asked if cause.trigger in plan.on]

    def _plan(self, session: Session, model: str) -> tuple[Retraining, datetime] | None:
        """Return when a model is trained anew, and since when that holds; None without a policy."""
        try:
            policy = self._at.gate.policy(session, model, ALIAS)
        except NotFound:
            return None
        published = self._at.policies.by_sha256(session, policy.sha256)
        return policy.retraining, published.published_at

    def _of_model(
        self, session: Session, model: str, plan: Retraining, times: tuple[datetime, datetime]
    ) -> Iterator[Cause]:
        since, now = times
        tickets = self._at.tickets.of_model(session, model)
        last = tickets[0] if tickets else None
        rows = self._outcomes(model, last.opened_at if last else since, plan)
        promotion = self._at.promotions.applied(session, model, ALIAS)
        newest = self._at.newest(session, model) if Trigger.DATA in plan.on else None
        asked = (
            *(rules.of_alert(each) for each in self._at.alerts.open(session, model)),
            rules.of_schedule(model, plan, since, now),
            rules.of_data(model, newest, last, now),
            rules.of_code(model, self._at.pushed(session, model)),
            rules.of_labels(model, plan, rows, len(tickets)),
            rules.of_expiry(promotion, now),
        )
        yield from (cause for cause in asked if cause is not None)

    def _outcomes(self, model: str, since: datetime, plan: Retraining) -> int:
        """Return how many predictions of later days have an outcome by now; 0 where nobody asks."""
        if Trigger.LABELS not in plan.on:
            return 0
        later = since.date() + timedelta(days=1)
        return sum(each.labelled for each in self._at.predictions.tallies(model, later))
