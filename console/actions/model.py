"""What the page of a model does: forms in, commands out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """A filled form that asks for a review; ``key`` makes it happen once."""

    alias: str
    rationale: str
    key: str


@dataclass(frozen=True, slots=True)
class Edited:
    """One section of the card as somebody wants it to read, and the revision it was read from."""

    field: str
    text: str
    not_applicable: bool
    revision: int


@dataclass(frozen=True, slots=True)
class BackAsked:
    """A filled form that rolls an alias back."""

    alias: str
    target: int
    reason: str
    password: str
    key: str


@dataclass(frozen=True, slots=True)
class ExcuseAsked:
    """A filled form that says why a kind of evidence does not apply."""

    kind: str
    reason: str
    password: str
