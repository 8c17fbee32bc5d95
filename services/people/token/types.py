"""The nouns of an API token."""

from dataclasses import dataclass
from datetime import datetime

from services.kernel.error import NotPermitted
from services.kernel.identity import Actor

SCOPES = frozenset(
    [
        "gate:read",
        "models:read",
        "evidence:read",
        "evidence:write",
        "reviews:request",
        "tickets:request",
        "predictions:write",
        "outcomes:write",
        "cost:write",
        "trail:read",
        "routing:read",
        "metrics:read",
    ]
)


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token as people see it; its text is shown once, when it is made.

    Attributes
    ----------
    person_id
        On whose behalf it asks for reviews; None for tokens that only read or deliver.
    used_at
        When it was last used, to the minute; None when never.
    """

    token_id: str
    name: str
    scopes: frozenset[str]
    person_id: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TokenPrincipal:
    """A machine at work: which token, and what it may ask for. It never signs."""

    token_id: str
    name: str
    scopes: frozenset[str]
    person_id: str | None = None

    @property
    def actor(self) -> Actor:
        """Return this token as the actor of a trail event."""
        return Actor("token", self.token_id)

    def require(self, scope: str) -> None:
        """Refuse what the token was not made for.

        Raises
        ------
        NotPermitted
            When it lacks the scope.
        """
        if scope not in self.scopes:
            raise NotPermitted(f"This token does not have the scope {scope}; make one that does.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a request that carried an idempotency key."""

    status: int
    body: str
