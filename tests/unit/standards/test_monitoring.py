"""Limits on production are read exactly: every error with its place, no limit that asks for the worse."""

import re
from pathlib import Path

import pytest

from services.kernel.identity import Tier
from services.standards.policy.monitoring import KEYS, RULE_KEYS
from services.standards.policy.rules import parse
from services.standards.policy.service import SHIPPED, shipped
from services.standards.policy.types import PolicyError
from services.standards.policy.watch import (
    DEFAULT_RULES,
    AlertRule,
    Comparison,
    Monitoring,
    Severity,
    Then,
)

WHOLE = """policy: trial
version: 1
applies_to: {tier: [high]}
evidence: {performance: {min_n: 1}}
review: {quorum: {validator: 1}}
monitoring:
  min_n: 300
  rules:
    - %s
"""
KS = "id: ks, metric: drift.ks, over: 0.2"


def rules(*lines: str) -> tuple[AlertRule, ...]:
    found = parse((WHOLE % "\n    - ".join(lines)).encode()).watch.rules
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{id: ks, metric: ^drift.kz, over: 0.2}", "did you mean 'drift.ks'"),
        ("{id: ks, metric: drift.ks, under: ^0.2}", "fire on the better"),
        ("{id: a, metric: performance.auc, over: ^0.2}", "fire on the better"),
        ("{id: a, metric: ^drift.ks, below_baseline: 0.2}", "has a baseline"),
        ("{id: a, metric: ^performance.brier, below_baseline: 0.2}", "has a baseline"),
        ("{id: a, metric: ^performance.label_coverage, below_baseline: 0.2}", "has a baseline"),
        ("{id: a, metric: performance.auc, below_baseline: ^5}", "relative"),
        ("{id: a, metric: performance.auc, below_baseline: 0.1, by: ^[race]}", "over all rows"),
        ("{id: a, metric: performance.auc, below_baseline: 0.1, sigmas: ^2}", "'over' and 'under'"),
        ("{id: a, metric: data_quality.missing_share, over: ^10}", "between 0 and 1"),
        ("^{id: ks, metric: drift.ks, over: 0.2, under: 0.2}", "exactly one"),
        ("^{id: ks, metric: drift.ks}", "exactly one"),
        ("^{id: ks, over: 0.2}", "'metric' is missing"),
        ("^{metric: drift.ks, over: 0.2}", "'id' is missing"),
        ("{id: s, metric: ^drift.ks, silent_hours: 26}", "of nothing else"),
        ("{id: s, metric: ^service.silence_hours, over: 26}", "of nothing else"),
        ("{id: s, silent_hours: ^0}", "above 0"),
        ("{id: s, silent_hours: 26, windows: ^2 of 3}", "counted in hours"),
        ("{id: s, silent_hours: 26, resolve_at: ^3}", "first prediction"),
        ("{id: s, silent_hours: 26, by: ^[race]}", "over all rows"),
        ("{id: ks, metric: drift.ks, over: 0.2, windows: ^3 of 2}", "3 of 2 cannot be"),
        ("{id: ks, metric: drift.ks, over: 0.2, windows: ^often}", "2 of 3"),
        ("{id: ks, metric: drift.ks, over: 0.2, windows: ^2 of 99}", "2 of 99 cannot be"),
        ("{id: ks, metric: drift.ks, over: 0.2, resolve_at: ^0.3}", "never be open"),
        ("{id: ks, metric: drift.ks, over: 0.2, severity: ^bad}", "not one of"),
        ("{id: ks, metric: drift.ks, over: 0.2, then: ^promote}", "not one of"),
        ("{id: ks, metric: drift.ks, over: 0.2, channels: [^Slack Room]}", "small letters"),
        ("{id: ks, metric: drift.ks, over: 0.2, granularity: ^week}", "not one of"),
        ("{id: ks, metric: drift.ks, over: 0.2, cooldown_hours: ^-1}", "0 or more"),
        ("{id: ks, metric: drift.ks, over: 0.2, sigmas: ^0}", "above 0"),
        ("{id: ks, metric: drift.ks, over: 0.2, by: ^[]}", "at least one attribute"),
        ("{id: ks, metric: drift.ks, over: ^.nan}", "finite"),
        ("{id: ks, metric: drift.ks, over: 0.2, ^every: day}", "unknown key 'every'"),
    ],
)
def test_an_error_in_a_rule_says_where_and_what(line: str, words: str) -> None:
    with pytest.raises(PolicyError) as caught:
        rules(line.replace("^", ""))
    assert words in caught.value.message
    assert (caught.value.line, caught.value.column) == (9, 7 + line.index("^"))


def test_two_rules_of_one_name_are_refused_at_the_second() -> None:
    with pytest.raises(PolicyError) as caught:
        rules(f"{{{KS}}}", f"{{{KS}}}")
    assert (caught.value.line, caught.value.column) == (10, 7)


@pytest.mark.parametrize(
    ("section", "line", "column"),
    [("{window: week}", 6, 22), ("{label_days: 0}", 6, 26), ("{rule: []}", 6, 14)],
)
def test_an_error_in_the_section_says_where(section: str, line: int, column: int) -> None:
    text = WHOLE.partition("monitoring:")[0] + f"monitoring: {section}\n"
    with pytest.raises(PolicyError) as caught:
        parse(text.encode())
    assert (caught.value.line, caught.value.column) == (line, column)


def test_what_is_not_written_has_its_default() -> None:
    (rule,) = rules(f"{{{KS}}}")
    assert rule == AlertRule("ks", "drift.ks", Comparison.OVER, 0.2, 0.2 * 0.8, min_n=300)
    assert (rule.severity, rule.then, rule.cooldown_hours) == (Severity.WARNING, Then.NONE, 24)


def test_everything_written_is_read() -> None:
    (rule,) = rules(
        "{id: a, metric: fairness.impact_ratio, under: 0.8, windows: 2 of 3, min_n: 30, by: [race, race*sex],"
        " severity: critical, channels: [slack, e-mail], cooldown_hours: 1.5, resolve_at: 0.9,"
        " runbook: retrain, then: review, granularity: month}"
    )
    assert rule == AlertRule(
        "a", "fairness.impact_ratio", Comparison.UNDER, 0.8, 0.9, 2, 3, 30, ("race", "race*sex"),
        severity=Severity.CRITICAL, channels=("slack", "e-mail"), cooldown_hours=1.5,
        runbook="retrain", then=Then.REVIEW, granularity="month",
    )  # fmt: skip
    assert rule.sentence == "Impact ratio by race, race and sex"
    assert rule.words == "under 0.8, 2 of 3 windows"


@pytest.mark.parametrize(
    ("line", "calm"),
    [
        ("{id: a, metric: drift.ks, over: 0.2}", 0.16),
        ("{id: a, metric: fairness.impact_ratio, under: 0.8}", 0.84),
        ("{id: a, metric: kpi.value, under: 40}", 48),
        ("{id: a, metric: kpi.value, under: -40}", -32),
        ("{id: a, metric: kpi.value, over: -40}", -48),
        ("{id: a, metric: performance.auc, below_baseline: 0.05}", 0.04),
    ],
)
def test_an_alert_is_calm_on_the_inner_side_of_its_limit(line: str, calm: float) -> None:
    assert rules(line)[0].resolve_at == pytest.approx(calm)


def test_a_policy_without_rules_has_those_of_good_practice_by_tier() -> None:
    policy = parse(WHOLE.partition("monitoring:")[0].encode())
    assert policy.monitoring is None
    slow = {tier: {r.id: r for r in policy.watch.rules_for(tier)}["slow"].severity for tier in Tier}
    assert list(slow.values()) == [
        Severity.WARNING, Severity.CRITICAL, Severity.CRITICAL, Severity.CRITICAL,
    ]  # fmt: skip
    drift = [{r.id: r for r in policy.watch.rules_for(t)}["drift"].severity.rank for t in Tier]
    assert drift == [0, 1, 2, 2]
    assert Monitoring(rules=()).rules_for(Tier.HIGH) == ()


def test_reminders_go_by_tier_unless_the_policy_says() -> None:
    assert [Monitoring().reminds_after(tier) for tier in Tier] == [0, 72, 24, 4]
    assert Monitoring(remind_hours=6).reminds_after(Tier.LOW) == 6


def test_the_rules_of_good_practice_can_be_written_down() -> None:
    assert len({rule.id for rule in DEFAULT_RULES}) == len(DEFAULT_RULES)
    for rule in DEFAULT_RULES:
        metric = "" if rule.comparison is Comparison.SILENT_HOURS else f"metric: {rule.metric}, "
        more = f", granularity: {rule.granularity}" if rule.granularity else ""
        more += f", sigmas: {rule.sigmas}" if rule.sigmas else ""
        more += f", windows: {rule.least} of {rule.of}" if rule.of > 1 else ""
        (read,) = rules(
            f"{{id: {rule.id}, {metric}{rule.comparison.value}: {rule.limit}, min_n: {rule.min_n},"
            f" severity: {rule.severity.value}, channels: [{', '.join(rule.channels)}],"
            f" cooldown_hours: {rule.cooldown_hours}, then: {rule.then.value}{more}"
            + (f", runbook: {rule.runbook}}}" if rule.runbook else "}")
        )
        assert read == rule


def test_every_shipped_policy_watches() -> None:
    for name in SHIPPED:
        policy = parse(shipped(name))
        assert policy.monitoring is not None
        watched = {rule.metric for rule in policy.monitoring.rules or ()}
        assert {"drift.ks", "service.error_rate", "performance.accuracy"} <= watched, name
        if name != "minimal":
            assert "service.silence_hours" in watched


def test_the_manual_names_every_key_of_a_rule() -> None:
    manual = (Path(__file__).parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")
    for key in (*KEYS, *RULE_KEYS):
        assert re.search(rf"`{key}[`:]", manual), key


def test_a_policy_says_how_many_outcomes_must_be_known() -> None:
    assert {rule.min_coverage for rule in Monitoring().rules_for(Tier.LOW)} == {0.5}
    asked = WHOLE.replace("min_n: 300", "label_coverage: %s")
    told = parse((asked % (0.9, f"{{{KS}}}")).encode()).watch
    assert {rule.min_coverage for rule in told.rules_for(Tier.LOW)} == {0.9}
    with pytest.raises(PolicyError, match="a share lies between 0 and 1"):
        parse((asked % (90, f"{{{KS}}}")).encode())
