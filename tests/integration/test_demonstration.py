"""The demonstration's models, measured by our own instruments: the figures that the tempting case rests on."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from services.facts.evidence.types import Evidence, Producer, Reading
from services.facts.explanation.service import Explained, from_values
from services.facts.explanation.shap_adapter import explain
from services.facts.fairness.service import Audit
from services.facts.fairness.service import measure as audit
from services.facts.performance import service as performance
from services.facts.performance.evaluation import EvaluationSet, parse
from services.judgement.gate.rules import judge
from services.judgement.gate.types import Case, Result
from services.kernel.clock import FixedClock
from services.kernel.identity import ModelRef
from services.record.canonical import canonical
from services.standards.policy.rules import parse as parse_policy
from services.standards.policy.service import shipped
from services.workflows.demonstration.recipes import RECIPES
from services.workflows.demonstration.training import parquet, rows_of, schema_of

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
REF = ModelRef("default", "default", "mortgage-approval", 1, "r", "s")
AUDIT = Audit(("race", "sex", "race*sex"), {"race": "White", "sex": "male"}, 1)


def trained(index: int) -> tuple[EvaluationSet, Any]:
    data = RECIPES[index].data()
    evaluation = parse(
        json.dumps(schema_of(data)).encode(), parquet(rows_of(data, data.evaluation))
    )
    model = RECIPES[index].build()
    model.fit(data.features.iloc[data.train], data.target.iloc[data.train])
    return evaluation, model


def readings(index: int) -> tuple[Reading, Reading, EvaluationSet, Any]:
    evaluation, model = trained(index)
    outputs = model.predict_proba(evaluation.rows[evaluation.features])
    filed = performance.measure(evaluation, outputs, tuple(model.classes_), seed=1)
    return (
        filed,
        audit(evaluation, performance.decisions(outputs, 0.5), AUDIT, seed=1),
        evaluation,
        model,
    )


def value(
    reading: Reading, metric: str, segment: str = ""
) -> tuple[float, float | None, float | None]:
    found = next(m for m in reading.measurements if (m.metric, m.segment) == (metric, segment))
    assert found.value is not None
    return found.value, found.lo, found.hi


def valid(reading: Reading) -> None:
    schema = json.loads((SCHEMAS / f"{reading.kind.value}-1.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(canonical(reading.payload)), schema)


def evidence(reading: Reading, clock: FixedClock) -> Evidence:
    return Evidence(
        "E", reading.kind, reading.schema, "version", REF, None, None, None, clock.now(), Producer("t", "c"), (),
        reading.parameters, 1, "ab" * 32, reading.measurements,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("index", "accuracy", "ratio", "verdict"),
    [
        (0, 0.886, (0.915, 0.849, 0.986), Result.PASS),
        (1, 0.917, (0.790, 0.694, 0.900), Result.FAIL),
    ],
)
def test_the_more_accurate_model_fails_four_fifths_and_the_other_passes(
    index: int,
    accuracy: float,
    ratio: tuple[float, float, float],
    verdict: Result,
    clock: FixedClock,
) -> None:
    filed, fair, _, _ = readings(index)
    assert value(filed, "performance.accuracy")[0] == pytest.approx(accuracy, abs=0.001)
    assert value(fair, "fairness.impact_ratio", "race=Black") == pytest.approx(ratio, abs=0.01)
    policy = parse_policy(shipped("credit-and-hiring"))
    held = {"performance": evidence(filed, clock), "fairness": evidence(fair, clock)}
    clauses = judge(policy, Case(REF, "champion", held), clock.now()).clauses
    assert next(c for c in clauses if c.id == "four-fifths").result is verdict
    if index == 0:
        assert value(filed, "performance.auc") == pytest.approx((0.801, 0.75, 0.84), abs=0.01)
        assert value(fair, "fairness.impact_ratio", "race=Hispanic")[0] == pytest.approx(
            0.995, abs=0.005
        )
        assert value(fair, "fairness.impact_ratio", "sex=female")[0] == pytest.approx(
            0.997, abs=0.005
        )


def test_payloads_follow_their_schema_and_the_same_input_gives_the_same_bytes() -> None:
    first, second = readings(0), readings(0)
    for one, two in zip(first[:2], second[:2], strict=True):
        valid(one)
        assert canonical(one.payload) == canonical(two.payload)


def test_every_rate_can_be_computed_again_from_the_counts() -> None:
    _, fair, _, _ = readings(1)
    for attribute, table in fair.payload["tables"].items():
        for row in table["groups"]:
            names = attribute.split("*")
            segment = "&".join(f"{n}={g}" for n, g in sorted(zip(names, row["group"], strict=True)))
            found = next(
                m
                for m in fair.measurements
                if (m.metric, m.segment) == ("fairness.selection_rate", segment)
            )
            if found.value is not None:
                assert found.value == pytest.approx(row["selected"] / row["n"], abs=1e-9)
            else:
                assert row["n"] < AUDIT.min_n


@pytest.mark.parametrize("index", [0, 1, 2, 6])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_attributions_sum_to_the_models_own_output(index: int) -> None:
    evaluation, model = trained(index)
    rows = evaluation.rows[evaluation.features]
    found = explain(model, rows, rows.iloc[:100], 1)
    reading = from_values(Explained(**found.__dict__), seed=1, evaluation_sha256=evaluation.sha256)
    residual = reading.measurements[-1]
    assert residual.metric == "explanation.additivity_residual"
    assert residual.value is not None
    assert residual.value < 1e-9
    assert np.allclose(found.values.sum(axis=1) + found.base, found.output)
    valid(reading)


def test_the_multiclass_and_the_regression_payload_follow_their_schema() -> None:
    for index in (2, 5):
        evaluation, model = trained(index)
        rows = evaluation.rows[evaluation.features]
        outputs = model.predict(rows) if index == 2 else model.predict_proba(rows)
        classes = () if index == 2 else tuple(model.classes_)
        reading = performance.measure(evaluation, outputs, classes, seed=1)
        valid(reading)
        assert len(reading.measurements) >= 3
