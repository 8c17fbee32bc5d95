"""How the rows of a model are kept: what is dropped or digested at the door, and for how long."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import Session

from services.facts.prediction.types import FREE, Custody
from services.facts.prediction.withheld import Decision
from services.kernel.error import InvalidInput
from services.kernel.identity import Actor
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store

SET = "custody:set"
SHORTEST_DAYS = 184
"""Six months at the least: Regulation (EU) 2024/1689, Article 19(1) and 26(6)."""


class Custodies:
    """What was decided for each model; a model of which nothing was decided keeps all its rows.

    Notes
    -----
    A decision is its entry in the trail, and stands nowhere else: the newest one holds.
    """

    def __init__(self, store: Store) -> None:
        self._store, self._trail = store, Trail(store)

    def of(self, session: Session, model: str) -> Custody:
        """Return how rows of a model are kept."""
        found = self._trail.search(session, action=SET, subject=("model", model), limit=1)
        return _read(found[0].payload) if found else FREE

    def decisions(self, session: Session, model: str) -> list[Decision]:
        """Return what was decided for the rows of a model, oldest first; the newest hundred times."""
        found = self._trail.search(session, action=SET, subject=("model", model))
        return [Decision(each.at, _read(each.payload)) for each in reversed(found)]

    def set(self, actor: Actor, model: str, custody: Custody) -> None:
        """Decide how rows of a model are kept from now on; what is stored already stays as it is.

        Raises
        ------
        InvalidInput
            When rows would be kept for less than six months, a limit is below 1, or a column is both
            dropped and hashed.
        """
        _check(custody)
        with self._store.unit(actor) as unit:
            unit.event(
                SET,
                ("model", model),
                dropped=sorted(custody.dropped),
                hashed=sorted(custody.hashed),
                caller_limit=custody.caller_limit,
                keep_days=custody.keep_days,
            )


def _read(told: Mapping[str, Any]) -> Custody:
    return Custody(
        frozenset(told["dropped"]),
        frozenset(told["hashed"]),
        told["caller_limit"],
        told["keep_days"],
    )


def _check(custody: Custody) -> None:
    if custody.keep_days is not None and custody.keep_days < SHORTEST_DAYS:
        raise InvalidInput(
            f"Rows are kept for {SHORTEST_DAYS} days at the least (EU AI Act, Article 19)."
        )
    if custody.caller_limit is not None and custody.caller_limit < 1:
        raise InvalidInput("The limit of a caller is 1 row or more.")
    both = custody.dropped & custody.hashed
    if both:
        raise InvalidInput(f"{_listed(both)} cannot be both dropped and hashed.")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
