"""The nouns of the cost ledger."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from services.kernel.money import Money


class CostKind(StrEnum):
    """What money went to."""

    TRAINING = "training"
    SEARCH = "search"
    SERVING = "serving"
    STORAGE = "storage"
    IDLE = "idle"
    OTHER = "other"


class Method(StrEnum):
    """How a line came about; what nobody noted is empty."""

    UNSAID = ""
    ALLOCATION = "allocation"
    """What our own job set aside, times how long."""
    DECLARED = "declared"
    """What a run said it ran on, times how long."""
    PROCESS = "process"
    """What a run's process used, by its own resource usage."""
    REQUESTS = "requests"
    """How long requests took, times what the declared hardware costs."""
    HOSTS = "hosts"
    """How long servers were there, by what they reported."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """What was set aside for a job: it is paid for whether it was used or not.

    Attributes
    ----------
    gpu_type
        As the price catalogue and the engine name it; empty where nobody says.
    """

    cpus: float = 1.0
    memory_gb: float = 4.0
    gpus: int = 0
    gpu_type: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """A quantity of something that has a price.

    Attributes
    ----------
    sku, unit
        As the price catalogue has them.
    quantity
        In whole millionths of the unit, 0 or more.
    """

    sku: str
    unit: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a cost belongs to; empty and None for what nobody knows.

    Attributes
    ----------
    run_id
        MLflow's.
    ticket_id
        Of the retrain ticket, where it is our own job.
    environment
        Where it ran: the engine's name, a cluster, an account.
    experiment
        The name of MLflow's experiment, where a run bears it.
    """

    model: str = ""
    version: int | None = None
    run_id: str = ""
    team: str = ""
    ticket_id: str = ""
    environment: str = ""
    experiment: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger, before it is added.

    Attributes
    ----------
    source_id
        What makes adding idempotent: the same one twice is the same line.
    amount
        None is *unpriced*, never nothing.
    starts_at, ends_at
        The stretch it is for, half open, aware.
    price_id
        The price it was worked out by; empty where somebody billed it.
    estimated
        Whether it was worked out rather than billed.
    corrects
        The ``source_id`` of the line that it adds to or takes from; empty for a line of its own.
    kwh, kwh_source
        Energy, and who says so: ``measured …`` where a device did; None where nobody knows.
    kg, grid_id
        What that emitted in kg CO2e, by which factor of the grid; None without one.
    requests
        Predictions that the line paid for, on the first line of a day; None for what answers nobody.
    """

    source_id: str
    kind: CostKind
    use: Use
    amount: Money | None
    bearer: Bearer
    starts_at: datetime
    ends_at: datetime
    price_id: str = ""
    estimated: bool = True
    corrects: str = ""
    kwh: Decimal | None = None
    kwh_source: str = ""
    kg: Decimal | None = None
    grid_id: str = ""
    requests: int | None = None
    method: Method = Method.UNSAID


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it stands in the ledger; it never changes."""

    entry: Entry
    added_at: datetime
    event_seq: int


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a batch.

    Attributes
    ----------
    new, known
        Lines that were added, and lines that were there already.
    restated
        The ``source_id`` of each that was there already and that a file states anew.
    corrections
        The lines that were added to make it so.
    """

    new: int
    known: int
    restated: tuple[str, ...] = ()
    corrections: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Total:
    """What lines of one group come to.

    Attributes
    ----------
    key
        Values in the order asked for.
    amount
        Of the lines that have a price; currencies are never added to each other.
    unpriced
        Lines without a price: as long as there are any, the amount is not all there is.
    """

    key: tuple[str, ...]
    amount: Money
    lines: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent in one currency.

    Attributes
    ----------
    unpriced
        Lines that have no price.
    elsewhere
        What was spent in other currencies, not in ``amount``.
    """

    amount: Money
    unpriced: int = 0
    elsewhere: tuple[Money, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Tell whether the amount is all there is."""
        return not self.unpriced and not self.elsewhere


@dataclass(frozen=True, slots=True)
class AttemptUse:
    """What one attempt at a job held, from when to when.

    Attributes
    ----------
    attempt_id
        Each attempt is charged once.
    kind
        Training or search.
    kwh
        As its GPUs measured it; None where none did.
    """

    attempt_id: str
    bearer: Bearer
    allocation: Allocation
    started_at: datetime
    ended_at: datetime
    kind: CostKind = CostKind.TRAINING
    kwh: Decimal | None = None
