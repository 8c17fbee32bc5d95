"""``countersign budget``: set and ended in the workspace itself, listed over the API."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.cli import client, main, workspace
from services.kernel.clock import FixedClock
from services.kernel.error import CountersignError
from services.kernel.identity import Role
from services.kernel.money import Money
from services.record.trail.unit_of_work import Store
from services.standards.budget.types import Span
from tests.support.console_services import open_services, person

TOLD = {
    "id": "b1", "scope": "team", "name": "lending", "period": "November 2026", "spent": "1.50",
    "amount": "2.00", "currency": "USD", "used_up": False, "unknown": "1 line has no price.",
    "forecast": {"likely": "1.80", "lo": "1.60", "hi": "2.10"},
}  # fmt: skip


def run(*arguments: str) -> int:
    parsed = main.parser().parse_args(arguments)
    return int(parsed.run(parsed))


@pytest.fixture
def services(
    store: Store, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> Any:
    made = open_services(store, tmp_path, clock)
    monkeypatch.setattr(workspace, "opened", lambda: made)
    return made


def test_a_budget_is_set_and_ended(services: Any, capsys: pytest.CaptureFixture[str]) -> None:
    olga = person(services, "Olga Operator", Role.OPERATOR)
    asked = ("budget", "set", "team", "lending", "--amount", "2.50", "--for", "quarter")
    owner = ("--owner", olga.email)
    assert run(*asked, *owner, "--percents", "90", "--only-tell", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["percents"], told["stops"]) == ([90, 100], False)
    with services.store.reading() as session:
        (made,) = services.budgets.all(session)
    assert (made.amount, made.span) == (Money("USD", 2_500_000), Span.QUARTER)
    assert made.owner_id == olga.person_id
    for wrong, words in (
        ((*asked[:3], "nobodies", *asked[4:], *owner), "no team"),
        (("budget", "set", "model", "ghost", "--amount", "1", *owner), "Nobody governs"),
        ((*asked, "--owner", "ghost@example.org"), "Nobody has an account"),
        ((*asked, *owner, "--percents", "most"), "no thresholds"),
    ):
        with pytest.raises(CountersignError, match=words):
            run(*wrong)
    assert run("budget", "end", told["id"]) == 0
    with services.store.reading() as session:
        assert services.budgets.all(session) == []


@pytest.mark.parametrize("used_up", [False, True])
def test_the_list_ends_with_1_when_one_is_used_up(
    used_up: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {"budgets": [{**TOLD, "used_up": used_up}]}
    monkeypatch.setattr(client, "get", lambda path: said if path == "/budgets" else None)
    assert run("budget", "list") == int(used_up)
    assert "1.50 of 2.00 USD  likely 1.80 (1.60 to 2.10)  1 line" in capsys.readouterr().out
    assert run("budget", "list", "--json") == int(used_up)
    assert json.loads(capsys.readouterr().out) == said
