"""Code and environment of a recipe, made ready in the folder of a ticket."""

from collections.abc import Callable
from pathlib import Path

from services.decisions.recipe.entry import materialise
from services.decisions.recipe.types import Recipe
from services.decisions.retraining.types import Ticket
from services.workflows.engine.types import Engine
from services.workflows.environment.service import Environments
from services.workflows.retraining.ports import Prepared


class LocalWorkshop:
    """Makes code and environment ready on this machine.

    Parameters
    ----------
    cache
        Where repositories are kept between tickets: ``jobs/code``.
    """

    def __init__(
        self, cache: Path, environments: Environments, engines: Callable[[str], Engine]
    ) -> None:
        self._cache, self._environments, self._engines = cache, environments, engines

    def __call__(
        self, recipe: Recipe, ticket: Ticket, job: Path, log: Path, should_stop: Callable[[], bool]
    ) -> Prepared:
        """Bring the code into ``job / "code"``, build what it runs in, and say how it is started."""
        code = materialise(recipe.entry, ticket.parameters, job, self._cache)
        images = self._engines(ticket.engine).capabilities.runs_images
        made = self._environments.prepare(
            recipe.environment, code.folder, log, runs_images=images, should_stop=should_stop
        )
        return Prepared(
            command=made.command(code.command),
            image=made.image,
            code_sha256=code.sha256,
            environment_sha256=made.digest,
            variables=dict(made.variables),
        )
