"""What recomputing the whole trail found."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.format import digest, instant, plural
from services.people.account.types import Principal
from services.record.trail.types import TrailState
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class ChainView:
    """What a verification found."""

    status: str
    word: str
    sentence: str
    facts: tuple[tuple[str, str], ...]


def verify(services: "Services", principal: Principal) -> ChainView:
    """Recompute every hash and say what was found.

    Raises
    ------
    NotPermitted
        When this person may not verify.
    """
    services.authority.require(principal, Action.TRAIL_VERIFY)
    return told(services.trail.verify())


def told(state: TrailState) -> ChainView:
    """Return a verification in words."""
    facts = (("Root", digest(state.root)), ("Chain hash", digest(state.chain_hash)))
    at = instant(state.verified_at)
    if state.holds:
        events = plural(state.size, "event")
        return ChainView("pass", "Verified", f"All {events} verify, at {at}.", facts)
    sentence = f"Event {state.broken_at:,} does not verify: {state.reason}"
    return ChainView("fail", "Broken", f"{sentence} Found at {at}.", facts)
