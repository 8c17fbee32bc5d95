"""Make the pictures of the README from a running demonstration."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext

from tests.support.browser import chromium, settle
from tests.support.workspace import Workspace, running

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
PASSWORD = "correct horse battery staple"
MODEL = "/model?name=mortgage-approval&version="


def sign_in(browser: Browser, console: Workspace, email: str) -> BrowserContext:
    """Return a browser in which a person is signed in."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(console.link(email))
    page.get_by_label("Choose a password").first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    settle(page)
    page.close()
    return context


def shoot(context: BrowserContext, console: Workspace, path: str, name: str, scheme: str) -> None:
    """Take one picture."""
    page = context.new_page()
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(console.url + path)
    settle(page)
    page.wait_for_timeout(2500)
    page.screenshot(path=PICTURES / f"{name}.png")
    page.close()


def main() -> int:
    """Start a demonstration, walk through it, leave pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "workspace") as console:
        console.wait("ready", 300)
        console.wait("idle", 420)
        with chromium() as browser:
            olga = sign_in(browser, console, "olga@demo.example")
            shoot(olga, console, "/", "home-light-1280", "light")
            shoot(olga, console, f"{MODEL}1", "model-light-1280", "light")
            shoot(olga, console, f"{MODEL}2&tab=Fairness", "fairness-dark-1280", "dark")
            page = olga.new_page()
            page.goto(f"{console.url}{MODEL}1")
            settle(page)
            page.get_by_role("textbox", name="Rationale").fill("Passes every clause of the policy.")
            page.get_by_role("button", name="Request review").click()
            settle(page)
            vera = sign_in(browser, console, "vera@demo.example")
            page = vera.new_page()
            page.goto(f"{console.url}/reviews")
            settle(page)
            page.wait_for_timeout(1500)
            target = page.locator("a[href*='review?id=']").first.get_attribute("href") or ""
            shoot(vera, console, "/" + target.lstrip("/"), "review-light-1280", "light")
    return 0


if __name__ == "__main__":
    sys.exit(main())
