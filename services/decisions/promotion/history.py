"""Reading promotions: what an alias rests on, what is on its way, what was before."""

from datetime import datetime

from sqlmodel import Session

from services.decisions.promotion import repository
from services.decisions.promotion.types import Promotion, PromotionState
from services.kernel.error import NotFound
from services.kernel.identity import DEFAULT_REGISTRY, DEFAULT_WORKSPACE, ModelRef


class PromotionHistory:
    """Every move of an alias that was ever allowed, to read."""

    def get(self, session: Session, promotion_id: str) -> Promotion:
        """Return one promotion as it stands.

        Raises
        ------
        NotFound
            When there is none of that id.
        """
        found = repository.by_id(session, promotion_id)
        if found is None:
            raise NotFound("There is no such promotion.")
        return found

    def of_review(self, session: Session, review_id: str) -> Promotion | None:
        """Return the promotion that a review allowed, or None."""
        return repository.of_review(session, review_id)

    def applied(
        self, session: Session, name: str, alias: str, at: datetime | None = None
    ) -> Promotion | None:
        """Return the promotion that an alias rests on, now or at an instant; None when none."""
        state = PromotionState.APPLIED
        found = repository.of_alias(session, _model(name), alias, state, at)
        return found[0] if found else None

    def all_applied(self, session: Session, at: datetime | None = None) -> list[Promotion]:
        """Return what every alias rests on, in one query; the reconciler compares it."""
        return repository.in_state(session, PromotionState.APPLIED, at)

    def ever(self, session: Session) -> list[ModelRef]:
        """Return every version that an alias was ever put on, in one query."""
        return [each.target for each in repository.ever_applied(session) if each.target is not None]

    def pending(self, session: Session, name: str, alias: str) -> Promotion | None:
        """Return the promotion that is on its way to an alias, or None."""
        found = repository.of_alias(session, _model(name), alias, PromotionState.PENDING)
        return found[0] if found else None

    def history(
        self, session: Session, name: str, alias: str | None = None, at: datetime | None = None
    ) -> list[Promotion]:
        """Return the promotions of a model, newest first."""
        return repository.of_alias(session, _model(name), alias, None, at)

    def once_applied(self, session: Session, ref: ModelRef, alias: str) -> Promotion | None:
        """Return the newest promotion by which an alias came to point at a version, or None.

        Notes
        -----
        The version must be the same run, not only the same number.
        """
        for each in self.history(session, ref.name, alias):
            if each.leads_to(ref) and each.applied_at is not None:
                return each
        return None

    def before(self, session: Session, ref: ModelRef, alias: str) -> list[Promotion]:
        """Return the promotions that put an alias on other versions than this, newest first.

        Notes
        -----
        Those of versions that are suspended are left out.
        """
        return [
            each
            for each in self.history(session, ref.name, alias)
            if each.applied_at is not None
            and each.target is not None
            and not each.leads_to(ref)
            and self.suspension_of(session, each.target) is None
        ]

    def suspension_of(self, session: Session, ref: ModelRef) -> Promotion | None:
        """Return the suspension under which a version stands, or None.

        Notes
        -----
        It counts from its signature on, whether or not MLflow answered, until it is given up or a
        rollback to the version is applied, on whatever alias.
        """
        for each in self.history(session, ref.name):
            if each.is_rollback and each.leads_to(ref) and each.applied_at is not None:
                return None
            same = each.suspended == (ref.version, ref.run_id)
            if same and each.state is not PromotionState.CANCELLED:
                return each
        return None


def _model(name: str) -> tuple[str, str, str]:
    return DEFAULT_REGISTRY, DEFAULT_WORKSPACE, name
