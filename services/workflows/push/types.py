"""The nouns of pushes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a delivery."""

    TAKEN = "taken"
    KNOWN = "known"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request as it came in; nothing of it is believed yet.

    Attributes
    ----------
    signature
        Of GitHub: ``sha256=`` and the HMAC-SHA-256 of the body.
    token
        Of GitLab: the secret itself.
    event
        What it says it is about.
    """

    body: bytes
    signature: str = ""
    token: str = ""
    event: str = ""


@dataclass(frozen=True, slots=True)
class Pushed:
    """The commit at which a branch stands after a push.

    Attributes
    ----------
    addresses
        Every address of the repository that the push names, compared as one compares them.
    commit
        Forty or sixty-four hex digits.
    """

    addresses: frozenset[str]
    branch: str
    commit: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where a branch stands, as far as it was told; the number counts up with every push."""

    commit: str
    number: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """What is answered to a delivery.

    Attributes
    ----------
    words
        One sentence.
    models
        How many models are trained from that branch.
    """

    outcome: Outcome
    words: str
    branch: str = ""
    commit: str = ""
    models: int = 0
