"""Alerts for machines: the same as on the page, page by page, and not what people wrote."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.api.app import build_api
from services.cli import client
from services.cli.main import main
from services.kernel.clock import FixedClock
from services.people.token.service import Tokens
from services.record.trail.unit_of_work import Store
from tests.integration.api.conftest import Client, bearer
from tests.support.console_services import NAME, open_services
from tests.support.watching import Watch, watch

SAID = "Anna looks at it."


@pytest.fixture
def house(sqlite_store: Store, tmp_path: Path, clock: FixedClock) -> Watch:
    services = open_services(sqlite_store, tmp_path, clock)
    services.tokens, services.predictions = Tokens(sqlite_store), None
    made = watch(services)
    made.drift(0.3, 0.3, 0.1, 0.1, 0.3, 0.3)
    services.alerts.acknowledge(made.olga, made.open()[0].alert_id, SAID)
    return made


@pytest.fixture
def reader(house: Watch) -> Any:
    api, headers = Client(build_api(house.services)), bearer(house.services, "models:read")

    def get(path: str, **query: Any) -> httpx.Response:
        return api.get(f"/api/v1{path}", params=query, headers=headers)

    return get


def test_alerts_are_listed_oldest_first_with_what_a_machine_needs(reader: Any) -> None:
    first, second = reader("/alerts").json()["alerts"]
    assert (first["state"], first["how"]) == ("resolved", "clear")
    expected = {
        "model": NAME, "version": 1, "rule": "drift", "metric": "drift.ks", "feature": "hrat",
        "segment": "", "state": "acknowledged", "severity": "critical", "value": 0.3, "n": 900,
        "limit": "≤ 0.20", "bound": 0.2, "dedup_key": f"{NAME}:1:drift:drift.ks:hrat:",
    }  # fmt: skip
    assert {key: second[key] for key in expected} == expected
    assert second["raised_at"].endswith("Z")


def test_they_are_chosen_by_model_and_state_and_come_page_by_page(reader: Any) -> None:
    assert len(reader("/alerts", state="open").json()["alerts"]) == 1
    assert len(reader(f"/models/{NAME}/alerts", state="resolved").json()["alerts"]) == 1
    assert reader("/alerts", model="churn-mobile").json()["alerts"] == []
    page = reader("/alerts", limit=1).json()
    rest = reader("/alerts", limit=1, cursor=page["next"]).json()
    assert rest["next"] is None
    assert page["alerts"][0]["id"] < rest["alerts"][0]["id"]


def test_one_alert_comes_with_its_history_and_without_what_people_wrote(reader: Any) -> None:
    alert_id = reader("/alerts", state="open").json()["alerts"][0]["id"]
    told = reader(f"/alerts/{alert_id}")
    assert [each["state"] for each in told.json()["history"]] == ["raised", "acknowledged"]
    assert "Anna" not in told.text


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/alerts", {"state": "lost"}, 422),
        ("/alerts/none", {}, 404),
        ("/models/none/alerts", {}, 404),
        ("/alerts", {"cursor": "§"}, 422),
    ],
)
def test_what_cannot_be_is_a_problem(
    reader: Any, path: str, query: dict[str, str], status: int
) -> None:
    assert reader(path, **query).status_code == status


def test_the_command_prints_every_page(
    reader: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def get(path: str, **query: Any) -> Any:
        asked = {key: value for key, value in query.items() if value is not None}
        return reader(path, **{**asked, **({"limit": 1} if "limit" in asked else {})}).json()

    monkeypatch.setattr(client, "get", get)
    assert main(["alert", "list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["alerts"]
    assert [each["state"] for each in told] == ["resolved", "acknowledged"]
    assert main(["alert", "list", "--model", NAME, "--state", "open"]) == 0
    line = capsys.readouterr().out
    assert "drift.ks hrat  0.300  ≤ 0.20  acknowledged since" in line
    assert main(["alert", "show", told[0]["id"]]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("resolved")
    assert main(["alert", "list", "--model", "churn-mobile"]) == 0
    assert capsys.readouterr().out == "No alerts.\n"
