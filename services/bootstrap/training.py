"""What carries tickets out, put together over opened services."""

import socket
import uuid
from collections.abc import Mapping

from sqlmodel import Session

from services.bootstrap.engines import engines
from services.bootstrap.services import Services
from services.decisions.recipe.types import Recipe
from services.decisions.retraining.types import Ticket
from services.facts.registry.tracking import MlflowTracking
from services.facts.scoring.service import Scorer
from services.facts.training_data.loading import TrainingRows
from services.facts.training_data.logged import PredictionRows
from services.settings import Settings
from services.workflows.environment.retention import Retention
from services.workflows.environment.service import Environments
from services.workflows.retraining.allowances import Allowances
from services.workflows.retraining.comparing import Comparing
from services.workflows.retraining.costs import TicketCosts
from services.workflows.retraining.following import Following
from services.workflows.retraining.judging import Judging
from services.workflows.retraining.ports import Afterwards, Parts, Rules, TrainingData
from services.workflows.retraining.preparing import environments_in_use
from services.workflows.retraining.rows import TicketRows
from services.workflows.retraining.workshop import LocalWorkshop

GB = 10**9


def tickets(services: Services, tracking: MlflowTracking) -> Parts:
    """Return what carrying tickets out works with."""
    rows = TrainingRows(PredictionRows(services.prediction_reader))
    jobs = services.settings.home.absolute() / "jobs"
    return parts(
        services,
        tracking,
        TicketRows(rows, services.archive, tracking, jobs, services.clock),
        Judging(services.store, rows, services.holdouts, services.gate, tracking),
        Following(services.store, services.tasks, services.reviews, services.registry),
    )


def parts(
    services: Services,
    tracking: MlflowTracking,
    data: TrainingData,
    comparing: Comparing,
    afterwards: Afterwards,
) -> Parts:
    """Return the same with other rows, another comparison, or something else that follows."""
    settings, found = services.settings, engines(services, tracking)
    jobs = settings.home.absolute() / "jobs"
    allowances = Allowances(
        services.clock, services.budgets, services.spending, services.prices, services.ledger,
        services.tickets,
    )  # fmt: skip
    costs = TicketCosts(
        services.clock, services.prices, services.ledger, services.tickets, services.gate,
        services.grids, allowances=allowances,
    )  # fmt: skip

    known: dict[str, Recipe] = {}  # the bytes of a recipe never change under its digest

    def recipe(session: Session, ticket: Ticket) -> Recipe:
        sha256 = ticket.recipe_sha256
        if sha256 not in known:
            known[sha256] = services.recipes.by_sha256(session, sha256).recipe
        return known[sha256]

    def rules(session: Session, ticket: Ticket) -> Rules:
        return costs.standing(session, ticket, recipe(session, ticket))

    return Parts(
        store=services.store,
        tasks=services.tasks,
        archive=services.archive,
        evidence=services.evidence,
        tickets=services.tickets,
        fences=services.fences,
        engines=found,
        recipe=recipe,
        rules=rules,
        data=data,
        workshop=LocalWorkshop(jobs / "code", Environments(jobs / "env"), found),
        tracking=tracking,
        costs=costs,
        scorer=Scorer(),
        comparing=comparing,
        afterwards=afterwards,
        jobs=jobs,
        tracking_environment=tracking_environment(settings),
        owner=f"{socket.gethostname()}:{uuid.uuid4().hex[:12]}",
    )


def retention(services: Services) -> Retention:
    """Return what keeps the environments of trainings within their limit."""
    jobs, settings = services.settings.home.absolute() / "jobs", services.settings
    limit = round(settings.environments_gb * GB)
    return Retention(jobs / "env", limit, lambda: environments_in_use(jobs), services.clock)


def tracking_environment(settings: Settings) -> Mapping[str, str]:
    """Return how a script reaches MLflow; its credentials where some are configured."""
    found = {"MLFLOW_TRACKING_URI": settings.mlflow, "MLFLOW_DISABLE_TELEMETRY": "true"}
    if settings.mlflow_token is not None:
        found["MLFLOW_TRACKING_TOKEN"] = settings.mlflow_token.get_secret_value()
    if settings.mlflow_username and settings.mlflow_password:
        found["MLFLOW_TRACKING_USERNAME"] = settings.mlflow_username
        found["MLFLOW_TRACKING_PASSWORD"] = settings.mlflow_password.get_secret_value()
    if settings.mlflow_ca_file is not None:
        found["MLFLOW_TRACKING_SERVER_CERT_PATH"] = str(settings.mlflow_ca_file)
    return found
