"""What one worker works out of costs for all, put together over opened services."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel import Session

from services.bootstrap.charging import charging, served
from services.bootstrap.services import Services
from services.bootstrap.storing import disposing, weighing
from services.facts.cost.by_version import Made
from services.facts.registry.artifacts import MlflowArtifacts
from services.facts.registry.histories import MlflowHistories
from services.facts.registry.types import Run
from services.judgement.saving.types import Proposal
from services.kernel.error import NotFound
from services.workflows.costing import asking as askings
from services.workflows.costing import convergence, hosting, saving, utilisation
from services.workflows.costing.asking import Asking, proposals
from services.workflows.costing.comparing import Comparing
from services.workflows.costing.convergence import Doubting, finite
from services.workflows.costing.evidencing import Evidencing, TrainingEvidencing
from services.workflows.costing.evidencing import Rooms as Filing
from services.workflows.costing.ownership import made
from services.workflows.costing.saving import Recommending
from services.workflows.costing.utilisation import Auditing

MODEL_TAG = "countersign.model"
CHAMPION = "champion"


def looks(services: Services, gateway: MlflowArtifacts) -> Sequence[Callable[[], object]]:
    """Return what is done again and again, in this order."""
    return (
        auditing(services, gateway).look, charging(services, gateway).look,
        served(services).look,
        recommending(services).look, comparing(services).look, doubting(services, gateway).look,
        asking(services, gateway).look, *evidencing(services),
        weighing(services, gateway).look, disposing(services, gateway).look,
    )  # fmt: skip


def doubting(services: Services, gateway: MlflowArtifacts) -> Doubting:
    """Return what looks for runs that go nowhere."""

    def baseline(session: Session, model: str, metric: str) -> float | None:
        try:
            alias = services.registry.model(session, model).aliases.get(CHAMPION)
        except NotFound:
            return None
        if alias is None:
            return None
        run = services.registry.run(session, services.registry.ref(session, model, alias).run_id)
        return finite(run.metrics.get(metric)) if run else None

    def team_of(session: Session, model: str) -> str:
        governed = services.governance.of(session, model)
        return governed.team_id if governed else ""

    return Doubting(
        convergence.Rooms(
            services.store, services.convergence, services.spending, services.channels, gateway,
            _model_of(services), baseline, team_of,
        )
    )  # fmt: skip


def auditing(services: Services, gateway: MlflowHistories) -> Auditing:
    """Return what looks at how busy the hardware of runs was."""
    return Auditing(
        utilisation.Rooms(services.store, services.utilisation, gateway, _model_of(services))
    )  # fmt: skip


def _model_of(services: Services) -> Callable[[Session, Run], str]:
    def model_of(session: Session, run: Run) -> str:
        found = services.registry.of_run(session, run.run_id)
        return found.name if found else run.tags.get(MODEL_TAG, "")

    return model_of


def recommending(services: Services) -> Recommending:
    """Return what recommends what could cost less."""
    rooms = hosting.Rooms(
        services.registry, services.serving_uses, services.ledger, services.prices
    )

    def of_serving(session: Session, now: datetime) -> list[Proposal]:
        return proposals(session, now, services.serving_uses, services.ledger, services.prices)

    def of_hosts(session: Session, now: datetime) -> list[Proposal]:
        return hosting.proposals(rooms, session, now)

    return Recommending(
        saving.Rooms(
            services.store,
            services.utilisation,
            services.savings,
            services.prices,
            (of_serving, of_hosts),
        )
    )


def asking(services: Services, gateway: MlflowHistories) -> Asking:
    """Return what reads once a day what was asked of the versions that serve."""
    return Asking(
        askings.Rooms(
            services.store, services.registry, services.serving_uses, services.prediction_reader,
            gateway,
        )
    )  # fmt: skip


def comparing(services: Services) -> Comparing:
    """Return what holds bills against the ledger."""
    return Comparing(services.clock, services.reconciliations)


def evidencing(services: Services) -> tuple[Callable[[], object], ...]:
    """Return what files what serving versions costs, and what making them took."""

    def made_of(session: Session, model: str) -> Made:
        return made(services.registry, services.tickets, session, model)

    rooms = Filing(
        services.clock, services.store, services.registry, services.evidence, services.prices,
        made_of,
    )  # fmt: skip
    return Evidencing(rooms).look, TrainingEvidencing(rooms).look
