"""Leakage: what a training would know that it cannot know when it is asked."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from services.facts.evidence.types import (
    EvidenceInput,
    EvidenceKind,
    Measurement,
    MeasurementStatus,
    Reading,
    segment,
)
from services.facts.performance.statistics import LEVEL, wilson
from services.facts.training_data.columns import INSTANT, compute
from services.facts.training_data.hashing import marks
from services.facts.training_data.single import Strength, strongest
from services.facts.training_data.types import Snapshot
from services.kernel.error import InvalidInput

SCHEMA = "leakage/1"
TELLS_ALL = 0.99
"""A single feature from here on says the outcome by itself (AUC, or absolute rank correlation)."""
SAME_SHARE = 0.01
"""With ids that differ, so many rows of the holdout may look like one of the training by chance."""


@dataclass(frozen=True)
class Leakage:
    """What was found, and what of it stops a training."""

    reading: Reading
    refused: tuple[str, ...]


def look(train: Snapshot, holdout: Snapshot) -> Leakage:
    """Hold training rows against the holdout.

    Notes
    -----
    *Overlap*: rows of the holdout whose content (all features and the target) or whose id is among the
    training rows. Without ids, one is too many; with ids that differ, equal content is chance as long as
    it is at most 1 % of the holdout, or twice the share of the training rows that repeat each other.
    *Order*: training rows at or after the first row of the holdout; none, where there is a time column.
    *Single features*: see :mod:`single`.

    Raises
    ------
    InvalidInput
        When the holdout lacks a column, or either side has no rows.
    """
    _comparable(train, holdout)
    overlap, order = _overlap(train, holdout), _order(train, holdout)
    single = strongest(train, holdout)
    payload = {
        "n": {"train": train.rows, "holdout": holdout.rows},
        "overlap": overlap,
        "order": order,
        "single": {"measure": single.measure, "limit": TELLS_ALL, "features": [each.raw for each in single.features]},
    }  # fmt: skip
    reading = Reading(
        kind=EvidenceKind.LEAKAGE,
        schema=SCHEMA,
        payload=payload,
        measurements=(*_shares(overlap, order), *_strengths(single.features)),
        inputs=(
            EvidenceInput("train", train.sha256, train.rows),
            EvidenceInput("holdout", holdout.sha256, holdout.rows),
        ),
        parameters={
            "target": train.source.target,
            "time": train.source.time,
            "id": train.source.id,
        },
    )
    return Leakage(reading, (*_same(overlap), *_later(order), *_telling(single.features)))


def _comparable(train: Snapshot, holdout: Snapshot) -> None:
    if not train.rows or not holdout.rows:
        empty = "training" if not train.rows else "holdout"
        raise InvalidInput(f"The {empty} has no rows; leakage cannot be looked for.")
    for name in (*train.features, train.source.target):
        if name not in holdout.table.column_names:
            raise InvalidInput(f"The holdout has no column {name!r}, which the training rows have.")
        kinds = [each.table.schema.field(name).type for each in (train, holdout)]
        if len({str(kind).replace("int64", "double") for kind in kinds}) > 1:
            raise InvalidInput(f"The column {name!r} is {kinds[0]} in training and {kinds[1]} in the holdout.")  # fmt: skip


def _overlap(train: Snapshot, holdout: Snapshot) -> dict[str, Any]:
    names = [*train.features, train.source.target]
    mine, theirs = marks(train.table, names), marks(holdout.table, names)
    ids = train.source.id
    with_ids = bool(ids) and ids in holdout.table.column_names
    same = None
    if with_ids:
        one, two = marks(train.table, [ids]), marks(holdout.table, [ids])
        same = int(np.isin(two, one).sum())
    return {
        "rows": int(np.isin(theirs, mine).sum()),
        "ids": same,
        "of": holdout.rows,
        "repeated_in_train": int(train.rows - len(np.unique(mine))),
        "of_train": train.rows,
    }


def _order(train: Snapshot, holdout: Snapshot) -> dict[str, Any] | None:
    """Return how many training rows are not before the holdout; None without a time column."""
    time = train.source.time
    if not time or holdout.first_at is None:
        return None
    at = train.table.column(time)
    late = compute.sum(compute.greater_equal(at, pa.scalar(holdout.first_at, INSTANT))).as_py()
    return {"late": int(late or 0), "unknown": at.null_count, "of": train.rows}


def _shares(overlap: dict[str, Any], order: dict[str, Any] | None) -> list[Measurement]:
    found = [_share("leakage.row_overlap", overlap["rows"], overlap["of"])]
    found.append(_share("leakage.id_overlap", overlap["ids"], overlap["of"]))
    late = (None, 0) if order is None else (order["late"], order["of"])
    return [*found, _share("leakage.time_overlap", *late)]


def _share(metric: str, hits: int | None, n: int) -> Measurement:
    if hits is None or not n:
        status = MeasurementStatus.NOT_ESTIMABLE
        return Measurement(metric, "", None, "1", n, method="count", status=status)
    held = wilson(hits, n)
    return Measurement(metric, "", held.value, "1", n, held.lo, held.hi, LEVEL, held.method)


def _strengths(features: tuple[Strength, ...]) -> list[Measurement]:
    return [
        Measurement(
            each.metric, segment(feature=each.feature), each.value, "1", each.n, method=each.method
        )
        for each in features
    ]


def _same(overlap: dict[str, Any]) -> list[str]:
    n = overlap["of"]
    if overlap["ids"]:
        return [f"{overlap['ids']:,} of {n:,} rows of the holdout are among the training rows (same id); leave them out."]  # fmt: skip
    chance = 0.0
    if overlap["ids"] == 0:
        chance = max(SAME_SHARE, 2 * overlap["repeated_in_train"] / overlap["of_train"])
    if overlap["rows"] > chance * n:
        return [f"{overlap['rows']:,} of {n:,} rows of the holdout are among the training rows (same content); leave them out."]  # fmt: skip
    return []


def _later(order: dict[str, Any] | None) -> list[str]:
    if order is None or not (order["late"] or order["unknown"]):
        return []
    if order["late"]:
        return [f"{order['late']:,} of {order['of']:,} training rows are not older than the holdout; set 'until' in the recipe's window."]  # fmt: skip
    return [f"{order['unknown']:,} training rows have no instant; whether they are older than the holdout is unknown."]  # fmt: skip


def _telling(features: tuple[Strength, ...]) -> list[str]:
    return [
        f"The feature {each.feature!r} tells the outcome by itself ({each.words} {each.value:.3f}); "
        "is it known before the outcome? Leave it out by 'columns'."
        for each in features
        if each.value is not None and each.value >= TELLS_ALL
    ]
