"""Reading what an attempt says: pages and machines ask here, and never an engine."""

from collections.abc import Sequence

from sqlmodel import Session

from services.decisions.retraining.service import Tickets
from services.decisions.retraining.types import Attempt
from services.kernel.error import NotFound
from services.kernel.text import keepable
from services.record.archive.service import Archive
from services.workflows.engine.types import MARK
from services.workflows.retraining import repository
from services.workflows.retraining.seen import LogPart, Seen

TAIL = 64 * 1024


class Watching:
    """What attempts said last, and what they printed, while they run and afterwards."""

    def __init__(self, archive: Archive, tickets: Tickets) -> None:
        self._archive = archive
        self._tickets = tickets

    def seen(self, session: Session, ticket_id: str) -> Sequence[Seen]:
        """Return what the attempts at a ticket said last."""
        return repository.seen_of_ticket(session, ticket_id)

    def log(
        self, session: Session, ticket_id: str, number: int | None, offset: int, limit: int
    ) -> LogPart:
        """Return what an attempt printed from a byte on, and where to go on.

        Parameters
        ----------
        number
            Which attempt; None for the last.

        Raises
        ------
        NotFound
            When the ticket has no such attempt.
        """
        tries = self._tickets.attempts(session, ticket_id)
        chosen = [each for each in tries if number in (None, each.number)]
        if not chosen:
            raise NotFound("There is no such attempt at this ticket yet.")
        attempt = chosen[-1]
        if attempt.log_sha256:
            return self._archived(attempt, offset, limit)
        return repository.log_part(session, attempt.attempt_id, offset, limit)

    def last_lines(self, session: Session, attempt: Attempt, most: int) -> tuple[str, ...]:
        """Return the last lines an attempt printed for people, oldest first."""
        if attempt.log_sha256:
            text = keepable(
                self._archive.get(attempt.log_sha256)[-TAIL:].decode("utf-8", "replace")
            )
        else:
            end = repository.log_end(session, attempt.attempt_id)
            begins = max(0, end - 2 * TAIL)  # a piece is as long as the tail at most
            text = repository.log_part(session, attempt.attempt_id, begins, 2 * TAIL).text
        lines = [line for line in text.splitlines() if not line.startswith(MARK)]
        return tuple(lines[-most:])

    def _archived(self, attempt: Attempt, offset: int, limit: int) -> LogPart:
        """Return a part of a whole log; a character is not cut in two at its end."""
        whole = self._archive.get(attempt.log_sha256)
        part = whole[offset : offset + limit]
        if offset + len(part) < len(whole):
            part = part.decode("utf-8", "ignore").encode() or part
        return LogPart(keepable(part.decode("utf-8", "replace")), offset, offset + len(part))
