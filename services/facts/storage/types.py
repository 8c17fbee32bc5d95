"""The nouns of what is kept."""

from dataclasses import dataclass
from datetime import datetime

HOLD_TAG = "countersign.hold"
"""Whatever stands under it, the run is kept."""


@dataclass(frozen=True, slots=True)
class KeptRun:
    """The files of a run and of the versions that came from it.

    Attributes
    ----------
    size
        In bytes; None where MLflow does not serve its files, so that nobody can tell.
    held
        Why somebody wants it kept, as the run's tag ``countersign.hold`` says; empty for nobody.
    first_at, weighed_at
        When it was weighed first, and last.
    gone_at
        When its files were taken away; None while they are there.
    """

    run_id: str
    experiment_id: str
    name: str
    model: str
    size: int | None
    files: int
    held: str
    ended_at: datetime
    first_at: datetime
    weighed_at: datetime
    gone_at: datetime | None = None
