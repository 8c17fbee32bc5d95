"""What an alert says about what to do."""

import pytest

from console.views import runbooks
from services.kernel.metric import CATALOGUE
from services.standards.policy.watch import DEFAULT_RULES


def test_every_rule_of_good_practice_has_steps_to_take() -> None:
    lacking = [r.id for r in DEFAULT_RULES if len(runbooks.steps(r.runbook, r.metric)) < 2]
    assert lacking == []


def test_every_metric_that_production_is_held_against_has_steps() -> None:
    families = {"service", "drift", "data_quality", "performance", "fairness", "kpi"}
    watched = [name for name in CATALOGUE if name.split(".")[0] in families]
    assert [name for name in watched if not runbooks.steps("", name)] == []
    assert runbooks.steps("", "service.silence_hours") == runbooks.BOOK["silence"]
    assert runbooks.steps("", "drift.skew_distance") == runbooks.BOOK["skew"]


def test_a_runbook_of_somebodys_own_is_not_mixed_with_ours() -> None:
    assert runbooks.steps("https://wiki.example.org/drift", "drift.ks") == ()
    assert runbooks.steps("skew", "drift.ks") == runbooks.BOOK["skew"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("https://wiki.example.org/runbooks?id=3#drift", "https://wiki.example.org/runbooks?id=3#drift"),
        ("retrain", ""),
        ("javascript:alert(1)", ""),
        ("https://a.example/) [x](javascript:alert(1)", ""),
    ],
)  # fmt: skip
def test_only_an_address_becomes_a_link(given: str, found: str) -> None:
    assert runbooks.address(given) == found
