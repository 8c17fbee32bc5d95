"""A holdout that has decided as often as the policy allows stops a ticket before it costs anything."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from sqlmodel import Session

from services.decisions.recipe.reading import parse
from services.decisions.retraining.types import Cause, Ticket, TicketState, Trigger
from services.facts.challenger.look import Look
from services.kernel.identity import ModelRef
from services.standards.policy.training import Retraining
from services.workflows.retraining.judging import Judging
from tests.support.recipes import DIGEST, TEXT

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
BASE = ModelRef("mlflow", "default", "flight-delay", 3, "run-3", "models:/m")


class Holdouts:
    """So many looks at one holdout."""

    def __init__(self, number: int) -> None:
        self.number = number

    def looks(self, session: Session, sha256: str, model: str, limit: int) -> list[Look]:
        del session
        assert sha256 == DIGEST
        return [Look(sha256, model, f"t-{n}", n + 1, limit, NOW) for n in range(self.number)]


class Policies:
    """A policy that allows five looks."""

    def policy(self, session: Session, name: str, alias: str) -> Any:
        del session, name, alias
        return type("Policy", (), {"retraining": Retraining(holdout_looks=5)})()


@pytest.mark.parametrize(("looks", "base", "stops"), [(4, BASE, False), (5, BASE, True), (6, BASE, True), (6, None, False)])  # fmt: skip
def test_only_a_ticket_that_the_holdout_could_not_decide_is_stopped(
    looks: int, base: ModelRef | None, stops: bool
) -> None:
    ticket = Ticket(
        "t", "flight-delay", "champion", base, Cause(Trigger.MANUAL, "k", "Why."), "flights", 1,
        "0" * 64, {}, "local", None, None, "", TicketState.DRAFT, "", "p", NOW, "Why.",
    )  # fmt: skip
    nothing: Any = None
    judging = Judging(nothing, nothing, cast("Any", Holdouts(looks)), Policies(), nothing)
    said = judging.spent(nothing, ticket, parse(TEXT.encode()))
    assert ("5 times already" in said, said == "") == (stops, not stops)
