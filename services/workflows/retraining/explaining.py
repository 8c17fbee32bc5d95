"""What the answers of a version rest on, for comparing two of them; told, and never in the way."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import structlog

from services.facts.scoring.service import Scorer
from services.kernel.error import InsufficientEvidence

log = structlog.get_logger(__name__)
ROWS, SEED = 200, 20260314


def importance(
    scorer: Scorer,
    model: Path,
    rows: pd.DataFrame,
    work: Path,
    *,
    trusted: bool,
    should_stop: Callable[[], bool],
) -> Mapping[str, float] | None:
    """Return the mean absolute attribution of each feature; None where it cannot be explained.

    Parameters
    ----------
    rows
        The features of the holdout; a sample of them is explained, the same for every version.
    """
    drawn = rows.sample(min(ROWS, len(rows)), random_state=SEED)
    try:
        found = scorer.explain(model, drawn, SEED, work, trusted=trusted, should_stop=should_stop)
    except InsufficientEvidence as error:
        log.info("a version is not explained for its comparison", why=error.message)
        return None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if found.values.shape != (len(drawn), len(found.features)):
        return None
    means = np.abs(found.values).mean(axis=0)
    return {name: float(value) for name, value in zip(found.features, means, strict=True)}
