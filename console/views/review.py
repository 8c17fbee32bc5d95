"""One review: what is decided, whether I may, on what ground, and what happened."""

from dataclasses import dataclass

from console.views.evidence import EvidenceRow
from console.views.gate import Ladder


@dataclass(frozen=True, slots=True)
class MayCheck:
    """One condition of signing: whether it holds, its name, and the words that say why."""

    ok: bool
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Regression:
    """Something that is worse than in the version to be replaced."""

    key: str
    words: str
    note: str
    fails: bool


@dataclass(frozen=True, slots=True)
class Given:
    """A signature that was given."""

    name: str
    role: str
    meaning: str
    at: str
    reason: str
    digest: str
    standing: bool


@dataclass(frozen=True, slots=True)
class Block:
    """What would be signed: printed name, role, meaning, time, digest."""

    name: str
    role: str
    meaning: str
    digest: str


@dataclass(frozen=True, slots=True)
class ReviewView:
    """What the page of a review shows."""

    review_id: str
    model: str
    version: int
    alias: str
    purpose: str
    status: str
    word: str
    left: str
    caption: str
    lead: str
    rationale: str
    checks: tuple[MayCheck, ...]
    may_sign: bool
    ladder: Ladder | None
    compared: str
    regressions: tuple[Regression, ...]
    evidence: tuple[EvidenceRow, ...]
    block: Block
    given: tuple[Given, ...]
    consequences: tuple[str, ...]
    task_id: str | None
    outcome: str
    may_withdraw: bool
    may_roll_back: bool
    open: bool
    moved: tuple[str, ...] = ()
    rounds: tuple[str, ...] = ()
