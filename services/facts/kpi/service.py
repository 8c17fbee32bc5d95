"""Taking numbers that are sent, and telling what they come to in a window."""

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlmodel import Session

from services.facts.kpi import repository
from services.facts.kpi.types import KPI, SERVER, PushedValue
from services.facts.window.types import WindowMetric
from services.kernel.error import InvalidInput
from services.record.trail.unit_of_work import Store

AHEAD = timedelta(minutes=10)


class PushedValues:
    """Numbers that others send about models."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, values: Sequence[PushedValue], sent_by: str) -> None:
        """Store numbers; of two about one instant the later one counts.

        Parameters
        ----------
        sent_by
            The token's id.

        Raises
        ------
        InvalidInput
            For a number that is not finite, a share outside [0, 1], an instant that is naive or more
            than ten minutes ahead, or a metric that nobody sends.
        """
        now = self._store.clock.now()
        for each in values:
            _refuse_unusable(each, now)
        with self._store.operational() as session:
            repository.write(session, values, now, sent_by)

    def window(
        self, session: Session, model: str, start: datetime, end: datetime
    ) -> list[WindowMetric]:
        """Return what was sent about a window, by metric and name.

        Returns
        -------
        list
            The mean of each, over ``n`` numbers; the sender knows what lies behind one of them.
        """
        by_name: dict[tuple[str, str], list[float]] = defaultdict(list)
        for each in repository.within(session, model, start, end):
            by_name[each.metric, each.feature].append(each.value)
        return [
            WindowMetric(
                start, end, metric, math.fsum(its) / len(its), len(its), feature,
                method="mean of what was sent",
            )
            for (metric, feature), its in by_name.items()
        ]  # fmt: skip

    def values(
        self, session: Session, model: str, metric: str, start: datetime, end: datetime
    ) -> list[tuple[datetime, float]]:
        """Return what was sent of one metric about a window, oldest first."""
        found = repository.within(session, model, start, end)
        return [(each.at, each.value) for each in found if each.metric == metric]

    def models(self) -> list[str]:
        """Return the models about which numbers are kept, by name."""
        with self._store.reading() as session:
            return repository.models(session)

    def forget(self, model: str, before: datetime) -> int:
        """Let go of the numbers about instants before one; return how many."""
        with self._store.operational() as session:
            return repository.forget(session, model, before)

    def marks(self, session: Session, model: str) -> dict[date, str]:
        """Return for each day a text that changes when more is sent about it."""
        return {
            day: f"{n}.{came.isoformat()}" for day, n, came in repository.received(session, model)
        }


def _refuse_unusable(value: PushedValue, now: datetime) -> None:
    if value.metric not in (KPI, *SERVER):
        raise InvalidInput(f"Nobody sends {value.metric}; it is measured.")
    if not math.isfinite(value.value):
        raise InvalidInput(f"{value.metric} must be a finite number.")
    if value.metric in SERVER and not 0 <= value.value <= 1:
        raise InvalidInput(f"{value.metric} is a share between 0 and 1, not {value.value:g}.")
    if value.at.tzinfo is None:
        raise InvalidInput("An instant needs its time zone, such as 2026-03-14T09:00:00Z.")
    if value.at > now + AHEAD:
        raise InvalidInput(
            f"{value.at.isoformat()} lies in the future; is the sender's clock right?"
        )
