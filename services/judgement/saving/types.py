"""The nouns of what could cost less."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.kernel.lifecycle import Lifecycle
from services.kernel.money import Money


class SavingKind(StrEnum):
    """How something could cost less."""

    IDLE_GPU = "idle_gpu"
    RIGHT_SIZE = "right_size"
    CPU_BOUND = "cpu_bound"
    SPOT = "spot"
    TIME_SHARING = "time_sharing"
    CACHING = "caching"
    FEWER_REPLICAS = "fewer_replicas"
    BY_REQUEST = "by_request"


class SavingState(StrEnum):
    """Where a recommendation stands."""

    OPEN = "open"
    DISMISSED = "dismissed"
    DONE = "done"


SAVING = Lifecycle(
    "recommendation",
    "open",
    {"open": frozenset({"dismissed", "done"}), "dismissed": frozenset({"open"})},
)


class Confidence(StrEnum):
    """How sure the money of a recommendation is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Worth:
    """Money a month.

    Attributes
    ----------
    lo, hi
        Between which it lies; ``lo`` may be negative where it might cost more instead.
    """

    amount: Money
    lo: Money
    hi: Money


@dataclass(frozen=True, slots=True)
class Piece:
    """One number that a recommendation rests on.

    Attributes
    ----------
    where
        The run, the price or the days that it was read from.
    """

    name: str
    value: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something that could cost less, before anybody was told.

    Attributes
    ----------
    model, experiment_id
        Whose it is; the experiment where no model is known.
    about
        What it is about beside that: a type of GPU, a version.
    costs
        Which kinds of cost it would lower: what is compared before and after.
    worth
        None where something has no price: then the money is unknown.
    because
        Why the confidence is what it is.
    """

    kind: SavingKind
    model: str
    experiment_id: str
    about: str
    words: str
    costs: tuple[str, ...]
    worth: Worth | None
    confidence: Confidence
    because: str
    evidence: tuple[Piece, ...]
    runs: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return what tells it from others: the same fault of the same thing has the same name."""
        whose = self.model or f"experiment {self.experiment_id}"
        return f"{self.kind.value}:{whose}:{self.about}"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A proposal that stands, and what became of it.

    Attributes
    ----------
    handled_by
        The person behind the present state; None where the console itself saw it.
    reason
        What that person said, or how the console saw it.
    """

    saving_id: str
    proposal: Proposal
    state: SavingState
    opened_at: datetime
    changed_at: datetime
    handled_by: str | None = None
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Tell whether nobody decided about it."""
        return self.state is SavingState.OPEN


@dataclass(frozen=True, slots=True)
class Tracked:
    """What the same thing cost as many days before it was done as after.

    Attributes
    ----------
    days
        Of each side; 30 at most, the day of the deed belongs to neither.
    unpriced
        Lines without a price on either side: with any, the saving is not all there is.
    elsewhere
        Whether there is money in other currencies, which is not in the sums.
    """

    days: int
    before: Money
    after: Money
    unpriced: int
    elsewhere: bool

    @property
    def saved(self) -> Money:
        """Return what was saved; negative where it costs more."""
        return self.before - self.after
