"""The nouns of a policy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.kernel.error import InvalidInput
from services.kernel.identity import Role, Tier
from services.kernel.metric import metric
from services.standards.policy.training import Budget, Retraining
from services.standards.policy.watch import Monitoring

ROUNDING = 1e-12


class PolicyError(InvalidInput):
    """A policy file that cannot be used.

    Attributes
    ----------
    line, column
        Where, counted from 1.
    """

    def __init__(self, words: str, line: int, column: int) -> None:
        super().__init__(f"Line {line}, column {column}: {words}", line=line, column=column)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit that both decides and speaks: the comparison and the sentence come from one object.

    Attributes
    ----------
    bound
        In the unit of the metric.
    at_least
        True when values from the bound on are inside, False when values up to it are.
    """

    bound: float
    at_least: bool

    def holds(self, value: float) -> bool:
        """Tell whether a value is inside the limit; the bound itself is inside.

        A ratio of counts that is exactly the bound may come out one rounding below it, so the
        bound gives way by ``ROUNDING``, far below any difference that a measurement can show.
        """
        slack = ROUNDING * max(1.0, abs(self.bound))
        gap = value - self.bound if self.at_least else self.bound - value
        return gap >= -slack

    @property
    def words(self) -> str:
        """Return the limit as people read it: ``≥ 0.80``."""
        return f"{'≥' if self.at_least else '≤'} {shown(self.bound)}"


def shown(number: float) -> str:
    """Return a limit with at least two decimals, and no more than it needs."""
    text = f"{number:.6f}".rstrip("0")
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"


@dataclass(frozen=True, slots=True)
class Clause:
    """One line of a policy that can pass or fail.

    Attributes
    ----------
    by
        The attributes judged: each alone, ``race*sex`` for an intersection; the worst group decides.
    threshold
        None for a comparison.
    versus
        ``champion`` for a comparison, else None.
    no_worse_by
        How much worse than the champion is still inside, in the unit of the metric.
    live
        Judged again at promotion and never part of a basis.
    task
        The only task it applies to: classification, regression or multiclass; None for all.
    """

    id: str
    metric: str
    by: tuple[str, ...] = ()
    threshold: Threshold | None = None
    versus: str | None = None
    no_worse_by: float = 0.0
    live: bool = False
    task: str | None = None

    @property
    def limits(self) -> Threshold:
        """Return the threshold of a clause that has one of its own.

        Raises
        ------
        InvalidInput
            For a comparison, whose threshold is made from the champion's value.
        """
        if self.threshold is None:
            raise InvalidInput(f"The clause {self.id!r} compares and has no limit of its own.")
        return self.threshold

    @property
    def sentence(self) -> str:
        """Return what the clause asks for, in words."""
        words = metric(self.metric).words
        if self.by:
            words += " by " + ", ".join(name.replace("*", " and ") for name in self.by)
        if self.versus:
            return f"{words} not worse than the {self.versus}'s"
        return words

    @property
    def limit(self) -> str:
        """Return the limit in words."""
        if self.threshold is not None:
            return self.threshold.words
        return f"not worse by {shown(self.no_worse_by)}"


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one kind of evidence must be like.

    Attributes
    ----------
    max_age_days
        Older is stale; None means it never is.
    min_n
        Fewer rows are too few.
    reference
        The group others are compared with, by attribute.
    not_applicable
        Whether a validator may declare that this kind cannot exist for a model.
    """

    kind: str
    max_age_days: int | None = None
    min_n: int = 0
    attributes: tuple[str, ...] = ()
    favourable: int | str | None = None
    reference: Mapping[str, str] | None = None
    not_applicable: bool = False


@dataclass(frozen=True, slots=True)
class AppliesTo:
    """Which models and aliases a policy is for; ``*`` is any."""

    tier: tuple[Tier, ...]
    alias: tuple[str, ...] = ("*",)
    jurisdiction: tuple[str, ...] = ("*",)

    def covers(self, tier: Tier, alias: str, jurisdiction: str) -> bool:
        """Tell whether it is for this."""
        return (
            tier in self.tier
            and _any(self.alias, alias.casefold())
            and _any(self.jurisdiction, jurisdiction.casefold())
        )

    @property
    def specificity(self) -> tuple[bool, bool, int]:
        """Return how narrow it is; larger is narrower."""
        return ("*" not in self.jurisdiction, "*" not in self.alias, -len(self.tier))


def _any(names: tuple[str, ...], asked: str) -> bool:
    return "*" in names or asked in {name.casefold() for name in names}


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """Who must sign, who may not, and how long it counts."""

    quorum: Mapping[Role, int]
    separate: tuple[str, ...] = ()
    due_days: int = 14
    approval_valid_days: int = 30
    next_review_days: int = 365


@dataclass(frozen=True, slots=True)
class WaiverRules:
    """How long a clause may be waived, and which never."""

    max_days: int = 0
    forbidden_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """One published policy.

    Attributes
    ----------
    sha256
        Of the bytes it was published as: its identity.
    trusted
        Whether versions may be loaded where the sandbox has limits only (level S0).
    monitoring
        How its models are watched; None where the file says nothing, see :attr:`watch`.
    retraining
        When its models are trained anew; where the file says nothing, only when people ask.
    budget
        What that may cost; without limits where the file says nothing.
    """

    policy_id: str
    version: int
    sha256: str
    applies_to: AppliesTo
    evidence: Mapping[str, Requirement]
    clauses: tuple[Clause, ...]
    card_required: tuple[str, ...]
    review: ReviewRules
    waivers: WaiverRules
    trusted: bool = False
    monitoring: Monitoring | None = None
    retraining: Retraining = field(default_factory=Retraining)
    budget: Budget = field(default_factory=Budget)

    @property
    def watch(self) -> Monitoring:
        """Return how its models are watched: as written, else by the rules of good practice."""
        return self.monitoring or Monitoring()


@dataclass(frozen=True, slots=True)
class Published:
    """A policy as it was put in force, by whom, from when until when."""

    policy: Policy
    text: str
    published_by: str
    published_at: datetime
    ended_at: datetime | None
