"""What becomes of a ticket while it trains: each move under a fence, each one event.

Done a second time with the same outcome, a move changes nothing: whoever was killed between the commit
and its own memory of it may ask again.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.decisions.retraining import attempts, encoding, lease, repository
from services.decisions.retraining.fence import Ending, Fence
from services.decisions.retraining.moving import Moving, S
from services.decisions.retraining.types import (
    ATTEMPT,
    TICKET,
    Attempt,
    AttemptState,
    Ticket,
    TicketState,
)
from services.kernel.error import Conflict, InvalidInput, NotFound
from services.kernel.identity import new_id
from services.kernel.money import Money
from services.record.trail.repository import lock_head
from services.record.trail.unit_of_work import UnitOfWork

STOPPED = frozenset({AttemptState.CANCELLED, AttemptState.TIME_LIMIT})
CLOSING = frozenset(
    {S.NO_BETTER, S.STOPPED_BUDGET, S.STOPPED_DIVERGED, S.FAILED, S.CANCELLED, S.REFUSED}
)


class Driving(Moving):
    """The moves of whoever carries a ticket out."""

    def begin(self, unit: UnitOfWork, fence: Fence) -> Ticket:
        """Let queued become running; event ``ticket:started``."""
        ticket = self._held(unit, fence)
        if ticket.state is S.RUNNING:
            return ticket
        TICKET.check(ticket.state, S.RUNNING)
        seq = unit.event("ticket:started", _subject(ticket), model=ticket.model, fence=fence.number)
        nothing = Money.none(ticket.quote.currency) if ticket.quote else None
        return self._move(unit, replace(ticket, spent=nothing), S.RUNNING, "", seq)

    def ran_as(self, unit: UnitOfWork, fence: Fence, run_id: str) -> Ticket:
        """Note MLflow's run; one that was noted before stays. Event ``ticket:logged``."""
        ticket = self._held(unit, fence)
        if ticket.run_id:
            return ticket
        seq = unit.event("ticket:logged", _subject(ticket), model=ticket.model, run_id=run_id)
        return repository.write(unit, replace(ticket, run_id=run_id), seq)

    def intend(self, unit: UnitOfWork, fence: Fence, engine: str, *, spot: bool = False) -> Attempt:
        """Write the next attempt down before its engine hears of it; event ``job:intended``.

        Parameters
        ----------
        spot
            Whether it is asked for on a machine that may be taken away.

        Returns
        -------
        Attempt
            The one that is not over, where there is one.

        Raises
        ------
        Conflict
            When the ticket is not running.
        """
        ticket = self._held(unit, fence)
        tries = self.attempts(unit.session, ticket.ticket_id)
        if tries and not ATTEMPT.is_final(tries[-1].state):
            return tries[-1]
        if ticket.state is not S.RUNNING:
            raise Conflict(f"This ticket is {ticket.state.replace('_', ' ')}; nothing is started.")
        number = tries[-1].number + 1 if tries else 1
        made = Attempt(
            new_id(), ticket.ticket_id, number, engine, "", AttemptState.PENDING, "",
            preempted=False, resumed_from="", created_at=unit.now, started_at=None,
            finished_at=None, exit_code=None, spot=spot,
        )  # fmt: skip
        seq = _told(unit, "job:intended", made, engine=engine, spot=spot)
        return attempts.write(unit, made, seq)

    def submitted(self, unit: UnitOfWork, fence: Fence, attempt_id: str, handle: str) -> Attempt:
        """Note how the engine finds an attempt again; event ``job:submitted``."""
        held = self._attempt(unit, fence, attempt_id)
        if held.handle == handle:
            return held
        seq = _told(unit, "job:submitted", held, engine=held.engine)
        return attempts.write(unit, replace(held, handle=handle), seq)

    def started(
        self, unit: UnitOfWork, fence: Fence, attempt_id: str, at: datetime | None
    ) -> Attempt:
        """Note that an attempt runs; event ``job:started``.

        Parameters
        ----------
        at
            Since when, as the engine says; None for now.
        """
        held = self._attempt(unit, fence, attempt_id)
        if held.state is AttemptState.RUNNING or ATTEMPT.is_final(held.state):
            return held
        ATTEMPT.check(held.state, AttemptState.RUNNING)
        since = held.started_at or at or unit.now
        seq = _told(unit, "job:started", held, at=since)
        runs = replace(held, state=AttemptState.RUNNING, started_at=since)
        return attempts.write(unit, runs, seq)

    def finished(self, unit: UnitOfWork, fence: Fence, attempt_id: str, ending: Ending) -> Attempt:
        """End an attempt and count what it used; event ``job:finished``, or ``job:stopped``.

        Raises
        ------
        InvalidInput
            When the state is none of an attempt that is over.
        """
        held = self._attempt(unit, fence, attempt_id)
        if ATTEMPT.is_final(held.state):
            return held
        if not ATTEMPT.is_final(ending.state):
            raise InvalidInput(f"An attempt that is {ending.state.value} is not over.")
        over = replace(
            held, state=ending.state, reason=ending.reason, exit_code=ending.exit_code,
            preempted=ending.preempted, resumed_from=ending.resumed_from or held.resumed_from,
            finished_at=ending.finished_at or unit.now, usage=dict(ending.usage),
            log_sha256=ending.log_sha256,
        )  # fmt: skip
        word = "job:stopped" if ending.state in STOPPED else "job:finished"
        seq = _told(
            unit, word, held, state=ending.state, exit_code=ending.exit_code,
            preempted=ending.preempted, usage=dict(ending.usage), log_sha256=ending.log_sha256,
            spent=encoding.money(ending.spent),
        )  # fmt: skip
        self._spend(unit, fence, ending, seq)
        return attempts.write(unit, over, seq)

    def evaluating(self, unit: UnitOfWork, fence: Fence) -> Ticket:
        """Let running become evaluating; event ``ticket:trained``."""
        ticket = self._held(unit, fence)
        if ticket.state is S.EVALUATING:
            return ticket
        TICKET.check(ticket.state, S.EVALUATING)
        self._none_left(unit, ticket)
        seq = unit.event("ticket:trained", _subject(ticket), model=ticket.model)
        return self._move(unit, ticket, S.EVALUATING, "", seq)

    def registered(
        self, unit: UnitOfWork, fence: Fence, version: int, report_evidence_id: str
    ) -> Ticket:
        """Let evaluating become registered: one ticket, one version. Event ``challenger:registered``.

        Raises
        ------
        Conflict
            When it brought another version already.
        """
        ticket = self._held(unit, fence)
        known = repository.version_of(unit.session, ticket.ticket_id)
        if known is not None:
            if known[0] != version:
                raise Conflict(f"This ticket brought version {known[0]} already; keep that one.")
            return ticket
        TICKET.check(ticket.state, S.REGISTERED)
        seq = unit.event(
            "challenger:registered", _subject(ticket), model=ticket.model, version=version,
            run_id=ticket.run_id, report_evidence_id=report_evidence_id,
        )  # fmt: skip
        repository.keep_version(unit, ticket, version, ticket.run_id, seq)
        done = replace(ticket, result_version=version, report_evidence_id=report_evidence_id)
        return self._end(unit, done, S.REGISTERED, "", seq)

    def closed(
        self,
        unit: UnitOfWork,
        fence: Fence,
        state: TicketState,
        reason: str,
        report_evidence_id: str = "",
    ) -> Ticket:
        """End a ticket without a new version, in one sentence; event ``ticket:closed``.

        Notes
        -----
        One that a person called off says why in the person's words, which the event does not repeat.

        Raises
        ------
        Conflict
            While an attempt at it is not over.
        InvalidTransition
            When the state does not follow.
        """
        ticket = self._held(unit, fence)
        if ticket.state is state:
            return ticket
        if state not in CLOSING:
            raise InvalidInput(f"A ticket is not closed as {state.value}.")
        TICKET.check(ticket.state, state)
        self._none_left(unit, ticket)
        seq = unit.event(
            "ticket:closed", _subject(ticket), model=ticket.model, state=state, reason=reason,
            spent=encoding.money(ticket.spent), report_evidence_id=report_evidence_id,
        )  # fmt: skip
        known = replace(ticket, report_evidence_id=report_evidence_id or ticket.report_evidence_id)
        asked = ticket.state_reason if ticket.recalled_by and state is TicketState.CANCELLED else ""
        return self._end(unit, known, state, asked or reason, seq)

    # inside

    def _held(self, unit: UnitOfWork, fence: Fence) -> Ticket:
        """Return the ticket of a fence, holding the trail and the lease to the end of the unit."""
        lock_head(unit.session)
        lease.require(unit.session, fence)
        return self.get(unit.session, fence.ticket_id)

    def _attempt(self, unit: UnitOfWork, fence: Fence, attempt_id: str) -> Attempt:
        ticket = self._held(unit, fence)
        found = attempts.by_id(unit.session, attempt_id)
        if found is None or found.ticket_id != ticket.ticket_id:
            raise NotFound("There is no such attempt at this ticket.")
        return found

    def _none_left(self, unit: UnitOfWork, ticket: Ticket) -> None:
        tries = self.attempts(unit.session, ticket.ticket_id)
        if any(not ATTEMPT.is_final(each.state) for each in tries):
            raise Conflict("An attempt at this ticket is not over yet; end it first.")

    def _spend(self, unit: UnitOfWork, fence: Fence, ending: Ending, seq: int) -> None:
        """Add what an attempt used; of something without a price the sum is unknown from then on."""
        ticket = self.get(unit.session, fence.ticket_id)
        before, used = ticket.spent, ending.spent
        total = None if before is None or used is None else before + used
        repository.write(unit, replace(ticket, spent=total), seq)


def _subject(ticket: Ticket) -> tuple[str, str]:
    return "ticket", ticket.ticket_id


def _told(unit: UnitOfWork, action: str, attempt: Attempt, **facts: Any) -> int:
    subject = ("attempt", attempt.attempt_id)
    return unit.event(action, subject, ticket=attempt.ticket_id, number=attempt.number, **facts)
