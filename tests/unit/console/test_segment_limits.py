"""Which limit is drawn for the rows of a pinned segment."""

from datetime import UTC, datetime

from console.views.drift.limits import limits
from services.facts.window.types import Granularity, Monitor
from services.kernel.identity import ModelRef, Tier
from services.standards.policy.rules import parse

POLICY = parse(
    b"""policy: watched
version: 1
applies_to: {tier: [low]}
evidence: {performance: {}}
review: {quorum: {owner: 1}}
monitoring:
  segments: [carrier, origin]
  rules:
    - {id: right, metric: performance.accuracy, under: 0.7}
    - {id: right-everywhere, metric: performance.accuracy, under: 0.6, by: [carrier]}
"""
)
MONITOR = Monitor(
    "m", ModelRef("r", "w", "flights", 1, "run", "uri"), Granularity.DAY, "classification", (),
    "ab" * 32, 900, datetime(2026, 3, 1, tzinfo=UTC), segments=("carrier", "origin"),
)  # fmt: skip


def limit(segment: str) -> tuple[str, float | None]:
    found = limits(POLICY, Tier.LOW, MONITOR, {}, ["performance.accuracy"], segment)
    held = found["performance.accuracy"]
    return held.source, held.bound


def test_a_rule_about_the_segments_goes_before_one_about_all_rows() -> None:
    assert limit("") == ("rule right", 0.7)
    assert limit("carrier=UA") == ("rule right-everywhere", 0.6)
    assert limit("origin=EWR") == ("rule right", 0.7)
