"""What the worker's workflows work with, put together over opened services."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from services.bootstrap import training
from services.bootstrap.causes import sources
from services.bootstrap.services import Services
from services.facts.prediction.withheld import Decision
from services.facts.registry.tracking import MlflowTracking
from services.facts.scoring.service import Scorer
from services.kernel.identity import ModelRef
from services.record.task.types import Task
from services.standards.policy.types import Policy
from services.workflows import orders, ticket_orders
from services.workflows.compaction.clearing import Clearing
from services.workflows.drilling.service import Drilling
from services.workflows.feed import telling as feed
from services.workflows.feed.telling import Telling
from services.workflows.measurement.service import Measurement
from services.workflows.measurement.types import Instruments, PolicySource
from services.workflows.monitoring import types as watching
from services.workflows.monitoring.beside import Beside, MarkedRows
from services.workflows.monitoring.pulse import Pulse
from services.workflows.monitoring.service import Monitoring
from services.workflows.monitoring.watch import Watch
from services.workflows.notification import delivering
from services.workflows.notification.delivering import Notifying
from services.workflows.promotion.service import Parts, Promoting
from services.workflows.report import service as reports
from services.workflows.report.service import Reporting
from services.workflows.retraining.quoting import Quoting
from services.workflows.retraining.service import Retraining
from services.workflows.retraining.sweeping import Sweeping
from services.workflows.triggering.sources import Sources
from services.workflows.types import StepFailed


@dataclass(frozen=True)
class Work:
    """Every durable workflow of this release."""

    measurement: Measurement
    promoting: Promoting
    monitoring: Monitoring
    reporting: Reporting
    notifying: Notifying
    telling: Telling
    quoting: Quoting
    retraining: Retraining
    sweeping: Sweeping
    sources: Sources

    def register(
        self, begin: Callable[[str], bool], *others: Callable[[orders.Step], None]
    ) -> None:
        """Register the workflows; ``begin`` marks a task as running."""
        orders.register(
            begin,
            self.measurement,
            self.promoting,
            orders.monitoring(self.monitoring),
            orders.report(self.reporting),
            orders.notification(self.notifying),
            orders.feed(self.telling),
            ticket_orders.ticket_quote(self.quoting),
            ticket_orders.retraining(self.retraining),
            ticket_orders.source_look(self.sources),
            *others,
        )

    def abandon(self, task: Task, words: str) -> None:
        """End a task whose workflow gave up, in words for people."""
        failure = StepFailed("IntegrityBroken", words)
        end: dict[str, Callable[[str, StepFailed], Any]] = {
            "promotion": self.promoting.fail,
            "notification": self.notifying.fail,
            "monitoring": self.monitoring.abandon,
            "drift_report": self.reporting.abandon,
            "feed": self.telling.abandon,
            "ticket_quote": self.quoting.abandon,
            "retraining": self.retraining.abandon,
            "source_look": self.sources.abandon,
        }
        end.get(task.kind, self.measurement.abandon)(task.task_id, failure)


def working(services: Services, gateway: MlflowTracking) -> Work:
    """Return what carries out the workflows over these services."""
    home, policy = services.settings.home.absolute(), _policy(services)
    measurement = Measurement(
        Instruments(
            services.store, services.tasks, services.evidence, services.registry, gateway, Scorer(),
            policy, services.archive, home / "jobs",
        )
    )  # fmt: skip
    promoting = Promoting(
        Parts(
            services.store, services.tasks, services.promotions, services.reviews, gateway,
            home / "jobs", home / "jobs" / "locks",
        )
    )  # fmt: skip
    reporting = Reporting(
        reports.Parts(
            services.store, services.tasks, services.archive, services.windows,
            services.prediction_reader, home / "jobs",
        )
    )  # fmt: skip
    telling = Telling(
        feed.Parts(
            services.store, services.tasks, services.feeds, services.predictions, gateway,
            home / "jobs",
        )
    )  # fmt: skip
    parts = training.tickets(services, gateway)
    return Work(
        measurement, promoting, _monitoring(services, gateway), reporting, notifying(services), telling,
        Quoting(parts), Retraining(parts), Sweeping(parts, services.registry), sources(services),
    )  # fmt: skip


def notifying(services: Services) -> Notifying:
    """Return what brings messages to channels."""
    return Notifying(
        delivering.Parts(
            services.store, services.tasks, services.channels, services.settings.console_url
        )
    )


def drilling(services: Services) -> Drilling:
    """Return what answers short questions about production."""
    return Drilling(services.store, services.windows, services.prediction_reader)


def clearing(services: Services) -> Clearing:
    """Return what lets go of rows that nobody needs any more."""
    return Clearing(
        services.store, services.tasks, services.deliveries, services.pushed, services.custodies,
        services.prediction_reader,
    )  # fmt: skip


def pulse(services: Services) -> Pulse:
    """Return what looks at the last five minutes."""
    return Pulse(services.store, services.windows, services.prediction_reader, services.pushed)


def watch(services: Services) -> Watch:
    """Return what asks for the watching of every version that serves."""

    def has_evaluation(session: Session, ref: ModelRef) -> bool:
        return "performance" in services.evidence.latest_by_kind(session, ref)

    return Watch(
        services.store, services.tasks, services.registry, services.governance, services.windows,
        rows=MarkedRows(services.prediction_reader, _beside(services)),
        has_evaluation=has_evaluation,
    )  # fmt: skip


def _monitoring(services: Services, gateway: MlflowTracking) -> Monitoring:
    beside = _beside(services)
    return Monitoring(
        watching.Parts(
            store=services.store,
            tasks=services.tasks,
            archive=services.archive,
            evidence=services.evidence,
            registry=services.registry,
            source=gateway,
            scorer=Scorer(),
            windows=services.windows,
            rows=MarkedRows(services.prediction_reader, beside),
            policy=_policy(services),
            note=services.feeds.note,
            business=beside,
            decisions=_decisions(services),
            judge=services.alerts.judge,
            jobs=services.settings.home.absolute() / "jobs",
        )
    )


def _decisions(services: Services) -> Callable[[str], list[Decision]]:
    def decisions(name: str) -> list[Decision]:
        with services.store.reading() as session:
            return services.custodies.decisions(session, name)

    return decisions


def _beside(services: Services) -> Beside:
    return Beside(
        services.store, services.targets, services.pushed, services.prediction_reader,
        _policy(services),
    )  # fmt: skip


def _policy(services: Services) -> PolicySource:
    def policy(name: str) -> Policy | None:
        with services.store.reading() as session:
            model = services.governance.of(session, name)
            return services.gate.policy(session, name, "champion") if model else None

    return policy
