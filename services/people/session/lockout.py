"""Counting wrong passwords, for one account and for one network address, and making both wait."""

import hashlib
import hmac
import math
from datetime import datetime, timedelta

from sqlmodel import Session

from services.people.session import repository, rules
from services.people.session.types import TooManyAttempts
from services.record.storage.alone import alone
from services.record.trail.unit_of_work import Store

_LONGEST_RUN = 60
_COUNTERS = "sign_in_counter"


class Lockout:
    """The counters of failed sign-ins; they name neither addresses nor accounts in clear.

    Parameters
    ----------
    secret
        Keys the counters' names (HMAC-SHA-256).
    """

    def __init__(self, store: Store, secret: bytes) -> None:
        self._store = store
        self._secret = secret

    def attempt(self, email: str, address: str) -> None:
        """Count an attempt as failed before it is tried, so that a hundred at once are a hundred.

        Raises
        ------
        TooManyAttempts
            When either counter still has to wait; the attempt is not counted then.
        """
        now = self._store.clock.now()
        with self._store.operational() as session:
            alone(session, _COUNTERS)
            counters = self._counters(session, email, address)
            longest = max(
                rules.wait(count, free, failed_at, now) for _, free, count, failed_at in counters
            )
            if longest > timedelta(0):
                raise TooManyAttempts(max(1, math.ceil(longest.total_seconds())))
            for counter_id, _, count, failed_at in counters:
                fresh = now - failed_at >= rules.FORGOTTEN_AFTER
                following = 1 if fresh else min(count + 1, _LONGEST_RUN)
                repository.set_failures(session, counter_id, following, now)

    def passed(self, email: str, address: str) -> None:
        """Take a counted attempt back: the account starts afresh, the address loses one failure.

        Notes
        -----
        The address keeps its other failures; otherwise one known password would let a machine try
        any number of others.
        """
        with self._store.operational() as session:
            alone(session, _COUNTERS)
            own, shared = self._counters(session, email, address)
            repository.set_failures(session, own[0], 0, own[3])
            repository.set_failures(session, shared[0], shared[2] - 1, shared[3])

    def pseudonym(self, text: str) -> str:
        """Return what stands for an address or account in counters and events: 32 hex digits."""
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()[:32]

    def _counters(
        self, session: Session, email: str, address: str
    ) -> list[tuple[str, int, int, datetime]]:
        now = self._store.clock.now()
        found: list[tuple[str, int, int, datetime]] = []
        for kind, text, free in (
            ("account", email, rules.FREE_ACCOUNT_FAILURES),
            ("address", address, rules.FREE_ADDRESS_FAILURES),
        ):
            counter_id = f"{kind}:{self.pseudonym(text)}"
            count, failed_at = repository.failures(session, counter_id) or (0, now)
            found.append((counter_id, free, count, failed_at))
        return found
