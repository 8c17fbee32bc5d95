"""What charges runs and servers for all, put together over opened services."""

from sqlmodel import Session

from services.bootstrap.services import Services
from services.facts.registry.histories import MlflowHistories
from services.workflows.costing import ports, serving
from services.workflows.costing.charging import Charging
from services.workflows.costing.ownership import Ownership
from services.workflows.costing.serving import Serving
from services.workflows.costing.tariffs import Tariffs


def served(services: Services) -> Serving:
    """Return what charges the serving of models."""

    def tariffs(session: Session) -> Tariffs:
        return Tariffs(session, services.prices, services.grids)

    return Serving(
        serving.Rooms(
            services.store, services.ledger, services.registry, services.governance,
            services.prediction_reader, services.pushed, tariffs,
        )
    )  # fmt: skip


def charging(services: Services, gateway: MlflowHistories) -> Charging:
    """Return what charges the runs of MLflow."""
    whose = Ownership(services.registry, services.governance, services.utilisation, gateway)

    def tariffs(session: Session) -> Tariffs:
        return Tariffs(session, services.prices, services.grids)

    return Charging(ports.Rooms(services.store, services.ledger, gateway, tariffs, whose))
