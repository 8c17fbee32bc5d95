"""Listening to an attempt: its log in pieces, what it says of itself, what its engine says of it."""

import contextlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from services.decisions.recipe.guards import Guards
from services.decisions.retraining.types import Attempt
from services.kernel.error import SourceUnavailable
from services.kernel.money import Money
from services.record.archive.service import Archive
from services.record.canonical import plain
from services.record.trail.unit_of_work import Store
from services.workflows.engine.types import Engine, Handle, Status, Usage
from services.workflows.retraining import repository
from services.workflows.retraining.guarding import Stop, asleep
from services.workflows.retraining.progress import Heard, hear
from services.workflows.retraining.seen import Seen

PIECE = 64 * 1024
PIECES = 32


@dataclass
class Ear:
    """What is known of one attempt while somebody listens; all of it can be heard again.

    Attributes
    ----------
    offset
        Bytes of the log that were understood: whole lines.
    line_at
        When something was printed last, as far as this listener saw.
    asleep_since
        Since when every GPU did next to nothing; None while one does not, or nobody knows.
    kept
        Bytes of the log that pages can read already.
    """

    line_at: datetime
    heard: Heard = field(default_factory=Heard)
    offset: int = 0
    asleep_since: datetime | None = None
    kept: int = 0
    written: Seen | None = None


class Listening:
    """Hears attempts, and writes down what pages show of them."""

    def __init__(self, store: Store, archive: Archive) -> None:
        self._store, self._archive = store, archive
        self._ears: dict[str, Ear] = {}

    def ear(self, attempt: Attempt) -> Ear:
        """Return what is known of an attempt; a new listener hears its log from the beginning."""
        if attempt.attempt_id not in self._ears:
            with self._store.reading() as session:
                kept = repository.log_end(session, attempt.attempt_id)
            self._ears[attempt.attempt_id] = Ear(self._store.clock.now(), kept=kept)
        return self._ears[attempt.attempt_id]

    def listen(
        self,
        attempt: Attempt,
        handle: Handle,
        engine: Engine,
        guards: Guards,
        *,
        to_end: bool = False,
    ) -> Ear:
        """Hear what was printed since; an engine that does not answer is heard later.

        Parameters
        ----------
        to_end
            Whether a last line without its end is one too.
        """
        ear = self.ear(attempt)
        for _ in range(PIECES if not to_end else PIECES * 64):
            with contextlib.suppress(SourceUnavailable):
                data, _ = engine.logs(handle, ear.offset, PIECE)
                whole = data if to_end or len(data) >= PIECE else data[: data.rfind(b"\n") + 1]
                if whole:
                    self._understand(attempt, ear, whole, guards)
                    continue
            break
        return ear

    def _understand(self, attempt: Attempt, ear: Ear, data: bytes, guards: Guards) -> None:
        if len(data) >= PIECE and (cut := data.rfind(b"\n") + 1):
            data = data[:cut]
        ear.heard = hear(ear.heard, data.decode("utf-8", "replace").splitlines(), guards)
        now = ear.line_at = self._store.clock.now()
        if ear.offset + len(data) > ear.kept:
            # whoever was faster wrote the same bytes
            with contextlib.suppress(IntegrityError), self._store.operational() as session:
                repository.write_log(session, attempt.attempt_id, ear.offset, data, now)
        ear.offset += len(data)

    def look(self, ear: Ear, usage: Usage | None) -> None:
        """Note since when the GPUs sleep."""
        now = self._store.clock.now()
        ear.asleep_since = (ear.asleep_since or now) if asleep(usage) else None

    def write(
        self, attempt: Attempt, ear: Ear, status: Status, spent: Money | None, warning: str
    ) -> None:
        """Write down how an attempt stands, where that changed; why it is being stopped stays."""
        seen = Seen(
            attempt_id=attempt.attempt_id,
            ticket_id=attempt.ticket_id,
            seen_at=self._store.clock.now(),
            log_end=ear.offset,
            line_at=ear.line_at if ear.offset else None,
            step=ear.heard.step,
            metrics=dict(ear.heard.metrics),
            device=ear.heard.device,
            resumed_from=ear.heard.resumed_from,
            usage=usage_of(status.usage),
            spent_micros=spent.micros if spent else None,
            currency=spent.currency if spent else "",
            warning=warning,
        )
        if ear.written and replace(seen, seen_at=ear.written.seen_at) == ear.written:
            return
        ear.written = seen
        with self._store.operational() as session:
            before = repository.seen(session, attempt.attempt_id)
            if before is not None:
                seen = replace(seen, stop_kind=before.stop_kind, stop_words=before.stop_words)
            repository.write_seen(session, seen)

    def stop(self, attempt: Attempt, stop: Stop) -> None:
        """Note why an attempt is being stopped; the first reason stays."""
        with self._store.operational() as session:
            seen = repository.seen(session, attempt.attempt_id) or Seen(
                attempt.attempt_id, attempt.ticket_id, self._store.clock.now()
            )
            if not seen.stop_kind:
                noted = replace(seen, stop_kind=stop.kind.value, stop_words=stop.words)
                repository.write_seen(session, noted)

    def archive(self, attempt: Attempt, handle: Handle, engine: Engine) -> str:
        """Keep the whole log under its digest; empty where there is none to read."""
        pieces, offset = list[bytes](), 0
        with contextlib.suppress(SourceUnavailable):
            while True:
                data, offset = engine.logs(handle, offset, 16 * PIECE)
                if not data:
                    break
                pieces.append(data)
        whole = b"".join(pieces)
        self._ears.pop(attempt.attempt_id, None)
        return self._archive.put(whole) if whole else ""


def usage_of(usage: Usage | None) -> Mapping[str, Any]:
    """Return what an attempt used as JSON; empty where its engine does not say."""
    return plain(asdict(usage)) if usage is not None else {}
