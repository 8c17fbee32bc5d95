"""The nouns of the trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.kernel.identity import Actor


@dataclass(frozen=True, slots=True)
class TrailEvent:
    """One thing that happened: ``subject:past_tense``, by whom, to what."""

    seq: int
    event_id: str
    at: datetime
    actor: Actor
    action: str
    subject_kind: str
    subject_id: str
    payload: Mapping[str, Any]
    chain_hash: str


@dataclass(frozen=True, slots=True)
class TrailState:
    """What a verification found.

    Attributes
    ----------
    size
        Events that verify from the first on.
    broken_at
        The sequence number of the first event that does not, or None when all do.
    root
        The root of the tree over all events, in hexadecimal.
    """

    size: int
    broken_at: int | None
    reason: str
    root: str
    chain_hash: str
    verified_at: datetime

    @property
    def holds(self) -> bool:
        """Tell whether every event verifies."""
        return self.broken_at is None
