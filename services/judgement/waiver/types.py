"""The nouns of what is excused."""

from dataclasses import dataclass
from datetime import datetime

from services.kernel.identity import ModelRef


@dataclass(frozen=True, slots=True)
class Waiver:
    """Permission to fail one clause until a date.

    Attributes
    ----------
    from_at, until
        Half-open.
    """

    waiver_id: str
    subject: ModelRef
    alias: str
    clause_id: str
    reason_sha256: str
    approved_by: str
    from_at: datetime
    until: datetime

    def covers(self, clause_id: str, alias: str, at: datetime) -> bool:
        """Tell whether it excuses a clause for an alias at an instant."""
        same = clause_id == self.clause_id and alias.casefold() == self.alias.casefold()
        return same and self.from_at <= at < self.until


@dataclass(frozen=True, slots=True)
class Exemption:
    """A validator's signed statement that a kind of evidence cannot exist for a model.

    Attributes
    ----------
    auth_event_id
        The proof of identity it was signed with.
    """

    exemption_id: str
    model: str
    run_id: str
    version: int
    kind: str
    reason: str
    reason_sha256: str
    signed_by: str
    auth_event_id: str
    at: datetime
