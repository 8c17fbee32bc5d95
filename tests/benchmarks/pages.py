"""Every page over the demonstration workspace: how long its script runs, and what a light run costs."""

import tempfile
import time
from pathlib import Path
from typing import Any

from services.bootstrap.services import open_services
from services.kernel.identity import SYSTEM
from services.settings import read_settings
from tests.benchmarks.figures import Figure, write
from tests.benchmarks.visitor import Visitor, percentile, serving
from tests.support.workspace import running

PASSWORD = "correct horse battery staple"
MODEL = {"name": "mortgage-approval", "version": "1"}
TABS = ("Card", "Lineage", "Performance", "Fairness", "Explanations", "Decisions", "Evidence", "Activity")  # fmt: skip
WARM, RUNS, LIGHT = 3, 20, 100


def addresses(services: Any) -> list[tuple[str, dict[str, str]]]:
    """Return every page with what stands in its address."""
    with services.store.reading() as session:
        reviews = services.reviews.list(session)
    found = [(name, {}) for name in ("home", "models", "reviews", "trail", "system", "people", "catalogue", "glossary")]  # fmt: skip
    found.append(("model", MODEL))
    found += [("model", {**MODEL, "tab": tab}) for tab in TABS]
    found += [("review", {"id": each.review_id}) for each in reviews[:1]]
    return found


def review(services: Any) -> None:
    """Request a review, so that its page has something to show."""
    from services.decisions.review.types import ReviewForm

    with services.store.reading() as session:
        olga = services.accounts.by_email(session, "olga@demo.example")
        who = services.accounts.principal(session, olga.person_id, "bench", services.clock.now())
    form = ReviewForm("mortgage-approval", 1, "champion", "Passes every clause.", "bench")
    services.reviews.request(who, form)


def cookie(services: Any) -> str:
    """Sign an administrator in who may also read everything, and return the cookie's secret."""
    with services.store.reading() as session:
        chief = services.accounts.by_email(session, "adam@demo.example")
    for role in ("auditor", "validator", "operator"):
        services.accounts.grant(SYSTEM, chief.person_id, role)
    link = services.accounts.link(SYSTEM, chief.person_id)
    return services.sessions.choose_password(link, PASSWORD)


def main() -> None:
    """Measure and write."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "workspace"
        with running(home) as console:
            console.wait("ready", 300)
            console.wait("idle", 420)
        services = open_services(read_settings({"COUNTERSIGN_HOME": str(home)}))
        review(services)
        with serving(home) as web:
            visitor = Visitor(web, cookie(services))
            slowest = ("", 0.0)
            for page, query in addresses(services):
                for _ in range(WARM):
                    visitor.open(page, **query)
                p95 = percentile([visitor.open(page, **query) for _ in range(RUNS)], 0.95)
                print(f"    {page} {query.get('tab', '')}: p95 {p95 * 1000:.0f} ms", flush=True)
                slowest = max(slowest, (f"{page} {query.get('tab', '')}".strip(), p95), key=lambda each: each[1])  # fmt: skip
            light = cost(web, visitor)
            visitor.close()
        goal = f"<= 300 for every page; slowest here: {slowest[0]}"
        write(
            "pages",
            [
                Figure("page_p95_ms", slowest[1] * 1000, "ms", goal),
                Figure("rerun_cpu_ms", light * 1000, "ms", "<= 15 processor time, glossary page"),
            ],
        )


def cost(web: Any, visitor: Visitor) -> float:
    """Return the processor seconds of one run of a light page, what runs anyway taken off."""
    for _ in range(WARM):
        visitor.open("glossary", find="zzz")
    began, before = time.perf_counter(), web.cpu()
    for _ in range(LIGHT):
        visitor.open("glossary", find="zzz")
    used, took = web.cpu() - before, time.perf_counter() - began
    before = web.cpu()
    time.sleep(took)
    return (used - (web.cpu() - before)) / LIGHT
