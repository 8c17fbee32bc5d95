"""What looks for causes of trainings, put together over opened services."""

from sqlmodel import Session

from services.bootstrap.services import Services
from services.decisions.recipe.types import Recipe
from services.decisions.retraining.opening import ALIAS
from services.decisions.retraining.types import Trigger
from services.facts.training_data.loading import TrainingRows
from services.facts.training_data.logged import PredictionRows
from services.kernel.error import NotFound
from services.workflows.triggering.service import NewestOf, PushedOf, Rooms, Triggers
from services.workflows.triggering.sources import Parts, Sources
from services.workflows.triggering.types import Newest


def triggers(services: Services) -> Triggers:
    """Return what looks for causes of trainings."""
    return Triggers(
        Rooms(
            services.store, services.governance, services.policies, services.gate, services.alerts,
            services.promotions, services.prediction_reader, services.tickets, _newest(services),
            _pushed(services),
        )
    )  # fmt: skip


def sources(services: Services) -> Sources:
    """Return what looks whether training data has changed."""

    def watched(session: Session) -> list[Recipe]:
        found: list[Recipe] = []
        for model in services.governance.all(session):
            held = services.recipes.current(session, model.name)
            if held is not None and asks(session, model.name):
                found.append(held.recipe)
        return found

    def asks(session: Session, model: str) -> bool:
        try:
            policy = services.gate.policy(session, model, ALIAS)
        except NotFound:
            return False
        return Trigger.DATA in policy.retraining.on

    return Sources(
        Parts(
            services.store, services.tasks, TrainingRows(PredictionRows(services.prediction_reader)),
            watched, lambda session, sha256: services.recipes.by_sha256(session, sha256).recipe,
        )
    )  # fmt: skip


def _pushed(services: Services) -> PushedOf:
    """Return what knows the commit that was pushed to the branch of a model's recipe in force."""

    def pushed(session: Session, model: str) -> str:
        found = services.recipes.current(session, model)
        head = services.pushes.newer(session, found) if found else None
        return head.commit if head else ""

    return pushed


def _newest(services: Services) -> NewestOf:
    """Return what knows the newest data of a model's recipe in force."""
    known = sources(services)

    def newest(session: Session, model: str) -> Newest | None:
        found = services.recipes.current(session, model)
        return known.newest(session, found.recipe) if found else None

    return newest
