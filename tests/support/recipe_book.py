"""A recipe in memory."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from services.decisions.recipe.types import (
    Entry,
    EntryKind,
    Environment,
    EnvironmentKind,
    Holdout,
    PublishedRecipe,
    Recipe,
    Source,
)
from services.kernel.error import NotFound

NAME = "mortgage-approval"
RECIPE = Recipe(
    name="loans",
    version=3,
    sha256="ab" * 32,
    model=NAME,
    entry=Entry(EntryKind.FOLDER, "recipes/loans", ("python", "train.py")),
    data=Source("file:loans.parquet", "approved"),
    environment=Environment(EnvironmentKind.RUNNING),
    holdout=Holdout("file:holdout.parquet", "cd" * 32),
    parameters={"trees": 100, "rate": 0.1, "shuffle": True, "kind": "hist"},
)


@dataclass
class RecipesInMemory:
    """One recipe in force, or none."""

    recipe: Recipe | None = RECIPE

    def current(
        self, session: Session, model: str, name: str = "", at: datetime | None = None
    ) -> PublishedRecipe | None:
        del session, at
        held = self.recipe
        if held is None or held.model != model or name not in ("", held.name):
            return None
        return _published(held)

    def of_model(
        self, session: Session, model: str, at: datetime | None = None
    ) -> list[PublishedRecipe]:
        found = self.current(session, model, at=at)
        return [found] if found else []

    def at_commit(self, unit: object, model: str, name: str, commit: str) -> PublishedRecipe:
        del unit, name
        held = self.recipe
        assert held is not None
        assert held.model == model
        return _published(replace(held, entry=replace(held.entry, commit=commit)))

    def adopt(self, unit: object, sha256: str) -> None:
        del unit, sha256

    def by_sha256(self, session: Session, sha256: str) -> PublishedRecipe:
        del session
        if self.recipe is None or self.recipe.sha256 != sha256:
            raise NotFound("There is no recipe with that digest.")
        return _published(self.recipe)


def _published(recipe: Recipe) -> PublishedRecipe:
    when = datetime.fromisoformat("2026-03-01T00:00:00+00:00")
    return PublishedRecipe(recipe, "recipe: loans", "p-ada", when, None)
