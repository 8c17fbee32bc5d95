"""System health: checks with a word, never a green default."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One check."""

    name: str
    status: str
    word: str
    finding: str
    advice: str


@dataclass(frozen=True, slots=True)
class HealthView:
    """All checks, the worst first."""

    sentence: str
    status: str
    word: str
    rows: tuple[HealthRow, ...]
    facts: tuple[tuple[str, str], ...]
