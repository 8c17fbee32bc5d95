"""What a challenger is held to beside the metric: calibration, time, size, what it rests on."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from services.facts.challenger.types import Check, Contest, Holds, Side, Standard
from services.facts.drift.attribution import importance_ndcg
from services.facts.evidence.types import Measurement, MeasurementStatus
from services.facts.performance import calibration
from services.kernel.error import InsufficientEvidence

LEAST_CALIBRATED = calibration.BINS


def of_calibration(
    contest: Contest, standard: Standard, seed: int
) -> tuple[Check, Measurement, Mapping[str, float]] | None:
    """Return whether probabilities are as right as they were; None where none are said.

    Notes
    -----
    Noise alone makes the error larger than 0: a challenger below what perfectly calibrated scores reach
    in 19 of 20 samples is calibrated, whatever the champion is.
    """
    champion, holdout = contest.champion, contest.holdout
    if champion is None or holdout.task != "classification" or holdout.n < LEAST_CALIBRATED:
        return None
    positive = contest.challenger.classes[1]
    truth = (holdout.rows[holdout.target] == positive).to_numpy(dtype=bool)
    new, old = (
        calibration.calibration_error(truth, each.outputs[:, 1].astype(np.float64)).value
        for each in (contest.challenger, champion)
    )
    chance = calibration.noise(contest.challenger.outputs[:, 1].astype(np.float64), seed)
    holds = Holds.YES if new - old <= standard.calibration_margin or new <= chance else Holds.NO
    words = f"Its calibration error is {new:.3f}, the champion's {old:.3f}; by chance {chance:.3f}."
    number = Measurement(
        "challenger.ece_change", "", new - old, "1", holdout.n, method="equal-count-10"
    )
    held = {"champion": old, "challenger": new, "chance": chance}
    return Check("calibration", holds, words), number, held


def of_latency(contest: Contest, standard: Standard) -> tuple[Check, Measurement] | None:
    """Return whether it answers fast enough; None where nobody timed both."""
    champion = contest.champion
    new, old = contest.challenger.latency_ms, champion.latency_ms if champion else None
    if new is None or old is None or not old > 0:
        return None
    holds = Holds.YES if new <= old * standard.latency_factor else Holds.NO
    words = f"One answer takes it {new:.1f} ms of a processor, the champion {old:.1f} ms."
    number = Measurement(
        "challenger.latency_ratio", "", new / old, "1", contest.holdout.n, method="processor"
    )
    return Check("latency", holds, words), number


def of_size(contest: Contest) -> tuple[Check, Measurement] | None:
    """Return how its size compares; told, and never in the way."""
    champion = contest.champion
    new, old = contest.challenger.size_bytes, champion.size_bytes if champion else None
    if not new or not old:
        return None
    words = f"Its files have {new:,} bytes, the champion's {old:,}."
    number = Measurement("challenger.size_ratio", "", new / old, "1", 1, method="files")
    return Check("size", Holds.YES, words, decides=False), number


def of_attribution(contest: Contest) -> tuple[Check, Measurement, Mapping[str, Any]] | None:
    """Return whether it rests on the same features; told, and never in the way."""
    champion = contest.champion
    new, old = contest.challenger.importance, champion.importance if champion else None
    if not new or not old:
        return None
    order = sorted(old, key=lambda name: (-old[name], name))
    try:
        value = importance_ndcg(order, new)
    except InsufficientEvidence:
        words = "It rests on other features than the champion; their importance is not compared."
        return (
            Check("attribution", Holds.UNKNOWN, words, decides=False),
            Measurement(
                "challenger.attribution_ndcg",
                "",
                None,
                "1",
                len(new),
                status=MeasurementStatus.NOT_ESTIMABLE,
            ),
            {"champion": dict(old), "challenger": dict(new)},
        )
    first = min(new, key=lambda name: (-new[name], name))
    words = f"The champion's order ranks its importances by {value:.3f}; {first} counts most."
    number = Measurement("challenger.attribution_ndcg", "", value, "1", len(new), method="ndcg")
    check = Check("attribution", Holds.YES, words, decides=False)
    return check, number, {"champion": dict(old), "challenger": dict(new)}


def aligned(side: Side, classes: tuple[Any, ...]) -> Side | None:
    """Return a side with its columns in the order of others' classes; None when they are not the same."""
    if side.classes == classes:
        return side
    if len(side.classes) != len(classes) or set(side.classes) != set(classes):
        return None
    order = [side.classes.index(each) for each in classes]
    return Side(side.outputs[:, order], classes, side.size_bytes, side.latency_ms, side.importance)
