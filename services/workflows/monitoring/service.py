"""The steps of watching one version; each may be done again and files the same once."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from services.facts.window import callers
from services.facts.window.rules import window_of
from services.facts.window.types import Monitor
from services.kernel.error import Conflict
from services.kernel.identity import ModelRef
from services.kernel.period import Period
from services.workflows.measurement.journal import Journal
from services.workflows.monitoring import attribution, daily
from services.workflows.monitoring.gathering import MOST, Sample
from services.workflows.monitoring.making import make
from services.workflows.monitoring.measuring import Found, Measuring
from services.workflows.monitoring.past import Past, before, first_of
from services.workflows.monitoring.plan import due
from services.workflows.monitoring.rows import own
from services.workflows.monitoring.types import Due, Parts
from services.workflows.types import StepFailed, Stopped

TOGETHER, AT_ONCE = 10, 200
"""Windows of one step that measures, and of one that plans: what a step returns must stay small."""
KEPT = 4


class Monitoring:
    """Watches one version for one task: makes its monitor, measures its windows, files closed days."""

    def __init__(self, parts: Parts) -> None:
        self._at = parts
        self._measuring: dict[str, Measuring] = {}

    # the steps, in their order

    def prepare(self, task_id: str) -> dict[str, Any]:
        """Make the monitor of the version where there is none; return its id."""
        ref, journal = self._ref(task_id), self._journal(task_id)
        with self._at.store.reading() as session:
            known = [m for m in self._at.windows.of_model(session, ref.name) if m.ref == ref]
        if known:
            return {"monitor_id": known[0].monitor_id}
        journal.say(0.02, f"Making the monitor of {ref.label} from its evaluation set")
        monitor = make(self._at, ref, self._folder(task_id), journal.stopping)
        journal.say(0.1, f"{len(monitor.columns)} columns are watched")
        return {"monitor_id": monitor.monitor_id}

    def plan(self, task_id: str, monitor_id: str, after: str) -> dict[str, Any]:
        """Return the next windows to measure, some at a time, oldest first; see :func:`in_parts`.

        Parameters
        ----------
        after
            When the last window that was planned begins; empty for none.
        """
        with self._at.store.reading() as session:
            monitor = self._at.windows.monitor(session, monitor_id)
            seen = self._at.windows.seen(session, monitor)
        tallies = self._at.rows.tallies(monitor.ref.name, date.min)
        now = self._at.store.clock.now()
        told = [_told(w) for w in due(tallies, seen, monitor.granularity, now, monitor.made_at)]
        told = [each for each in told if each["start"] > after]
        words = f"{len(told):,} windows to measure" if told else "Nothing more to measure"
        self._journal(task_id).say(None if after else 0.1, words)
        first = told[:AT_ONCE]
        parts = [first[start : start + TOGETHER] for start in range(0, len(first), TOGETHER)]
        return {"parts": parts, "left": len(told) - len(first)}

    def measure(
        self, task_id: str, monitor_id: str, windows: list[dict[str, Any]], share: float
    ) -> list[str]:
        """Measure some windows and store what was found; return which of them were over.

        Raises
        ------
        Stopped
            When somebody asked to.
        """
        journal = self._journal(task_id)
        measuring = self._of(monitor_id)
        name, closed, held = measuring.monitor.ref.name, list[str](), dict[date, pa.Table]()
        for each in map(_untold, windows):
            if journal.stopping():
                raise Stopped
            if each.rows > MOST and len(each.days) > 1:
                self._measure_long(measuring, each)
            else:
                held = {d: held[d] if d in held else self._at.rows.day(name, d) for d in each.days}
                self._measure(measuring, each, list(held.values()))
            if each.closed and each.rows:
                closed.append(each.period.start.isoformat())
        journal.say(share, f"Measured to {windows[-1]['end'][:16].replace('T', ' ')}")
        return closed

    def attribute(self, task_id: str, monitor_id: str, start: str) -> None:
        """Explain the version again on rows of one window, the newest that is over."""
        measuring, journal = self._of(monitor_id), self._journal(task_id)
        monitor, folder = measuring.monitor, self._folder(task_id)
        period = window_of(datetime.fromisoformat(start), monitor.granularity)
        journal.say(0.96, f"Explaining rows of {start[:10]} in the sandbox")
        last = (period.end - timedelta(microseconds=1)).date()
        drawn = Sample()
        for each in self._at.rows.tallies(monitor.ref.name, period.start.date()):
            if each.day <= last:
                day = self._at.rows.day(monitor.ref.name, each.day)
                drawn.add(own([day], monitor.ref.version, period))
        rows = drawn.rows()
        number = attribution.measure(
            self._at,
            monitor,
            measuring.reference,
            rows,
            period,
            folder=folder,
            should_stop=journal.stopping,
        )
        if number is not None:
            with self._at.store.operational() as session:
                self._at.windows.add(session, monitor.monitor_id, monitor.granularity, number)

    def conclude(self, task_id: str, monitor_id: str, closed: Sequence[str]) -> None:
        """File the newest closed windows as evidence, hold all against the limits, end the task."""
        journal, monitor = self._journal(task_id), self._of(monitor_id).monitor
        for start in closed[-daily.NEWEST :]:
            filed = daily.file(self._at, task_id, monitor, datetime.fromisoformat(start))
            if filed:
                journal.say(None, f"Filed {', '.join(filed)} of {start[:10]}")
        self._at.judge(monitor)
        journal.say(1.0, f"Done: {len(closed):,} closed windows measured")
        result = {"monitor_id": monitor_id, "windows": len(closed)}
        self._at.tasks.succeed(task_id, result, journal.archive())
        shutil.rmtree(self._folder(task_id), ignore_errors=True)

    def abandon(self, task_id: str, failure: StepFailed) -> None:
        """End a task that failed or was stopped."""
        self._journal(task_id).end(failure)
        shutil.rmtree(self._folder(task_id), ignore_errors=True)

    # inside

    def _measure(self, measuring: Measuring, due: Due, days: Sequence[pa.Table]) -> None:
        monitor = measuring.monitor
        rows = own(days, monitor.ref.version, due.period)
        past = self._past(monitor, due)
        found = measuring.window(rows, due, self._at.store.clock.now(), past)
        found.numbers.extend(self._at.business(monitor, rows, due.period))
        self._file(monitor, due, found)

    def _measure_long(self, measuring: Measuring, due: Due) -> None:
        """Measure a window a day at a time; figures of the business are those of a sample, scaled up."""
        monitor = measuring.monitor
        days = (
            own([self._at.rows.day(monitor.ref.name, day)], monitor.ref.version, due.period)
            for day in due.days
        )
        past = self._past(monitor, due)
        found, rows = measuring.long(days, due, self._at.store.clock.now(), past)
        each_is = found.seen.rows / max(1, rows.num_rows)
        found.numbers.extend(self._at.business(monitor, rows, due.period, each_is))
        self._file(monitor, due, found)

    def _past(self, monitor: Monitor, due: Due) -> Past:
        found = before(self._at.store, self._at.windows, monitor, due.period.start)
        return replace(found, decisions=self._at.decisions(monitor.ref.name))

    def _file(self, monitor: Monitor, due: Due, found: Found) -> None:
        with self._at.store.operational() as session:
            self._at.windows.file(
                session, monitor.monitor_id, monitor.granularity, found.seen, found.profiles,
                found.numbers,
            )  # fmt: skip
            first = first_of(monitor, due.period.start)
            callers.file(session, monitor, due.period.start, found.callers, first)

    def _of(self, monitor_id: str) -> Measuring:
        """Return what measures a monitor's windows; the last few are kept, each with its reference."""
        found = self._measuring.pop(monitor_id, None) or self._opened(monitor_id)
        self._measuring[monitor_id] = found
        if len(self._measuring) > KEPT:
            del self._measuring[next(iter(self._measuring))]
        return found

    def _opened(self, monitor_id: str) -> Measuring:
        with self._at.store.reading() as session:
            monitor = self._at.windows.monitor(session, monitor_id)
            stored = self._at.windows.binnings(session, monitor_id)
        return Measuring.of(monitor, self._at.archive.get(monitor.reference_sha256), stored)

    def _ref(self, task_id: str) -> ModelRef:
        payload: Mapping[str, Any] = self._at.tasks.get(task_id).payload
        with self._at.store.reading() as session:
            ref = self._at.registry.ref(session, str(payload["name"]), int(payload["version"]))
        if ref.run_id != payload["run_id"]:
            raise Conflict(f"{ref.label} is another version now: it was deleted and made again.")
        return ref

    def _folder(self, task_id: str) -> Path:
        return self._at.jobs / task_id

    def _journal(self, task_id: str) -> Journal:
        return Journal(self._at.tasks, self._at.archive, task_id, self._at.jobs)


def _told(due: Due) -> dict[str, Any]:
    return {
        "start": due.period.start.isoformat(),
        "end": due.period.end.isoformat(),
        "days": [each.isoformat() for each in due.days],
        "rows": due.rows,
        "labelled": due.labelled,
        "stamp": due.stamp,
        "closed": due.closed,
    }


def _untold(told: Mapping[str, Any]) -> Due:
    period = Period(datetime.fromisoformat(told["start"]), datetime.fromisoformat(told["end"]))
    days = tuple(date.fromisoformat(each) for each in told["days"])
    return Due(period, days, told["rows"], told["labelled"], told["stamp"], told["closed"])
