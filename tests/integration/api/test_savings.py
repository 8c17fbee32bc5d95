"""What could cost less and what nothing needs, for machines and the command line: read, and decided for a person."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.api.app import build_api
from services.cli import client, main
from services.facts.storage.types import KeptRun
from services.judgement.saving.types import Confidence, Piece, Proposal, SavingKind, Worth
from services.kernel.clock import FixedClock
from services.kernel.identity import SYSTEM, Role
from services.kernel.money import Money
from services.people.token.service import Tokens
from services.record.trail.unit_of_work import Store
from tests.integration.api.conftest import Client, bearer
from tests.support.console_services import NAME, govern, open_services, person

WORTH = Worth(Money("USD", 18_400_000), Money("USD", 9_000_000), Money("USD", 20_000_000))
IDLE = Proposal(
    SavingKind.IDLE_GPU, NAME, "", "gpu:h100", "GPUs were held and left idle.", ("training",), WORTH,
    Confidence.HIGH, "3 runs", (Piece("runs", "3", "MLflow"),), ("r1",),
)  # fmt: skip


class World:
    """The services, who may, and the command line that asks this process."""

    def __init__(self, services: Any, heard: pytest.MonkeyPatch) -> None:
        self.services, self.api = services, Client(build_api(services))
        self.olga = person(services, "Olga Operator", Role.OPERATOR, Role.OWNER)
        govern(services, self.olga)
        self.token = self.bearer("models:read", "cost:write", person_id=self.olga.person_id)
        heard.setattr(client, "_answer", self.answer)

    def bearer(self, *scopes: str, person_id: str | None = None) -> dict[str, str]:
        return bearer(self.services, *scopes, person_id=person_id)

    def answer(self, method: str, path: str, headers: Any = None, **given: Any) -> Any:
        said = {**(headers or {}), **self.token}
        response = self.api.request(method, f"/api/v1{path}", headers=said, **given)
        assert response.is_success, response.text
        return response.json()

    def run(self, *arguments: str) -> int:
        return main.main(["cost", *arguments])

    def keep(self, run_id: str, size: int | None, **more: Any) -> None:
        ended = self.services.clock.now() - timedelta(days=400)
        kept = KeptRun(run_id, "0", run_id, NAME, size, 7, "", ended, ended, ended)
        self.services.disposals.storage.keep([replace(kept, **more)])


@pytest.fixture
def world(
    sqlite_store: Store, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> World:
    made = open_services(sqlite_store, tmp_path, clock)
    made.tokens, made.predictions = Tokens(sqlite_store), None
    return World(made, monkeypatch)


def test_a_saving_is_listed_dismissed_with_a_reason_and_never_by_a_token_of_nobody(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    unpriced = replace(IDLE, model="", experiment_id="7", worth=None)
    made = world.services.savings.recommend(SYSTEM, [IDLE, unpriced])
    saving_id = made[0].saving_id
    assert world.run("savings", "list") == 0
    said = capsys.readouterr().out
    assert "18.40 USD a month (9.00 to 20.00)" in said
    assert "experiment 7  unpriced" in said
    path = f"/api/v1/cost/savings/{saving_id}/dismiss"
    why = {"reason": "The notebook is gone."}
    assert world.api.post(path, json=why, headers=world.bearer("models:read")).status_code == 403
    assert world.api.post(path, json=why, headers=world.bearer("cost:write")).status_code == 403
    vera = person(world.services, "Vera Viewer", Role.VIEWER)
    hers = world.bearer("cost:write", person_id=vera.person_id)
    assert world.api.post(path, json=why, headers=hers).status_code == 403
    empty = world.api.post(path, json={"reason": " "}, headers=world.token)
    assert (empty.status_code, "why" in empty.json()["detail"]) == (422, True)
    assert world.run("savings", "dismiss", saving_id, "--reason", why["reason"], "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["handled_by"]) == ("dismissed", world.olga.person_id)
    assert world.run("savings", "show", saving_id) == 0
    shown = capsys.readouterr().out
    assert "dismissed: The notebook is gone." in shown
    assert "runs: 3  (MLflow)" in shown
    assert world.run("savings", "done", made[1].saving_id, "--note", "Stopped.") == 0
    assert world.run("savings", "list", "--state", "open") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Nothing is recommended."


def test_what_nothing_needs_is_ordered_away_for_an_operator_and_taken_back(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.keep("small", 10**9)
    world.keep("large", 5 * 10**9)
    world.keep("held", 9 * 10**9, held="lawsuit 4711")
    world.keep("unread", None)
    world.services.prices.publish_sample()
    assert world.run("storage", "list", "--json") == 0
    told = json.loads(capsys.readouterr().out)["runs"]
    assert [each["run_id"] for each in told] == ["held", "large", "small", "unread"]
    assert (told[1]["a_month"]["sample"], told[3]["size"], told[3]["a_month"]) == (True, None, None)
    page = world.api.get("/api/v1/cost/storage?limit=1&spare=true", headers=world.token).json()
    assert [each["run_id"] for each in page["runs"]] == ["large"]
    assert (page["bytes"], page["spare_bytes"]) == (15 * 10**9, 6 * 10**9)
    why = "A trial of last year."
    wanted = {"run_ids": ["large"], "reason": why, "days": 0}
    at_once = world.api.post("/api/v1/cost/storage/orders", json=wanted, headers=world.token)
    assert at_once.status_code == 422
    vera = person(world.services, "Vera Viewer", Role.VIEWER)
    hers = world.bearer("cost:write", person_id=vera.person_id)
    refused = world.api.post(
        "/api/v1/cost/storage/orders", json={**wanted, "days": 7}, headers=hers
    )
    assert refused.status_code == 403
    assert world.run("storage", "order", "large", "--reason", why, "--json") == 0
    [order] = json.loads(capsys.readouterr().out)["orders"]
    assert (order["state"], order["ordered_by"]) == ("ordered", world.olga.person_id)
    assert world.run("storage", "list", "--spare") == 0
    assert f"order {order['id']} waits" in capsys.readouterr().out
    assert world.run("storage", "withdraw", order["id"]) == 0
    assert "Taken back." in capsys.readouterr().out
    assert world.run("storage", "orders", "--state", "ordered") == 0
    assert capsys.readouterr().out == "No orders.\n"
