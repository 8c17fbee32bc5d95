"""What is worse than in the version that would be replaced."""

from collections.abc import Iterable, Mapping

from services.decisions.review.types import Regression
from services.facts.evidence.types import Evidence, Measurement, MeasurementStatus
from services.kernel.metric import CATALOGUE

KINDS = ("performance", "fairness")
_SAME = 1e-9


def regressions(
    candidate: Mapping[str, Evidence], champion: Mapping[str, Evidence]
) -> tuple[Regression, ...]:
    """Return the measurements that are worse than the champion's, the worst first.

    Parameters
    ----------
    candidate, champion
        The newest evidence of each kind.

    Notes
    -----
    Worse by direction: below where higher is better, above where lower is. A metric without a
    direction, a number that could not be read, and one that only one side has are left out.
    """
    found: list[Regression] = []
    for kind in KINDS:
        if kind in candidate and kind in champion:
            before = _readable(champion[kind].measurements)
            after = _readable(candidate[kind].measurements)
            found += [
                worse
                for key, m in after.items()
                if key in before and (worse := _worse(m, before[key]))
            ]
    return tuple(sorted(found, key=lambda each: -each.worse_by))


def _readable(found: Iterable[Measurement]) -> dict[tuple[str, str], Measurement]:
    return {
        (m.metric, m.segment): m
        for m in found
        if m.status is MeasurementStatus.OK and m.value is not None
    }


def _worse(candidate: Measurement, champion: Measurement) -> Regression | None:
    held = CATALOGUE.get(candidate.metric)
    if held is None or held.direction == "none":
        return None
    value, before = candidate.value or 0.0, champion.value or 0.0
    worse_by = before - value if held.direction == "higher" else value - before
    if worse_by <= _SAME:
        return None
    where = f" for {candidate.segment}" if candidate.segment else ""
    return Regression(
        key=f"{candidate.metric}|{candidate.segment}",
        metric=candidate.metric,
        segment=candidate.segment,
        value=value,
        champion_value=before,
        champion_lo=champion.lo,
        champion_hi=champion.hi,
        worse_by=worse_by,
        words=f"{held.words}{where}: {value:.3f}, the champion has {before:.3f}",
    )
