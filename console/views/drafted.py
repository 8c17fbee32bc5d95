"""A recipe drafted from the run of a version, and what a person must add."""

from typing import TYPE_CHECKING

from sqlmodel import Session

from services.decisions.recipe.drafting import draft
from services.decisions.recipe.types import RecipeDraft
from services.kernel.identity import ModelRef

if TYPE_CHECKING:
    from services.bootstrap.services import Services


def drafted(services: "Services", session: Session, ref: ModelRef | None) -> RecipeDraft | None:
    """Return the draft; None where there is no version, or its run is not known."""
    run = services.registry.run(session, ref.run_id) if ref is not None else None
    return draft(ref.name, run) if ref is not None and run else None
