"""The bias audit against tables counted by hand."""

import math

import numpy as np
import pytest
from scipy import stats

from services.facts.evidence.types import MeasurementStatus, Reading
from services.facts.fairness.service import Audit, measure
from services.facts.fairness.statistics import (
    below_four_fifths,
    equal_rates_p,
    holm,
    katz,
    none_chosen,
)
from services.kernel.error import InsufficientEvidence, InvalidInput
from tests.unit.facts.readings import Cells, evaluation, named, people, value

WHITE: Cells = (20, 4, 5, 11)  # 24 of 40 selected, 25 positives, 15 negatives
BLACK: Cells = (12, 3, 8, 17)  # 15 of 40 selected, 20 positives, 20 negatives
ASIAN: Cells = (6, 4, 14, 16)  # 10 of 40 selected
OK, TOO_FEW = MeasurementStatus.OK, MeasurementStatus.TOO_FEW
NOT_ESTIMABLE = MeasurementStatus.NOT_ESTIMABLE


def audited(
    *cells: tuple[str | None, Cells], reference: str | None = None, least: int = 30
) -> Reading:
    rows, chosen = people(cells)
    wanted = {} if reference is None else {"race": reference}
    return measure(rows, chosen, Audit(("race",), wanted, 1, least), seed=1)


def status(reading: Reading, metric: str, segment: str) -> tuple[MeasurementStatus, float | None]:
    found = named(reading, metric, segment)
    return found.status, found.value


def adjusted(reading: Reading) -> dict[str, float | None]:
    name = "fairness.impact_ratio_p_adjusted"
    return {m.segment: m.value for m in reading.measurements if m.metric == name and m.status is OK}


def chi_square_p(chosen: int, reference: int) -> float:
    """Return p for two groups of forty, by the formula for one degree of freedom."""
    cross = chosen * (40 - reference) - (40 - chosen) * reference
    both = chosen + reference
    return math.erfc(math.sqrt(80 * cross**2 / (40 * 40 * both * (80 - both)) / 2))


@pytest.mark.parametrize(
    ("group", "rate", "hits", "n"),
    [
        ("White", "selection_rate", 24, 40),
        ("White", "tpr", 20, 25),
        ("White", "fpr", 4, 15),
        ("White", "precision", 20, 24),
        ("Black", "selection_rate", 15, 40),
        ("Black", "tpr", 12, 20),
        ("Black", "fpr", 3, 20),
        ("Black", "precision", 12, 15),
    ],
)
def test_every_rate_is_the_count_and_wilsons_interval(
    group: str, rate: str, hits: int, n: int
) -> None:
    reading = audited(("White", WHITE), ("Black", BLACK), least=15)
    found = named(reading, f"fairness.{rate}", f"race={group}")
    interval = stats.binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert (found.value, found.n, found.level) == (hits / n, n, 0.95)
    assert (found.lo, found.hi) == pytest.approx((interval.low, interval.high), abs=1e-12)


def test_the_impact_ratio_and_its_interval_can_be_computed_by_hand() -> None:
    reading = audited(("White", WHITE), ("Black", BLACK), reference="White")
    found = named(reading, "fairness.impact_ratio", "race=Black")
    spread = 1.959964 * math.sqrt(1 / 15 - 1 / 40 + 1 / 24 - 1 / 40)
    assert found.value == pytest.approx(0.625)
    assert found.lo == pytest.approx(0.625 * math.exp(-spread), rel=1e-6)
    assert found.hi == pytest.approx(0.625 * math.exp(spread), rel=1e-6)


def test_katz_interval_is_scipys_interval_of_a_relative_risk() -> None:
    theirs = stats.contingency.relative_risk(15, 40, 24, 40)
    interval = theirs.confidence_interval(0.95)
    expected = (theirs.relative_risk, interval.low, interval.high)
    assert katz(15, 40, 24, 40) == pytest.approx(expected, rel=1e-9)


def test_the_reference_group_is_the_one_the_standard_names() -> None:
    reading = audited(("White", WHITE), ("Black", BLACK), reference="Black")
    assert value(reading, "fairness.impact_ratio", "race=White") == pytest.approx(1.6)
    assert named(reading, "fairness.impact_ratio", "race=Black").method == "reference"
    assert reading.payload["tables"]["race"]["reference"] == ["Black"]


def test_without_a_named_reference_the_largest_known_group_is_it() -> None:
    reading = audited(("White", WHITE), ("Black", (12, 3, 8, 18)), (None, (30, 30, 30, 30)))
    assert reading.payload["tables"]["race"]["reference"] == ["Black"]


def test_a_reference_group_nobody_belongs_to_is_refused() -> None:
    with pytest.raises(InvalidInput, match="No row belongs to the reference group 'Green'"):
        audited(("White", WHITE), ("Black", BLACK), reference="Green")


@pytest.mark.parametrize(("tn", "expected"), [(6, TOO_FEW), (7, OK)])
def test_twenty_nine_people_are_too_few_and_thirty_are_not(
    tn: int, expected: MeasurementStatus
) -> None:
    reading = audited(("White", WHITE), ("Black", (12, 3, 8, tn)), reference="White")
    for metric in ("selection_rate", "impact_ratio"):
        found, held = status(reading, f"fairness.{metric}", "race=Black")
        assert found is expected
        assert (held is None) is (expected is TOO_FEW)
    assert status(reading, "fairness.impact_ratio_p_adjusted", "race=Black")[0] is expected


def test_too_few_people_are_counted_all_the_same() -> None:
    reading = audited(("White", WHITE), ("Black", (1, 1, 0, 1)))
    table = {row["group"][0]: row for row in reading.payload["tables"]["race"]["groups"]}
    assert (table["Black"]["n"], table["Black"]["selected"]) == (3, 2)


def test_too_small_a_reference_group_leaves_no_ratio() -> None:
    reading = audited(("White", (5, 2, 1, 1)), ("Black", BLACK), reference="White")
    for group in ("White", "Black"):
        expected = (TOO_FEW, None)
        assert status(reading, "fairness.impact_ratio", f"race={group}") == expected


def test_a_group_without_positives_has_no_true_positive_rate() -> None:
    reading = audited(("White", WHITE), ("Black", (0, 15, 0, 25)))
    assert status(reading, "fairness.tpr", "race=Black") == (NOT_ESTIMABLE, None)
    assert value(reading, "fairness.fpr", "race=Black") == 0.375


def test_a_group_without_negatives_has_no_false_positive_rate() -> None:
    reading = audited(("White", WHITE), ("Black", (15, 0, 25, 0)))
    assert status(reading, "fairness.fpr", "race=Black") == (NOT_ESTIMABLE, None)
    assert value(reading, "fairness.tpr", "race=Black") == 0.375


def test_a_group_nobody_is_chosen_from_has_a_ratio_of_zero_with_room_above_it() -> None:
    reading = audited(("White", WHITE), ("Black", (0, 0, 20, 20)), reference="White")
    ratio = named(reading, "fairness.impact_ratio", "race=Black")
    assert (ratio.value, ratio.lo) == (0.0, 0.0)
    exact = stats.binomtest(0, 40).proportion_ci(0.95, method="exact")
    assert ratio.hi == pytest.approx(exact.high / 0.6, abs=1e-12)
    assert status(reading, "fairness.precision", "race=Black") == (NOT_ESTIMABLE, None)


def test_when_everybody_is_chosen_all_groups_are_equal() -> None:
    reading = audited(("White", (20, 20, 0, 0)), ("Black", (15, 25, 0, 0)), reference="White")
    assert value(reading, "fairness.impact_ratio", "race=Black") == 1.0
    assert value(reading, "fairness.selection_rate", "race=Black") == 1.0
    assert adjusted(reading) == {"race=Black": 1.0}


def test_when_nobody_is_chosen_there_is_no_ratio() -> None:
    reading = audited(("White", (0, 0, 20, 20)), ("Black", (0, 0, 15, 25)), reference="White")
    assert status(reading, "fairness.impact_ratio", "race=Black") == (NOT_ESTIMABLE, None)
    assert status(reading, "fairness.precision", "race=White") == (NOT_ESTIMABLE, None)
    assert value(reading, "fairness.selection_rate", "race=White") == 0.0


def test_people_who_do_not_say_are_counted_and_not_judged() -> None:
    reading = audited(("White", WHITE), ("Black", BLACK), (None, (1, 1, 30, 30)), reference="White")
    table = {row["group"][0]: row for row in reading.payload["tables"]["race"]["groups"]}
    assert (table["Unknown"]["n"], table["Unknown"]["selected"]) == (62, 2)
    assert set(adjusted(reading)) == {"race=Black"}


def test_a_column_nobody_filled_in_is_not_measured() -> None:
    with pytest.raises(InsufficientEvidence, match="No row says its race"):
        audited((None, WHITE))


def test_one_group_alone_is_its_own_reference_and_is_not_tested() -> None:
    reading = audited(("White", WHITE))
    assert value(reading, "fairness.selection_rate", "race=White") == 0.6
    assert named(reading, "fairness.impact_ratio", "race=White").method == "reference"
    assert adjusted(reading) == {}


def test_p_values_are_adjusted_over_the_groups_that_can_be_tested() -> None:
    reading = audited(
        ("White", WHITE), ("Black", BLACK), ("Asian", ASIAN), ("Few", (0, 0, 5, 5)), (None, ASIAN),
        reference="White",
    )  # fmt: skip
    black, asian = chi_square_p(15, 24), chi_square_p(10, 24)
    assert (round(black, 3), round(asian, 4)) == (0.044, 0.0015)
    expected = {"race=Asian": 2 * asian, "race=Black": black}
    assert adjusted(reading) == pytest.approx(expected, rel=1e-9)


def test_an_adjusted_p_value_never_falls_below_a_smaller_ones() -> None:
    assert holm([0.03, 0.02, 0.9]) == pytest.approx([0.06, 0.06, 0.9])
    assert holm([0.5, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


def test_small_expected_counts_are_tested_exactly() -> None:
    ways = 2 * (math.comb(10, 0) * math.comb(10, 7) + math.comb(10, 1) * math.comb(10, 6))
    assert equal_rates_p(1, 10, 6, 10) == pytest.approx(ways / math.comb(20, 7))


def test_exactly_four_fifths_is_never_below_and_one_person_less_always_is() -> None:
    for n in range(1, 200):
        assert not below_four_fifths(4 * n, 7 * n, 5 * n, 7 * n)
        assert below_four_fifths(4 * n - 1, 7 * n, 5 * n, 7 * n)


def test_a_rate_needs_enough_of_what_it_is_a_share_of() -> None:
    reading = audited(("White", WHITE), ("Black", (12, 3, 8, 17)))  # 20 positives, 20 negatives
    for metric in ("tpr", "fpr", "precision"):
        assert status(reading, f"fairness.{metric}", "race=Black") == (TOO_FEW, None)
    assert status(reading, "fairness.selection_rate", "race=Black")[0] is OK


def test_too_small_a_reference_group_leaves_no_test_either() -> None:
    reading = audited(("White", (5, 2, 1, 1)), ("Black", BLACK), (None, ASIAN), reference="White")
    name = "fairness.impact_ratio_p_adjusted"
    assert status(reading, name, "race=Black") == (TOO_FEW, None)
    assert [m.segment for m in reading.measurements if m.metric == name] == ["race=Black"]


def test_groups_that_are_too_few_do_not_make_the_others_harder_to_tell() -> None:
    alone = audited(("White", WHITE), ("Black", BLACK), reference="White")
    reading = audited(("White", WHITE), ("Black", BLACK), ("Few", (1, 1, 1, 1)), reference="White")
    assert adjusted(reading) == adjusted(alone)
    name = "fairness.impact_ratio_p_adjusted"
    assert status(reading, name, "race=Few") == (TOO_FEW, None)


@pytest.mark.parametrize("n", [1, 30, 400])
def test_of_nobody_chosen_the_exact_two_sided_end_is_told(n: int) -> None:
    exact = stats.binomtest(0, n).proportion_ci(0.95, method="exact")
    assert none_chosen(n) == pytest.approx(exact.high, rel=1e-12)
    assert (1 - none_chosen(n)) ** n == pytest.approx(0.025)


def test_a_reference_group_of_which_nobody_is_selected_compares_with_nothing() -> None:
    reading = audited(("White", (0, 0, 20, 20)), ("Black", BLACK), reference="White")
    for group in ("White", "Black"):
        found = status(reading, "fairness.impact_ratio", f"race={group}")
        assert found == (NOT_ESTIMABLE, None)


def test_a_favourable_value_that_no_row_has_is_refused() -> None:
    rows, chosen = people((("White", WHITE), ("Black", BLACK)))
    for favourable in ("1", 2, "approved"):
        with pytest.raises(InsufficientEvidence, match="No row has the favourable outcome"):
            measure(rows, chosen, Audit(("race",), {}, favourable, 30), seed=1)


def test_not_one_decision_a_row_is_refused() -> None:
    rows, chosen = people((("White", WHITE), ("Black", BLACK)))
    with pytest.raises(InsufficientEvidence, match="79 decisions for 80 rows"):
        measure(rows, chosen[1:], Audit(("race",), {}, 1, 30), seed=1)
    for wrong in (chosen.reshape(-1, 1), np.array(True)):
        with pytest.raises(InsufficientEvidence, match="decisions for 80 rows"):
            measure(rows, wrong, Audit(("race",), {}, 1, 30), seed=1)


def test_a_group_may_have_any_name() -> None:
    reading = audited(("White\x1fmale", WHITE), ("a&b=c", BLACK))
    assert {m.segment for m in reading.measurements} == {"race=White%20male", "race=a%26b%3Dc"}
    named_so = audited(("White\x1fmale", WHITE), ("Black", BLACK), reference="White\x1fmale")
    assert named_so.payload["tables"]["race"]["reference"] == ["White male"]


def test_a_pair_nobody_belongs_to_is_named_in_words() -> None:
    held = evaluation(
        {"y": [0, 1], "race": ["B", "B"], "sex": ["f", "m"]}, protected=["race", "sex"]
    )
    audit = Audit(("race*sex",), {"race": "White", "sex": "male"}, 1, 1)
    with pytest.raises(InvalidInput, match="the reference group 'White and male' of race"):
        measure(held, np.array([True, False]), audit, seed=1)
