"""What is let go of because nobody needs it any more: answers, deliveries, numbers that were sent."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

import structlog

from services.facts.kpi.service import PushedValues
from services.facts.prediction.custody import Custodies
from services.facts.prediction.reader import PredictionReader
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store

ANSWERS = ("drill_down", "drift_report", "channel_test", "source_look")
ANSWERS_DAYS, DELIVERIES_DAYS = 30, 400
log = structlog.get_logger(__name__)


class Sent(Protocol):
    """Where it is kept what became of messages."""

    def forget(self, before: datetime) -> int:
        """Let go of deliveries that were over before an instant; return how many."""
        ...


@dataclass(frozen=True)
class Clearing:
    """Deletes rows of operational tables once a day; what happened stays in the trail.

    Notes
    -----
    Answers may hold rows of the log and are kept for a month. A number that was sent lives as long as
    the rows of its model, never shorter: its window would be measured again without it.
    """

    store: Store
    tasks: Tasks
    deliveries: Sent
    pushed: PushedValues
    custodies: Custodies
    log: PredictionReader

    def run(self) -> dict[str, int]:
        """Delete what is too old; return how much of each there was."""
        now = self.store.clock.now()
        told = {
            "answers": self.tasks.forget(ANSWERS, now - timedelta(days=ANSWERS_DAYS)),
            "deliveries": self.deliveries.forget(now - timedelta(days=DELIVERIES_DAYS)),
            "sent": sum(self._sent(model, now.date()) for model in self.pushed.models()),
        }
        if any(told.values()):
            log.info("cleared", **told)
        return told

    def _sent(self, model: str, today: date) -> int:
        with self.store.reading() as session:
            keep_days = self.custodies.of(session, model).keep_days
        if keep_days is None:
            return 0
        first = min([today - timedelta(days=keep_days), *self.log.days(model)[:1]])
        return self.pushed.forget(model, datetime.combine(first, time(), UTC))
