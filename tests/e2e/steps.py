"""What the journeys have in common: pictures, signatures, and waiting until something came true."""

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD
from tests.support.browser import settle
from tests.support.workspace import Workspace

PICTURES = Path(__file__).parents[2] / "var" / "e2e"


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def champion(console: Workspace, model: str = "mortgage-approval") -> int | None:
    url = f"{console.run['mlflow_url']}/api/2.0/mlflow/registered-models/get"
    held = httpx.get(url, params={"name": model}, timeout=20).json()["registered_model"]
    return {a["alias"]: int(a["version"]) for a in held.get("aliases", [])}.get("champion")


def until(what: Callable[[], bool], seconds: float, words: str) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return
        time.sleep(0.5)
    raise AssertionError(words)


def linked(page: Page, part: str, row: str = "") -> str:
    """Return where the first link leads whose address holds a part, as a path of the console.

    With ``row`` only lines of a list that say it are looked at.
    """
    lines = page.locator("[class*='st-key-cs-row-']").filter(has_text=row)
    link = (lines if row else page).locator(f"a[href*='{part}']").first
    expect(link).to_be_visible()
    parts = urlsplit(link.get_attribute("href") or "")
    return f"/{parts.path.lstrip('/')}?{parts.query}"


def sign(page: Page, decision: str, reason: str) -> None:
    page.get_by_text(decision, exact=True).first.click()
    settle(page)
    page.get_by_role("textbox", name="Reason").fill(reason)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign and record").click()
    settle(page)
