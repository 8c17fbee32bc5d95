"""Protected attributes, read by a person who may: each reading is an event."""

from collections.abc import Callable
from datetime import date

import pyarrow as pa
from sqlmodel import Session

from services.facts.prediction.reader import PredictionReader
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store

Permit = Callable[[Session, Principal, str], None]


class ProtectedReading:
    """The door to protected attributes for people.

    Parameters
    ----------
    permit
        Refuses, for a model, those who may not.
    """

    def __init__(self, store: Store, reader: PredictionReader, permit: Permit) -> None:
        self._store, self._reader, self._permit = store, reader, permit

    def read(self, principal: Principal, model: str, day: date) -> pa.Table:
        """Return the protected attributes of a day's predictions; that they were read is recorded.

        Raises
        ------
        NotPermitted
            When this person may not; nothing was read.
        """
        with self._store.reading() as session:
            self._permit(session, principal, model)
        held = self._reader.protected(model, day)
        with self._store.unit(principal.actor) as unit:
            unit.event(
                "sensitive:read",
                ("model", model),
                what="protected attributes",
                day=day.isoformat(),
                rows=held.num_rows,
            )
        return held
