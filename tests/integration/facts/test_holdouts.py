"""How often a holdout decides is written down, on each engine."""

import pytest

from services.facts.challenger.service import Holdouts
from services.kernel.error import InvalidInput
from services.kernel.identity import SYSTEM
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store

ROWS, OTHERS = "ab" * 32, "cd" * 32


def test_a_ticket_looks_once_and_every_model_counts_for_itself(store: Store) -> None:
    holdouts = Holdouts()
    numbers: list[int] = []
    for sha256, model, ticket in (
        (ROWS, "loan", "t1"), (ROWS, "loan", "t2"), (ROWS, "loan", "t1"), (ROWS, "churn", "t3"),
        (OTHERS, "loan", "t4"), (ROWS, "loan", "t5"),
    ):  # fmt: skip
        with store.unit(SYSTEM) as unit:
            look = holdouts.look(unit, sha256, model, ticket, 2)
            numbers.append(look.number)
            if ticket == "t5":
                assert look.is_spent
    assert numbers == [1, 2, 1, 1, 1, 3]
    with store.reading() as session:
        assert [each.ticket_id for each in holdouts.looks(session, ROWS, "loan", 2)] == [
            "t1",
            "t2",
            "t5",
        ]
        events = Trail(store).search(session, subject=("model", "loan"))
    assert [e.payload["ticket_id"] for e in reversed(events)] == ["t1", "t2", "t4", "t5"]


def test_a_holdout_without_a_look_is_refused(store: Store) -> None:
    with store.reading() as session, pytest.raises(InvalidInput, match="at least one look"):
        Holdouts().look(session, ROWS, "loan", "t1", 0)  # type: ignore[arg-type]
