"""A model in production in a test: a monitor, windows filed by hand, channels that lead nowhere."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.facts.window.types import (
    Granularity,
    Monitor,
    Seen,
    Watched,
    WindowMetric,
)
from services.kernel.clock import FixedClock
from services.kernel.identity import SYSTEM, ModelRef, Role, Tier, new_id
from services.people.account.types import Principal
from services.record.task.types import Task
from services.record.trail.types import TrailEvent
from services.standards.channel.types import Destination, Kind
from tests.support.console_services import NAME, govern, measure, person

DAY = timedelta(days=1)
POLICY = """policy: credit-and-hiring
version: %d
applies_to: {tier: [high]}
evidence: {performance: {min_n: 1}}
review: {quorum: {validator: 1}}
monitoring:
  remind_hours: %d
  rules:
    - {id: drift, metric: drift.ks, over: 0.2, windows: 2 of 3, resolve_at: 0.16, severity: critical, channels: [slack, pager], runbook: retrain, then: review}
    - {id: worse, metric: performance.accuracy, below_baseline: 0.05, severity: warning, channels: [slack]}
    - {id: slow, metric: service.latency_p95_ms, over: 120, granularity: 5min, min_n: 50, cooldown_hours: 1, channels: [pager]}
    - {id: silence, silent_hours: 26, channels: [slack]}
"""


@dataclass
class Watch:
    """The house of a model that serves; ``olga`` owns it."""

    services: Any
    olga: Principal
    monitor: Monitor

    def file(
        self,
        at: datetime,
        *numbers: WindowMetric,
        rows: int = 900,
        granularity: Granularity = Granularity.DAY,
        monitor: Monitor | None = None,
    ) -> None:
        """File all that is known of the window that begins at an instant."""
        length = DAY if granularity is Granularity.DAY else timedelta(minutes=5)
        now = self.services.clock.now()
        seen = Seen(at, at + length, rows, 0, new_id(), now, at + length <= now)
        held = (monitor or self.monitor).monitor_id
        with self.services.store.operational() as session:
            self.services.windows.file(session, held, granularity, seen, [], list(numbers))

    def drift(self, *values: float, feature: str = "hrat") -> None:
        """Let a day pass for each value, and file its distance; then look."""
        for value in values:
            start = midnight(self.services.clock)
            self.services.clock.advance(DAY.total_seconds())
            number = WindowMetric(
                start, start + DAY, "drift.ks", value, 900, feature=feature, lo=value - 0.001,
                hi=value, floor=0.045,
            )  # fmt: skip
            self.file(start, number)
            self.services.alerts.look()

    def open(self) -> list[Any]:
        with self.services.store.reading() as session:
            return self.services.alerts.open(session)

    def all(self) -> list[Any]:
        with self.services.store.reading() as session:
            return self.services.alerts.find(session)

    def told(self) -> list[tuple[str, str]]:
        """Return which events were wished to be told, to which channel, in order."""
        with self.services.store.reading() as session:
            tasks: list[Task] = [
                task
                for alert in self.services.alerts.find(session)
                for task in self.services.tasks.of_subject(session, "alert", alert.alert_id, 100)
            ]
        ordered = sorted(tasks, key=lambda task: task.task_id)
        return [(str(t.payload["event"]), str(t.payload["channel"])) for t in ordered]

    def events(self, word: str) -> list[TrailEvent]:
        """Return the events of alerts that bear a word, newest first."""
        with self.services.store.reading() as session:
            return self.services.trail.search(session, action=f"alert:{word}")


def midnight(clock: FixedClock) -> datetime:
    now = clock.now()
    return datetime(now.year, now.month, now.day, tzinfo=UTC)


def monitor_of(ref: ModelRef, at: datetime) -> Monitor:
    watched = (Watched("hrat", "f_hrat", "number"),)
    return Monitor(new_id(), ref, Granularity.DAY, "classification", watched, "ab" * 32, 796, at)


def watch(services: Any, *, remind_hours: int = 0, channels: bool = True) -> Watch:
    """Return a governed model of which version 1 serves since midnight under rules of its own."""
    olga = person(services, "Olga Owner", Role.OWNER)
    govern(services, olga, Tier.HIGH)
    measure(services, 1)
    services.policies.publish(SYSTEM, (POLICY % (2, remind_hours)).encode())
    if channels:
        for name, kind in (("slack", Kind.SLACK), ("pager", Kind.PAGERDUTY)):
            url = {"url": "https://example.org/hook/3f9a"}
            services.channels.set_as(SYSTEM, Destination(name, kind, {}, url))
    with services.store.reading() as session:
        ref = services.registry.ref(session, NAME, 1)
    monitor = monitor_of(ref, midnight(services.clock))
    with services.store.operational() as session:
        services.windows.begin(session, monitor, [])
    return Watch(services, olga, monitor)
