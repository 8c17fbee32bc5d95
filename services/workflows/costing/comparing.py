"""Bills compared with the ledger again whenever a line came to either side."""

from datetime import datetime, timedelta

import structlog

from services.facts.cost.compared import Reconciled
from services.facts.cost.reconciliations import Reconciliations
from services.kernel.clock import Clock
from services.kernel.identity import SYSTEM

EVERY = timedelta(minutes=1)
log = structlog.get_logger(__name__)


class Comparing:
    """A duty that one worker does for all."""

    def __init__(self, clock: Clock, reconciliations: Reconciliations) -> None:
        self._clock, self._reconciliations = clock, reconciliations
        self._last: datetime | None = None

    def look(self) -> list[Reconciled]:
        """Compare what is due; at most every minute."""
        now = self._clock.now()
        if self._last is not None and now - self._last < EVERY:
            return []
        self._last = now
        made = self._reconciliations.renew(SYSTEM)
        if made:
            log.info("bills compared", count=len(made))
        return made
