"""Policies are read exactly, and every error says where."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.identity import Tier
from services.standards.policy.production import refuse_unlive
from services.standards.policy.rules import KEYS, parse
from services.standards.policy.service import SHIPPED, shipped
from services.standards.policy.types import AppliesTo, PolicyError, Threshold

HEAD = b"policy: trial\nversion: 1\napplies_to: {tier: [high]}\nreview: {quorum: {validator: 1}}\n"
WRONG = [
    (HEAD + b"evidense: {}\n", 5, 1, "did you mean 'evidence'"),
    (HEAD + b"policy: again\n", 5, 1, "a second time"),
    (HEAD + b"rollout: {steps: [5, 100]}\n", 5, 1, "reserved"),
    (HEAD + b"rollout: {require: [shadow]}\n", 5, 21, "refused until rollouts exist"),
    (HEAD + b"evidence: {performance: {min_n: many}}\n", 5, 33, "whole number"),
    (
        HEAD + b"clauses: [{id: a, metric: performance.auk, at_least: 1}]\n",
        5,
        27,
        "performance.auc",
    ),
    (
        HEAD + b"clauses: [{id: a, metric: performance.auc, at_least: 1}]\n",
        5,
        27,
        "under 'evidence'",
    ),
    (
        HEAD + b"clauses:\n  - {id: a, metric: drift.ks, live: true, at_least: .nan}\n",
        6,
        53,
        "finite",
    ),
    (
        HEAD + b"clauses:\n  - {id: a, metric: drift.ks, live: true, at_least: 1, at_most: 2}\n",
        6,
        5,
        "exactly one",
    ),
    (
        HEAD + b"clauses:\n  - {id: a, metric: drift.ks, live: yes it is, at_least: 1}\n",
        6,
        37,
        "true or false",
    ),
    (HEAD.replace(b"validator", b"administrator"), 4, 19, "unknown key 'administrator'"),
    (HEAD.replace(b"high", b"huge"), 3, 21, "'huge' is not one of"),
    (HEAD + b"a: [\n", 6, 1, "not YAML"),
    (b"", 1, 1, "empty"),
    (b"\xff\xfe", 1, 1, "UTF-8"),
    (b"[1, 2]", 1, 1, "a mapping is needed"),
]


@pytest.mark.parametrize(("data", "line", "column", "words"), WRONG)
def test_an_error_says_where_and_what(data: bytes, line: int, column: int, words: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse(data)
    assert words in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_is_published_fails_in_words_or_is_a_policy(data: bytes) -> None:
    with suppress(PolicyError):
        assert parse(data).review.quorum


def test_the_shipped_policies_serve_the_four_tiers() -> None:
    policies = [parse(shipped(name)) for name in SHIPPED]
    assert [policy.applies_to.tier for policy in policies] == [(tier,) for tier in Tier]
    assert [policy.policy_id for policy in policies] == list(SHIPPED)
    assert policies[0].review.separate == ()
    assert sum(policies[0].review.quorum.values()) == 1
    assert policies[3].evidence["fairness"].not_applicable


def test_the_bound_itself_is_inside_and_is_what_is_said() -> None:
    floor, ceiling = Threshold(0.8, at_least=True), Threshold(0.125, at_least=False)
    assert floor.holds(0.8)
    assert not floor.holds(0.7999)
    assert ceiling.holds(0.125)
    assert not ceiling.holds(0.1251)
    assert (floor.words, ceiling.words) == ("≥ 0.80", "≤ 0.125")


def test_the_narrower_rule_is_more_specific() -> None:
    wide = AppliesTo((Tier.HIGH,))
    aliased = AppliesTo((Tier.HIGH,), alias=("champion",))
    placed = AppliesTo((Tier.HIGH,), jurisdiction=("US-NY",))
    assert wide.specificity < aliased.specificity < placed.specificity
    assert aliased.covers(Tier.HIGH, "Champion", "*")
    assert not aliased.covers(Tier.HIGH, "canary", "*")


def test_the_manual_names_every_key() -> None:
    manual = (Path(__file__).parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")
    for key in KEYS:
        assert f"`{key}`" in manual, key


WHOLE = """policy: trial
version: 1
applies_to: {tier: [high]}
evidence: {performance: {min_n: 1}, fairness: {min_n: 1}}
clauses:
  - %s
review: {quorum: {validator: 1}}
"""


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        ("{id: a, metric: performance.brier, at_least: 0.2}", "ask for the worse"),
        ("{id: a, metric: performance.auc, at_most: 0.2}", "ask for the worse"),
        ("{id: a, metric: performance.auc, versus: champion, by: [race]}", "leave 'by' out"),
        ("{id: a, metric: performance.auc, at_least: 0.2, by: []}", "at least one attribute"),
        ("{id: card-title, metric: performance.auc, at_least: 0.2}", "the gate's own"),
        ("{id: evidence-fairness, metric: performance.auc, at_least: 0.2}", "the gate's own"),
        ("{id: a, metric: performance.auc, at_least: !!float ''}", "tags are not used"),
        ("{id: a, metric: performance.auc, at_least: 0.2, live: !!bool maybe}", "tags"),
        ("{id: a, metric: performance.auc, at_least: !!int ''}", "tags are not used"),
        ("{id: a, metric: performance.auc, at_least: !!timestamp x}", "tags are not used"),
        ("{id: &a a, metric: performance.auc, at_least: 0.2}", "anchors"),
        ("{id: *a, metric: performance.auc, at_least: 0.2}", "aliases"),
        ("{id: a, metric: performance.auc, at_least: 2026-13-45}", "cannot be read"),
    ],
)
def test_a_clause_that_would_mislead_is_refused_at_its_place(clause: str, words: str) -> None:
    with pytest.raises(PolicyError) as refused:
        parse((WHOLE % clause).encode())
    assert words in str(refused.value)
    assert refused.value.line == 6
    assert refused.value.column > 1


def test_a_policy_that_asks_for_nothing_is_refused() -> None:
    for text in ("", "evidence: {}\n", "clauses: []\n"):
        data = f"policy: a\nversion: 1\napplies_to: {{tier: [low]}}\n{text}review: {{quorum: {{owner: 1}}}}\n"
        with pytest.raises(PolicyError, match="asks for nothing"):
            parse(data.encode())


def test_a_billion_laughs_end_at_the_first_anchor() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdef", "bcdefg", strict=True)
    ]
    with pytest.raises(PolicyError, match="anchors") as refused:
        parse("\n".join(lines).encode())
    assert refused.value.line == 1


LIVE = b"  - {id: a, metric: drift.ks, live: true, at_most: 0.2}\n"


@pytest.mark.parametrize(
    ("section", "line", "column", "words"),
    [
        (
            b"evidence: {drift: {}}\nclauses:\n  - {id: a, metric: drift.ks, at_most: 0.2}\n",
            7, 21, "write 'live: true'",
        ),
        (b"evidence: {performance: {}, drift: {max_age_days: 1}}\n", 5, 29, "no clause with"),
        (
            b"evidence: {drift: {}, service_level: {}}\nclauses:\n" + LIVE,
            5, 23, "'service_level' is measured in production alone",
        ),
    ],
)  # fmt: skip
def test_what_moves_with_every_window_is_asked_for_live_or_not_at_all(
    section: bytes, line: int, column: int, words: str
) -> None:
    data = HEAD + section
    with pytest.raises(PolicyError, match=words) as refused:
        refuse_unlive(data, parse(data))
    assert (refused.value.line, refused.value.column) == (line, column)


def test_a_live_clause_may_say_how_old_its_window_may_be() -> None:
    data = HEAD + b"evidence: {drift: {max_age_days: 2}}\nclauses:\n" + LIVE
    refuse_unlive(data, parse(data))


def test_a_rule_about_a_segment_that_nobody_pins_would_never_fire_and_is_refused() -> None:
    rule = b"rules: [{id: w, metric: performance.accuracy, under: 0.7, by: [carrier]}]"
    top = HEAD + b"evidence: {performance: {}}\n"
    data = top + b"monitoring: {" + rule + b"}\n"
    with pytest.raises(PolicyError, match="name it in 'segments'") as refused:
        refuse_unlive(data, parse(data))
    assert refused.value.line == 6
    pinned = top + b"monitoring: {segments: [carrier], " + rule + b"}\n"
    refuse_unlive(pinned, parse(pinned))
    groups = b"rules: [{id: f, metric: fairness.impact_ratio, under: 0.8, by: [race]}]"
    of_groups = top + b"monitoring: {" + groups + b"}\n"
    refuse_unlive(of_groups, parse(of_groups))
