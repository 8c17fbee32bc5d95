"""When a session has ended, how long a lockout lasts, and what a password must be."""

import unicodedata
from datetime import datetime, timedelta

from services.kernel.error import InvalidInput
from services.people.session.types import OpenSession, SessionLimits

PASSWORD_LEAST = 10
PASSWORD_BYTES = 1024
FREE_ACCOUNT_FAILURES = 4
FREE_ADDRESS_FAILURES = 19
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)


def ended(session: OpenSession, limits: SessionLimits, now: datetime) -> bool:
    """Tell whether a session is past its idle or its absolute limit."""
    return now >= session.expires_at or now - session.seen_at >= limits.idle


def wait(failures: int, free: int, failed_at: datetime, now: datetime) -> timedelta:
    """Return how long to wait before the next attempt; zero when none is needed.

    Parameters
    ----------
    failures
        Wrong passwords in a row.
    free
        How many of them cost nothing.

    Notes
    -----
    ``min(2^(failures - free - 1), 900)`` seconds after the last failure: never permanent, so that
    nobody can lock a colleague out for good.
    """
    if failures <= free or now - failed_at >= FORGOTTEN_AFTER:
        return timedelta(0)
    doublings = min(failures - free - 1, 20)
    held_for = min(timedelta(seconds=2**doublings), LONGEST_WAIT)
    return max(failed_at + held_for - now, timedelta(0))


def normal(password: str) -> str:
    """Return a password in NFC, so that the same keys on two machines are the same password.

    Raises
    ------
    InvalidInput
        Above 1 KiB in UTF-8 (hashing is dear), with NUL, or with half of a surrogate pair.
    """
    if len(password) > PASSWORD_BYTES:
        raise InvalidInput("The password is longer than 1,024 bytes; choose a shorter one.")
    if "\0" in password or any(unicodedata.category(each) == "Cs" for each in password):
        raise InvalidInput("The password contains a character that cannot be typed.")
    text = unicodedata.normalize("NFC", password)
    if len(text.encode()) > PASSWORD_BYTES:
        raise InvalidInput("The password is longer than 1,024 bytes; choose a shorter one.")
    return text


def acceptable(password: str, email: str) -> str:
    """Return a password that may be chosen, in normal form.

    Raises
    ------
    InvalidInput
        As :func:`normal`, and when it is shorter than 10 characters, only spaces, fewer than four
        different characters, or the address itself.
    """
    text = normal(password)
    if not text.strip():
        raise InvalidInput("A password of spaces alone is too easy to guess.")
    if len(text) < PASSWORD_LEAST:
        raise InvalidInput(f"Choose a password of at least {PASSWORD_LEAST} characters.")
    if len(set(text)) < 4 or text.lower() in (email, email.partition("@")[0]):
        raise InvalidInput("This password is too easy to guess; choose another one.")
    return text
