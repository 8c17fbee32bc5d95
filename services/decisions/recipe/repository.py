"""Recipe rows in, recipes out."""

from datetime import datetime
from functools import lru_cache

from sqlmodel import Session, col, select

from services.decisions.recipe.reading import parse
from services.decisions.recipe.records import RecipeProposalRecord, RecipeRecord
from services.decisions.recipe.types import PublishedRecipe, Recipe
from services.kernel.identity import SYSTEM
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork

R, P = RecipeRecord, RecipeProposalRecord


@lru_cache(maxsize=256)
def _parsed(text: str) -> Recipe:
    return parse(text.encode())


def _published(row: RecipeRecord) -> PublishedRecipe:
    return PublishedRecipe(
        _parsed(row.text), row.text, row.published_by, row.valid_from, row.valid_to
    )


def of_model(session: Session, model: str, at: datetime | None = None) -> list[PublishedRecipe]:
    """Return the recipes in force of a model, the one published last first."""
    chosen = select(R).where(standing(R, at), col(R.model) == model)
    rows = session.exec(chosen.order_by(col(R.valid_from).desc(), col(R.event_seq).desc()))
    return [_published(row) for row in rows]


def models(session: Session) -> list[str]:
    """Return the models that have a recipe in force, by name."""
    return sorted(set(session.exec(select(R.model).where(standing(R)))))


def by_sha256(session: Session, sha256: str) -> PublishedRecipe | None:
    """Return one recipe, in force or not."""
    row = session.exec(select(R).where(col(R.sha256) == sha256)).first()
    return _published(row) if row else proposed(session, sha256)


def proposed(session: Session, sha256: str) -> PublishedRecipe | None:
    """Return a recipe that was proposed, or None; it was never in force."""
    row = session.get(P, sha256)
    if row is None:
        return None
    return PublishedRecipe(_parsed(row.text), row.text, SYSTEM.id, row.proposed_at, row.proposed_at)


def propose(unit: UnitOfWork, recipe: Recipe, text: str) -> None:
    """Keep a recipe without putting it in force; the same again changes nothing."""
    if unit.session.get(P, recipe.sha256) is None:
        unit.session.add(
            P(
                sha256=recipe.sha256, recipe=recipe.name, version=recipe.version, text=text,
                proposed_at=unit.now,
            )
        )  # fmt: skip
        unit.session.flush()


def versions(session: Session, recipe: str) -> list[PublishedRecipe]:
    """Return every version of a recipe, newest first."""
    chosen = select(R).where(col(R.recipe) == recipe).order_by(col(R.version).desc())
    return [_published(row) for row in session.exec(chosen)]


def add(unit: UnitOfWork, recipe: Recipe, text: str, seq: int) -> PublishedRecipe:
    """Put a recipe in force and end the version it follows."""
    before = select(R).where(standing(R), col(R.recipe) == recipe.name)
    for row in unit.session.exec(before):
        close(row, unit.now)
    row = R(
        recipe=recipe.name,
        version=recipe.version,
        sha256=recipe.sha256,
        model=recipe.model,
        text=text,
        published_by=unit.actor.id,
        valid_from=unit.now,
        event_seq=seq,
    )
    unit.session.add(row)
    unit.session.flush()
    return _published(row)
