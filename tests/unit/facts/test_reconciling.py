"""A bill and our own lines for the same hours: the sum is the bill's, to the millionth."""

import random
from datetime import date

import pytest

from services.facts.cost import covering, reconciling
from services.facts.cost.compared import Cover, Place
from services.facts.cost.environments import Side
from services.facts.cost.reconciling import Group, Matched
from services.kernel.error import InvalidInput

DAY, NEXT = date(2026, 11, 3), date(2026, 11, 4)


def group(model: str, day: date = DAY, kind: str = "other") -> Group:
    return (day, model, "", kind)


def after(bill: dict[Group, int], own: dict[str, int], found: Matched) -> int:
    return sum(bill.values()) - sum(found.take_back.values()) + sum(own.values()) - found.difference


def test_what_tags_give_to_a_model_is_not_counted_beside_its_own_lines() -> None:
    bill = {group("loan"): 60, group("loan", NEXT): 40, group(""): 50}
    found = reconciling.match(bill, {"loan": 30})
    assert found.take_back == {group("loan"): 18, group("loan", NEXT): 12}
    assert found.lower == {}
    assert (found.billed, found.estimated, found.explained) == (150, 30, 100)
    assert (found.unallocated, found.difference) == (50, 0)


def test_what_nobody_was_given_is_explained_by_our_own_lines() -> None:
    bill = {group(""): 100}
    found = reconciling.match(bill, {"loan": 30, "fraud": 20})
    assert found.take_back == {group(""): 50}
    assert (found.explained, found.unallocated, found.tagged) == (50, 50, 0)


def test_a_bill_below_our_own_lines_lowers_them() -> None:
    bill = {group("loan"): 10, group(""): 30}
    own = {"loan": 40, "fraud": 30}
    found = reconciling.match(bill, own)
    assert found.take_back == {group("loan"): 10, group(""): 30}
    assert found.lower == {"loan": 15, "fraud": 15}
    assert found.unallocated == 0
    assert after(bill, own, found) == 40


def test_a_credit_explains_nothing() -> None:
    bill = {group("loan"): -20, group(""): 30}
    found = reconciling.match(bill, {"loan": 10})
    assert found.take_back == {group(""): 10}
    assert after(bill, {"loan": 10}, found) == 10


def test_the_sum_is_the_bills_whatever_stands_on_both_sides() -> None:
    chance = random.Random(3)
    for _ in range(500):
        names = ["", "a", "b", "c"]
        bill = {
            (chance.choice((DAY, NEXT)), name, "", chance.choice(("other", "storage"))): chance.randrange(10**9)
            for name in names for _ in range(chance.randrange(3))
        }  # fmt: skip
        own = {name: chance.randrange(10**9) for name in names if chance.random() < 0.7}
        found = reconciling.match(bill, own)
        assert after(bill, own, found) == sum(bill.values())
        assert all(0 < micros <= bill[key] for key, micros in found.take_back.items())
        assert all(0 < micros <= own[model] for model, micros in found.lower.items())
        assert 0 <= found.explained <= found.billed


def test_parts_of_a_whole_add_up_to_it() -> None:
    assert reconciling.share(10, {"a": 1, "b": 1, "c": 1}) == {"a": 4, "b": 3, "c": 3}
    assert reconciling.share(2, {"a": 10**18, "b": 1, "c": -5}) == {"a": 2}
    assert reconciling.share(5, {"a": 0}) == {}


def test_what_is_inside_is_compared_first_and_nobody_pays_for_itself() -> None:
    declared = {
        "account": Cover("account", ("cluster", "slurm"), "ada", None),  # type: ignore[arg-type]
        "cluster": Cover("cluster", ("engine",), "ada", None),  # type: ignore[arg-type]
    }
    assert covering.inner_first(["account", "cluster"], declared) == ["engine", "cluster", "slurm", "account"]  # fmt: skip
    with pytest.raises(InvalidInput, match="engine would pay for itself"):
        covering.refuse_circle("engine", ["account"], declared)
    covering.refuse_circle("other", ["account"], declared)


def test_a_bill_is_compared_again_when_a_line_came() -> None:
    place = Place("account", DAY.replace(day=1), "USD", ("account", "engine"))
    sides = [
        Side(place.month, "account", "USD", False, 100, 4),
        Side(place.month, "engine", "USD", True, 30, 2),
        Side(place.month, "engine", "EUR", True, 30, 7),
    ]
    sizes = covering.sizes(place, sides)
    assert sizes == (2, 4)
    assert covering.is_due(place, sizes, None)
    assert covering.is_due(place, (0, 4), None), "what tags explain is told of every bill"
    assert not covering.is_due(place, (2, 0), None)
    assert covering.uncovered(sides, {}) == [sides[1]], "it may be in the bill"
    declared = {"account": Cover("account", ("engine",), "ada", None)}  # type: ignore[arg-type]
    assert covering.uncovered(sides, declared) == []
