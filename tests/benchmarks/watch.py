"""Looking for what must be measured when a thousand models were watched for four hundred days."""

import os
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from services.bootstrap.services import Services, open_services
from services.bootstrap.work import watch
from services.facts.prediction.journal import Journal
from services.facts.prediction.types import Row, Stream
from services.facts.window.types import Granularity, Monitor, Seen, Watched
from services.kernel.identity import new_id
from services.settings import read_settings
from services.workflows.monitoring.plan import due
from services.workflows.monitoring.types import Tally
from tests.benchmarks import models
from tests.benchmarks.figures import Figure, write
from tests.benchmarks.fleet import copied

MODELS, DAYS, ROWS = 1_000, 400, 3
DAY = timedelta(days=1)


def rows(day: date) -> list[Row]:
    """Return the predictions of a day."""
    at = datetime.fromisoformat(f"{day}T09:00:00+00:00")
    return [
        Row(f"{day}-{n}", at, {"version": 7, "at": at.isoformat(), "score": 0.5, "f_age": n})
        for n in range(ROWS)
    ]


def outcomes(day: date) -> list[Row]:
    """Return what was true of the predictions of a day."""
    at = datetime.fromisoformat(f"{day}T18:00:00+00:00")
    return [Row(f"{day}-{n}", at, {"outcome": 1, "at": at.isoformat()}) for n in range(ROWS)]


def fill(folder: Path) -> Services:
    """Make a workspace in which every window was measured."""
    models.fill(folder, MODELS)
    services = open_services(read_settings({"COUNTERSIGN_HOME": str(folder)}))
    now = services.clock.now()
    first, *others = _begun(services, now - DAYS * DAY)
    journal = Journal(services.settings.journal)
    for place in range(DAYS, 0, -1):
        day, over = (now - place * DAY).date(), now - (place - 1) * DAY
        journal.keep(first.ref.name, Stream.PREDICTIONS, day, rows(day), over)
        journal.keep(first.ref.name, Stream.OUTCOMES, over.date(), outcomes(day), over)
    tallies = services.prediction_reader.tallies(first.ref.name)
    assert [each.labelled for each in tallies] == [ROWS] * DAYS
    _link(journal, first, others)
    _remembered(services, first, others)
    seen = [
        Seen(w.period.start, w.period.end, w.rows, w.labelled, w.stamp, now, w.closed)
        for w in due(_marked(services, first), [], first.granularity, now, first.made_at)
    ]
    with services.store.operational() as session:
        for each in seen:
            services.windows.file(session, first.monitor_id, first.granularity, each, [], [])
        copied(session, [first, *others])
    return services


def _begun(services: Services, made_at: datetime) -> list[Monitor]:
    with services.store.reading() as session:
        names = [each.name for each in services.registry.models(session)]
        serving = [(n, set(services.registry.aliases(session, n).values())) for n in names]
        refs = [services.registry.ref(session, n, v) for n, its in serving for v in its]
    columns = (Watched("age", "f_age", "number"),)
    found = [
        Monitor(new_id(), ref, Granularity.DAY, "classification", columns, "ab" * 32, 4000, made_at)
        for ref in refs
    ]
    with services.store.operational() as session:
        for each in found:
            services.windows.begin(session, each, [])
    return found


def _marked(services: Services, its: Monitor) -> list[Tally]:
    return list(watch(services)._rows.tallies(its.ref.name, date.min))


def _link(journal: Journal, first: Monitor, others: list[Monitor]) -> None:
    """Let the other models hold the very files of the first one: they are only read."""
    for stream in (Stream.PREDICTIONS, Stream.OUTCOMES):
        for day in journal.days(first.ref.name, stream):
            held = journal.path(first.ref.name, stream, day)
            for each in others:
                place = journal.path(each.ref.name, stream, day)
                place.parent.mkdir(parents=True, exist_ok=True)
                os.link(held, place)


def seconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _remembered(services: Services, first: Monitor, others: list[Monitor]) -> None:
    """Let the others' segments be known as those of the first one are: they are the same files."""
    for stream in (Stream.PREDICTIONS, Stream.OUTCOMES):
        folder = services.settings.journal / "seen" / stream
        told = (folder / f"model={first.ref.name}.json").read_bytes()
        for each in others:
            (folder / f"model={each.ref.name}.json").write_bytes(told)


def live(services: Services) -> None:
    """Let a row of today come in of every model."""
    at = services.clock.now()
    row = Row("now", at, {"version": 7, "at": at.isoformat(), "score": 0.5, "f_age": 1})
    with services.store.reading() as session:
        names = {each.ref.name for each in services.windows.monitors(session)}
    journal = Journal(services.settings.journal)
    for name in names:
        journal.keep(name, Stream.PREDICTIONS, at.date(), [row], at)
    journal.close()


def main() -> None:
    """Measure and write."""
    with tempfile.TemporaryDirectory() as folder:
        services = fill(Path(folder))
        looking = watch(services)
        first, idle = seconds(looking.unasked), seconds(looking.unasked)
        live(services)
        busy = seconds(looking.unasked)
    write(
        "watch",
        [
            Figure("watch_first_s", first, "s", "<= 60 after a start, 1,000 models, 400 days"),
            Figure("watch_idle_ms", idle * 1000, "ms", "<= 3000 where nothing came in"),
            Figure("watch_live_ms", busy * 1000, "ms", "<= 10000 where a row of each came in"),
        ],
    )
