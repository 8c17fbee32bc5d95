"""Keeping what serving versions takes, and asking for it."""

from collections.abc import Sequence

from sqlmodel import Session

from services.facts.service_level import repository
from services.facts.service_level.types import ServingUse
from services.record.trail.unit_of_work import Store


class ServingUses:
    """What was asked of versions, as the prediction log tells."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, use: ServingUse) -> None:
        """Store what serving a version takes, in place of what was known."""
        with self._store.operational() as session:
            repository.write(session, use)

    def find(self, session: Session, models: Sequence[str] | None = None) -> list[ServingUse]:
        """Return what serving takes, by model and version; of all models, or of some."""
        return repository.find(session, models)
