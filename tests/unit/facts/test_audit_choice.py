"""Which decision is the favourable one, and which limits an audit works with."""

import numpy as np
import pytest

from services.facts.fairness.service import Audit
from services.facts.scoring.types import Scores
from services.kernel.error import InsufficientEvidence
from services.standards.policy.rules import parse
from services.workflows.measurement.audit import LEAST, audit_of, chosen_of
from tests.unit.facts.readings import evaluation

SCORES = Scores(np.array([[0.9, 0.1], [0.2, 0.8]]), (0, 1), ())


def audit(favourable: int | str) -> Audit:
    return Audit(("race",), {}, favourable, 30)


def test_the_favourable_decision_is_the_class_that_is_named() -> None:
    assert chosen_of(SCORES, audit(1)).tolist() == [False, True]
    assert chosen_of(SCORES, audit(0)).tolist() == [True, False]


@pytest.mark.parametrize("favourable", ["1", "approved", 2])
def test_a_favourable_value_the_model_does_not_know_never_turns_an_audit_round(
    favourable: int | str,
) -> None:
    with pytest.raises(InsufficientEvidence, match="is no class of this version"):
        chosen_of(SCORES, audit(favourable))


def test_a_policy_that_names_no_least_number_keeps_ours() -> None:
    rows = evaluation({"y": [0, 1], "race": ["a", "b"]}, protected=["race"], favourable=1)
    policy = parse(
        b"policy: p\nversion: 1\napplies_to: {tier: [high]}\n"
        b"evidence: {fairness: {attributes: [race], favourable: 1}}\n"
        b"review: {quorum: {validator: 1}}\n"
    )
    for each in (policy, None):
        found = audit_of(rows, each)
        assert found is not None
        assert found.min_n == LEAST
