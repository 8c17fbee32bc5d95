"""Fairlearn's figures by group; the one file that imports it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from fairlearn.metrics import (
    MetricFrame,
    count,
    false_positive_rate,
    selection_rate,
    true_positive_rate,
)


@dataclass(frozen=True, slots=True)
class GroupRates:
    """Rates of one group in [0, 1], as Fairlearn gives them; meaningless where counts are zero."""

    n: int
    selection_rate: float
    tpr: float
    fpr: float


def rates(
    truth: npt.NDArray[np.int64], chosen: npt.NDArray[np.int64], groups: pd.Series
) -> dict[str, GroupRates]:
    """Return the rates by group.

    Parameters
    ----------
    truth, chosen
        (n,) 0 and 1: the true outcome is favourable, the decision is.
    groups
        (n,) the name of each row's group, none missing; taken by position.
    """
    frame = MetricFrame(
        metrics={
            "n": count,
            "selection_rate": selection_rate,
            "tpr": true_positive_rate,
            "fpr": false_positive_rate,
        },
        y_true=truth,
        y_pred=chosen,
        sensitive_features=groups.reset_index(drop=True),
    )
    by_group = frame.by_group
    return {
        str(name): GroupRates(
            int(row["n"]), float(row["selection_rate"]), float(row["tpr"]), float(row["fpr"])
        )
        for name, row in by_group.iterrows()
    }
