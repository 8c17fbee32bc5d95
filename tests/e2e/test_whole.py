"""All of it after the journeys: every page in both schemes, and what the web process holds in the end."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import People
from tests.e2e.steps import linked, picture
from tests.support.browser import settle
from tests.support.workspace import Workspace

pytestmark = [pytest.mark.xdist_group("journey"), pytest.mark.timeout(900)]

MODEL = "/model?name=mortgage-approval&version=1"
PAGES = {
    "olga": [
        "/",
        "/models",
        MODEL,
        f"{MODEL}&tab=Card",
        f"{MODEL}&tab=Fairness",
        f"{MODEL}&tab=Performance",
        f"{MODEL}&tab=Retraining",
        "/tickets?open=1",
        "/cost",
        f"{MODEL}&tab=Cost",
    ],
    "vera": ["/reviews", f"{MODEL}&tab=Decisions", f"{MODEL}&tab=Evidence"],
    "otis": [
        "/monitoring",
        "/monitoring?name=flight-delay",
        "/alerts",
        "/incidents",
        "/model?name=flight-delay",
        "/model?name=flight-delay&tab=Drift",
        "/model?name=flight-delay&tab=Service",
        "/model?name=flight-delay&tab=Decisions&suspend=1",
        "/engines",
        "/cost?tab=Budgets",
        "/cost?tab=Savings",
        "/cost?tab=Prices",
        "/cost?tab=Bills",
    ],
    "adam": ["/people", "/system", "/trail", "/catalogue", "/glossary", "/channels"],
}
LISTS = {
    "vera": [("/reviews", "review?id=")],
    "otis": [
        ("/alerts", "alerts?id="),
        ("/incidents", "incidents?id="),
        ("/tickets", "tickets?id="),
    ],
}
"""Where pages are listed whose addresses hold an id, and what all those addresses hold."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_pages_have_no_serious_violation_and_no_sideways_scroll(
    people: People, axe: Callable[[Page], list[str]], name: str, scheme: str
) -> None:
    found: dict[str, list[str]] = {}
    listed = [linked(people.open(name, path), part) for path, part in LISTS.get(name, ())]
    for path in [*PAGES[name], *listed]:
        page = people.open(name, path, scheme)
        page.wait_for_timeout(300)
        slug = re.sub(r"\W+", "-", re.sub("id=.*", "one", path)).strip("-") or "home"
        picture(page, f"{slug}-{scheme}")
        assert page.get_by_test_id("stException").count() == 0, path
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
        violations = axe(page)
        if violations:  # what is faded while a page draws itself anew is judged once it is drawn
            settle(page)
            page.wait_for_timeout(300)
            violations = axe(page)
        violations += ["sideways scroll"] if wide else []
        if violations:
            found[path] = violations
        page.close()
    assert found == {}


def test_what_is_not_permitted_is_neither_listed_nor_reachable(people: People) -> None:
    page = people.open("ada", "/")
    expect(page.get_by_role("link", name="People")).to_have_count(0)
    page = people.open("ada", "/people")
    expect(page.get_by_role("button", name=re.compile("Disable|Create"))).to_have_count(0)
    expect(page.get_by_text("victor@demo.example")).to_have_count(0)


def test_after_every_page_was_opened_the_web_process_holds_nothing_heavy(
    console: Workspace,
) -> None:
    maps = Path(f"/proc/{console.run['pids']['web']}/maps").read_text(encoding="utf-8")
    for library in ("sklearn", "shap", "numba", "llvmlite", "mlflow", "fairlearn", "skops"):
        assert f"/{library}/" not in maps, library
