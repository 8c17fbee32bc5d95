"""Doing a step once, however often it is asked for."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from services.kernel.identity import Actor
from services.record.trail.repository import lock_head
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.workflows.step.records import AppliedStepRecord


def once(
    store: Store, actor: Actor, key: str, work: Callable[[UnitOfWork], dict[str, Any]]
) -> dict[str, Any]:
    """Do the work and remember its result under a key, both in one transaction.

    Returns
    -------
    dict
        What the work returned, now or the first time.
    """
    with store.unit(actor) as unit:
        lock_head(unit.session)
        known = unit.session.get(AppliedStepRecord, key)
        if known is not None:
            return known.result
        result = work(unit)
        unit.session.add(AppliedStepRecord(key=key, result=result, at=unit.now))
    return result


def applied(session: Session, key: str) -> dict[str, Any] | None:
    """Return the result of a step that was done, or None."""
    row = session.get(AppliedStepRecord, key)
    return row.result if row else None
