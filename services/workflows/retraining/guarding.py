"""Whether a training goes on: pure comparisons, each with the sentence that is shown."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.decisions.recipe.guards import Guards
from services.kernel.money import Money
from services.workflows.engine.types import GpuUse, Usage
from services.workflows.retraining.progress import Heard

IDLE, ASLEEP = 0.20, 0.05
NEARLY = 0.8
"""From this share of a budget on people are warned."""
IDLE_FOR = timedelta(minutes=10)
TWICE = 2
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0


class StopKind(StrEnum):
    """Why a training is stopped."""

    BUDGET = "budget"
    DIVERGED = "diverged"
    SILENT = "silent"
    IDLE = "idle"
    TIME = "time"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a training is stopped, in one sentence."""

    kind: StopKind
    words: str


@dataclass(frozen=True, slots=True)
class Cap:
    """One limit of money, and what it is called.

    Attributes
    ----------
    name
        ``this ticket``, or ``team labs in November``.
    spent
        What was used of it before this ticket.
    """

    name: str
    limit: Money
    spent: Money


@dataclass(frozen=True, slots=True)
class Limits:
    """What one ticket may use in all.

    Attributes
    ----------
    gpu_hours, wall_seconds
        Over all its attempts; None for no limit.
    attempt_seconds
        Of one attempt, where its engine does not end it by itself; None where it does.
    """

    caps: tuple[Cap, ...] = ()
    gpu_hours: float | None = None
    wall_seconds: float | None = None
    attempt_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Spending:
    """What a ticket used: its earlier attempts, and the one that runs.

    Attributes
    ----------
    before, gpu_seconds_before, seconds_before
        Of the attempts that are over; ``before`` is None where something has no price.
    per_hour
        What the running attempt costs; None where something has no price.
    seconds
        For which the running attempt has run.
    """

    before: Money | None
    per_hour: Money | None
    seconds: float
    gpus: int = 0
    gpu_seconds_before: float = 0.0
    seconds_before: float = 0.0

    def accrued(self, ahead: float = 0.0) -> Money | None:
        """Return what is used, or will be some seconds on; None where something has no price."""
        if self.before is None or self.per_hour is None:
            return None
        micros = self.per_hour.micros * (self.seconds + ahead) / 3600
        return self.before + Money(self.per_hour.currency, round(micros))


def over_budget(limits: Limits, spending: Spending, ahead: float = 0.0) -> Stop | None:
    """Stop what has used up its money, its GPU hours or its time.

    Parameters
    ----------
    ahead
        Seconds until the next look: what would be passed before it is passed now.

    Notes
    -----
    What has no price is not counted as nothing: it was approved by the strictest row, and GPU hours
    and time still hold.
    """
    accrued = spending.accrued(ahead)
    for cap in limits.caps:
        if accrued is None or accrued.currency != cap.limit.currency:
            continue
        if cap.spent.micros + accrued.micros >= cap.limit.micros:
            said = (
                f"The budget of {cap.name}, {cap.limit.decimal} {cap.limit.currency}, is used up."
            )
            return Stop(StopKind.BUDGET, said)
    hours = (spending.gpu_seconds_before + spending.gpus * (spending.seconds + ahead)) / 3600
    if limits.gpu_hours is not None and spending.gpus and hours >= limits.gpu_hours:
        return Stop(StopKind.BUDGET, f"Its {limits.gpu_hours:g} GPU hours are used up.")
    wall = spending.seconds_before + spending.seconds + ahead
    if limits.wall_seconds is not None and wall >= limits.wall_seconds:
        return Stop(StopKind.BUDGET, f"Its {limits.wall_seconds:g} seconds in all are used up.")
    if limits.attempt_seconds is not None and spending.seconds >= limits.attempt_seconds:
        return Stop(
            StopKind.TIME, f"It ran to its time limit of {limits.attempt_seconds:g} seconds."
        )
    return None


def nearly(limits: Limits, spending: Spending) -> str:
    """Return a warning when four fifths of one's money are used; empty before, and without a price."""
    accrued = spending.accrued()
    for cap in limits.caps:
        if accrued is None or accrued.currency != cap.limit.currency or cap.limit.micros <= 0:
            continue
        share = (cap.spent.micros + accrued.micros) / cap.limit.micros
        if share >= NEARLY:
            limit = f"{cap.limit.decimal} {cap.limit.currency}"
            return f"{100 * share:.0f} % of the budget of {cap.name}, {limit}, are used."
    return ""


def diverged(heard: Heard, guards: Guards) -> Stop | None:
    """Stop what does not converge: no number twice in a row, a plateau, worse than the baseline."""
    if heard.unmeasured >= TWICE:
        name = guards.metric or "A metric"
        return _diverged(f"{name} was no number {heard.unmeasured} times in a row")
    if not guards.metric or heard.best is None:
        return None
    if guards.patience is not None and heard.since_best >= guards.patience:
        return _diverged(
            f"{guards.metric} has not improved on {heard.best:.6g} for {heard.since_best} evaluations"
        )
    if guards.baseline is None or heard.evaluations < guards.after:
        return None
    worse = heard.best < guards.baseline if guards.maximise else heard.best > guards.baseline
    if worse:
        return _diverged(
            f"after {heard.evaluations} evaluations {guards.metric} is {heard.best:.6g} at best, "
            f"worse than the baseline of {guards.baseline:g}"
        )
    return None


def _diverged(words: str) -> Stop:
    return Stop(StopKind.DIVERGED, f"It does not converge: {words}.")


def silent(line_at: datetime, now: datetime, guards: Guards) -> Stop | None:
    """Stop what has printed nothing for longer than its recipe allows."""
    if guards.silent_seconds is None:
        return None
    quiet = (now - line_at).total_seconds()
    if quiet < guards.silent_seconds:
        return None
    return Stop(StopKind.SILENT, f"It printed nothing for {guards.silent_seconds} seconds.")


def asleep(usage: Usage | None) -> bool:
    """Tell whether every GPU did next to nothing when it was looked at last; False where unknown.

    Notes
    -----
    The engine says whether all that were allocated idle: one that does not answer may be at work.
    """
    gpus: tuple[GpuUse, ...] = usage.gpus if usage and usage.gpu_idle_since else ()
    return bool(gpus) and all(each.busy < ASLEEP for each in gpus)


def idle(
    usage: Usage | None, asleep_since: datetime | None, now: datetime, *, stops: bool
) -> tuple[str, Stop | None]:
    """Warn of GPUs that idle for ten minutes; stop where they sleep and the policy says so.

    Parameters
    ----------
    asleep_since
        Since when every GPU was below a twentieth; None while one is not, or nobody knows.

    Returns
    -------
    tuple
        A warning, empty when there is none, and a reason to stop, or None.
    """
    if usage is None or not usage.gpus:
        return "", None
    if stops and asleep_since is not None and now - asleep_since >= IDLE_FOR:
        words = "Its GPUs were below 5 % for ten minutes, and the policy stops that."
        return words, Stop(StopKind.IDLE, words)
    since = usage.gpu_idle_since
    if since is not None and now - since >= IDLE_FOR:
        return "Its GPUs have been below 20 % for ten minutes.", None
    return "", None


def pause_before(number: int) -> float:
    """Return the seconds to wait before an attempt: none before the first, then doubling."""
    return 0.0 if number <= 1 else min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (number - 2))
