"""The prediction log: batches in, counts out."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from services.facts.prediction import rules
from services.facts.prediction.journal import Journal
from services.facts.prediction.pace import Pace
from services.facts.prediction.types import FREE, Custody, DayCount, Kept, Receipt, Row, Stream
from services.kernel.clock import Clock
from services.kernel.error import InvalidInput


class PredictionLog:
    """What models said in production, and what was true.

    Parameters
    ----------
    secret
        The deployment's secret; callers and subjects are digested under a key made from it.
    """

    def __init__(self, journal: Journal, clock: Clock, secret: bytes, pace: Pace) -> None:
        self._journal, self._clock, self._pace = journal, clock, pace
        self._key = hmac.new(secret, b"prediction-log/1", hashlib.sha256).digest()

    def ingest(
        self,
        caller: str,
        model: str,
        stream: Stream,
        sent: Sequence[Any],
        *,
        custody: Custody = FREE,
        versions: frozenset[int] | None = None,
    ) -> Receipt:
        """Store a batch; what it acknowledges is on the disk.

        Parameters
        ----------
        caller
            Whose pace counts: the token's id.
        sent
            At most 10,000 parsed rows.
        custody
            How rows of this model are kept.
        versions
            That exist; rows of others are stored and counted as a finding. None: not looked at.

        Raises
        ------
        InvalidInput
            For a batch that is too long.
        TooFast
            When the caller has to wait; nothing was stored.
        SourceUnavailable
            When the disk takes no rows.
        """
        if len(sent) > rules.MOST_ROWS:
            raise InvalidInput(f"A batch holds at most {rules.MOST_ROWS:,} rows; send several.")
        with self._pace.admitted(caller, len(sent)):
            at = self._clock.now()
            return self.remember(model, stream, sent, at, custody=custody, versions=versions)

    def remember(
        self,
        model: str,
        stream: Stream,
        sent: Sequence[Any],
        received_at: datetime,
        *,
        custody: Custody = FREE,
        versions: frozenset[int] | None = None,
    ) -> Receipt:
        """Store rows as they were received at an instant, now or long ago, at anybody's pace.

        See :meth:`ingest`.

        Raises
        ------
        SourceUnavailable
            When the disk takes no rows.
        """
        rows, rejected = rules.read(stream, sent, received_at, self._key, custody)
        kept = Kept()
        for day, its in _by_day(stream, rows, received_at.date()).items():
            kept += self._journal.keep(
                model,
                stream,
                day,
                its,
                received_at,
                versions=versions,
                caller_limit=custody.caller_limit,
            )
        return Receipt(kept.accepted, kept.duplicates, tuple(rejected))

    def count(self, model: str, stream: Stream) -> list[DayCount]:
        """Return how many rows each day holds, oldest first, and what was found about them."""
        return self._journal.counts(model, stream)


def _by_day(stream: Stream, rows: Sequence[Row], today: date) -> dict[date, list[Row]]:
    """Return predictions by the day of the answer, outcomes by the day they arrived."""
    days: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        days[row.at.date() if stream is Stream.PREDICTIONS else today].append(row)
    return days
