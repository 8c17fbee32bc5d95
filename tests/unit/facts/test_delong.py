"""DeLong's paired test against published figures, and against its definition."""

import numpy as np
import pytest

from services.facts.challenger.delong import Difference, difference, placements, quantile

# DeLong, DeLong and Clarke-Pearson 1988: albumin, total protein, K-G score, and who benefits from
# surgery; without the six patients of whom one test is missing, as in SAS/STAT's example of PROC LOGISTIC.
PATIENTS = """
3.0 5.8 10 0  3.2 6.3 5 1  3.9 6.8 3 1  2.8 4.8 6 0  3.2 5.8 3 1  0.9 4.0 5 0  2.5 5.7 8 0
1.6 5.6 5 1  3.8 5.7 5 1  3.7 6.7 6 1  3.2 5.4 4 1  3.8 6.6 6 1  4.1 6.6 5 1  3.6 5.7 5 1
4.3 7.0 4 1  3.6 6.7 4 0  2.3 4.4 6 1  4.2 7.6 4 0  4.0 6.6 6 0  3.5 5.8 6 1  3.8 6.8 7 1
3.0 4.7 8 0  4.5 7.4 5 1  3.7 7.4 5 1  3.1 6.6 6 1  4.1 8.2 6 1  4.3 7.0 5 1  4.3 6.5 4 1
3.2 5.1 5 1  2.6 4.7 6 1  3.3 6.8 6 0  1.7 4.0 7 0  3.7 6.1 5 1  3.3 6.3 7 1  4.2 7.7 6 1
3.5 6.2 5 1  2.9 5.7 9 0  2.1 4.8 7 1  2.8 6.2 8 0  4.0 7.0 7 1  3.3 5.7 6 1  3.7 6.9 5 1
3.6 6.6 5 1
"""
TABLE = np.array(PATIENTS.split(), dtype=float).reshape(-1, 4)
TRUTH = TABLE[:, 3] == 1
ALBUMIN, PROTEIN, K_G = TABLE[:, 0], TABLE[:, 1], -TABLE[:, 2]


def test_areas_and_contrasts_are_those_of_the_paper() -> None:
    """AUC 0.7366, 0.6478, 0.7258; minus K-G: 0.0108 (SE 0.0953) and -0.0780 (SE 0.1046)."""
    albumin, protein, k_g = (placements(TRUTH, each) for each in (ALBUMIN, PROTEIN, K_G))
    assert [round(each.area, 4) for each in (albumin, protein, k_g)] == [0.7366, 0.6478, 0.7258]
    first, second = difference(albumin, k_g), difference(protein, k_g)
    assert (round(first.value, 4), round(first.error, 4)) == (0.0108, 0.0953)
    assert (round(second.value, 4), round(second.error, 4)) == (-0.0780, 0.1046)
    # their two-sided chi-squared p-values are 0.9102 and 0.4561
    assert round(2 * first.p, 4) == 0.9102
    assert round(2 * (1 - second.p), 4) == 0.4561


def by_definition(truth: np.ndarray, one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Return difference and error from all m × n pairs, as DeLong 1988 writes them."""

    def kernel(scores: np.ndarray) -> np.ndarray:
        up, down = scores[truth][:, None], scores[~truth][None, :]
        return (up > down) + 0.5 * (up == down)

    gap = kernel(one) - kernel(other)
    m, n = gap.shape
    v10, v01 = gap.mean(axis=1), gap.mean(axis=0)
    return gap.mean(), np.sqrt(v10.var(ddof=1) / m + v01.var(ddof=1) / n)


@pytest.mark.parametrize("seed", range(5))
def test_midranks_give_what_all_pairs_give(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    truth = drawn.random(300) < 0.3
    one = np.round(drawn.normal(truth * 0.8), 1)  # many ties
    other = np.round(drawn.normal(truth * 0.5), 1)
    found = difference(placements(truth, one), placements(truth, other))
    value, error = by_definition(truth, one, other)
    assert found.value == pytest.approx(value, abs=1e-12)
    assert found.error == pytest.approx(error, abs=1e-12)


def test_one_model_is_not_better_than_itself() -> None:
    same = placements(TRUTH, ALBUMIN)
    assert difference(same, same) == Difference(0.0, 0.0, 1.0)


def test_a_perfect_model_beats_a_constant_one_by_so_many_heads_in_a_row() -> None:
    perfect, constant = placements(TRUTH, TRUTH * 1.0), placements(TRUTH, np.zeros(43))
    assert difference(perfect, constant) == Difference(0.5, 0.0, 0.5**12)


def test_fifty_two_equal_models_a_year_are_promoted_by_luck_unless_looks_are_counted() -> None:
    """The best of many equal models looks better: about four promotions a year that gain nothing."""
    rows, models, years, alpha = 2_000, 52, 80, 0.05
    counted = {"point": 0, "once": 0, "looks": 0}
    for year in range(years):
        drawn = np.random.default_rng(1_000 + year)
        truth = drawn.random(rows) < 0.3
        signal = drawn.normal(truth * 1.0)
        equal = [
            placements(truth, signal + drawn.normal(size=rows) * 0.6) for _ in range(models + 1)
        ]
        for rule in counted:
            champion = equal[0]
            for challenger in equal[1:]:
                found = difference(challenger, champion)
                limit = {"point": 1.0, "once": alpha, "looks": alpha / models}[rule]
                if found.value > 0 and found.p <= limit:
                    champion = challenger
                    counted[rule] += 1
    a_year = {rule: count / years for rule, count in counted.items()}
    assert 3.0 < a_year["point"] < 4.3
    assert 0.2 < a_year["once"] < 0.9
    assert a_year["looks"] < 0.12
    assert quantile(0.975) == pytest.approx(1.959964, abs=1e-6)
