"""The sections `retraining` and `budget` of a policy: read exactly, refused with line and column."""

import re
from pathlib import Path

import pytest

from services.kernel.identity import Role
from services.kernel.money import Money
from services.standards.policy.retraining import BUDGET_KEYS, KEYS
from services.standards.policy.rules import parse
from services.standards.policy.service import SHIPPED, shipped
from services.standards.policy.training import Retraining, Trigger
from services.standards.policy.types import Policy, PolicyError

HEAD = (
    "policy: trial\nversion: 1\napplies_to: {tier: [high]}\nevidence: {performance: {min_n: 1}}\n"
    "review: {quorum: {validator: 1}}\n"
)
ROWS = '[{over: "0", quorum: {operator: 1}}, {over: "50", quorum: {operator: 1, approver: 1}}]'
STRICTEST = {Role.VALIDATOR: 1}
MANUAL = (Path(__file__).parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")


def policy(text: str) -> Policy:
    return parse((HEAD + text).encode())


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


def test_what_is_written_is_what_is_read() -> None:
    found = policy(
        'retraining: {on: [drift, {labels: {rows: 500}}, schedule], schedule: "0 3 * * 1", '
        f"timezone: Europe/Dublin, cooldown_days: 3, max_per_week: 2, approvals: {ROWS}, "
        "min_effect: 0.01, holdout_looks: 5, stop_idle: true, fairness: {margin: 0.02, must_show: true}}\n"
        'budget: {currency: USD, month: "200", ticket: "12.50", stop: false}\n'
    )
    plan = found.retraining
    assert set(plan.on) == {Trigger.DRIFT, Trigger.LABELS, Trigger.SCHEDULE}
    assert plan.on[Trigger.LABELS].rows == 500
    assert (plan.fairness_margin, plan.must_show) == (0.02, True)
    assert (plan.schedule, plan.timezone, plan.stop_idle) == ("0 3 * * 1", "Europe/Dublin", True)
    assert (plan.cooldown_days, plan.max_per_week, plan.holdout_looks) == (3.0, 2, 5)
    assert (found.budget.month, found.budget.ticket) == (usd("200"), usd("12.50"))
    assert not found.budget.stop


def test_a_policy_that_says_nothing_lets_people_ask_and_its_reviewers_allow() -> None:
    found = policy("")
    assert set(found.retraining.on) == {Trigger.MANUAL}
    assert found.retraining.quorum(Trigger.MANUAL, usd("1"), STRICTEST) == STRICTEST
    assert (found.budget.month, found.budget.ticket) == (None, None)


@pytest.mark.parametrize(
    ("rows", "worst", "needed"),
    [
        (ROWS, usd("0"), {Role.OPERATOR: 1}),
        (ROWS, usd("49.99"), {Role.OPERATOR: 1}),
        (ROWS, usd("50"), {Role.OPERATOR: 1, Role.APPROVER: 1}),
        (ROWS, None, {Role.OPERATOR: 1, Role.APPROVER: 1}),
        (ROWS, Money.parse("1", "EUR"), {Role.OPERATOR: 1, Role.APPROVER: 1}),
        ('[{over: "10", quorum: {operator: 1}}]', usd("9"), {}),
        ("[]", None, {}),
    ],
)
def test_the_worst_case_says_who_signs(
    rows: str, worst: Money | None, needed: dict[Role, int]
) -> None:
    plan = policy(f"retraining: {{on: [manual], approvals: {rows}}}\n").retraining
    assert plan.quorum(Trigger.MANUAL, worst, STRICTEST) == needed


def test_a_trigger_may_have_approvals_of_its_own() -> None:
    text = f"retraining: {{on: [manual, {{data: {{approvals: []}}}}], approvals: {ROWS}}}\n"
    plan: Retraining = policy(text).retraining
    assert plan.quorum(Trigger.DATA, usd("500"), STRICTEST) == {}
    assert plan.quorum(Trigger.MANUAL, usd("1"), STRICTEST) == {Role.OPERATOR: 1}


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("retraining: {on: [drfit]}", 19, "did you mean 'drift'"),
        ("retraining: {on: [drift, drift]}", 26, "a second time"),
        ("retraining: {on: [schedule]}", 13, "write it as 'schedule"),
        ('retraining: {on: [manual], schedule: "0 3 * * 1"}', 38, "does not name the schedule"),
        ('retraining: {on: [schedule], schedule: "every monday"}', 40, "five fields of cron"),
        ('retraining: {on: [schedule], schedule: "0 3 * * 1 0"}', 40, "five fields of cron"),
        ('retraining: {on: [schedule], schedule: "99 3 * * 1"}', 40, "five fields of cron"),
        ("retraining: {on: [manual], timezone: Dublin}", 38, "no time zone"),
        ("retraining: {on: [manual], cooldown: 7}", 28, "did you mean 'cooldown_days'"),
        ("retraining: {on: [manual], max_per_week: 0}", 42, "1 or more"),
        ("retraining: {on: [manual], approvals: [{over: 5, quorum: {operator: 1}}]}", 47, "as a text"),
        ('retraining: {on: [manual], approvals: [{over: "5", quorum: {}}]}', 60, "leave the row out"),
        ('retraining: {on: [manual], approvals: [{over: "x", quorum: {operator: 1}}]}', 47, "no amount"),
        ('retraining: {on: [manual], approvals: [{over: "-1", quorum: {operator: 1}}]}', 47, "0 or more"),
        ('retraining: {on: [manual], approvals: [{over: "5", quorum: {operator: 1}}, {over: "5", quorum: {owner: 1}}]}', 83, "the rows rise"),
        ("retraining: {on: [{drift: {rows: 5}}]}", 28, "unknown key 'rows'"),
        ("retraining: {schedule: x}", 13, "the key 'on' is missing"),
        ('budget: {month: "200"}', 9, "the key 'currency' is missing"),
        ("budget: {currency: dollars}", 20, "three capitals"),
        ('budget: {currency: USD, month: "10", ticket: "20"}', 46, "more than the whole month"),
        ("budget: {currency: USD, month: 200}", 32, "as a text"),
        ("rollout: {require: [shadow]}", 21, "refused until rollouts exist"),
    ],
)  # fmt: skip
def test_an_error_says_where(text: str, column: int, words: str) -> None:
    with pytest.raises(PolicyError, match=re.escape(words)) as refused:
        policy(f"{text}\n")
    assert (refused.value.line, refused.value.column) == (6, column)


def test_a_rollout_that_requires_nothing_is_fine() -> None:
    assert policy("rollout: {require: []}\n").policy_id == "trial"


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_policies_say_who_allows_a_training(name: str) -> None:
    found = parse(shipped(name))
    assert Trigger.MANUAL in found.retraining.on
    assert found.retraining.quorum(Trigger.MANUAL, None, {}) != {}
    assert found.budget.ticket is not None
    assert found.budget.stop


def test_the_manual_names_every_key_and_its_example_is_read() -> None:
    for key in (*KEYS, *BUDGET_KEYS, *(each.value for each in Trigger)):
        assert f"`{key}`" in MANUAL, key
    example = MANUAL.rpartition("```yaml\n")[2].partition("```")[0]
    assert Trigger.LABELS in policy(example).retraining.on


def test_a_trigger_may_have_a_pause_and_a_limit_of_its_own() -> None:
    rule = "{schedule: {cooldown_days: 30, max_per_week: 1}}"
    plan = policy(f'retraining: {{on: [drift, {rule}], schedule: "0 3 * * 1"}}\n').retraining
    mine, other = plan.on[Trigger.SCHEDULE], plan.on[Trigger.DRIFT]
    assert (mine.cooldown_days, mine.max_per_week) == (30.0, 1)
    assert (other.cooldown_days, other.max_per_week, plan.cooldown_days) == (None, None, 7.0)
    with pytest.raises(PolicyError, match="people may ask at any time"):
        policy("retraining: {on: [{manual: {cooldown_days: 3}}]}\n")
