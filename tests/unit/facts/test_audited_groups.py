"""Which groups an audit forms, and Fairlearn's own documented example."""

import numpy as np
import pandas as pd
import pytest

from services.facts.fairness import fairlearn_adapter
from services.facts.fairness.service import Audit, measure
from services.kernel.error import InsufficientEvidence
from services.record.canonical import canonical
from tests.unit.facts.readings import Bools, evaluation, named, people, value

TRUTH = [0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1]
SAID = [0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0]
GROUPS = [*"bbabbcccaacabccbcc"]
DOCUMENTED = {"a": (4, 0.75, 0.5, 1.0), "b": (6, 0.5, 0.6, 0.0), "c": (8, 0.5, 0.4, 2 / 3)}
COUPLES = {
    "y": [1, 0, 1, 0, 1, 0, 1, 0],
    "race": ["W", "W", "W", "B", "B", "B", None, "W"],
    "sex": ["f", "f", "m", "f", "m", "m", "f", None],
}
CHOSEN: Bools = np.array([True, True, False, True, False, True, True, False])


def integers(values: list[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.array(values, dtype=np.int64)


@pytest.mark.parametrize("group", DOCUMENTED)
def test_fairlearns_documented_figures_come_out(group: str) -> None:
    n, selection, tpr, fpr = DOCUMENTED[group]
    found = fairlearn_adapter.rates(integers(TRUTH), integers(SAID), pd.Series(GROUPS))[group]
    assert found.n == n
    assert (found.selection_rate, found.tpr, found.fpr) == pytest.approx((selection, tpr, fpr))


@pytest.mark.parametrize("group", DOCUMENTED)
def test_our_audit_of_fairlearns_example_agrees_with_its_documentation(group: str) -> None:
    n, selection, tpr, fpr = DOCUMENTED[group]
    held = evaluation({"y": TRUTH, "g": GROUPS}, protected=["g"])
    reading = measure(held, np.array(SAID) == 1, Audit(("g",), {"g": "c"}, 1, 1), seed=1)
    where = f"g={group}"
    assert named(reading, "fairness.selection_rate", where).n == n
    assert value(reading, "fairness.selection_rate", where) == pytest.approx(selection)
    assert value(reading, "fairness.tpr", where) == pytest.approx(tpr)
    assert value(reading, "fairness.fpr", where) == pytest.approx(fpr)


def test_groups_belong_to_rows_by_position_whatever_their_index_says() -> None:
    straight = fairlearn_adapter.rates(integers(TRUTH), integers(SAID), pd.Series(GROUPS))
    turned = pd.Series(GROUPS, index=range(17, -1, -1))
    assert fairlearn_adapter.rates(integers(TRUTH), integers(SAID), turned) == straight


def test_an_intersection_is_a_group_for_each_pair_that_occurs() -> None:
    held = evaluation(COUPLES, protected=["race", "sex"])
    reading = measure(held, CHOSEN, Audit(("race*sex",), {}, 1, 1), seed=1)
    counted = {
        tuple(row["group"]): (row["n"], row["selected"])
        for row in reading.payload["tables"]["race*sex"]["groups"]
    }
    assert counted == {
        ("W", "f"): (2, 2), ("W", "m"): (1, 0), ("B", "f"): (1, 1), ("B", "m"): (2, 1),
        ("Unknown", "f"): (1, 1), ("W", "Unknown"): (1, 0),
    }  # fmt: skip
    assert value(reading, "fairness.selection_rate", "race=B&sex=m") == 0.5


def test_a_pair_half_unknown_is_not_tested() -> None:
    held = evaluation(COUPLES, protected=["race", "sex"])
    audit = Audit(("race*sex",), {"race": "W", "sex": "f"}, 1, 1)
    reading = measure(held, CHOSEN, audit, seed=1)
    name = "fairness.impact_ratio_p_adjusted"
    tested = {m.segment for m in reading.measurements if m.metric == name}
    assert tested == {"race=W&sex=m", "race=B&sex=f", "race=B&sex=m"}
    assert reading.payload["tables"]["race*sex"]["reference"] == ["W", "f"]


def test_each_attribute_has_its_own_table() -> None:
    held = evaluation(COUPLES, protected=["race", "sex"])
    reading = measure(held, CHOSEN, Audit(("race", "sex"), {}, 1, 1), seed=1)
    assert list(reading.payload["tables"]) == ["race", "sex"]
    assert value(reading, "fairness.selection_rate", "sex=f") == 1.0


def test_attributes_that_are_not_logged_are_asked_for_by_name() -> None:
    held = evaluation(COUPLES, protected=["sex"])
    with pytest.raises(InsufficientEvidence, match="does not say race, race\\*sex; log it"):
        measure(held, CHOSEN, Audit(("race", "race*sex"), {}, 1), seed=1)


def test_a_text_can_be_the_favourable_outcome() -> None:
    held = evaluation({"y": ["yes", "no", "yes"], "g": ["a", "a", "a"]}, protected=["g"])
    chosen: Bools = np.array([True, True, False])
    reading = measure(held, chosen, Audit(("g",), {}, "yes", 1), seed=1)
    assert value(reading, "fairness.tpr", "g=a") == 0.5
    assert value(reading, "fairness.fpr", "g=a") == 1.0


def test_the_same_audit_twice_gives_the_same_bytes() -> None:
    rows, chosen = people([("White", (20, 4, 5, 11)), (None, (12, 3, 8, 17))])
    audit = Audit(("race",), {}, 1)
    first, second = (measure(rows, chosen, audit, seed=1) for _ in range(2))
    assert canonical(first.payload) == canonical(second.payload)
    assert first.measurements == second.measurements
