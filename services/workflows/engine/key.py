"""By what an engine finds an attempt whose handle nobody has."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AttemptKey:
    """By what an engine finds an attempt whose handle was never stored.

    Attributes
    ----------
    folder
        Of its job, as in the attempt's own spec.
    run_id
        MLflow's run that was handed over with it; empty for none.
    """

    attempt_id: str
    folder: Path
    run_id: str = ""

    @property
    def place(self) -> Path:
        """Return where the attempt is within the folder of its job."""
        return self.folder.absolute() / "attempts" / self.attempt_id
