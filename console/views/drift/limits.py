"""The limits that a policy sets on production; what a page marks is what an alert fires on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from console.format import share
from console.views import standing
from services.facts.evidence.types import parse_segment
from services.facts.window.rules import LENGTHS
from services.facts.window.types import Monitor, WindowMetric
from services.judgement.alert.marks import Mark, bound_of, is_covered, mark
from services.judgement.alert.rhythm import stretched
from services.kernel.identity import Tier
from services.standards.policy.types import Policy, shown
from services.standards.policy.watch import AlertRule, Comparison

SHARES = frozenset({"performance.accuracy", "performance.f1", "performance.f1_macro"})
"""Metrics that people read as per cent, beside those whose name says so."""
_WHOLE = 10


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit, for all rows together.

    Attributes
    ----------
    baseline
        What the version showed on its evaluation set, for a limit relative to it.
    family
        How many columns are judged together; the noise grows with it.
    source
        Where it is written.
    """

    rule: AlertRule
    source: str
    baseline: float | None = None
    family: int = 1

    @property
    def bound(self) -> float | None:
        """Return the limit in the unit of its metric; None without the baseline it needs."""
        return bound_of(self.rule, self.baseline)

    @property
    def words(self) -> str:
        """Return it as it stands on a line: ``limit 0.20``, ``limit 84.2 %``."""
        if self.bound is None:
            return "limit relative to a baseline that is not on file"
        if self.rule.sigmas is not None and not self.bound:
            return f"limit {self.rule.sigmas:g} standard errors"
        near = f" + {self.rule.sigmas:g} standard errors" if self.rule.sigmas else ""
        return f"limit {_told(self.rule.metric, self.bound)}{near}"

    def crossed(self, found: WindowMetric) -> bool:
        """Tell whether a window is proved to be beyond."""
        return mark(self.rule, found, self.baseline, self.family) is Mark.BEYOND

    def verdict(self, found: WindowMetric) -> tuple[str, str]:
        """Return status and word of a window held against this limit."""
        if found.is_calendar:
            return "none", "Moves with the calendar"
        stands = mark(self.rule, found, self.baseline, self.family)
        if stands is Mark.BEYOND:
            return "fail", "Beyond the limit"
        if stands is Mark.UNKNOWN or self.bound is None or found.value is None:
            if found.value is None:
                words = found.method if found.is_withheld else "not measured"
                return "unknown", words.capitalize()
            if not is_covered(self.rule, found):
                return "unknown", "Too few outcomes"
            return "unknown", "Too few rows" if found.n < self.rule.min_n else "Not shown"
        over = self.rule.comparison is Comparison.OVER
        outside = found.value > self.bound if over else found.value < self.bound
        return ("unknown", "Not shown") if outside else ("pass", "Within the limit")


def _told(metric: str, bound: float) -> str:
    if metric in SHARES or metric.endswith(("_share", "_rate")):
        return share(bound, 1)
    return f"{bound:,g}" if bound >= _WHOLE else shown(round(bound, 4))


def limits(
    policy: Policy | None, tier: Tier, monitor: Monitor, baselines: Mapping[str, float],
    metrics: Iterable[str], segment: str = "",
) -> Mapping[str, Limit]:  # fmt: skip
    """Return the limit of each metric that has one: a rule of watching, else a clause.

    Parameters
    ----------
    segment
        Which rows are looked at; a rule about just these segments goes before one about all rows.
    """
    rules = policy.watch.rules_for(tier) if policy else ()
    found: dict[str, Limit] = {}
    for name in metrics:
        held = _rule(rules, name, segment)
        source = f"rule {held.id}" if held else "policy"
        held = held or _clause(policy, name)
        if held is not None:
            held = stretched(held, LENGTHS[monitor.granularity])
            found[name] = Limit(held, source, baselines.get(name), _family(monitor, name))
    return found


def _rule(rules: Iterable[AlertRule], name: str, segment: str) -> AlertRule | None:
    asked = frozenset(parse_segment(segment))
    its = [rule for rule in rules if rule.metric == name and not rule.feature]
    own = (r for r in its if asked and any(frozenset(b.split("*")) == asked for b in r.by))
    return next(own, None) or next((rule for rule in its if not rule.by), None)


def _clause(policy: Policy | None, name: str) -> AlertRule | None:
    clause = standing.limit_of(policy, name)
    if clause is None:
        return None
    side = Comparison.UNDER if clause.at_least else Comparison.OVER
    return AlertRule(name, name, side, clause.bound, clause.bound, min_n=0)


def _family(monitor: Monitor, name: str) -> int:
    if not name.startswith("drift."):
        return 1
    kind = {"drift.ks": "number", "drift.wasserstein": "number", "drift.largest_change": "category"}
    wanted = kind.get(name)
    return max(1, sum(wanted in (None, each.kind) for each in monitor.columns))
