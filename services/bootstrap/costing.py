"""What one worker works out of costs for all, put together over opened services."""

from collections.abc import Callable, Sequence

from sqlmodel import Session

from services.bootstrap.services import Services
from services.facts.registry.histories import MlflowHistories
from services.facts.registry.types import Run
from services.workflows.costing import saving, utilisation
from services.workflows.costing.comparing import Comparing
from services.workflows.costing.saving import Recommending
from services.workflows.costing.utilisation import Auditing

MODEL_TAG = "countersign.model"


def looks(services: Services, gateway: MlflowHistories) -> Sequence[Callable[[], object]]:
    """Return what is done again and again, in this order."""
    return (auditing(services, gateway).look, recommending(services).look, comparing(services).look)


def auditing(services: Services, gateway: MlflowHistories) -> Auditing:
    """Return what looks at how busy the hardware of runs was."""

    def model_of(session: Session, run: Run) -> str:
        found = services.registry.of_run(session, run.run_id)
        return found.name if found else run.tags.get(MODEL_TAG, "")

    return Auditing(utilisation.Rooms(services.store, services.utilisation, gateway, model_of))


def recommending(services: Services) -> Recommending:
    """Return what recommends what could cost less."""
    return Recommending(
        saving.Rooms(services.store, services.utilisation, services.savings, services.prices)
    )


def comparing(services: Services) -> Comparing:
    """Return what holds bills against the ledger."""
    return Comparing(services.clock, services.reconciliations)
