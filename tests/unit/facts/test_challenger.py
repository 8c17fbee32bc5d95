"""Better or not: the gain, its chance, and what must not get worse."""

import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from services.facts.challenger import bootstrap, comparison, figures
from services.facts.challenger.comparison import compare
from services.facts.challenger.figures import RowSums
from services.facts.challenger.look import Look
from services.facts.challenger.types import (
    Comparison,
    Contest,
    Holds,
    Side,
    Standard,
    Training,
    Verdict,
)
from services.facts.evidence.types import MeasurementStatus
from services.facts.fairness.grouping import Audit
from services.facts.performance import evaluation
from services.facts.performance.evaluation import EvaluationSet
from services.kernel.error import InvalidInput
from services.kernel.metric import metric
from services.record.canonical import canonical
from services.standards.policy.rules import kind_of

AT = datetime(2026, 3, 14, tzinfo=UTC)
SCHEMA = json.loads(
    (Path(__file__).parents[3] / "docs" / "schemas" / "training_report-1.json").read_text()
)
TRAINED = Training(
    "nightly", 3, "ab" * 32, {"depth": 4}, "local", "cd" * 32, 9_000, {"loss": 0.3},
    2, 61.5, 0.5, "2.50", "USD",
)  # fmt: skip
STANDARD = Standard(min_effect=0.005)


def look(number: int = 1, limit: int = 20) -> Look:
    return Look("ef" * 32, "loan", "t1", number, limit, AT)


def holdout(task: str, **columns: Any) -> EvaluationSet:
    protected = [name for name in columns if name != "y"]
    schema = {"task": task, "target": "y", "protected": protected}
    buffer = io.BytesIO()
    pd.DataFrame(columns).to_parquet(buffer)
    return evaluation.parse(json.dumps(schema).encode(), buffer.getvalue())


def binary(
    n: int = 3_000, better: float = 0.5, seed: int = 1, **columns: Any
) -> tuple[EvaluationSet, Side, Side]:
    """Rows, a champion, and a challenger whose scores say more about the truth by ``better``."""
    drawn = np.random.default_rng(seed)
    y = (drawn.random(n) < 0.4).astype(int)
    noise = drawn.normal(size=n)

    def side(strength: float) -> Side:
        own = drawn.normal(size=n)
        seen = (
            strength * (y - 0.5) + 0.8 * noise + 0.6 * own
        )  # the log odds of y given what is seen
        score = 1 / (1 + np.exp(-(strength * seen + np.log(0.4 / 0.6))))
        return Side(np.column_stack([1 - score, score]), (0, 1), size_bytes=1_000)

    return holdout("classification", y=y, **columns), side(1.0 + better), side(1.0)


def judged(
    rows: EvaluationSet,
    new: Side,
    old: Side | None,
    standard: Standard = STANDARD,
    at: Look | None = None,
) -> Comparison:
    return compare(Contest(rows, new, old), standard, at or look(), TRAINED, seed=7)


def test_a_model_that_says_more_is_better() -> None:
    found = judged(*binary())
    assert found.verdict is Verdict.BETTER
    assert found.gain is not None
    assert found.gain.lo > 0
    assert found.gain.level == pytest.approx(1 - 2 * 0.05 / 20)
    assert found.reading is not None
    assert found.reading.parameters["verdict"] == "better"


def test_a_model_that_says_the_same_is_not() -> None:
    rows, _, old = binary()
    found = judged(rows, old, old)
    assert found.verdict is Verdict.NO_BETTER
    assert found.gain is not None
    assert (found.gain.value, found.gain.p) == (0.0, 1.0)


def test_a_gain_below_the_least_is_none() -> None:
    rows, new, old = binary()
    gain = judged(rows, new, old).gain
    assert gain is not None
    found = judged(rows, new, old, Standard(min_effect=gain.value + 1e-9))
    assert found.verdict is Verdict.NO_BETTER
    assert "is the least" in found.reason
    assert judged(rows, new, old, Standard(min_effect=gain.value)).verdict is Verdict.BETTER


def test_the_same_gain_is_chance_when_the_holdout_is_asked_often() -> None:
    rows, new, old = binary(n=1_000, better=0.12)
    once = judged(rows, new, old, at=look(1, 1))
    assert once.gain is not None
    assert 0.05 / 2_000 < once.gain.p <= 0.05
    assert once.verdict is Verdict.BETTER
    often = judged(rows, new, old, at=look(1, 2_000))
    assert often.verdict is Verdict.NO_BETTER
    assert "may be chance" in often.reason
    assert often.gain is not None
    assert often.gain.lo <= 0 < once.gain.lo


def test_a_holdout_that_decided_too_often_decides_nothing() -> None:
    rows, new, old = binary()
    assert judged(rows, new, old, at=look(20, 20)).verdict is Verdict.BETTER
    found = judged(rows, new, old, at=look(21, 20))
    assert found.verdict is Verdict.NOT_COMPARABLE
    assert "rotate the holdout" in found.reason
    assert found.reading is not None
    [number] = [m for m in found.reading.measurements if m.metric == "challenger.gain"]
    assert (number.value, number.status) == (None, MeasurementStatus.NOT_ESTIMABLE)


def test_without_a_champion_nothing_is_compared_and_the_figures_are_reported() -> None:
    rows, new, _ = binary()
    found = judged(rows, new, None)
    assert found.verdict is Verdict.NOT_COMPARABLE
    assert found.reading is not None
    jsonschema.validate(json.loads(canonical(found.reading.payload)), SCHEMA)
    assert found.reading.payload["figures"]["challenger"]["performance.auc"] > 0.7


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda o: replace(o, outputs=o.outputs[:-1]), "Of the champion: The version answered"),
        (lambda o: replace(o, outputs=o.outputs * np.nan), "Of the champion: .* not finite"),
        (lambda o: replace(o, classes=("no", "yes")), "does not know the class"),
    ],
)
def test_a_champion_that_answers_nothing_usable_is_not_beaten(change: Any, words: str) -> None:
    rows, new, old = binary()
    found = judged(rows, new, change(old))
    assert found.verdict is Verdict.NOT_COMPARABLE
    assert re.search(words, found.reason)


def test_columns_are_compared_by_class_whatever_their_order() -> None:
    rows, new, old = binary()
    turned = replace(old, outputs=old.outputs[:, ::-1], classes=(1, 0))
    straight, crossed = judged(rows, new, old), judged(rows, new, turned)
    assert crossed.gain == straight.gain


def test_too_few_rows_decide_nothing() -> None:
    rows, new, old = binary(n=99)
    assert "100 are the least" in judged(rows, new, old).reason
    y = np.r_[np.ones(9), np.zeros(291)].astype(int)
    score = np.linspace(0.9, 0.1, 300)
    side = Side(np.column_stack([1 - score, score]), (0, 1))
    found = judged(holdout("classification", y=y), side, side)
    assert "9 rows of one class" in found.reason


def test_a_metric_of_another_task_is_refused() -> None:
    rows, new, old = binary()
    with pytest.raises(InvalidInput, match="performance.r2 cannot be compared"):
        judged(rows, new, old, Standard("performance.r2"))


# figures, against scikit-learn


def several(n: int = 2_000, seed: int = 3) -> tuple[EvaluationSet, Side, Side]:
    drawn = np.random.default_rng(seed)
    y = drawn.integers(0, 3, n)

    def side(strength: float) -> Side:
        raw = drawn.gumbel(size=(n, 3)) + strength * (y[:, None] == np.arange(3))
        shares = np.exp(raw)
        return Side(shares / shares.sum(axis=1, keepdims=True), (0, 1, 2))

    return holdout("multiclass", y=y), side(1.5), side(1.0)


def numbers(n: int = 2_000, seed: int = 4) -> tuple[EvaluationSet, Side, Side]:
    drawn = np.random.default_rng(seed)
    y = drawn.normal(50, 10, n)
    return (
        holdout("regression", y=y),
        Side(y + drawn.normal(0, 4, n)),
        Side(y + drawn.normal(0, 5, n)),
    )


def test_figures_are_those_of_scikit_learn() -> None:
    rows, new, _ = binary()
    y, score = rows.rows["y"].to_numpy(), new.outputs[:, 1]
    said = score >= 0.5
    theirs = {
        "performance.accuracy": sk.accuracy_score(y, said),
        "performance.precision": sk.precision_score(y, said),
        "performance.recall": sk.recall_score(y, said),
        "performance.f1": sk.f1_score(y, said),
        "performance.brier": sk.brier_score_loss(y, score),
        "performance.log_loss": sk.log_loss(y, score),
    }
    assert set(theirs) | {"performance.auc"} == set(figures.names("classification"))
    ours = {name: figures.row_sums(name, rows, new, 0.5).value for name in theirs}
    assert ours == pytest.approx(theirs, abs=1e-12)


def test_figures_of_classes_and_numbers_are_those_of_scikit_learn() -> None:
    rows, new, _ = several()
    y, said = rows.rows["y"].to_numpy(), new.outputs.argmax(axis=1)
    theirs = {
        "performance.accuracy": sk.accuracy_score(y, said),
        "performance.balanced_accuracy": sk.balanced_accuracy_score(y, said),
        "performance.f1_macro": sk.f1_score(y, said, average="macro"),
        "performance.log_loss": sk.log_loss(y, new.outputs),
    }
    assert set(theirs) == set(figures.names("multiclass"))
    ours = {name: figures.row_sums(name, rows, new, 0.5).value for name in theirs}
    assert ours == pytest.approx(theirs, abs=1e-12)
    rows, new, _ = numbers()
    y, guess = rows.rows["y"].to_numpy(), new.outputs
    theirs = {
        "performance.r2": sk.r2_score(y, guess),
        "performance.rmse": sk.root_mean_squared_error(y, guess),
        "performance.mae": sk.mean_absolute_error(y, guess),
    }
    assert set(theirs) == set(figures.names("regression"))
    ours = {name: figures.row_sums(name, rows, new, 0.5).value for name in theirs}
    assert ours == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("made", [binary, several, numbers])
def test_every_metric_tells_a_better_model_from_an_equal_one(made: Any) -> None:
    rows, new, old = made()
    for name in figures.names(rows.task):
        standard = Standard(name)
        better, equal = judged(rows, new, old, standard), judged(rows, old, old, standard)
        worse = judged(rows, old, new, standard)
        assert better.gain is not None
        assert worse.gain is not None
        if name not in ("performance.precision", "performance.recall"):
            assert better.verdict is Verdict.BETTER, (name, better.reason)
        assert equal.verdict is worse.verdict is Verdict.NO_BETTER, name
        assert better.gain.value == pytest.approx(-worse.gain.value, abs=1e-12)
        assert (better.gain.lo > 0) == (better.gain.p <= 0.0025), name


# the bootstrap


def test_of_equal_models_one_in_twenty_looks_better_at_one_in_twenty() -> None:
    """Over 600 pairs of equal models the share with p of at most 0.05 is 0.05, ± 3 standard errors."""
    drawn = np.random.default_rng(11)
    hits = 0

    def mean(sums: np.ndarray) -> np.ndarray:
        return sums[:, 0] / sums[:, 1]

    for seed in range(600):
        right = drawn.random((2, 400)) < 0.8
        new, old = (RowSums(np.column_stack([r, np.ones(400)]) * 1.0, mean) for r in right)
        found = bootstrap.gain(new, old, 1.0, 0.05, seed)
        hits += found.p <= 0.05
    assert 0.024 < hits / 600 < 0.077


def test_many_rows_are_drawn_in_blocks_and_say_the_same() -> None:
    rows, new, old = numbers(n=45_000)
    standard = Standard("performance.mae")
    found = judged(rows, new, old, standard).gain
    assert found is not None
    assert found.method == "paired bootstrap, Poisson over 20,000 blocks"
    y = rows.rows["y"].to_numpy()
    gaps = np.abs(y - old.outputs) - np.abs(y - new.outputs)
    half = 2.807 * gaps.std() / np.sqrt(len(gaps))
    assert found.value == pytest.approx(gaps.mean(), abs=1e-12)
    assert found.lo == pytest.approx(gaps.mean() - half, abs=half * 0.2)


# what must not get worse

WOMEN = Audit(("sex",), {"sex": "M"}, 1, 30)


def turned_away(side: Side, rows: EvaluationSet, share: float) -> Side:
    """A side that says no to some women it would have said yes to."""
    women = (rows.rows["sex"] == "F").to_numpy()
    struck = women & (np.arange(len(women)) % 100 < share * 100)
    outputs = side.outputs.copy()
    outputs[struck] = [0.51, 0.49]
    return replace(side, outputs=outputs)


def with_sex(n: int = 6_000) -> tuple[EvaluationSet, Side, Side]:
    return binary(n, 1.5, sex=np.where(np.arange(n) % 3 == 0, "F", "M"))


def test_a_better_model_under_which_women_fare_worse_is_not_better() -> None:
    rows, new, old = with_sex()
    standard = replace(STANDARD, audit=WOMEN)
    assert judged(rows, new, old, standard).verdict is Verdict.BETTER
    found = judged(rows, turned_away(new, rows, 0.3), old, standard)
    assert found.gain is not None
    assert found.gain.value > 0.005
    assert found.verdict is Verdict.NO_BETTER
    assert "impact ratio of F" in found.reason
    assert Holds.NO in {c.holds for c in found.checks if c.what == "fairness"}


def test_where_a_policy_says_so_no_worse_must_be_shown() -> None:
    rows, new, old = with_sex(900)
    reading = judged(rows, new, old, replace(STANDARD, audit=WOMEN)).reading
    assert reading is not None
    [number] = [m for m in reading.measurements if m.metric.endswith("impact_ratio_change")]
    assert number.value is not None
    assert number.lo is not None
    between = -(number.value + number.lo) / 2
    standard = replace(STANDARD, audit=WOMEN, fairness_margin=between)
    for must_show, verdict in ((True, Verdict.NO_BETTER), (False, Verdict.BETTER)):
        found = judged(rows, new, old, replace(standard, must_show=must_show))
        [check] = [c for c in found.checks if c.what == "fairness"]
        assert check.holds is Holds.NOT_SHOWN
        assert found.verdict is verdict


def test_a_holdout_that_says_no_group_shows_nothing() -> None:
    rows, new, old = binary()
    found = judged(rows, new, old, replace(STANDARD, audit=WOMEN))
    assert found.verdict is Verdict.NO_BETTER
    assert "does not say sex" in found.reason
    rows, new, old = with_sex()
    others = replace(WOMEN, reference={"sex": "male"})
    found = judged(rows, new, old, replace(STANDARD, audit=others))
    assert found.verdict is Verdict.NO_BETTER
    assert "reference group of sex" in found.reason
    some = replace(WOMEN, attributes=("sex", "race"))
    assert judged(rows, new, old, replace(STANDARD, audit=some)).verdict is Verdict.BETTER


def test_few_of_a_group_are_told_and_decide_nothing() -> None:
    n = 3_000
    rows, new, old = binary(n, 1.5, sex=np.where(np.arange(n) < 29, "F", "M"))
    found = judged(rows, new, old, replace(STANDARD, audit=WOMEN))
    [check] = [c for c in found.checks if c.what == "fairness"]
    assert (check.holds, check.decides) == (Holds.UNKNOWN, False)
    assert found.verdict is Verdict.BETTER


def test_probabilities_that_lie_are_in_the_way() -> None:
    rows, new, old = binary(better=1.0)
    sharp = new.outputs[:, 1] ** 4 / (new.outputs[:, 1] ** 4 + new.outputs[:, 0] ** 4)
    lying = replace(new, outputs=np.column_stack([1 - sharp, sharp]))
    assert judged(rows, new, old).verdict is Verdict.BETTER
    found = judged(rows, lying, old)
    assert found.verdict is Verdict.NO_BETTER
    assert "calibration error" in found.reason


def test_a_model_that_answers_too_slowly_is_not_better() -> None:
    rows, new, old = binary()
    timed = replace(old, latency_ms=10.0)
    assert judged(rows, replace(new, latency_ms=20.0), timed).verdict is Verdict.BETTER
    found = judged(rows, replace(new, latency_ms=20.1), timed)
    assert found.verdict is Verdict.NO_BETTER
    assert "One answer takes it 20.1 ms of a processor" in found.reason


def test_what_it_rests_on_is_told_and_never_in_the_way() -> None:
    rows, new, old = binary()
    explained = replace(old, importance={"a": 3.0, "b": 1.0})
    for importance, least in (({"a": 2.0, "b": 1.0}, 0.99), ({"a": 0.0, "b": 9.0}, 0.5)):
        found = judged(rows, replace(new, importance=importance), explained)
        assert found.verdict is Verdict.BETTER
        assert found.reading is not None
        [kept] = [m for m in found.reading.measurements if m.metric.endswith("ndcg")]
        assert kept.value is not None
        assert kept.value > least
    found = judged(rows, replace(new, importance={"c": 1.0}), explained)
    [check] = [c for c in found.checks if c.what == "attribution"]
    assert (check.holds, check.decides) == (Holds.UNKNOWN, False)


# the report


def test_the_same_comparison_gives_the_same_bytes_whatever_the_clock_says() -> None:
    rows, new, old = with_sex()
    standard = replace(STANDARD, audit=WOMEN)
    payloads: set[bytes] = set()
    for wall, ms in ((10.0, 5.0), (99.0, 7.0)):
        trained = replace(TRAINED, wall_seconds=wall)
        sides = replace(new, latency_ms=ms), replace(old, latency_ms=6.0)
        found = compare(Contest(rows, *sides), standard, look(), trained, seed=7)
        assert found.reading is not None
        payloads.add(canonical(found.reading.payload))
    assert len(payloads) == 1


@pytest.mark.parametrize("made", [with_sex, several, numbers])
def test_the_report_follows_its_schema_and_files_what_the_catalogue_names(made: Any) -> None:
    rows, new, old = made()
    standard = replace(STANDARD, audit=WOMEN) if made is with_sex else STANDARD
    reading = judged(rows, new, old, standard).reading
    assert reading is not None
    jsonschema.validate(json.loads(canonical(reading.payload)), SCHEMA)
    for each in reading.measurements:
        assert metric(each.metric).name == each.metric
        assert kind_of(each.metric) == "training_report"
    assert {i.role: i.sha256 for i in reading.inputs}["holdout"] == rows.sha256


def test_folds_stand_in_the_report_where_the_training_logged_them() -> None:
    rows, new, old = binary(n=400)
    trained = replace(TRAINED, folds={"auc": (0.71, 0.73, 0.75)})
    reading = compare(Contest(rows, new, old), STANDARD, look(), trained, seed=1).reading
    assert reading is not None
    jsonschema.validate(json.loads(canonical(reading.payload)), SCHEMA)
    assert reading.payload["training"]["folds"] == {"auc": [0.71, 0.73, 0.75]}
    told = {m.metric: (m.value, m.segment, m.n) for m in reading.measurements}
    assert told["training.fold_mean"] == (pytest.approx(0.73), "metric=auc", 3)
    assert told["training.fold_spread"][0] == pytest.approx(0.02)
    without = judged(rows, new, old).reading
    assert without is not None
    assert not {"folds", "start"} & set(without.payload["training"])


def test_what_a_training_began_from_stands_in_the_report() -> None:
    rows, new, old = binary(n=400)
    trained = replace(TRAINED, begun={"warm": True, "words": "its 200 rounds"})
    reading = compare(Contest(rows, new, old), STANDARD, look(), trained, seed=1).reading
    assert reading is not None
    jsonschema.validate(json.loads(canonical(reading.payload)), SCHEMA)
    assert reading.payload["training"]["start"] == {"warm": True, "words": "its 200 rounds"}


def test_an_outsider_computes_the_gain_again() -> None:
    """From the payload alone, by other means: all pairs for the AUC, plain rows for the accuracy."""
    rows, new, old = binary(n=700)
    reading = judged(rows, new, old).reading
    assert reading is not None
    held = json.loads(canonical(reading.payload))
    truth = np.array(held["answers"]["truth"]) == 1
    gaps = []
    for side in ("challenger", "champion"):
        score = np.array(held["answers"][side])
        up, down = score[truth][:, None], score[~truth][None, :]
        gaps.append((up > down) + 0.5 * (up == down))
    gap = gaps[0] - gaps[1]
    error = np.sqrt(
        gap.mean(axis=1).var(ddof=1) / gap.shape[0] + gap.mean(axis=0).var(ddof=1) / gap.shape[1]
    )
    assert held["gain"]["value"] == pytest.approx(gap.mean(), abs=1e-9)
    z = 2.8070337683438042  # of one side of 0.0025
    assert held["gain"]["lo"] == pytest.approx(gap.mean() - z * error, abs=1e-9)


def test_an_outsider_draws_the_bootstrap_of_decisions_again() -> None:
    """Of a decision there are four cells: both right, one right, none; drawn as one table, in sorted order."""
    rows, new, old = binary(n=700)
    reading = judged(rows, new, old, Standard("performance.accuracy")).reading
    assert reading is not None
    held = json.loads(canonical(reading.payload))
    truth = np.array(held["answers"]["truth"]) == 1
    right = [(np.array(held["answers"][s]) >= 0.5) == truth for s in ("challenger", "champion")]
    cells = np.array(
        [(~n & ~o).sum() for n in [right[0], ~right[0]] for o in [right[1], ~right[1]]]
    )
    drawn = np.random.default_rng(reading.seed).multinomial(700, cells / 700, held["gain"]["draws"])
    gains = np.sort((drawn[:, 2] - drawn[:, 1]) / 700)
    rank = int(0.0025 * (len(gains) + 1))
    assert held["gain"]["lo"] == pytest.approx(gains[rank - 1], abs=1e-9)
    assert held["gain"]["p"] == (1 + (gains <= 0).sum()) / (len(gains) + 1)


def test_an_outsider_draws_the_bootstrap_again() -> None:
    rows, new, old = numbers(n=600)
    reading = judged(rows, new, old, Standard("performance.mae")).reading
    assert reading is not None
    held = json.loads(canonical(reading.payload))
    truth, sides = np.array(held["answers"]["truth"]), held["answers"]
    losses = [np.abs(truth - np.array(sides[side])) for side in ("champion", "challenger")]
    weights = np.random.default_rng(reading.seed).poisson(1.0, (held["gain"]["draws"], 600))
    totals = weights.sum(axis=1)
    drawn = np.sort(weights @ losses[0] / totals - weights @ losses[1] / totals)
    rank = int(0.0025 * (len(drawn) + 1))
    assert held["gain"]["lo"] == pytest.approx(drawn[rank - 1], abs=1e-9)
    assert held["gain"]["hi"] == pytest.approx(drawn[-rank], abs=1e-9)
    assert held["gain"]["p"] == (1 + (drawn <= 0).sum()) / (len(drawn) + 1)


def test_an_outsider_computes_the_change_of_an_impact_ratio_again() -> None:
    rows, new, old = with_sex()
    reading = judged(rows, new, old, replace(STANDARD, audit=WOMEN)).reading
    assert reading is not None
    table = reading.payload["fairness"]["sex"]
    assert table["reference"] == ["M"]
    by = {row["group"][0]: row for row in table["groups"]}

    def rate(group: str, only: str) -> float:
        row = by[group]
        return (row["both"] + row[only]) / (row["both"] + row["champion_only"] + row["challenger_only"] + row["neither"])  # fmt: skip

    change = rate("F", "challenger_only") / rate("M", "challenger_only")
    change -= rate("F", "champion_only") / rate("M", "champion_only")
    [number] = [m for m in reading.measurements if m.metric.endswith("impact_ratio_change")]
    assert number.value == pytest.approx(change, abs=1e-9)
    sex, said = rows.rows["sex"].to_numpy(), new.outputs[:, 1] >= 0.5
    assert rate("F", "challenger_only") == pytest.approx(said[sex == "F"].mean(), abs=1e-12)


def test_one_look_may_spend_its_share_alone() -> None:
    assert comparison.share(Standard(alpha=0.05), look(3, 20)) == pytest.approx(0.0025)
    assert bootstrap.draws_for(0.0025) == 4_000
