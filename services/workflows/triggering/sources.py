"""Whether training data that no recipe pins has other rows than before: asked of the worker, and noted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from services.decisions.recipe.types import Recipe
from services.facts.training_data.loading import TrainingRows
from services.facts.training_data.signs import is_log, sign
from services.kernel.error import CountersignError
from services.kernel.identity import SYSTEM
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store
from services.workflows.triggering import repository
from services.workflows.triggering.types import KIND, Newest, SourceSeen
from services.workflows.types import StepFailed

log = structlog.get_logger(__name__)
LOOK_EVERY, READ_EVERY = timedelta(minutes=10), timedelta(days=1)


@dataclass(frozen=True)
class Parts:
    """What looking at sources works with.

    Attributes
    ----------
    watched
        Returns the recipes of models whose policy lets new data open a ticket.
    by_sha256
        Returns a recipe by its digest.
    """

    store: Store
    tasks: Tasks
    rows: TrainingRows
    watched: Callable[[Session], list[Recipe]]
    by_sha256: Callable[[Session, str], Recipe]


class Sources:
    """Sources of training data that no recipe pins.

    Notes
    -----
    A sign that stands beside the rows is looked at every ten minutes, and only another one lets the
    worker read them; a database, which has no sign, is read once a day.
    """

    def __init__(self, parts: Parts) -> None:
        self._at = parts
        self._next: dict[str, datetime] = {}

    def look(self) -> int:
        """Ask the worker to read the sources that may have changed; return how many."""
        asked = 0
        with self._at.store.reading() as session:
            pairs = [
                (each, repository.seen(session, each.model)) for each in self._at.watched(session)
            ]
        for recipe, seen in pairs:
            try:
                due = self._due(recipe, seen)
            except CountersignError as error:
                log.warning("a source cannot be looked at", model=recipe.model, why=error.message)
                continue
            if due:
                self._ask(recipe)
                asked += 1
        return asked

    def newest(self, session: Session, recipe: Recipe) -> Newest | None:
        """Return what is known of the data of a recipe; None when nobody can tell."""
        pinned = recipe.data.snapshot
        if pinned is not None:
            return Newest(pinned)
        seen = repository.seen(session, recipe.model)
        if seen is None or seen.recipe_sha256 != recipe.sha256:
            return None
        days = recipe.data.max_age_days
        return Newest(seen.sha256, seen.first_sha256, seen.rows, seen.last_at, days)

    # the step of the task

    def read(self, task_id: str) -> None:
        """Read the rows of a source, note their digest, end the task."""
        payload = self._at.tasks.get(task_id).payload
        with self._at.store.reading() as session:
            recipe = self._at.by_sha256(session, str(payload["recipe"]))
            before = repository.seen(session, recipe.model)
        mark, now = sign(recipe.data), self._at.store.clock.now()
        found = self._at.rows.load(recipe.data)
        known = before is not None and before.recipe_sha256 == recipe.sha256
        first = before.first_sha256 if before is not None and known else found.sha256
        held = SourceSeen(
            recipe.model, recipe.sha256, mark, found.sha256, first, found.rows, found.last_at, now
        )
        with self._at.store.operational() as session:
            repository.write(session, held)
        told = {"sha256": held.sha256, "rows": held.rows, "changed": held.sha256 != first}
        self._at.tasks.succeed(task_id, told)

    def abandon(self, task_id: str, failure: StepFailed) -> None:
        """End a task whose source could not be read; it is asked again in the next hour."""
        self._at.tasks.fail(task_id, failure.words)

    # inside

    def _due(self, recipe: Recipe, seen: SourceSeen | None) -> bool:
        if recipe.data.snapshot is not None or is_log(recipe.data):
            return False
        now = self._at.store.clock.now()
        if now < self._next.get(recipe.sha256, now):
            return False
        self._next[recipe.sha256] = now + LOOK_EVERY
        if seen is None or seen.recipe_sha256 != recipe.sha256:
            return True
        mark = sign(recipe.data)
        return mark != seen.sign if mark else now - seen.looked_at >= READ_EVERY

    def _ask(self, recipe: Recipe) -> None:
        hour = f"{self._at.store.clock.now():%Y-%m-%dT%H}"
        with self._at.store.operational() as session:
            self._at.tasks.request(
                session,
                KIND,
                ("model", recipe.model),
                {"recipe": recipe.sha256, "partition": recipe.model},
                requested_by=SYSTEM.id,
                key=f"{KIND}:{recipe.model}:{recipe.sha256[:16]}:{hour}",
            )
