"""Hosts of its own, or paid by request: what serving costs either way, and from when on which is less."""

from dataclasses import dataclass
from decimal import Decimal

from services.facts.service_level import capacity
from services.facts.utilisation.sharing import break_even
from services.judgement.saving.serving import Spent
from services.judgement.saving.types import Confidence, Piece, Proposal, SavingKind, Worth
from services.kernel.money import Money

MONTH_HOURS = Decimal(720)
"""Of thirty days, as every month of the console's figures."""
HOSTING = ("serving", "idle")
WORTH_IT = Decimal("0.9")
"""What would not cost a tenth less is not worth the change."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of a model.

    Attributes
    ----------
    requests
        In thirty days.
    p95, peak
        Requests in an hour: 95 of 100 hours have no more, and the busiest.
    seconds
        That an answer takes, mean; None where nobody says.
    at_once
        Requests that one host answers beside each other.
    """

    requests: int
    p95: float
    peak: float
    seconds: float | None
    at_once: int = 1


@dataclass(frozen=True, slots=True)
class Offer:
    """What either way costs, all in one currency.

    Attributes
    ----------
    host
        One host for an hour.
    thousand
        1,000 requests, beside the time that they take; None where nothing is asked for them.
    answering
        One hour of answering one request.
    unknown
        What is missing, in words; empty where host and answering are known.
    """

    host: Money | None
    thousand: Money | None
    answering: Money | None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """Both ways beside each other, for thirty days.

    Attributes
    ----------
    hosts
        So many answer the busiest hour, busy seven tenths of the time at most.
    own, by_request, at_worst
        At the present traffic; at worst every hour is like the 95th of 100.
    even
        From so many requests on the hosts cost less; None where requests cost nothing.
    enough
        So many requests the hosts answer at most.
    """

    hosts: int | None = None
    own: Money | None = None
    by_request: Money | None = None
    at_worst: Money | None = None
    even: float | None = None
    enough: float | None = None
    unknown: tuple[str, ...] = ()

    @property
    def is_request_cheaper(self) -> bool | None:
        """Tell whether paying by request costs less now; None where either side is unknown."""
        if self.own is None or self.by_request is None:
            return None
        return self.by_request < self.own

    @property
    def is_never_even(self) -> bool:
        """Tell whether the hosts would have to be more before they cost less."""
        return self.enough is not None and (self.even is None or self.even > self.enough)


def compare(load: Load, offer: Offer) -> Compared:
    """Return what serving costs on hosts of its own and by request.

    Notes
    -----
    Hosts: ``replicas(peak) * 720 h * price``, there all the time. A request: ``price of 1,000 / 1000 +
    seconds / 3600 * price of an hour of answering``, in exact decimals. Even at ``hosts / request``.
    Starts from cold, traffic between machines and free allowances are in neither.
    """
    unknown = offer.unknown
    if load.seconds is None or load.seconds <= 0:
        unknown = (*unknown, "how long an answer takes")
    if unknown or offer.host is None or offer.answering is None or load.seconds is None:
        return Compared(unknown=unknown)
    hosts = capacity.replicas(load.peak, load.seconds, at_once=load.at_once)
    own = offer.host.times(MONTH_HOURS * hosts)
    each = Decimal(str(load.seconds)) / 3600 * offer.answering.micros
    each += Decimal(offer.thousand.micros if offer.thousand else 0) / 1000
    most = int(MONTH_HOURS) * load.p95
    return Compared(
        hosts,
        own,
        _times(own.currency, each, Decimal(load.requests)),
        _times(own.currency, each, Decimal(str(most))),
        break_even(float(own.micros), float(each)),
        float(MONTH_HOURS) * hosts * capacity.answered(load.seconds, load.at_once),
    )


def by_request(
    model: str, found: Compared, paid: Spent, month: Money | None, evidence: tuple[Piece, ...]
) -> Proposal | None:
    """Return what paying by request would have saved; None unless hosts were paid for and cost more.

    Parameters
    ----------
    paid, month
        What serving and idle hosts came to, and that as thirty days.
    """
    if not paid.measured or month is None or found.by_request is None or found.at_worst is None:
        return None
    if found.by_request.currency != month.currency or found.by_request >= month.times(WORTH_IT):
        return None
    saved = month - found.by_request
    worth = Worth(saved, min(saved, month - found.at_worst), saved)
    until = f"{found.even:,.0f} requests a month" if found.even is not None else "any traffic"
    return Proposal(
        SavingKind.BY_REQUEST, model, "", "",
        f"Paid by request this model costs less than its hosts, up to {until}; starts from cold are not"
        " in it, so try how long they take.",
        HOSTING, worth, *_confidence(paid), evidence,
    )  # fmt: skip


def fewer(model: str, load: Load, held: int, paid: Spent, month: Money | None) -> Proposal | None:
    """Return what fewer hosts would save; None unless more were paid for than the busiest hour needs.

    Parameters
    ----------
    held
        Hosts that are there, as somebody declared.

    Notes
    -----
    The estimate: as many as the busiest hour needs. The lower end keeps one to spare; the upper end as
    many as 95 of 100 hours need.
    """
    if not paid.measured or month is None or not load.seconds:
        return None
    needed, usual = (
        capacity.replicas(each, load.seconds, at_once=load.at_once)
        for each in (load.peak, load.p95)
    )
    if held <= needed:
        return None
    least, likely, most = (
        month.times(Decimal(max(0, held - each)) / held) for each in (needed + 1, needed, usual)
    )
    evidence = (
        Piece("hosts declared", str(held), "countersign.serving.instances"),
        Piece("hosts for the busiest hour", str(needed), "Little 1961, busy seven tenths at most"),
        Piece("requests in the busiest hour", f"{load.peak:,.0f}", "prediction log"),
        Piece("an answer takes", f"{1000 * load.seconds:,.1f} ms", "prediction log, mean"),
        Piece("serving and idle hosts, a month", f"{month.decimal} {month.currency}", "cost ledger"),
    )  # fmt: skip
    return Proposal(
        SavingKind.FEWER_REPLICAS, model, "", "",
        f"{held} hosts are paid for where {needed} answer the busiest hour.",
        HOSTING, Worth(likely, least, most), *_confidence(paid), evidence,
    )  # fmt: skip


def _confidence(paid: Spent) -> tuple[Confidence, str]:
    words = "hosts measured or billed"
    if paid.sample:
        return Confidence.LOW, f"{words}, sample prices"
    return Confidence.MEDIUM, f"{words}; nobody tried it"


def _times(currency: str, each: Decimal, count: Decimal) -> Money:
    return Money(currency, int((each * count).to_integral_value()))
