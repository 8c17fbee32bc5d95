"""A recipe in memory."""

from dataclasses import dataclass
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
        when = datetime.fromisoformat("2026-03-01T00:00:00+00:00")
        return PublishedRecipe(held, "recipe: loans", "p-ada", when, None)
