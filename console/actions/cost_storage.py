"""What the tab Storage does: files are ordered to be taken away, or an order is taken back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from console.format import plural
from services.decisions.disposal.service import DisposalForm
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


def order(
    services: "Services", principal: Principal, run_ids: Sequence[str], reason: str, days: int
) -> str:
    """Order that the files of runs are taken away; return the word of thanks.

    Raises
    ------
    InvalidInput
        When no run or no reason is given, or something needs one of them.
    NotPermitted
        When this person is no operator.
    """
    made = services.disposals.order(principal, DisposalForm(tuple(run_ids), reason, days))
    when = f"in {plural(days, 'day')}" if days else "with the worker's next look"
    return f"Ordered for {plural(len(made), 'run')}, {when}; who needs them is asked again before."


def withdraw(services: "Services", principal: Principal, disposal_id: str) -> str:
    """Take an order back; return the word of thanks."""
    services.disposals.withdraw(principal, disposal_id)
    return "Taken back; nothing was taken away."
