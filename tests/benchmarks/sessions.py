"""A house full of people: how long each waits for a page, with and without rows coming in, and the first visit.

Notes
-----
People think for five seconds on average, then do one thing: 60 of 100 times something on the same page,
20 times another filter, 15 times another page, 5 times the drift page of a model. What the first
page of each visitor takes is not counted. The generator runs on the same machine.
"""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
from playwright.sync_api import Browser, BrowserContext, Page

from services.bootstrap.services import Services, open_services
from services.kernel.identity import SYSTEM, Role
from services.settings import read_settings
from tests.benchmarks import ingest, models
from tests.benchmarks.figures import Figure, write
from tests.benchmarks.visitor import Visitor, Web, percentile, serving
from tests.support.browser import chromium
from tests.support.windows import watch

SECONDS, THINK = 60.0, 5.0
MODELS, WATCHED, DAYS, PEOPLE = 40, 4, 60, 20
ROWS_A_SECOND = 500
LINE_BYTES, LATENCY_MS = 5e6 / 8, 20
RERUN, FILTER, SWITCH = 0.60, 0.80, 0.95
EMAIL = "olga@test.example"
CHOICES = ("Feature", "Compare with")
PAGES = ("home", "models", "model", "reviews", "monitoring", "alerts", "glossary")


@dataclass
class Person:
    """Somebody at work, and how long they waited each time."""

    visitor: Visitor
    chance: np.random.Generator
    waited: list[float] = field(default_factory=list[float])

    def work(self, until: float) -> None:
        """Arrive, then think and act in turn until a time."""
        time.sleep(self.chance.uniform(0, THINK))
        self.visitor.open("home")
        while (pause := self.chance.uniform(0.5, 1.5) * THINK) + time.perf_counter() < until:
            time.sleep(pause)
            self.waited.append(self._act())

    def _act(self) -> float:
        drawn = self.chance.random()
        if drawn < RERUN:
            return self.visitor.again()
        if drawn < FILTER:
            return self._filter()
        page = str(self.chance.choice(PAGES)) if drawn < SWITCH else "monitoring"
        if page == "model" or drawn >= SWITCH:
            return self.visitor.open(page, name=self._name())
        return self.visitor.open(page)

    def _filter(self) -> float:
        """Choose another value on this page; where there is nothing to choose, filter the models."""
        if "Find" in self.visitor.fields:
            return self.visitor.choose("Find", self._name())
        chosen = next((each for each in CHOICES if each in self.visitor.fields), None)
        if chosen is None:
            return self.visitor.open("models", find=self._name())
        return self.visitor.choose(
            chosen, str(self.chance.choice(self.visitor.fields[chosen].options))
        )

    def _name(self) -> str:
        return f"model-{self.chance.integers(WATCHED):04d}"


def fill(folder: Path) -> tuple[list[str], str]:
    """Make a workspace of governed models, some of them watched; return cookies and a token."""
    cookies = [models.fill(folder, MODELS)]
    services = open_services(read_settings({"COUNTERSIGN_HOME": str(folder)}))
    for place in range(WATCHED):
        watch(services, f"model-{place:04d}", 7, DAYS, features=4)
    cookies += [_colleague(services, place) for place in range(PEOPLE - 1)]
    return cookies, services.tokens.create(SYSTEM, "line", ["predictions:write"])


def _colleague(services: Services, place: int) -> str:
    made = services.accounts.create(SYSTEM, f"pat{place}@test.example", f"Pat {place}")
    services.accounts.grant(SYSTEM, made.person_id, Role.VALIDATOR)
    link = services.accounts.link(SYSTEM, made.person_id)
    return services.sessions.choose_password(link, models.PASSWORD)


def busy(web: Web, cookies: list[str], count: int, seconds: float = SECONDS) -> float:
    """Return the 95th percentile of the seconds that so many people wait for what they did."""
    people = [
        Person(Visitor(web, cookies[place % len(cookies)]), np.random.default_rng(place))
        for place in range(count)
    ]
    for page in PAGES:
        people[0].visitor.open(page, **({"name": "model-0000"} if page == "model" else {}))
    until, before = time.perf_counter() + seconds, web.cpu()
    threads = [threading.Thread(target=each.work, args=(until,)) for each in people]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    waited = [each for person in people for each in person.waited]
    for each in people:
        each.visitor.close()
    used = (web.cpu() - before) / seconds
    print(f"    {count} people acted {len(waited)} times; {used:.2f} of a processor", flush=True)
    return percentile(waited, 0.95)


@contextmanager
def coming_in(web: Web, token: str) -> Iterator[list[int]]:
    """Send rows through the web process, each second as many, until the block is left."""
    over, sent = threading.Event(), [0]

    def send() -> None:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
        generator = np.random.default_rng(0)
        with httpx.Client(base_url=web.url, headers=headers, timeout=60) as client:
            began = time.perf_counter()
            while not over.wait(max(0.0, began + sent[0] / ROWS_A_SECOND - time.perf_counter())):
                body = ingest.batch(0, sent[0], generator, rows=ROWS_A_SECOND)
                answer = client.post("/api/v1/models/model-0000/predictions", content=body)
                assert answer.json()["accepted"] == ROWS_A_SECOND, answer.text[:500]
                sent[0] += ROWS_A_SECOND

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield sent
    finally:
        over.set()
        thread.join()


def slow(browser: Browser, cookie: str = "", url: str = "") -> tuple[BrowserContext, Page]:
    """Return a browser that knows nothing yet, on a line of 5 Mbit a second."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    if cookie:
        context.add_cookies([{"name": "countersign", "value": cookie, "url": url}])
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": LATENCY_MS, "downloadThroughput": LINE_BYTES,
         "uploadThroughput": LINE_BYTES},
    )  # fmt: skip
    return context, page


def first_visit(web: Web, cookie: str) -> tuple[float, float]:
    """Return the seconds from the address to Home, typing left out, and to a first figure."""
    with chromium() as browser:
        context, page = slow(browser)
        began = time.perf_counter()
        page.goto(web.url)
        page.get_by_label("E-mail").wait_for()
        took = time.perf_counter() - began
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("Password").fill(models.PASSWORD)
        began = time.perf_counter()
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Home").wait_for()
        took += time.perf_counter() - began
        context.close()
        context, page = slow(browser, cookie, web.url)
        began = time.perf_counter()
        page.goto(f"{web.url}/monitoring?name=model-0000")
        page.locator(".js-plotly-plot .main-svg").first.wait_for()
        return took, time.perf_counter() - began


def main() -> None:
    """Measure and write."""
    with tempfile.TemporaryDirectory() as folder:
        cookies, token = fill(Path(folder))
        with serving(Path(folder)) as web:
            visits = [first_visit(web, cookies[0]) for _ in range(3)]
            alone = busy(web, cookies, 100)
            with coming_in(web, token) as sent:
                beside = busy(web, cookies, 50)
    front, figure = (sorted(each)[1] for each in zip(*visits, strict=True))
    write(
        "sessions",
        [
            Figure("sessions_100_p95_ms", alone * 1000, "ms", "<= 500"),
            Figure(
                "sessions_50_with_ingest_p95_ms", beside * 1000, "ms",
                f"<= 500 beside {ROWS_A_SECOND} rows a second; {sent[0]:,} came in",
            ),
            Figure("front_page_s", front, "s", "<= 3 for sign-in and Home at 5 Mbit/s"),
            Figure("plotly_page_s", figure, "s", "<= 7 for a first figure at 5 Mbit/s"),
        ],
    )  # fmt: skip
