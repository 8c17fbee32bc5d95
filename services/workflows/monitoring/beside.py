"""What a window shows beside its own columns: business figures, servers, and who is selected."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

import pyarrow as pa

from services.facts.fairness import production as fairness
from services.facts.fairness.grouping import Audit
from services.facts.kpi import evaluation
from services.facts.kpi.service import PushedValues
from services.facts.prediction import frame
from services.facts.window.types import Monitor, WindowMetric
from services.kernel.period import Period
from services.record.canonical import sha256_hex
from services.record.trail.unit_of_work import Store
from services.standards.policy.types import Policy
from services.standards.target.service import Targets
from services.workflows.measurement.types import PolicySource
from services.workflows.monitoring.types import Rows, Tally

LEAST = 30
_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


class Log(Protocol):
    """Where the log is asked for what its rows do not say."""

    def contradicting(self, model: str, day: date) -> int:
        """Return how many predictions of a day were sent again with another content."""
        ...

    def protected(self, model: str, day: date) -> pa.Table:
        """Return ``prediction_id`` and ``a_…`` of the predictions of a day."""
        ...


@dataclass(frozen=True)
class Beside:
    """Measures what needs more than the rows of a window."""

    store: Store
    targets: Targets
    pushed: PushedValues
    log: Log
    policy: PolicySource

    def __call__(
        self, monitor: Monitor, rows: pa.Table, period: Period, each_is: float = 1.0
    ) -> list[WindowMetric]:
        """Return what there is beside the rows of one version in a window.

        Parameters
        ----------
        each_is
            How many rows of the window each of these stands for; above 1 they are a sample.
        """
        name, start, end = monitor.ref.name, period.start, period.end
        with self.store.reading() as session:
            figures = self.targets.of_model(session, name)
            found = self.pushed.window(session, name, start, end)
        if not rows.num_rows:
            return found
        days = _days(period)
        if period.end - period.start >= _DAY:
            again = float(sum(self.log.contradicting(name, each) for each in days))
            metric = "data_quality.contradicting"
            found.append(WindowMetric(start, end, metric, again, rows.num_rows))
        for each in figures:
            if each.formula is not None:
                found.append(
                    evaluation.measure(rows, each.name, each.formula, start, end, each_is=each_is)
                )
        return found + self._groups(monitor, rows, days, period)

    def marks(self, model: str) -> tuple[Mapping[date, str], str]:
        """Return what changes when more is sent about a day, and when a figure is worked out anew."""
        with self.store.reading() as session:
            figures = self.targets.of_model(session, model)
            sent = self.pushed.marks(session, model)
        told = [f"{each.name}\n{each.formula}" for each in figures if each.formula is not None]
        return sent, sha256_hex("\n".join(told).encode())[:16] if told else ""

    def _groups(
        self, monitor: Monitor, rows: pa.Table, days: Sequence[date], period: Period
    ) -> list[WindowMetric]:
        if monitor.task != "classification":
            return []
        held = frame.together([self.log.protected(monitor.ref.name, each) for each in days])
        audit = audit_in(self.policy(monitor.ref.name), held)
        if audit is None:
            return []
        return fairness.measure(
            rows, held, audit, monitor.threshold, period.start, period.end,
            positive=monitor.favourable,
        )  # fmt: skip


def _days(period: Period) -> list[date]:
    """Return the days that a window touches."""
    first, last = period.start.date(), (period.end - _MOMENT).date()
    return [first + k * _DAY for k in range((last - first).days + 1)]


def audit_in(policy: Policy | None, held: pa.Table) -> Audit | None:
    """Return what the policy wants compared in production; None where there is nothing to compare.

    Parameters
    ----------
    held
        Protected attributes of a window. Without any nothing is compared; where the policy names no
        attribute, all of these are.
    """
    wanted = policy.evidence.get("fairness") if policy else None
    there = [name.removeprefix("a_") for name in held.column_names if name.startswith("a_")]
    if wanted is None or wanted.favourable is None or not there:
        return None
    attributes = tuple(dict.fromkeys(wanted.attributes or there))
    return Audit(attributes, dict(wanted.reference or {}), wanted.favourable, wanted.min_n or LEAST)


@dataclass(frozen=True, slots=True)
class Marked:
    """How much one day holds; its stamp also knows what was sent, and how figures are worked out."""

    day: date
    rows: int
    labelled: int
    stamp: str


@dataclass(frozen=True)
class MarkedRows:
    """The rows of production; a day is another one when numbers were sent or a formula changed."""

    rows: Rows
    beside: Beside

    def states(self, model: str) -> Mapping[date, Hashable]:
        """Return by day what differs whenever its tally does, oldest first."""
        sent, formulas = self.beside.marks(model)
        states = self.rows.states(model)
        if not sent and not formulas:
            return states
        return {day: (state, sent.get(day, ""), formulas) for day, state in states.items()}

    def tallies(self, model: str, since: date) -> Sequence[Tally]:
        """Return the days from one on that hold rows, oldest first."""
        sent, formulas = self.beside.marks(model)
        return [
            Marked(
                each.day, each.rows, each.labelled,
                "|".join((each.stamp, sent.get(each.day, ""), formulas)),
            )
            for each in self.rows.tallies(model, since)
        ]  # fmt: skip

    def day(self, model: str, day: date) -> pa.Table:
        """Return the predictions of a day, each with what is known of its outcome."""
        return self.rows.day(model, day)
