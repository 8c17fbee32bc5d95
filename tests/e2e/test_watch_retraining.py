"""A model that drifts is trained anew: ticket, quote, two people, a killed worker, a comparison."""

import json
import os
import re
import signal
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import People
from tests.e2e.steps import champion, linked, picture, sign, until
from tests.support.browser import settle
from tests.support.workspace import Workspace

pytestmark = [pytest.mark.xdist_group("journey"), pytest.mark.timeout(1200)]
FLIGHTS = "flight-delay"


def tickets(console: Workspace) -> list[dict[str, Any]]:
    done = console.command("ticket", "list", FLIGHTS, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["tickets"]
    return found


def state(console: Workspace) -> str:
    return str(opened(console)[0]["state"])


def opened(console: Workspace) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = console.ask(f"/models/{FLIGHTS}/tickets")["tickets"]
    return found


def events(console: Workspace, action: str) -> list[dict[str, Any]]:
    done = console.command("trail", "list", "--action", action, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["events"]
    return found


def raised(console: Workspace) -> list[str]:
    found = console.ask(f"/models/{FLIGHTS}/alerts", state="open", limit="200")
    assert found["next"] is None
    return [each["metric"] for each in found["alerts"] if each["version"] == 1]


def test_drift_opens_one_ticket_and_quotes_it(people: People, console: Workspace) -> None:
    until(lambda: len(opened(console)) == 1, 120, "no ticket was opened for the drift")
    until(lambda: state(console) == "awaiting_approval", 120, "it was not quoted")
    page = people.open("olga", "/tickets")
    expect(page.get_by_role("link", name=re.compile("Kolmogorov")).first).to_be_visible()
    picture(page, "tickets-light-1280")
    page = people.open("olga", f"/tickets?id={tickets(console)[0]['id']}")
    expect(page.get_by_text("Waits for approval").first).to_be_visible()
    expect(page.get_by_text(re.compile("1 operator"))).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    picture(page, "ticket-waits-light-1280")
    assert champion(console, FLIGHTS) == 1


def test_two_people_allow_it_and_it_survives_a_killed_worker(
    people: People, console: Workspace
) -> None:
    review = linked(people.open("otis", f"/tickets?id={tickets(console)[0]['id']}"), "review?id=")
    for who in ("otis", "victor"):
        reason = "The drift is real, the rows are checked and the price is small."
        sign(people.open(who, review), "Approve", reason)
    until(lambda: state(console) == "running", 120, "it does not train")
    os.kill(console.run["pids"]["worker"], signal.SIGKILL)
    until(lambda: state(console) == "registered", 400, "it was not registered")
    (ticket,) = tickets(console)
    assert ticket["result_version"] == 2
    assert len(events(console, "challenger:registered")) == 1
    assert champion(console, FLIGHTS) == 1  # people decide


def test_the_ticket_shows_what_was_compared(people: People, console: Workspace) -> None:
    console.wait("idle", 300)  # its review opens when it was measured
    page = people.open("olga", f"/tickets?id={tickets(console)[0]['id']}")
    expect(page.get_by_role("table", name="What was looked at")).to_be_visible()
    expect(page.get_by_role("link", name="Its review")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    picture(page, "ticket-registered-light-1280")
    page = people.open("olga", f"/model?name={FLIGHTS}&version=2&tab=Retraining")
    expect(page.get_by_text("The recipe as it was published")).to_be_visible()
    picture(page, "recipe-light-1280")


def test_people_promote_it_and_the_alerts_of_its_drift_end(
    people: People, console: Workspace
) -> None:
    page = people.open("olga", f"/model?name={FLIGHTS}&version=2&tab=Card")
    page.get_by_role("button", name="Edit limitations").click()
    settle(page)
    page.get_by_role("textbox", name="Limitations").fill("Three airports, one summer.")
    page.get_by_role("button", name="Save section").click()
    settle(page)
    ticket = people.open("olga", f"/tickets?id={tickets(console)[0]['id']}")
    expect(ticket.get_by_role("link", name="Its review")).to_be_visible()
    page = people.open("victor", linked(ticket, "review?id="))
    expect(page.get_by_role("button", name="Sign and record")).to_be_visible()
    expect(page.get_by_role("checkbox").first).to_be_visible()  # they are drawn last
    for box in page.locator("[data-testid='stCheckbox']").all():
        box.locator("label").click()
        settle(page)
        expect(box.get_by_role("checkbox")).to_be_checked()
    sign(page, "Approve", "It is better on the same held-out flights, and its limits are written.")
    expect(page.get_by_text("Signed and recorded").first).to_be_visible()
    until(lambda: champion(console, FLIGHTS) == 2, 120, "version 2 was not promoted")
    until(lambda: raised(console) == [], 120, "the alerts of version 1 did not end")
