"""Watching, put together: what measures windows, and who asks for it."""

from sqlmodel import Session

from services.bootstrap.services import Services
from services.facts.registry.gateway import MlflowGateway
from services.facts.scoring.service import Scorer
from services.kernel.identity import ModelRef
from services.standards.policy.types import Policy
from services.workflows.monitoring.service import Monitoring
from services.workflows.monitoring.types import Parts
from services.workflows.monitoring.watch import Watch


def monitoring(services: Services, gateway: MlflowGateway) -> Monitoring:
    """Return what carries out the watching of versions."""

    def policy(name: str) -> Policy | None:
        with services.store.reading() as session:
            model = services.governance.of(session, name)
            return services.gate.policy(session, name, "champion") if model else None

    return Monitoring(
        Parts(
            store=services.store,
            tasks=services.tasks,
            archive=services.archive,
            evidence=services.evidence,
            registry=services.registry,
            source=gateway,
            scorer=Scorer(),
            windows=services.windows,
            rows=services.prediction_reader,
            policy=policy,
            note=lambda _: "",
            judge=services.alerts.judge,
            jobs=services.settings.home.absolute() / "jobs",
        )
    )


def watch(services: Services) -> Watch:
    """Return what asks for the watching of every version that serves."""

    def has_evaluation(session: Session, ref: ModelRef) -> bool:
        return "performance" in services.evidence.latest_by_kind(session, ref)

    return Watch(
        services.store, services.tasks, services.registry, services.governance, services.windows,
        rows=services.prediction_reader, has_evaluation=has_evaluation,
    )  # fmt: skip
