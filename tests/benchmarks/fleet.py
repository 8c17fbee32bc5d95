"""The page of all watched models when a thousand of them were watched for four hundred days."""

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session

from console.views.signals import READ
from services.bootstrap.services import Services, open_services
from services.facts.window.types import Granularity, Monitor, Seen, Watched, WindowMetric
from services.kernel.identity import new_id
from services.settings import read_settings
from tests.benchmarks import models
from tests.benchmarks.figures import Figure, write
from tests.benchmarks.visitor import Visitor, percentile, serving
from tests.support.windows import whole

MODELS, DAYS, UNLABELLED = 1_000, 400, 2
WARM, RUNS = 3, 15
DAY = timedelta(days=1)
_COPIED = {
    "window_seen": "granularity, start, {end}, rows, labelled, stamp, measured_at, closed",
    "window_metric": (
        "granularity, start, {end}, metric, feature, segment, value, lo, hi, floor, n, status, method"
    ),
}


def fill(folder: Path, count: int = MODELS, days: int = DAYS) -> str:
    """Make a workspace of watched models; return the cookie of somebody signed in."""
    cookie = models.fill(folder, count)
    services = open_services(read_settings({"COUNTERSIGN_HOME": str(folder)}))
    last = services.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    with services.store.reading() as session:
        names = [each.name for each in services.registry.models(session)]
        refs = [services.registry.ref(session, name, 7) for name in names]
    columns = (Watched("age", "f_age", "number"),)
    watched = [
        Monitor(new_id(), ref, Granularity.DAY, "classification", columns, "ab" * 32, 4000, last)
        for ref in refs
    ]
    with services.store.operational() as session:
        for each in watched:
            services.windows.begin(session, each, [])
        for place in range(days):
            _file(services, session, watched[0], last - (days - place) * DAY, days - place)
        copied(session, watched)
    return cookie


def _file(services: Services, session: Session, its: Monitor, start: datetime, ago: int) -> None:  # fmt: skip
    """File one day of one monitor; the last days know no outcomes yet."""
    when, known = (start, start + DAY), ago > UNLABELLED
    numbers = [
        WindowMetric(*when, "drift.ks", 0.1, 900, "age", lo=0.09, hi=0.11, floor=0.05),
        *(n for n in whole(when, 0, 900) if known or n.feature or "estimated" in n.metric),
    ]
    seen = Seen(*when, 900, 800 if known else 0, "s", when[1], closed=True)
    services.windows.file(session, its.monitor_id, its.granularity, seen, [], numbers)


def copied(session: Session, watched: Sequence[Monitor]) -> None:
    """Let every monitor have seen what the first one saw."""
    end = session.get_bind().dialect.identifier_preparer.quote("end")
    for table, columns in _COPIED.items():
        names = columns.format(end=end)
        session.execute(
            sa.text(
                f"INSERT INTO {table} (monitor_id, {names}) SELECT m.monitor_id, "
                + ", ".join(f"w.{name.strip()}" for name in names.split(","))
                + f" FROM monitor m CROSS JOIN {table} w WHERE w.monitor_id = :first "
                "AND m.monitor_id <> :first"
            ),
            {"first": watched[0].monitor_id},
        )


def median_of(work: Callable[[], object], times: int = 5) -> float:
    """Return the median of the seconds that something takes."""
    took: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def main() -> None:
    """Measure and write."""
    with tempfile.TemporaryDirectory() as folder:
        cookie = fill(Path(folder))
        services = open_services(read_settings({"COUNTERSIGN_HOME": folder}))
        with services.store.reading() as session:
            its = services.windows.monitors(session)
            newest = median_of(lambda: services.windows.newest(session, its, READ))
            last = median_of(lambda: services.windows.last(session, its))
        with serving(Path(folder)) as web:
            visitor = Visitor(web, cookie)
            for _ in range(WARM):
                visitor.open("monitoring")
            page = percentile([visitor.open("monitoring") for _ in range(RUNS)], 0.95)
            visitor.close()
    write(
        "fleet",
        [
            Figure("fleet_page_ms", page * 1000, "ms", "<= 1000 at 1,000 watched models"),
            Figure("fleet_newest_ms", newest * 1000, "ms", "<= 200 over 400,000 windows"),
            Figure("fleet_last_ms", last * 1000, "ms", "<= 100 over 400,000 windows"),
        ],
    )  # fmt: skip
