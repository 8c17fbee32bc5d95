"""Training by somebody else's machinery: GitHub Actions, Airflow, SageMaker, or a program of one's own."""

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from services.kernel.error import InvalidInput, SourceUnavailable
from services.record.trail.unit_of_work import Store
from services.standards.engine.types import Connection
from services.workflows.engine.key import AttemptKey
from services.workflows.engine.types import (
    AttemptSpec,
    Capabilities,
    EngineState,
    Handle,
    Status,
    Usage,
)
from services.workflows.engine.webhook import payloads, repository
from services.workflows.engine.webhook.types import RemoteAttempt
from services.workflows.notification import http
from services.workflows.notification.types import Answer, Outcome

CLAIM = timedelta(seconds=30)
SILENT = timedelta(minutes=15)
"""How long without a report nothing is concluded from it."""
TAKEN_BEFORE = 409
MODEL = "model"
"""The folder of the run, and of ``out``, where the model is."""
S = EngineState
Fetch = Callable[[str, str, Path], bool]


class WebhookEngine:
    """The port of an engine over signed requests and signed reports.

    Parameters
    ----------
    console_url
        The public address of the console, where reports are sent to.
    fetch
        Brings a folder of a run of MLflow here; false when the run has none.
    """

    def __init__(
        self,
        connection: Connection,
        store: Store,
        console_url: str,
        fetch: Fetch,
        post: Callable[..., Answer] = http.post,
    ) -> None:
        self._connection, self._store, self._fetch = connection, store, fetch
        self._url, self._post = console_url.rstrip("/"), post

    @property
    def name(self) -> str:
        """Return how the operator named it."""
        return self._connection.name

    @property
    def capabilities(self) -> Capabilities:
        """Return what it has; it is asked to keep the time limit, and nothing makes it."""
        return Capabilities(
            gpus=self._connection.gpus,
            gpu_type=self._connection.gpu_type,
            most_at_once=None,
            stops_pending=False,
            limits_time=False,
            runs_images=True,
            has_spot=bool(self._connection.spot),
        )

    def submit(self, spec: AttemptSpec) -> Handle:
        """Send the order of an attempt, until it was taken once.

        Raises
        ------
        InvalidInput
            When the receiver refuses it.
        SourceUnavailable
            When nobody can tell whether it was taken; the same order again is the same attempt.
        """
        most = self._connection.gpus
        if most is not None and spec.resources.gpus > most:
            raise InvalidInput(f"{self.name} gives {most} GPUs at most; ask for fewer.")
        run_id = spec.environment.get("MLFLOW_RUN_ID", "")
        handle = self._handle(AttemptKey(spec.attempt_id, spec.folder, run_id))
        now = self._store.clock.now()
        with self._store.operational() as session:
            known = repository.order(
                session, spec.attempt_id, spec.job_id, self.name, spec.log_limit
            )
            if known.sent_at is not None or known.state.is_over:
                return handle
            if not repository.claim(session, spec.attempt_id, now, now - CLAIM):
                raise SourceUnavailable("Somebody else sends this order; ask again.")
        self._send(payloads.start(spec, self._report_to(spec)))
        with self._store.operational() as session:
            repository.change(session, spec.attempt_id, {"sent_at": self._store.clock.now()})
        return handle

    def find(self, key: AttemptKey) -> Handle | None:
        """Return the handle of an attempt whose order may have gone out; None when it never did."""
        with self._store.reading() as session:
            known = repository.by_id(session, key.attempt_id)
        return self._handle(key) if known is not None and known.claimed_at is not None else None

    def poll(self, handle: Handle) -> Status:
        """Return what was reported last; *unknown* after a quarter of an hour without a report."""
        with self._store.reading() as session:
            known = repository.by_id(session, handle.attempt_id)
        if known is None:
            return Status(S.UNKNOWN, "Nobody ordered this attempt from here.")
        if known.state is S.SUCCEEDED and known.result is not None:
            try:
                self._keep(handle, known.result)
            except SourceUnavailable as error:
                return Status(S.UNKNOWN, error.message, started_at=known.started_at)
        state, reason, now = known.state, known.reason, self._store.clock.now()
        since = known.heard_at or known.sent_at or now
        if not state.is_over and now - since > SILENT:
            state, reason = (
                S.UNKNOWN,
                f"Nothing was reported of it since {since:%Y-%m-%d %H:%M} UTC.",
            )
        return Status(
            state, reason, known.exit_code, known.started_at, known.finished_at, _usage(known),
            known.preempted,
        )  # fmt: skip

    def logs(self, handle: Handle, offset: int, limit: int = 65536) -> tuple[bytes, int]:
        """Return what was reported to have been printed from a byte on, and where to go on."""
        with self._store.reading() as session:
            found = repository.log(session, handle.attempt_id, offset, limit)
        return found, offset + len(found)

    def cancel(self, handle: Handle, reason: str) -> None:
        """Send the order to stop; every answer to a report says it too.

        Raises
        ------
        SourceUnavailable
            When nobody can tell whether the order was taken.
        """
        with self._store.operational() as session:
            known = repository.by_id(session, handle.attempt_id)
            if known is None or known.state.is_over:
                return
            values: dict[str, Any] = {"stop_reason": reason}
            if known.claimed_at is None:
                now = self._store.clock.now()
                values |= {"state": S.CANCELLED.value, "reason": reason, "finished_at": now}
            repository.change(session, handle.attempt_id, values)
        if known.claimed_at is not None:
            stop = payloads.other("stop", handle.attempt_id, known.ticket_id, reason)
            with suppress(InvalidInput):
                self._send(stop)

    def trial(self) -> str:
        """Send a trial and return what became of it."""
        self._send(payloads.other("test", "trial", "trial", "Countersign can reach you here."))
        return "The receiver took the trial."

    def _handle(self, key: AttemptKey) -> Handle:
        ref = {"folder": str(key.folder.absolute()), "run_id": key.run_id}
        return Handle(self.name, key.attempt_id, json.dumps(ref, sort_keys=True))

    def _report_to(self, spec: AttemptSpec) -> str:
        return f"{self._url}/api/v1/tickets/{spec.job_id}/attempts/{spec.attempt_id}/status"

    def _send(self, order: Mapping[str, Any]) -> None:
        letter = payloads.letter(self._connection, order, self._now())
        answer = self._post(letter, allow_private=self._connection.allow_private)
        if answer.outcome is Outcome.DELIVERED:
            return
        style = self._connection.address["style"]
        if style == "airflow" and answer.status == TAKEN_BEFORE:
            return
        if style == "github" and answer.outcome is Outcome.UNSURE:
            return  # it takes the same order twice for two; what came of it is reported, or is silence
        if answer.outcome is Outcome.REFUSED:
            raise InvalidInput(f"{self.name}: {answer.words}")
        raise SourceUnavailable(answer.words)

    def _keep(self, handle: Handle, result: Mapping[str, Any]) -> None:
        """Put result and model where a script would have left them; the result comes last."""
        ref = json.loads(handle.ref)
        out = Path(ref["folder"]) / "out"
        if (out / "result.json").exists() or not out.parent.is_dir():
            return
        out.mkdir(exist_ok=True)
        if ref["run_id"] and not (out / MODEL).exists():
            aside = out / "model.fetched"
            shutil.rmtree(aside, ignore_errors=True)
            if self._fetch(ref["run_id"], MODEL, aside):
                aside.rename(out / MODEL)
        reported = out / "result.json.reported"
        reported.write_text(json.dumps(result), encoding="utf-8")
        reported.replace(out / "result.json")

    def _now(self) -> datetime:
        return self._store.clock.now()


def _usage(known: RemoteAttempt) -> Usage | None:
    if known.usage is None or known.heard_at is None:
        return None
    return Usage(at=known.heard_at, **known.usage)
