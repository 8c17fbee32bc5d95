"""What the page of a review does: sign, withdraw."""

from dataclasses import dataclass

DECISIONS = {
    "Approve": "approve",
    "Approve with conditions": "approve_with_conditions",
    "Request changes": "request_changes",
    "Reject": "reject",
}


@dataclass(frozen=True, slots=True)
class Decided:
    """A filled signature form.

    Attributes
    ----------
    shown_digest
        The basis digest that was drawn with the page.
    acknowledged
        Keys of the regressions that were ticked.
    """

    decision: str
    reason: str
    password: str
    shown_digest: str
    acknowledged: tuple[str, ...]
    key: str
