"""Reports about attempts elsewhere: taken when they are signed, once, and in their order."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel import Session

from services.kernel.error import CountersignError, NotPermitted
from services.record.trail.unit_of_work import Store
from services.standards.engine.service import EngineSettings
from services.workflows.engine.webhook import payloads, repository
from services.workflows.engine.webhook.types import Heard, RemoteAttempt, Report

NOT_OURS = "The report is not signed with the secret of its engine."


class Reports:
    """Takes what is reported of attempts that run elsewhere."""

    def __init__(self, store: Store, settings: EngineSettings) -> None:
        self._store, self._settings = store, settings

    def take(
        self, ticket_id: str, attempt_id: str, body: bytes, timestamp: str, signature: str
    ) -> Heard:
        """Take a report; one that was taken before, or comes after the end, changes nothing.

        Raises
        ------
        NotPermitted
            When it is not signed with the secret of the attempt's engine, or nobody ordered such an
            attempt: a stranger cannot tell which.
        InvalidInput
            When it cannot be read.
        """
        with self._store.reading() as session:
            known = repository.by_id(session, attempt_id)
            secret = self._secret(session, known)
        if known is None or secret is None or known.ticket_id != ticket_id:
            raise NotPermitted(NOT_OURS)
        now = self._store.clock.now()
        payloads.is_signed(secret, timestamp, signature, body, now)
        told = payloads.report(body, attempt_id)
        with self._store.operational() as session:
            self._note(session, attempt_id, told, now)
            after = repository.by_id(session, attempt_id) or known
        return Heard(after.state, after.stop_reason, after.log_bytes)

    def _secret(self, session: Session, known: RemoteAttempt | None) -> str | None:
        if known is None:
            return None
        try:
            connection = self._settings.connection_of_old(session, known.engine)
        except CountersignError:
            return None
        return connection.secrets.get("signing_secret")

    def _note(self, session: Session, attempt_id: str, told: Report, now: datetime) -> None:
        known = repository.by_id(session, attempt_id)
        if known is None:
            return
        room = max(0, known.log_limit - known.log_bytes)
        piece = told.log[:room]
        values: dict[str, Any] = {
            "state": told.state.value,
            "reason": told.reason,
            "preempted": told.preempted,
            "exit_code": told.exit_code,
            "started_at": told.started_at or known.started_at or now,
            "finished_at": (told.finished_at or now) if told.state.is_over else None,
            "heard_at": now,
            "sent_at": known.sent_at or now,
            "log_bytes": known.log_bytes + len(piece),
        }
        if told.usage is not None:
            used = asdict(told.usage)
            values["usage"] = {name: used[name] for name in payloads.USED}
        if told.result is not None:
            values["result"] = dict(told.result)
        if len(told.log) > room and not told.state.is_over:
            values["stop_reason"] = f"It printed more than {known.log_limit:,} bytes."
        if repository.take(session, attempt_id, told.sequence, values) and piece:
            repository.add_log(session, attempt_id, known.log_bytes, piece)
