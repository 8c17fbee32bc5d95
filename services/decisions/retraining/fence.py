"""Who drives a ticket: a lease that runs out, and a number that counts whoever took it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.decisions.retraining.types import AttemptState
from services.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Fence:
    """The right to move one ticket on.

    Attributes
    ----------
    owner
        Of the process that drives it; each process has one of its own.
    number
        Counts up with every taking; a commit under an older number is refused.
    """

    ticket_id: str
    owner: str
    number: int


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended.

    Attributes
    ----------
    resumed_from
        What the script said it resumed from; empty for a fresh start.
    usage
        As the engine said last.
    log_sha256
        Of its whole log, archived; empty where none could be read.
    spent
        What it used, in money; None where something of it has no price.
    """

    state: AttemptState
    reason: str = ""
    exit_code: int | None = None
    finished_at: datetime | None = None
    preempted: bool = False
    resumed_from: str = ""
    usage: Mapping[str, Any] = field(default_factory=dict[str, Any])
    log_sha256: str = ""
    spent: Money | None = None
