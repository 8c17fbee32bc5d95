"""The nouns of a session."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.kernel.error import NotPermitted


class SignInRefused(NotPermitted):
    """Address and password do not belong together, or the account is closed; it is not said which."""


class TooManyAttempts(NotPermitted):
    """Too many wrong passwords; wait.

    Attributes
    ----------
    seconds
        How long to wait, whole seconds, at least 1.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"Too many attempts. Try again in {_spoken(seconds)}.", retry_after_s=seconds
        )
        self.seconds = seconds


def _spoken(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} seconds" if seconds != 1 else "1 second"
    return f"{-(-seconds // 60)} minutes"


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts.

    Attributes
    ----------
    idle
        It ends when nothing was done for this long.
    absolute
        It ends this long after signing in, whatever was done.
    """

    idle: timedelta = timedelta(hours=1)
    absolute: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One browser in which a person is signed in.

    Attributes
    ----------
    session_id
        The SHA-256 of the secret in the cookie; the secret itself is kept nowhere.
    method
        ``password`` or ``link``.
    """

    session_id: str
    person_id: str
    method: str
    opened_at: datetime
    expires_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class AuthEvent:
    """One act of proving who one is, to which a signature refers.

    Attributes
    ----------
    method
        ``password``.
    components
        How many independent things were proved (21 CFR 11.200): 2 is address and password.
    """

    auth_event_id: str
    person_id: str
    session_id: str
    at: datetime
    method: str
    components: int
