"""The gate ladder as a page shows it: one row a clause, the worst first."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """One clause and what was found.

    Attributes
    ----------
    status
        A key of ``console.theme.STATUS``.
    word
        What the badge says.
    shown
        The value as text, or why there is none.
    values
        Estimate, lower and upper end in the unit of the limit; None where not measured.
    """

    clause_id: str
    status: str
    word: str
    sentence: str
    shown: str
    values: tuple[float | None, float | None, float | None]
    limit: float | None
    at_least: bool
    limit_words: str
    n: str
    evidence_id: str
    kind: str
    age: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    """All clauses of a policy for one version, the worst first."""

    status: str
    word: str
    policy: str
    policy_sha256: str
    summary: str
    rows: tuple[ClauseRow, ...]
