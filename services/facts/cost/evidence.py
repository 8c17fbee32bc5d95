"""What serving a version costs, as evidence that a gate can judge."""

from decimal import Decimal

from services.facts.cost.standing import CostStanding
from services.facts.evidence.types import EvidenceKind, Measurement, MeasurementStatus, Reading
from services.kernel.money import MICRO, Money
from services.kernel.period import Period

SCHEMA = "cost/1"
METRIC, CURRENCY = "cost.usd_per_1000_predictions", "USD"
METHOD = "serving cost of 30 days over the predictions of those days"


def reading(held: CostStanding, thousand: Money | None, alias: str | None, day: Period) -> Reading:
    """Return what a version costs as of a closed day.

    Parameters
    ----------
    held
        Of the 30 days that end with it.
    thousand
        What 1,000 predictions cost in US dollars; None where lines have no price, or no rate is known.

    Notes
    -----
    Without a price, or a rate, it is *not estimable* and no pass.
    """
    known = thousand is not None
    status = MeasurementStatus.OK if known else MeasurementStatus.NOT_ESTIMABLE
    value = float(Decimal(thousand.micros) / MICRO) if thousand is not None else None
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
            "usd_per_1000": thousand.decimal if thousand is not None else None,
        },
        (Measurement(METRIC, "", value, "USD", held.requests, method=METHOD, status=status),),
        parameters={"days": 30},
        alias=alias,
        period=day,
    )
