"""On which terms the next attempt is asked for."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.decisions.recipe.reading import canonical_bytes, parse
from services.decisions.recipe.types import Needs
from services.decisions.retraining.types import Attempt, AttemptState
from services.kernel.error import InvalidInput
from services.standards.engine.rules import checked
from services.standards.engine.types import EngineForm, EngineKind
from services.standards.policy.reading import PolicyError
from services.workflows.engine.manifest import job
from services.workflows.engine.types import AttemptSpec, Capabilities, Resources
from services.workflows.retraining.market import on_spot

SPOT = Capabilities(None, "", None, stops_pending=True, limits_time=True, has_spot=True)
NEEDS = Needs(spot=True, on_demand_after=2)
RECIPE = """\
recipe: late
version: 1
model: late
entry: {folder: code, command: python train.py}
data: {uri: rows.parquet, target: late}
environment: running
holdout: {uri: holdout.parquet, sha256: "%s"}
""" % ("ab" * 32)


def attempt(*, preempted: bool, spot: bool) -> Attempt:
    return Attempt(
        "a", "t", 1, "ray", "", AttemptState.LOST, "", preempted, "",
        datetime(2026, 3, 1, tzinfo=UTC), None, None, None, spot=spot,
    )  # fmt: skip


TAKEN = attempt(preempted=True, spot=True)


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ([], True),
        ([TAKEN], True),
        ([TAKEN, TAKEN], False),
        ([TAKEN, TAKEN, attempt(preempted=False, spot=False)], False),
        ([TAKEN, attempt(preempted=False, spot=True)], True),
        ([TAKEN, attempt(preempted=True, spot=False)], True),
    ],
)
def test_spot_is_asked_for_until_it_was_taken_away_twice(
    attempts: list[Attempt], *, expected: bool
) -> None:
    assert on_spot(NEEDS, attempts, SPOT) is expected


def test_an_engine_without_spot_runs_it_on_demand() -> None:
    assert not on_spot(NEEDS, [], replace(SPOT, has_spot=False))
    assert not on_spot(replace(NEEDS, spot=False), [], SPOT)


def test_a_recipe_says_spot_and_one_that_does_not_keeps_its_digest() -> None:
    plain = parse(RECIPE.encode())
    wanted = parse((RECIPE + "resources: {spot: true, on_demand_after: 3}\n").encode())
    assert (wanted.needs.spot, wanted.needs.on_demand_after) == (True, 3)
    assert b"spot" not in canonical_bytes(plain)
    assert b'"on_demand_after":3' in canonical_bytes(wanted)
    with pytest.raises(PolicyError, match="add 'spot: true'"):
        parse((RECIPE + "resources: {on_demand_after: 3}\n").encode())


def pod(address: dict[str, str], *, spot: bool) -> dict[str, Any]:
    spec = AttemptSpec("a", "t", 1, ("true",), Path("/jobs"), Resources(spot=spot))
    parts = {"url": "https://c.example.org", "token": "t", "claim": "jobs", "mount": "/jobs", "image": "i"}  # fmt: skip
    connection = checked(EngineForm("k", EngineKind.KUBERNETES, parts | address))
    made = job(connection.address, "cs-a", spec, ("true",), mixed=False)
    found: dict[str, Any] = made["spec"]["template"]["spec"]
    return found


def test_kubernetes_keeps_spot_and_the_rest_apart_by_a_label() -> None:
    label = {"spot": "cloud.example.org/spot=true"}
    cheap, stays, neither = pod(label, spot=True), pod(label, spot=False), pod({}, spot=True)
    assert cheap["nodeSelector"] == {"cloud.example.org/spot": "true"}
    assert cheap["tolerations"][0]["key"] == "cloud.example.org/spot"
    assert "nodeSelector" not in stays
    assert "NotIn" in str(stays["affinity"])
    assert not {"nodeSelector", "tolerations", "affinity"} & set(neither)
    with pytest.raises(InvalidInput, match="key=value"):
        pod({"spot": "spot-pool"}, spot=True)


def test_a_webhook_without_spot_machines_says_no() -> None:
    parts = {"url": "https://c.example.org", "signing_secret": "a-signing-secret"}
    has = [
        bool(checked(EngineForm("w", EngineKind.WEBHOOK, parts | more)).spot)
        for more in ({}, {"spot": "no"}, {"spot": "yes"})
    ]
    assert has == [False, False, True]
