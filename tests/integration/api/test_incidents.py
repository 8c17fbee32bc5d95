"""Incidents for machines: the list, one of them, the clock, and nothing that people wrote but the title."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.api.app import build_api
from services.cli import client
from services.cli.main import main
from services.decisions.incident.types import (
    Harm,
    Incident,
    IncidentForm,
    IncidentState,
    PostMortem,
    Severity,
    Stage,
)
from services.kernel.clock import FixedClock
from services.people.token.service import Tokens
from services.record.trail.unit_of_work import Store
from tests.integration.api.conftest import Client, bearer
from tests.support.console_services import NAME
from tests.support.office import Office, open_office

SAID = "Anna was refused twice."


@pytest.fixture
def office(sqlite_store: Store, tmp_path: Path, clock: FixedClock) -> Office:
    made = open_office(sqlite_store, tmp_path, clock, prepare=lambda office: None)
    made.services.tokens, made.services.predictions = Tokens(sqlite_store), None
    return made


def raised(office: Office, title: str, harm: Harm = Harm.UNKNOWN) -> Incident:
    form = IncidentForm(NAME, 2, title, SAID, Severity.HIGH, harm)
    found: Incident = office.services.incidents.open(office.olga, form, title)
    return found


@pytest.fixture
def two(office: Office) -> tuple[Incident, Incident]:
    """One that is closed, with everything people may write, and one whose clock runs out."""
    incidents, who = office.services.incidents, office.olga
    first, second = raised(office, "First", Harm.DEATH), raised(office, "Second", Harm.WIDESPREAD)
    remedy = incidents.act(who, first.incident_id, SAID, who.person_id, "act")
    incidents.finish(who, remedy.remedy_id)
    incidents.describe(who, first.incident_id, {"affected": SAID})
    incidents.reported(who, first.incident_id, Stage.FINAL, "told")
    incidents.set_state(who, first.incident_id, IncidentState.MITIGATED, SAID)
    incidents.close(who, first.incident_id, PostMortem(SAID, SAID, SAID))
    office.services.clock.advance(timedelta(days=3).total_seconds())
    return first, second


@pytest.fixture
def reader(office: Office) -> Any:
    api, headers = Client(build_api(office.services)), bearer(office.services, "models:read")

    def get(path: str, **query: Any) -> httpx.Response:
        return api.get(f"/api/v1{path}", params=query, headers=headers)

    return get


def test_incidents_are_listed_with_their_clock(reader: Any, two: tuple[Incident, Incident]) -> None:
    first, second = reader("/incidents").json()["incidents"]
    assert [first["id"], second["id"]] == [each.incident_id for each in two]
    assert (first["state"], first["title"], first["version"]) == ("closed", "First", 2)
    assert first["report"]["overdue"] is False
    assert second["report"] == {
        "due_at": "2026-03-16T09:12:00Z", "reported_at": None, "days_left": -1, "overdue": True,
    }  # fmt: skip


def test_they_are_chosen_by_model_and_state_and_come_page_by_page(
    reader: Any, two: tuple[Incident, Incident]
) -> None:
    def ids(**query: Any) -> list[str]:
        return [each["id"] for each in reader("/incidents", **query).json()["incidents"]]

    assert ids(state="unfinished") == ids(state="open") == [two[1].incident_id]
    assert ids(state="closed") == [two[0].incident_id]
    assert ids(model="churn-mobile") == []
    assert reader("/incidents", state="nonsense").status_code == 422
    page = reader("/incidents", limit=1).json()
    assert ids(limit=1, cursor=page["next"]) == [two[1].incident_id]


def test_one_incident_comes_without_what_people_wrote_in_it(
    reader: Any, two: tuple[Incident, Incident]
) -> None:
    told = reader(f"/incidents/{two[0].incident_id}")
    kinds = [each["kind"] for each in told.json()["timeline"]]
    assert kinds == ["note", "action", "report", "state", "state"]
    assert [each["done_at"] is not None for each in told.json()["actions"]] == [True]
    assert "Anna" not in told.text
    assert reader("/incidents/nothing").status_code == 404


def test_the_command_line_says_the_same(
    reader: Any,
    two: tuple[Incident, Incident],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def get(path: str, **query: Any) -> Any:
        return reader(path, **{k: v for k, v in query.items() if v is not None}).json()

    monkeypatch.setattr(client, "get", get)
    assert main(["incident", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["incidents"] == get("/incidents")["incidents"]
    assert main(["incident", "list"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("First  reported 2026-03-14 09:12")
    assert second.endswith("Second  report due 2026-03-16 09:12 (late)")
    one = ["incident", "show", two[0].incident_id]
    assert main(one) == 0
    assert "done" in capsys.readouterr().out
    assert main([*one, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == get(f"/incidents/{two[0].incident_id}")
    assert main(["incident", "list", "--model", "churn-mobile"]) == 0
    assert capsys.readouterr().out == "No incidents.\n"
