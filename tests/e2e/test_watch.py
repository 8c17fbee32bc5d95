"""Production watched: a year of flights, an alert that reaches somebody once, an incident, a suspension and the way back."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from services.kernel.clock import SystemClock
from tests.e2e.conftest import PASSWORD, People
from tests.e2e.steps import champion, linked, picture, sign, until
from tests.support.browser import settle
from tests.support.openmetrics import parse
from tests.support.receiver import Receiver, receiving
from tests.support.workspace import Workspace

pytestmark = [pytest.mark.xdist_group("journey"), pytest.mark.timeout(900)]

FLIGHTS = "/model?name=flight-delay&version=1"
DRIFT = "/monitoring?name=flight-delay"
SLOW, LATENCY_MS, MEGABYTE = 120, 900.0, 1_000_000
HELD: dict[str, str] = {}


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


def told(receiver: Receiver) -> Counter[str]:
    """Return how often a receiver was told of what, without test messages."""
    return Counter(each.json["event"] for each in receiver.got if each.json["event"] != "test")


def answered(console: Workspace, *arguments: str) -> Any:
    """Return what a command prints as JSON."""
    done = console.command(*arguments, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def token(console: Workspace, scope: str) -> dict[str, str]:
    """Return the header of a machine with one scope."""
    done = console.command("token", "create", "--scope", scope, "--name", scope.split(":")[0])
    assert done.returncode == 0, done.stdout + done.stderr
    return {"Authorization": f"Bearer {done.stdout.strip()}"}


def drifts(console: Workspace, *window: str) -> list[float]:
    """Return how far temperatures lay from those the version was trained on, day by day."""
    command = ["drift", "show", "flight-delay", "--feature", "temp", "--metric", "drift.ks"]
    numbers = answered(console, *command, *window)["numbers"]
    return [each["value"] for each in numbers if each["value"] is not None]


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    settle(page)


def test_a_year_of_flights_is_on_the_fleet_and_left_its_limit(
    people: People, console: Workspace
) -> None:
    console.wait("idle", 300)  # what was promoted before is watched by now
    page = people.open("otis", "/monitoring")
    flights = page.get_by_role("row").filter(has_text="flight-delay")
    expect(flights.get_by_text(re.compile(r"\d+ alerts?"))).to_be_visible()
    picture(page, "monitoring-light-1280")
    days = [date.fromisoformat(each["day"]) for each in counted(console)]
    assert days[-1] - days[0] > timedelta(days=270)
    (july,) = drifts(console, "--window", (days[-1] - timedelta(days=130)).isoformat())
    assert july > 0.9
    page = people.open("otis", DRIFT)
    expect(page.get_by_text(re.compile("dates are shifted by"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"\d+ breach"))).to_be_visible()
    expect(page.get_by_role("figure", name=re.compile(r"features by \d+ windows"))).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    picture(page, "drift-light-1280")


def counted(console: Workspace) -> list[dict[str, Any]]:
    return answered(console, "predictions", "count", "flight-delay")["days"]


def test_the_command_line_agrees_with_the_pages(people: People, console: Workspace) -> None:
    alerts = answered(console, "alert", "list", "--state", "open")["alerts"]
    page = people.open("otis", "/alerts")
    expect(page.locator("a[href*='alerts?id=']")).to_have_count(len(alerts))
    links = page.locator("a[href*='alerts?id=']")
    shown = {link.get_attribute("href") for link in links.all()}
    assert {str(each).rpartition("id=")[2] for each in shown} == {each["id"] for each in alerts}
    newest = counted(console)[-1]
    page = people.open("otis", f"{FLIGHTS}&tab=Service")
    expect(page.get_by_text(re.compile(f"n = {newest['rows']:,}"))).to_be_visible()


def test_a_scraper_reads_what_the_pages_show(console: Workspace) -> None:
    url = f"{console.url}/metrics"
    assert httpx.get(url, timeout=20).status_code == 401
    answer = httpx.get(url, headers=token(console, "metrics:read"), timeout=20)
    samples = parse(answer.text)
    asked = frozenset({("model", "flight-delay"), ("version", "1"), ("feature", "temp")})
    assert samples["countersign_drift_ks", asked] == pytest.approx(drifts(console)[-1])
    alerts = answered(console, "alert", "list", "--state", "open")["alerts"]
    told = sum(value for (name, _), value in samples.items() if name == "countersign_alerts_open")
    assert told == len(alerts)


def test_a_feature_is_split_by_carrier(people: People) -> None:
    page = people.open("otis", f"{DRIFT}&feature=temp")
    column = page.get_by_role("combobox", name="Split by")
    column.fill("carrier")
    column.press("Enter")
    settle(page)
    press(page, "Drill down")
    expect(page.get_by_text(re.compile("window by window"))).to_be_visible(timeout=60_000)
    expect(
        page.get_by_role("figure", name=re.compile(r"\d+ segments by \d+ windows"))
    ).to_be_visible()
    page.get_by_text("The numbers behind the segments").click()
    settle(page)
    expect(page.get_by_test_id("stDataFrame").last).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    picture(page, "drill-down-light-1280")


def test_the_report_of_evidently_is_made_and_downloaded(people: People, tmp_path: Path) -> None:
    page = people.open("otis", DRIFT)
    press(page, "Evidently report")
    button = page.get_by_role("button", name="Download the report")
    expect(button).to_be_visible(timeout=150_000)
    with page.expect_download() as coming:
        button.click()
    coming.value.save_as(tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert len(text) > MEGABYTE
    assert "<html" in text[:1000].lower()
    assert "temp" in text
    settle(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_pages_of_drift_are_drawn_without_the_rows(people: People, console: Workspace) -> None:
    rows, away = console.home / "predictions", console.home / "predictions-away"
    rows.rename(away)
    try:
        page = people.open("olga", DRIFT)
        expect(
            page.get_by_role("figure", name=re.compile(r"features by \d+ windows"))
        ).to_be_visible()
        expect(page.get_by_test_id("stException")).to_have_count(0)
    finally:
        away.rename(rows)


def test_a_channel_is_tried_and_then_set(people: People, receiver: Receiver) -> None:
    page = people.open("adam", "/channels?kind=webhook")
    page.get_by_role("textbox", name="Name").fill("pagerduty")
    page.get_by_role("textbox", name="Webhook address").fill(receiver.url)
    page.get_by_role("textbox", name="Signing secret").fill("a secret of the receiver")
    page.get_by_text("It may lead into this network").click()
    press(page, "Send a test message")
    expect(page.get_by_text("The test message reached pagerduty")).to_be_visible()
    assert [each.json["event"] for each in receiver.got] == ["test"]
    press(page, "Save channel")
    expect(page.get_by_role("link", name="pagerduty")).to_be_visible()
    expect(page.get_by_text("secret-words")).to_have_count(0)
    picture(page, "channels-light-1280")


def test_the_version_in_production_is_signed_for(people: People, console: Workspace) -> None:
    page = people.open("olga", FLIGHTS)
    page.get_by_role("textbox", name="Rationale").fill(
        "It serves already; from now on somebody has signed for it."
    )
    press(page, "Request review")
    sign(
        people.open(
            "victor",
            linked(people.open("victor", "/reviews"), "review?id=", "Promote flight-delay"),
        ),
        "Approve",
        "The evidence is sound; the drift of temperature is known and watched.",
    )
    until(lambda: len(applied(console)) == 1, 60, "the promotion was not applied within a minute")
    assert champion(console, "flight-delay") == 1


def applied(console: Workspace) -> list[dict[str, Any]]:
    events = console.ask("/trail", action="promotion:applied", limit="100")["events"]
    return [each for each in events if each["payload"]["model"] == "flight-delay"]


def test_slow_answers_are_told_to_the_receiver_once(console: Workspace, receiver: Receiver) -> None:
    now = SystemClock().now()
    rows = [
        {
            "prediction_id": f"slow-{number}",
            "version": 1,
            "at": (now - timedelta(milliseconds=100 * number)).isoformat(),
            "score": 0.5,
            "latency_ms": LATENCY_MS,
        }
        for number in range(SLOW)
    ]
    answer = httpx.post(
        f"{console.url}/api/v1/models/flight-delay/predictions",
        content="\n".join(json.dumps(row) for row in rows),
        headers={**token(console, "predictions:write"), "Content-Type": "application/x-ndjson"},
        timeout=30,
    )
    assert answer.json() == {"accepted": SLOW, "duplicates": 0, "rejected": []}
    until(
        lambda: told(receiver)["raised"] > 0,
        180,
        "nobody was told of slow answers within three minutes",
    )
    assert told(receiver) == {"raised": 1}
    body = receiver.got[-1].json
    assert body["severity"] == "critical"
    assert body["title"].startswith("flight-delay")
    HELD["alert"] = body["link"].removeprefix(console.url)


def test_the_alert_is_acknowledged_and_becomes_an_incident(people: People) -> None:
    page = people.open("otis", "/alerts")
    page.locator(f"a[href*='{HELD['alert'].rpartition('id=')[2]}']").first.click()
    page.wait_for_url(re.compile(r"/alerts\?id="))
    settle(page)
    page.get_by_role("textbox", name="Reason").fill("The server is being restarted.")
    press(page, "Acknowledge")
    expect(page.get_by_text("You look at it; reminders stop.")).to_be_visible()
    expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0)
    picture(page, "alert-light-1280")
    page.get_by_role("textbox", name="Reason").fill("Answers take a second.")
    press(page, "Open incident")
    page.wait_for_url(re.compile(r"/incidents\?.*id="))
    settle(page)
    HELD["incident"] = page.url


def test_the_incident_is_closed_with_what_was_learned(people: People, console: Workspace) -> None:
    page = people.open("otis", HELD["incident"].removeprefix(console.url))
    page.get_by_role("textbox", name="Reason").fill("It answers in time again.")
    press(page, "Mark as mitigated")
    page.get_by_role("textbox", name="What caused it").fill("One server swapped to its disk.")
    page.get_by_role("textbox", name="What was done").fill("It was restarted with more memory.")
    page.get_by_role("textbox", name="What prevents it").fill("Its memory is pushed and watched.")
    press(page, "Close incident")
    expect(page.get_by_text("What was learned", exact=False).first).to_be_visible()
    picture(page, "incident-light-1280")
    (incident,) = answered(console, "incident", "list", "--state", "closed")["incidents"]
    assert incident["model"] == "flight-delay"


def test_the_operator_suspends_the_version(people: People, console: Workspace) -> None:
    page = people.open("otis", f"{FLIGHTS}&tab=Decisions&suspend=1")
    page.get_by_role("textbox", name="Reason").fill("It announces delays that never come.")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    press(page, "Suspend")
    until(
        lambda: champion(console, "flight-delay") is None,
        60,
        "the alias of the suspended version was not removed within a minute",
    )


def test_whoever_was_told_is_told_once_that_it_is_over(
    console: Workspace, receiver: Receiver
) -> None:
    until(lambda: told(receiver)["resolved"] > 0, 90, "nobody was told that the alert is over")
    assert told(receiver) == {"raised": 1, "resolved": 1}
    assert len({each.json["dedup_key"] for each in receiver.got[1:]}) == 1
    alert = answered(console, "alert", "show", HELD["alert"].rpartition("id=")[2])
    assert [each["state"] for each in alert["history"]] == ["raised", "acknowledged", "resolved"]


def test_the_approver_brings_it_back(people: People, console: Workspace) -> None:
    page = people.open("rosa", f"{FLIGHTS}&tab=Decisions")
    back = page.get_by_role("combobox", name="Back to")
    expect(back).to_have_value(re.compile("ends its suspension"), timeout=60_000)
    page.get_by_role("textbox", name="Reason").fill("Delays were real; the display was wrong.")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    press(page, "Roll back")
    until(
        lambda: champion(console, "flight-delay") == 1,
        60,
        "the alias did not come back within a minute",
    )
    assert console.command("trail", "verify").returncode == 0
