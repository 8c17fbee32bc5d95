"""What a version costs, as evidence that a gate can judge: what moves with its traffic, and what making it took."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.facts.cost.standing import CostStanding
from services.facts.evidence.types import EvidenceKind, Measurement, MeasurementStatus, Reading
from services.kernel.money import MICRO, Money
from services.kernel.period import Period

SCHEMA, TRAINING_SCHEMA = "cost/1", "training_cost/1"
THOUSAND, MONTH, TRAINING = (
    "cost.usd_per_1000_predictions",
    "cost.usd_per_month",
    "training_cost.usd",
)
CURRENCY = "USD"
METHODS: Mapping[str, str] = {
    THOUSAND: "serving cost of 30 days over the predictions of those days",
    MONTH: "cost of 1,000 predictions at the champion's traffic of 30 days, else at its own",
    TRAINING: "lines of the run and of the ticket that made it, searches included, of all time",
}


@dataclass(frozen=True, slots=True)
class Dollars:
    """What a version costs in US dollars.

    Attributes
    ----------
    thousand, month
        None where lines have no price, no rate is known, or it never served.
    """

    thousand: Money | None
    month: Money | None


def reading(
    held: CostStanding, dollars: Dollars, alias: str | None, day: Period, *, of_champion: bool
) -> Reading:
    """Return what serving a version costs as of a closed day.

    Parameters
    ----------
    held
        Of the 30 days that end with it.
    of_champion
        Whether the month is at the champion's traffic rather than at its own.

    Notes
    -----
    Without a price, or a rate, it is *not estimable* and no pass.
    """
    return Reading(
        EvidenceKind.COST,
        SCHEMA,
        {
            "currency": held.currency,
            "serving": held.serving.decimal if held.serving else None,
            "requests": held.requests,
            "days": held.days,
            "unpriced": held.unpriced,
            "estimated": held.estimated,
            "elsewhere": held.elsewhere,
            "usd_per_1000": _decimal(dollars.thousand),
            "usd_per_month": _decimal(dollars.month),
            "traffic": "champion" if of_champion else "own",
        },
        (
            _measured(THOUSAND, dollars.thousand, held.requests),
            _measured(MONTH, dollars.month, held.requests),
        ),
        parameters={"days": 30},
        alias=alias,
        period=day,
    )


def training_reading(held: CostStanding, dollars: Money | None) -> Reading:
    """Return what making a version took; it moves only when its lines are corrected.

    Parameters
    ----------
    dollars
        In US dollars by the rate of the day on which the version was registered; None where lines have
        no price, or no rate is known.
    """
    return Reading(
        EvidenceKind.TRAINING_COST,
        TRAINING_SCHEMA,
        {
            "currency": held.currency,
            "training": _decimal(held.training),
            "lines": held.made,
            "unpriced": held.made_unpriced,
            "elsewhere": held.made_elsewhere,
            "usd": _decimal(dollars),
        },
        (_measured(TRAINING, dollars, held.made),),
    )


def _measured(metric: str, dollars: Money | None, n: int) -> Measurement:
    known = dollars is not None
    status = MeasurementStatus.OK if known else MeasurementStatus.NOT_ESTIMABLE
    value = float(Decimal(dollars.micros) / MICRO) if dollars is not None else None
    return Measurement(metric, "", value, CURRENCY, n, method=METHODS[metric], status=status)


def _decimal(money: Money | None) -> str | None:
    return money.decimal if money is not None else None
