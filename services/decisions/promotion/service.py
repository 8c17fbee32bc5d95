"""Promotions: authorised by the last signature, carried out by the worker, remembered for good.

Every change holds the head of the trail first, so that whoever decides sees what was decided.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from services.decisions.promotion import repository
from services.decisions.promotion.history import PromotionHistory
from services.decisions.promotion.types import (
    PROMOTION,
    Authorisation,
    Promotion,
    PromotionState,
)
from services.kernel.error import Conflict
from services.kernel.identity import new_id
from services.record.task.service import Tasks
from services.record.trail.repository import lock_head
from services.record.trail.unit_of_work import UnitOfWork

TASK_KIND = "promotion"
FIRST_ATTEMPT = 1


class Promotions(PromotionHistory):
    """Every move of an alias that was ever allowed, and the next one."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    def authorise(self, unit: UnitOfWork, allowed: Authorisation) -> Promotion:
        """Allow the move and ask the worker for it; event ``promotion:authorised``.

        The same review again returns the promotion there is.

        Raises
        ------
        Conflict
            When another promotion is on its way to the same alias.
        """
        lock_head(unit.session)
        known = repository.of_review(unit.session, allowed.review_id)
        if known is not None:
            return known
        self._refuse_second(unit.session, allowed)
        promotion = Promotion(
            promotion_id=new_id(),
            authorisation=allowed,
            state=PromotionState.PENDING,
            task_id="",
            attempt=FIRST_ATTEMPT,
            authorised_at=unit.now,
            applied_at=None,
            reason="",
        )
        return self._ask(unit, promotion)

    def mark_applied(
        self, unit: UnitOfWork, promotion_id: str, observed: Mapping[str, Any]
    ) -> Promotion:
        """Note that the alias was moved and read back; event ``promotion:applied``.

        What the alias rested on before becomes *superseded*, or *rolled back* (with the event
        ``promotion:rolled_back``) when this is a rollback or suspends its version. A suspension
        leaves the event ``model:suspended`` too. Noting it twice changes nothing.

        Parameters
        ----------
        observed
            What was read before and after the move, ids and numbers only.

        Raises
        ------
        InvalidTransition
            When it is neither pending nor applied.
        """
        lock_head(unit.session)
        promotion = self.get(unit.session, promotion_id)
        if promotion.state is PromotionState.APPLIED:
            return promotion
        PROMOTION.check(promotion.state, PromotionState.APPLIED)
        before = self.applied(unit.session, promotion.ref.name, promotion.alias)
        seq = unit.event(
            "promotion:applied",
            ("promotion", promotion_id),
            **_words(promotion),
            observed=dict(observed),
            superseded=before.promotion_id if before else None,
        )
        if before is not None:
            self._leave(unit, before, promotion, seq)
        if promotion.suspended is not None:
            _suspend(unit, promotion, *promotion.suspended)
        done = replace(promotion, state=PromotionState.APPLIED, applied_at=unit.now, reason="")
        repository.write(unit.session, done, unit.now, seq)
        return done

    def mark_failed(self, unit: UnitOfWork, promotion_id: str, reason: str) -> Promotion:
        """Note that the alias could not be moved; event ``promotion:failed``.

        Noting it twice changes nothing.

        Parameters
        ----------
        reason
            One sentence, safe to show.
        """
        lock_head(unit.session)
        promotion = self.get(unit.session, promotion_id)
        if promotion.state is PromotionState.FAILED:
            return promotion
        PROMOTION.check(promotion.state, PromotionState.FAILED)
        return self._move(unit, promotion, PromotionState.FAILED, "promotion:failed", reason)

    def cancel(self, unit: UnitOfWork, promotion_id: str, reason: str) -> Promotion:
        """Give up a failed promotion for good; event ``promotion:failed`` with ``final``."""
        lock_head(unit.session)
        promotion = self.get(unit.session, promotion_id)
        PROMOTION.check(promotion.state, PromotionState.CANCELLED)
        return self._move(unit, promotion, PromotionState.CANCELLED, "promotion:failed", reason)

    def retry(self, unit: UnitOfWork, promotion_id: str) -> Promotion:
        """Ask the worker again for a failed promotion; event ``promotion:authorised``.

        The caller makes sure that its approval still holds.

        Raises
        ------
        Conflict
            When another promotion is on its way to the same alias.
        """
        lock_head(unit.session)
        promotion = self.get(unit.session, promotion_id)
        PROMOTION.check(promotion.state, PromotionState.PENDING)
        self._refuse_second(unit.session, promotion.authorisation)
        again = replace(
            promotion,
            state=PromotionState.PENDING,
            attempt=promotion.attempt + 1,
            reason="",
        )
        return self._ask(unit, again)

    # inside

    def _refuse_second(self, session: Session, allowed: Authorisation) -> None:
        other = self.pending(session, allowed.ref.name, allowed.alias)
        if other is not None:
            raise Conflict(
                f"{other.ref.label} is already on its way to {other.alias}; wait until it arrived."
            )

    def _ask(self, unit: UnitOfWork, promotion: Promotion) -> Promotion:
        task = self._tasks.request(
            unit.session,
            TASK_KIND,
            ("promotion", promotion.promotion_id),
            {
                "promotion_id": promotion.promotion_id,
                "attempt": promotion.attempt,
                "partition": promotion.ref.name,
            },
            requested_by=promotion.authorisation.requested_by,
            key=f"promotion:{promotion.promotion_id}:{promotion.attempt}",
        )
        asked = replace(promotion, task_id=task.task_id)
        seq = unit.event(
            "promotion:authorised",
            ("promotion", promotion.promotion_id),
            **_words(asked),
            task_id=task.task_id,
            attempt=asked.attempt,
        )
        repository.write(unit.session, asked, unit.now, seq)
        return asked

    def _leave(self, unit: UnitOfWork, before: Promotion, after: Promotion, seq: int) -> None:
        stood = before.target
        taken = stood is not None and after.suspended == (stood.version, stood.run_id)
        back = after.is_rollback or taken
        to = PromotionState.ROLLED_BACK if back else PromotionState.SUPERSEDED
        PROMOTION.check(before.state, to)
        if back:
            seq = unit.event(
                "promotion:rolled_back",
                ("promotion", before.promotion_id),
                **_words(before),
                by=after.promotion_id,
            )
        repository.write(unit.session, replace(before, state=to), unit.now, seq)

    def _move(
        self, unit: UnitOfWork, promotion: Promotion, to: PromotionState, action: str, reason: str
    ) -> Promotion:
        seq = unit.event(
            action,
            ("promotion", promotion.promotion_id),
            **_words(promotion),
            reason=reason,
            final=to is PromotionState.CANCELLED,
        )
        moved = replace(promotion, state=to, reason=reason)
        repository.write(unit.session, moved, unit.now, seq)
        return moved


def _suspend(unit: UnitOfWork, promotion: Promotion, version: int, run_id: str) -> None:
    target = promotion.target
    unit.event(
        "model:suspended",
        ("version", f"{promotion.ref.name}/{version}"),
        alias=promotion.alias,
        run_id=run_id,
        goes_to=target.version if target else None,
        review_id=promotion.review_id,
        promotion_id=promotion.promotion_id,
    )


def _words(promotion: Promotion) -> dict[str, Any]:
    held = promotion.authorisation
    replaces = held.replaces
    return {
        "review_id": held.review_id,
        "purpose": held.purpose,
        "model": held.ref.name,
        "alias": held.alias,
        "version": held.ref.version,
        "run_id": held.ref.run_id,
        "replaces": {"version": replaces.version, "run_id": replaces.run_id} if replaces else None,
        "artifact_digest": held.artifact_digest,
        "basis_digest": held.basis_digest,
    }
