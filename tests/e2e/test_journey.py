"""From the registry to a signed promotion, and back: in a real browser, on real processes."""

import json
import re
import shutil
import sqlite3
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD, People
from tests.e2e.steps import champion, linked, picture, sign, until
from tests.support.browser import settle
from tests.support.workspace import Workspace

pytestmark = [pytest.mark.xdist_group("journey"), pytest.mark.timeout(900)]

MODEL = "/model?name=mortgage-approval&version=1"
HELD: dict[str, str] = {}


def review_of(people: People, name: str) -> Page:
    return people.open(name, HELD["review"])


def test_nobody_reads_anything_before_signing_in(console: Workspace) -> None:
    for path in (
        "/models",
        "/model?name=mortgage-approval",
        "/people",
        "/system",
        "/_stcore/metrics",
    ):
        answer = httpx.get(console.url + path, headers={"accept": "text/html"}, timeout=20)
        assert answer.status_code in (303, 401, 403, 404), path
        assert "mortgage" not in answer.text


def test_the_owner_requests_a_review(people: People) -> None:
    page = people.open("olga", MODEL)
    expect(page.get_by_role("heading", name="mortgage-approval")).to_be_visible()
    picture(page, "model-light-1280")
    page.get_by_role("textbox", name="Rationale").fill(
        "Passes every clause of the policy; the boosted model does not."
    )
    page.get_by_role("button", name="Request review").click()
    settle(page)
    HELD["review"] = linked(
        people.open("vera", "/reviews"), "review?id=", "Promote mortgage-approval"
    )


def test_the_trainer_reads_why_he_may_not_sign(people: People) -> None:
    page = review_of(people, "ada")
    expect(page.get_by_text("You trained this version.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign and record")).to_have_count(0)


def test_a_card_edited_meanwhile_voids_what_was_on_the_screen(people: People) -> None:
    validator = review_of(people, "victor")
    expect(validator.get_by_role("button", name="Sign and record")).to_be_visible()
    editor = people.open("olga", f"{MODEL}&tab=Card")
    editor.get_by_role("button", name=re.compile("Edit")).first.click()
    settle(editor)
    box = editor.get_by_role("textbox").last
    box.fill("Officers read it before they decide; nobody is denied by it alone.")
    editor.get_by_role("button", name=re.compile("^Save")).first.click()
    settle(editor)
    sign(validator, "Approve", "Looked at the gate and at every group.")
    expect(validator.get_by_text(re.compile("The card was edited"))).to_be_visible()
    with_signature = review_of(people, "victor")
    expect(with_signature.get_by_text("0 of 2 signed", exact=False)).to_be_visible()


def test_validator_and_approver_sign_and_the_alias_moves(
    people: People, console: Workspace
) -> None:
    assert champion(console) is None
    page = review_of(people, "vera")
    picture(page, "review-light-1280")
    sign(page, "Approve", "Looked at the gate, at every group and at the card; it suffices.")
    expect(
        page.get_by_text(re.compile("missing: 1 approver|still missing: approver")).first
    ).to_be_visible()
    assert champion(console) is None
    page = review_of(people, "rosa")
    sign(page, "Approve", "The risk is understood and the validator's work is sound.")
    expect(page.get_by_text(re.compile(r"[0-9a-f ]{64,}")).first).to_be_visible()
    until(lambda: champion(console) == 1, 60, "the alias did not move within a minute")
    done = console.command("trail", "list", "--action", "promotion:applied", "--json")
    assert len(json.loads(done.stdout)["events"]) == 1


def test_the_gate_stops_a_machine_and_lets_it_go_on(console: Workspace) -> None:
    assert (
        console.command("gate", "check", "mortgage-approval", "1", "--alias", "champion").returncode
        == 0
    )
    stopped = console.command(
        "gate", "check", "mortgage-approval", "2", "--alias", "champion", "--json"
    )
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    answer = json.loads(stopped.stdout)
    assert {c["id"]: c["result"].upper() for c in answer["clauses"]}["four-fifths"] == "FAIL"
    assert console.command("gate", "check", "nothing", "1").returncode == 2


def test_the_trail_verifies_and_one_edited_row_is_found(console: Workspace, tmp_path: Path) -> None:
    whole = console.command("trail", "verify")
    assert whole.returncode == 0, whole.stdout + whole.stderr
    copy = tmp_path / "copy.sqlite"
    with (
        sqlite3.connect(console.home / "governance.sqlite") as source,
        sqlite3.connect(copy) as target,
    ):
        source.backup(target)
    with sqlite3.connect(copy) as edited:
        for (name,) in edited.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            edited.execute(f"DROP TRIGGER {name}")
        edited.execute("UPDATE trail_event SET envelope = REPLACE(envelope, 'champion', 'champiom') "
                       "WHERE seq = (SELECT MAX(seq) FROM trail_event WHERE envelope LIKE '%champion%')")  # fmt: skip
    assert console.command("trail", "verify", "--database", f"sqlite:///{copy}").returncode == 1
    shutil.rmtree(tmp_path, ignore_errors=True)
    assert console.command("trail", "verify", "--database", f"sqlite:///{copy}").returncode == 2


def test_an_alias_moved_behind_our_back_is_reported(console: Workspace) -> None:
    with sqlite3.connect(console.home / "mlflow" / "mlflow.db", timeout=30) as store:
        store.execute(
            "UPDATE registered_model_aliases SET version = 2 WHERE name = 'mortgage-approval' AND alias = 'champion'"
        )

    def reported() -> bool:
        events = console.ask("/trail", action="alias:bypassed", limit="100")["events"]
        return any(e["subject"]["id"] == "mortgage-approval" for e in events)

    until(reported, 75, "the move was not reported within 75 seconds")


def test_one_action_rolls_it_back(people: People, console: Workspace) -> None:
    page = people.open("rosa", "/model?name=mortgage-approval&version=2&tab=Decisions")
    picture(page, "decisions-light-1280")
    page.get_by_role("textbox", name="Reason").fill(
        "Nobody approved version 2; version 1 was signed for."
    )
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Roll back").click()
    settle(page)
    until(lambda: champion(console) == 1, 60, "the alias did not come back within a minute")
    assert console.command("trail", "verify").returncode == 0
