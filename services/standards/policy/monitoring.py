"""Reading the ``monitoring`` section of a policy: limits on production, every error with its place."""

import re
from typing import Any

from services.kernel.metric import CATALOGUE, Metric
from services.standards.policy.reading import Part
from services.standards.policy.watch import (
    GRANULARITIES,
    LABEL_COVERAGE,
    LABEL_DAYS,
    MIN_N,
    AlertRule,
    Comparison,
    Monitoring,
    Severity,
    Then,
    calm_at,
)

KEYS = ("window", "segments", "label_days", "label_coverage", "min_n", "remind_hours", "rules")
LIMITS = tuple(each.value for each in Comparison)
RULE_KEYS = (
    "id", "metric", *LIMITS, "windows", "min_n", "by", "feature", "sigmas", "severity", "channels",
    "cooldown_hours", "resolve_at", "runbook", "then", "granularity",
)  # fmt: skip
SILENCE, FIGURE = "service.silence_hours", "kpi.value"
MOST_WINDOWS = 30
_WINDOWS = re.compile(r"([1-9]\d?) of ([1-9]\d?)")
_UNBASED = frozenset({"performance.label_coverage"})


def monitoring(part: Part) -> Monitoring:
    """Read how the models of a policy are watched.

    Raises
    ------
    PolicyError
        With line and column, for anything that is not exactly a ``monitoring`` section.
    """
    held = part.members(KEYS)
    counts = {key: held[key].whole(1) for key in ("label_days", "min_n") if key in held}
    segments = held["segments"].texts() if "segments" in held else ()
    least = counts.get("min_n", MIN_N)
    return Monitoring(
        window=held["window"].one_of(GRANULARITIES[1:]) if "window" in held else "day",
        segments=segments,
        label_days=counts.get("label_days", LABEL_DAYS),
        label_coverage=_coverage(held["label_coverage"])
        if "label_coverage" in held
        else LABEL_COVERAGE,
        min_n=least,
        remind_hours=held["remind_hours"].whole() if "remind_hours" in held else None,
        rules=_rules(held["rules"], least) if "rules" in held else None,
    )


def _coverage(part: Part) -> float:
    given = part.number()
    if not 0 <= given <= 1:
        part.fail("a share lies between 0 and 1; write 0.5 for half of the outcomes")
    return given


def _rules(part: Part, min_n: int) -> tuple[AlertRule, ...]:
    found: dict[str, AlertRule] = {}
    for each in part.items():
        rule = _rule(each, min_n)
        if rule.id in found:
            each.fail(f"there is another rule {rule.id!r}")
        found[rule.id] = rule
    return tuple(found.values())


def _rule(part: Part, min_n: int) -> AlertRule:
    held = part.members(RULE_KEYS, ("id",))
    comparison = _comparison(part, held)
    name = _metric(part, held, comparison)
    limit = _limit(held[comparison.value], comparison, CATALOGUE[name])
    least, of = _windows(held.get("windows"), comparison)
    return AlertRule(
        id=held["id"].name(),
        metric=name,
        comparison=comparison,
        limit=limit,
        resolve_at=_resolve_at(held.get("resolve_at"), comparison, limit, CATALOGUE[name]),
        least=least,
        of=of,
        min_n=held["min_n"].whole() if "min_n" in held else min_n,
        by=_by(held.get("by"), comparison),
        feature=held["feature"].text() if "feature" in held else None,
        sigmas=_sigmas(held.get("sigmas"), comparison),
        **_telling(held),
    )


def _telling(held: dict[str, Part]) -> dict[str, Any]:
    """Read how a rule is told; what is not written keeps its default."""
    found: dict[str, Any] = {}
    if "severity" in held:
        found["severity"] = Severity(held["severity"].one_of([each.value for each in Severity]))
    if "channels" in held:
        found["channels"] = tuple(each.name() for each in held["channels"].items())
    if "cooldown_hours" in held:
        found["cooldown_hours"] = held["cooldown_hours"].positive()
    if "runbook" in held:
        found["runbook"] = held["runbook"].text()
    if "then" in held:
        found["then"] = Then(held["then"].one_of([each.value for each in Then]))
    if "granularity" in held:
        found["granularity"] = held["granularity"].one_of(GRANULARITIES)
    return found


def _comparison(part: Part, held: dict[str, Part]) -> Comparison:
    given = [key for key in LIMITS if key in held]
    if len(given) != 1:
        part.fail(f"exactly one of {', '.join(map(repr, LIMITS))} is needed")
    return Comparison(given[0])


def _metric(part: Part, held: dict[str, Part], comparison: Comparison) -> str:
    silent = comparison is Comparison.SILENT_HOURS
    if "metric" not in held:
        if not silent:
            part.fail("the key 'metric' is missing")
        return SILENCE
    where = held["metric"]
    name = where.one_of(CATALOGUE)
    if silent != (name == SILENCE):
        where.fail(f"'silent_hours' is the limit of {SILENCE!r}, and of nothing else")
    if comparison is Comparison.BEYOND_TARGET and name != FIGURE:
        where.fail(
            f"'beyond_target' is the limit of {FIGURE!r}: only business figures have targets"
        )
    better = CATALOGUE[name].direction
    wrong = {"higher": Comparison.OVER, "lower": Comparison.UNDER}.get(better)
    if comparison is wrong:
        held[comparison.value].fail(
            f"{better} is better for {name}, so {comparison.value!r} would fire on the better"
        )
    based = name.startswith("performance.") and better == "higher" and name not in _UNBASED
    if comparison is Comparison.BELOW_BASELINE and not based:
        where.fail("only a performance metric of which more is better has a baseline to fall below")
    return name


def _limit(part: Part, comparison: Comparison, of: Metric) -> float:
    limit = part.number()
    if comparison is Comparison.BELOW_BASELINE and not 0 < limit < 1:
        part.fail("the drop is relative: a share between 0 and 1, such as 0.05")
    if comparison is Comparison.BEYOND_TARGET and not 0 <= limit < 1:
        part.fail("how far the target may be missed is a share of it: 0, or such as 0.05")
    if comparison is Comparison.SILENT_HOURS and limit <= 0:
        part.fail("a number above 0 is needed here")
    if of.name.endswith("_share") and not 0 <= limit <= 1:
        part.fail("a share lies between 0 and 1; write 0.10 for ten in a hundred")
    return limit


def _resolve_at(part: Part | None, comparison: Comparison, limit: float, of: Metric) -> float:
    if part is None:
        return calm_at(comparison, limit, of.unit)
    if comparison is Comparison.SILENT_HOURS:
        part.fail("silence ends with the first prediction; leave 'resolve_at' out")
    if comparison is Comparison.BEYOND_TARGET:
        part.fail("an alert on a target is over when the target is met; leave 'resolve_at' out")
    given = part.number()
    if (given < limit) if comparison is Comparison.UNDER else (given > limit):
        part.fail("an alert that resolves beyond its own limit would never be open")
    return given


def _windows(part: Part | None, comparison: Comparison) -> tuple[int, int]:
    if part is None:
        return 1, 1
    if comparison is Comparison.SILENT_HOURS:
        part.fail("silence is counted in hours; leave 'windows' out")
    match = _WINDOWS.fullmatch(part.text())
    if match is None:
        part.fail("write how many of how many, such as '2 of 3'")
    least, of = int(match[1]), int(match[2])
    if not least <= of <= MOST_WINDOWS:
        part.fail(
            f"{least} of {of} cannot be: the first is at most the second, and that at most {MOST_WINDOWS}"
        )
    return least, of


def _by(part: Part | None, comparison: Comparison) -> tuple[str, ...]:
    if part is None:
        return ()
    if comparison not in (Comparison.OVER, Comparison.UNDER):
        part.fail(f"{comparison.value!r} is judged over all rows; leave 'by' out")
    names = tuple(each.attribute() for each in part.items())
    if not names:
        part.fail("name at least one attribute, or leave 'by' out")
    return names


def _sigmas(part: Part | None, comparison: Comparison) -> float | None:
    if part is None:
        return None
    if comparison not in (Comparison.OVER, Comparison.UNDER):
        part.fail("'sigmas' belongs to 'over' and 'under'")
    given = part.positive()
    if given == 0:
        part.fail("a number above 0 is needed here")
    return given
