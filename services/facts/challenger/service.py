"""Counting how often a holdout decides."""

from sqlmodel import Session

from services.facts.challenger import repository
from services.facts.challenger.look import Look
from services.kernel.error import InvalidInput
from services.record.trail.unit_of_work import UnitOfWork


class Holdouts:
    """Who looked at which holdout: rows that decide often enough stop telling better from luckier."""

    def look(
        self, unit: UnitOfWork, holdout_sha256: str, model: str, ticket_id: str, limit: int
    ) -> Look:
        """Write down that a ticket is about to be decided by a holdout; event ``holdout:consulted``.

        Parameters
        ----------
        limit
            How many looks the policy allows, 1 or more.

        Returns
        -------
        Look
            The same ticket looks once: again it is the same look, and no event. Beyond the limit it is
            written down too, and ``is_spent``.

        Raises
        ------
        InvalidInput
            When the limit is below 1.
        """
        if limit < 1:
            raise InvalidInput("A holdout needs at least one look; write 'holdout_looks: 20'.")
        known = repository.looks(unit.session, holdout_sha256, model, limit)
        mine = [each for each in known if each.ticket_id == ticket_id]
        if mine:
            return mine[0]
        look = Look(holdout_sha256, model, ticket_id, len(known) + 1, limit, unit.now)
        seq = unit.event(
            "holdout:consulted", ("model", model),
            holdout_sha256=holdout_sha256, ticket_id=ticket_id, number=look.number, limit=limit,
        )  # fmt: skip
        repository.add(unit.session, look, seq)
        return look

    def looks(self, session: Session, holdout_sha256: str, model: str, limit: int) -> list[Look]:
        """Return the looks at a holdout for a model, the first one first."""
        return repository.looks(session, holdout_sha256, model, limit)
