"""Who is in: sessions looked up at most once a second, and live sockets cut when theirs ends."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from anyio import CapacityLimiter, to_thread

from services.kernel.error import CountersignError
from services.people.account.types import Principal
from services.people.session.service import Sessions

_log = logging.getLogger(__name__)
FRESH_SECONDS = 1.0
_SEEN_SECONDS = 30.0


@dataclass
class _Sockets:
    """The open sockets of one session."""

    ended: asyncio.Event = field(default_factory=asyncio.Event)
    open: int = 0


class Live:
    """The sessions in use in this process.

    Parameters
    ----------
    clock
        Seconds that only grow; a test hands in its own.
    """

    def __init__(self, sessions: Sessions, clock: Callable[[], float] = time.monotonic) -> None:
        self._sessions = sessions
        self._clock = clock
        self._known: dict[str, tuple[float, Principal | None]] = {}
        self._seen: dict[str, float] = {}
        self._sockets: dict[str, _Sockets] = {}
        self._limiter = CapacityLimiter(8)

    @property
    def count(self) -> int:
        """Return how many sessions have an open socket."""
        return len(self._sockets)

    async def who(self, session_id: str) -> Principal | None:
        """Return who works in a session, as it stood at most a second ago.

        Raises
        ------
        SourceUnavailable
            When the database does not answer.
        """
        now = self._clock()
        known = self._known.get(session_id)
        if known is not None and now - known[0] < FRESH_SECONDS:
            return known[1]
        found = await to_thread.run_sync(self._sessions.resolve, session_id, limiter=self._limiter)
        if len(self._known) > 1000:
            self._known = {k: v for k, v in self._known.items() if now - v[0] < FRESH_SECONDS}
        self._known[session_id] = (now, found)
        return found

    async def seen(self, session_id: str) -> None:
        """Note that a person did something."""
        now = self._clock()
        if now - self._seen.get(session_id, -_SEEN_SECONDS) < _SEEN_SECONDS:
            return
        if len(self._seen) > 1000:
            self._seen = {k: at for k, at in self._seen.items() if now - at < _SEEN_SECONDS}
        self._seen[session_id] = now
        try:
            await to_thread.run_sync(self._sessions.seen, session_id, limiter=self._limiter)
        except CountersignError as error:
            _log.warning("a session's last use was not noted: %s", error.message)

    def join(self, session_id: str) -> asyncio.Event:
        """Register a socket; the event is set when its session ends."""
        sockets = self._sockets.setdefault(session_id, _Sockets())
        sockets.open += 1
        return sockets.ended

    def leave(self, session_id: str) -> None:
        """Forget a socket that closed."""
        sockets = self._sockets.get(session_id)
        if sockets is not None:
            sockets.open -= 1
            if sockets.open <= 0:
                del self._sockets[session_id]

    def end(self, session_id: str) -> None:
        """Cut the sockets of a session now."""
        self._known.pop(session_id, None)
        sockets = self._sockets.pop(session_id, None)
        if sockets is not None:
            sockets.ended.set()

    async def watch(self) -> None:
        """Cut, every second and for ever, the sockets of sessions that ended somewhere else."""
        while True:
            await asyncio.sleep(FRESH_SECONDS)
            if not self._sockets:
                continue
            try:
                ended = await to_thread.run_sync(
                    self._sessions.ended, list(self._sockets), limiter=self._limiter
                )
            except CountersignError as error:
                _log.warning("live sessions could not be checked: %s", error.message)
                continue
            for each in ended:
                self.end(each)
