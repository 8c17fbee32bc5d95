"""When a training that goes nowhere is stopped."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guards:
    """What a recipe says of runs that go nowhere; two losses in a row that are no number always stop.

    Attributes
    ----------
    metric
        Of the progress lines: what ``patience`` and ``baseline`` watch; empty for neither.
    maximise
        Whether more of it is better.
    patience
        Stop after so many evaluations without an improvement by more than ``least``; None for never.
    baseline, after
        Stop when the best of the first ``after`` evaluations is worse than this; None for never.
    silent_seconds
        Stop when nothing was printed for so long; None for never.
    """

    metric: str = ""
    maximise: bool = False
    patience: int | None = None
    least: float = 0.0
    baseline: float | None = None
    after: int = 5
    silent_seconds: int | None = None
