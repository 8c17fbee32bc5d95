"""Hosts of its own or paid by request: what either costs, from when on which is less, and on what it rests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import plural
from console.views.tickets import amount
from services.facts.service_level.types import ServingUse
from services.judgement.saving.hosting import Compared
from services.workflows.costing.hosting import Hosted, Rooms, hosted

if TYPE_CHECKING:
    from services.bootstrap.services import Services

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class HostingRow:
    """One model, both ways.

    Attributes
    ----------
    even
        From so many requests a month on the hosts cost less.
    status, word
        Which costs less now; unknown where either side is.
    missing
        What nobody knows, in words; empty where both sides are known.
    rests_on
        Number, value, and where it was read.
    """

    model: str
    requests: str
    hosts: str
    own: str
    by_request: str
    even: str
    status: str
    word: str
    sample: bool
    missing: tuple[str, ...]
    rests_on: tuple[tuple[str, str, str], ...]


def rows(
    services: "Services", session: Session, found: Sequence[Sequence[ServingUse]], now: datetime
) -> tuple[HostingRow, ...]:
    """Return what serving costs either way, by model."""
    rooms = Rooms(services.registry, services.serving_uses, services.ledger, services.prices)
    return tuple(_row(hosted(rooms, session, uses, now)) for uses in found)


def _row(told: Hosted) -> HostingRow:
    both = told.compared
    status, word = _verdict(both)
    return HostingRow(
        model=told.model,
        requests=f"{told.load.requests:,}",
        hosts=plural(both.hosts, "host") if both.hosts is not None else UNKNOWN,
        own=amount(both.own) if both.own is not None else UNKNOWN,
        by_request=amount(both.by_request) if both.by_request is not None else UNKNOWN,
        even=_even(both),
        status=status,
        word=word,
        sample=told.sample,
        missing=both.unknown,
        rests_on=tuple((each.name, each.value, each.where) for each in told.evidence),
    )


def _verdict(both: Compared) -> tuple[str, str]:
    cheaper = both.is_request_cheaper
    if cheaper is None:
        return "unknown", "Unknown"
    return ("info", "By request") if cheaper else ("info", "Own hosts")


def _even(both: Compared) -> str:
    if both.own is None:
        return UNKNOWN
    if both.even is None or both.is_never_even:
        return "never: they answer fewer"
    return f"{both.even:,.0f} a month"
