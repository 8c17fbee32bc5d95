"""Runs of MLflow that go nowhere, told to who began them, else to who owns their model."""

from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago, short
from console.views.inbox import InboxRow
from services.facts.convergence.types import DoubtedRun
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


def load(services: "Services", session: Session, principal: Principal) -> tuple[InboxRow, ...]:
    """Return the runs of others that this person ought to end in MLflow, or to let go on."""
    found = [each for each in services.convergence.doubted(session) if not each.is_ours]
    if not found:
        return ()
    owners = {each.name: each.owner_id for each in services.governance.all(session)}
    now = services.clock.now()
    return tuple(
        _row(each, ago(each.started_at, now) if each.started_at else "")
        for each in found
        if _whose(services, session, each, owners.get(each.model)) == principal.person_id
    )


def _whose(
    services: "Services", session: Session, run: DoubtedRun, owner: str | None
) -> str | None:
    began = services.accounts.by_external_name(session, run.user)
    return began.person_id if began is not None else owner


def _row(run: DoubtedRun, since: str) -> InboxRow:
    name = run.name or short(run.run_id)
    return InboxRow(
        "stale", f"{name}: {run.words}", run.model or run.experiment, since, "end it in MLflow",
        urgent=False, action="Look at it", page="cost", query=(("tab", "Runs"),),
    )  # fmt: skip
