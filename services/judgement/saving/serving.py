"""What serving could cost less: questions that come again, and servers that wait for a peak."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.facts.service_level.types import ServingUse
from services.judgement.saving.types import Confidence, Piece, Proposal, SavingKind, Worth
from services.kernel.money import Money

SERVING = ("serving",)
MUCH_REPEATED = 0.05
"""From a twentieth of repeated questions on a cache is worth a thought."""
MANY = 1_000


@dataclass(frozen=True, slots=True)
class Spent:
    """What serving a model came to in the days of its use.

    Attributes
    ----------
    amount
        None where something has no price, or several currencies were paid in.
    measured
        Whether that was billed or measured rather than estimated from requests.
    sample
        Whether prices of the sample are in it.
    """

    amount: Money | None
    measured: bool = False
    sample: bool = False


def caching(uses: Sequence[ServingUse], spent: Spent) -> Proposal | None:
    """Return what a cache would have saved of a model's serving; None where hardly anything repeats.

    Parameters
    ----------
    uses
        Of all versions of one model that serve.

    Notes
    -----
    The estimate and lower end: what a cache that is emptied every night would have answered. The upper
    end: one that forgets nothing for thirty days. Answering from a cache is taken to cost nothing.
    """
    comparable = sum(each.comparable for each in uses)
    if not comparable:
        return None
    by_day = sum(each.again_by_day for each in uses) / comparable
    at_all = sum(each.again for each in uses) / comparable
    if by_day < MUCH_REPEATED:
        return None
    first = uses[0]
    worth, paid = None, spent.amount
    if paid is not None:
        low, high = _part(paid, by_day), _part(paid, at_all)
        worth = Worth(low, low, max(low, high))
    sure, because = _confidence(comparable, spent)
    period = f"{min(e.since for e in uses)} to {max(e.until for e in uses)}"
    return Proposal(
        SavingKind.CACHING, first.model, "", "",
        f"{100 * by_day:.0f} % of the questions had been asked on the same day before; a cache would have"
        " answered them.",
        SERVING, worth, sure, because,
        (
            Piece("questions compared", f"{comparable:,}", f"prediction log, {period}"),
            Piece("asked before on the same day", f"{100 * by_day:.1f} %", "input_sha256, else all features"),
            Piece("asked before in all these days", f"{100 * at_all:.1f} %", "input_sha256, else all features"),
            Piece("serving in these days", f"{paid.decimal} {paid.currency}" if paid else "unpriced", "cost ledger"),
        ),
    )  # fmt: skip


def _part(spent: Money, share: float) -> Money:
    return spent.times(Decimal(repr(round(share, 9))))


def _confidence(comparable: int, spent: Spent) -> tuple[Confidence, str]:
    words = f"{comparable:,} questions compared"
    if comparable < MANY:
        return Confidence.LOW, f"{words}, which are few"
    if spent.sample:
        return Confidence.LOW, f"{words}, sample prices"
    if spent.measured:
        return Confidence.HIGH, f"{words}, serving cost measured or billed"
    return Confidence.MEDIUM, f"{words}, serving cost estimated from request seconds"
