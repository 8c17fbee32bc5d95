"""Tickets for machines: asked for once under a key, followed, called off; never approved."""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.api.app import build_api
from services.cli import client, main
from services.decisions.recipe.types import Entry, EntryKind
from services.kernel.clock import FixedClock
from services.kernel.error import CountersignError, InvalidInput
from services.people.token.service import Tokens
from services.record.trail.unit_of_work import Store
from tests.integration.api.conftest import Client, bearer
from tests.support.console_services import NAME
from tests.support.office import Office, open_office
from tests.support.recipe_book import RECIPE
from tests.support.tickets import quoted, standing, train_on

WANTED = {"reason": "The winter changed what loans look like.", "parameters": {"trees": "250"}}
PATH = f"/api/v1/models/{NAME}/tickets"


@pytest.fixture
def office(sqlite_store: Store, tmp_path: Path, clock: FixedClock) -> Office:
    made = open_office(sqlite_store, tmp_path, clock, prepare=lambda office: None)
    made.services.tokens, made.services.predictions = Tokens(sqlite_store), None
    train_on(made)
    return made


@pytest.fixture
def api(office: Office) -> Client:
    return Client(build_api(office.services))


@pytest.fixture
def may(office: Office) -> dict[str, str]:
    scopes = ("models:read", "tickets:request")
    return bearer(office.services, *scopes, person_id=office.olga.person_id)


def test_the_same_key_opens_one_and_gives_the_same_answer(
    api: Client, may: dict[str, str], office: Office
) -> None:
    headers = {**may, "Idempotency-Key": "k1"}
    first = api.post(PATH, json=WANTED, headers=headers)
    again = api.post(PATH, json=WANTED, headers=headers)
    assert (first.status_code, again.json()) == (201, first.json())
    told = first.json()
    assert (told["state"], told["model"], told["parameters"]["trees"]) == ("draft", NAME, 250)
    assert len(office.events("ticket:opened")) == 1
    listed = api.get(PATH, headers=may).json()
    assert [each["id"] for each in listed["tickets"]] == [told["id"]]


def test_a_quote_says_amounts_as_text(api: Client, may: dict[str, str], office: Office) -> None:
    made = api.post(PATH, json=WANTED, headers=may).json()
    with office.services.store.reading() as session:
        ticket = office.services.tickets.get(session, made["id"])
    quoted(office, ticket)
    told = api.get(f"{PATH}/{made['id']}", headers=may).json()
    assert told["quote"]["worst"] == {"currency": "USD", "amount": "12.50"}
    assert (told["state"], told["quorum"]) == ("awaiting_approval", {"operator": 1})
    assert told["attempts"] == []
    assert api.get(f"{PATH}/{made['id']}/log", headers=may).status_code == 404
    assert api.get(f"/api/v1/models/other/tickets/{made['id']}", headers=may).status_code == 404


def test_a_change_of_code_is_held_back_like_any_trigger(api: Client, may: dict[str, str]) -> None:
    asked = {**WANTED, "trigger": "code", "key": "c14c8479"}
    assert api.post(PATH, json=asked, headers=may).status_code == 201
    assert api.post(PATH, json=asked, headers=may).status_code == 201, "one commit, one ticket"
    refused = api.post(PATH, json={**asked, "key": "6b62157"}, headers=may)
    assert (refused.status_code, "is open for this model" in refused.text) == (409, True)
    (held,) = api.get(PATH, headers=may).json()["held_back"]
    assert (held["trigger"], held["times"]) == ("code", 1)


def test_new_code_that_the_recipe_does_not_train_opens_nothing_and_says_what_to_do(
    api: Client, may: dict[str, str], office: Office
) -> None:
    old, new = "0a" * 20, "0b" * 20
    entry = Entry(EntryKind.GIT, "https://git.example.org/loans", ("python", "train.py"), old)
    office.services.recipes.recipe = replace(RECIPE, entry=entry)
    asked = {**WANTED, "trigger": "code", "key": new}
    refused = api.post(PATH, json=asked, headers=may)
    assert refused.status_code == 409
    assert f"trains commit {old[:12]}" in refused.text
    office.services.recipes.recipe = replace(RECIPE, entry=replace(entry, commit=new))
    assert api.post(PATH, json=asked, headers=may).status_code == 201


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({**WANTED, "trigger": "drift"}, 422),
        ({**WANTED, "trigger": "nonsense"}, 422),
        ({**WANTED, "reason": "short"}, 422),
        ({**WANTED, "recipe": "unknown"}, 404),
        ({"reason": WANTED["reason"], "parameters": {"tres": "1"}}, 422),
    ],
)
def test_what_cannot_be_asked_is_refused(
    api: Client, may: dict[str, str], wanted: dict[str, Any], status: int
) -> None:
    assert api.post(PATH, json=wanted, headers=may).status_code == status


def test_a_token_without_the_scope_or_without_a_person_opens_nothing(
    api: Client, office: Office
) -> None:
    reading = bearer(office.services, "models:read", person_id=office.olga.person_id)
    nobody = bearer(office.services, "tickets:request")
    assert api.post(PATH, json=WANTED, headers=reading).status_code == 403
    assert api.post(PATH, json=WANTED, headers=nobody).status_code == 403


def test_no_route_approves_a_ticket(api: Client, may: dict[str, str]) -> None:
    made = api.post(PATH, json=WANTED, headers=may).json()
    for verb in ("approve", "sign"):
        answer = api.post(f"{PATH}/{made['id']}/{verb}", json={}, headers=may)
        assert answer.status_code in (404, 405)
    paths = api.get("/api/v1/openapi.json", headers=may).json()["paths"]
    assert f"{PATH.replace(NAME, '{name}')}/{{ticket_id}}/cancel" in paths


def run(*words: str) -> int:
    arguments: argparse.Namespace = main.parser().parse_args(words)
    found: int = arguments.run(arguments)
    return found


@pytest.fixture
def console(api: Client, may: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def get(path: str, **query: Any) -> Any:
        given = {k: v for k, v in query.items() if v is not None}
        return answer(api.get(f"/api/v1{path}", params=given, headers=may))

    def post(path: str, body: bytes, kind: str) -> Any:
        headers = {**may, "Content-Type": kind}
        return answer(api.post(f"/api/v1{path}", content=body, headers=headers))

    def answer(response: Any) -> Any:
        if not response.is_success:
            raise CountersignError(response.json()["detail"])
        return response.json()

    monkeypatch.setattr(client, "get", get)
    monkeypatch.setattr(client, "post", post)


@pytest.mark.usefixtures("console")
def test_the_command_line_opens_shows_lists_and_cancels(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    reason = str(WANTED["reason"])
    run("ticket", "open", NAME, "--reason", reason, "--set", "trees=20", "--json")
    made = json.loads(capsys.readouterr().out)
    assert made["parameters"]["trees"] == 20
    with office.services.store.reading() as session:
        ticket = office.services.tickets.get(session, made["id"])
    quoted(office, ticket)
    run("ticket", "show", NAME, made["id"])
    said = capsys.readouterr().out
    assert "at most 12.50 USD" in said
    assert f"because: {reason}" in said
    assert ("must approve: 1 " in said, "recipe: " in said, "data: 1,200 rows" in said) == (
        True,
    ) * 3
    run("ticket", "open", NAME, "--reason", reason)
    assert f"also open for this model: {made['id']}" in capsys.readouterr().out
    run("ticket", "list", NAME)
    assert made["id"] in capsys.readouterr().out
    run("ticket", "cancel", NAME, made["id"], "--reason", "Nobody needs it now.")
    assert capsys.readouterr().out.startswith("cancelled")
    assert standing(office, ticket).state == "cancelled"
    with pytest.raises(InvalidInput, match="--set NAME=VALUE"):
        run("ticket", "open", NAME, "--reason", reason, "--set", "trees")
