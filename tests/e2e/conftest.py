"""One console with the demonstration, one browser, and people who sign in to it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser import chromium, settle
from tests.support.workspace import Workspace, running

PASSWORD = "correct horse battery staple"
expect.set_options(timeout=45_000)  # a page may draw slowly while other tests run


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The console with its demonstration, measured and idle."""
    home: Path = tmp_path_factory.mktemp("e2e") / "workspace"
    with running(home) as workspace:
        workspace.wait("ready", 300)
        workspace.wait("idle", 600)
        yield workspace


class People:
    """The signed-in people of a test run; each has a browser of their own."""

    def __init__(self, browser: Browser, console: Workspace) -> None:
        self._browser = browser
        self._console = console
        self._contexts: dict[str, BrowserContext] = {}

    def page(self, name: str, scheme: str = "light") -> Page:
        """Return a fresh page of a person's own browser, signed in."""
        if name not in self._contexts:
            self._contexts[name] = self._sign_in(f"{name}@demo.example")
        page = self._contexts[name].new_page()
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        return page

    def open(self, name: str, path: str, scheme: str = "light") -> Page:
        """Return a person's page at a path, drawn."""
        page = self.page(name, scheme)
        page.goto(self._console.url + path)
        settle(page)
        return page

    def close(self) -> None:
        for context in self._contexts.values():
            context.close()

    def _sign_in(self, email: str) -> BrowserContext:
        context = self._browser.new_context(viewport={"width": 1280, "height": 1000})
        page = context.new_page()
        page.goto(self._console.link(email))
        page.get_by_label("Choose a password").first.fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        settle(page)
        page.close()
        return context


@pytest.fixture(scope="session")
def people(browser: Browser, console: Workspace) -> Iterator[People]:
    made = People(browser, console)
    yield made
    made.close()


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """Return the serious violations that axe-core finds on a page."""
    import axe_core_python

    source = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    script = """async () => {
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
      const found = await axe.run(document, {runOnly: {type: 'tag', values: tags}});
      return found.violations.filter(v => ['serious', 'critical'].includes(v.impact))
        .map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | '));
    }"""

    def look(page: Page) -> list[str]:
        page.evaluate(source)
        return page.evaluate(script)

    return look
