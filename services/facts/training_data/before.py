"""Looking at training rows before they cost anything: schema, expectations, freshness, the last snapshot."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from services.facts.data_quality import pandera_adapter
from services.facts.data_quality.types import Check, Expectation
from services.facts.drift.comparison import compare
from services.facts.drift.types import DriftMetric
from services.facts.training_data.columns import is_number, numbers
from services.facts.training_data.hashing import Marks, marks
from services.facts.training_data.types import Checks, Snapshot
from services.kernel.error import InvalidInput

LEAST_ROWS = 50
FLIPPED_SHARE = 0.05
"""So many of the rows known before with another outcome now are more than late corrections."""
STOPS = frozenset({Check.PRESENT, Check.KIND, Check.FINITE})


def inspect(
    found: Snapshot,
    expectations: Sequence[Expectation],
    now: datetime,
    before: Snapshot | None = None,
) -> Checks:
    """Return what is wrong with rows, and what people should know of them.

    Parameters
    ----------
    expectations
        Drafted from the champion's signature (``data_quality.drafting.draft``); empty where there is none.
    before
        What the recipe trained on last; None for the first time.

    Notes
    -----
    A column that is not there, of another kind or with endless numbers stops, and so do the recipe's own
    checks, too few rows, stale rows and another digest than the pinned one. Values that are missing or
    out of range are told only: that data moved is why one retrains.
    """
    source = found.source
    refused, told = _expected(found, expectations)
    refused += _enough(found) + _named(found) + _fresh(found, now)
    if source.snapshot is not None and found.sha256 != source.snapshot:
        refused.append(f"The rows have the digest {found.sha256[:12]}…, and the recipe pins {source.snapshot[:12]}….")  # fmt: skip
    if found.left_out:
        told.append(f"{found.left_out:,} rows have no {source.target!r} and are left out.")
    report: dict[str, Any] = {"rows": found.rows, "sha256": found.sha256, "without_target": found.left_out, "before": None}  # fmt: skip
    if before is not None:
        since = compared(before, found)
        report["before"] = since
        refused += _flipped(since)
        told += _moved(since)
    return Checks(tuple(refused), tuple(told), report | {"refused": refused, "warnings": told})


def _expected(found: Snapshot, expectations: Sequence[Expectation]) -> tuple[list[str], list[str]]:
    if not expectations or not found.rows:
        return [], []
    named = [f"f_{name}" if name in found.features else name for name in found.table.column_names]
    held = found.table.rename_columns(named)
    failures = pandera_adapter.failures(held, expectations)
    words = [(each.check in STOPS, each.sentence.removeprefix("f_")) for each in failures]  # fmt: skip
    return [w for stops, w in words if stops], [w for stops, w in words if not stops]


def _enough(found: Snapshot) -> list[str]:
    if found.rows >= LEAST_ROWS:
        return []
    return [f"There are {found.rows:,} rows to train on; {LEAST_ROWS} are the least."]


def _fresh(found: Snapshot, now: datetime) -> list[str]:
    days = found.source.max_age_days
    if days is None or (found.last_at is not None and found.last_at >= now - timedelta(days=days)):
        return []
    if found.last_at is None:
        return ["No row has an instant; how fresh they are is unknown."]
    return [f"The newest row is of {found.last_at:%Y-%m-%d}; the recipe wants rows of the last {days} days."]  # fmt: skip


def _named(found: Snapshot) -> list[str]:
    """Return which of the recipe's own checks do not hold."""
    return [words for check in found.source.checks if (words := _one(found, check))]


def _one(found: Snapshot, check: str) -> str:
    kind, _, rest = check.partition(":")
    if kind == "rows":
        return "" if found.rows >= int(rest) else f"There are {found.rows:,} rows; the recipe wants {int(rest):,}."  # fmt: skip
    name, *ends = rest.split(":")
    if name not in found.table.column_names:
        return f"The check {check!r} names a column that is not there."
    if kind == "complete":
        missing = found.table.column(name).null_count
        return (
            f"{missing:,} rows have no {name!r}, which the recipe wants complete."
            if missing
            else ""
        )
    if not is_number(found.table, name):
        return f"The check {check!r} is about numbers, and {name!r} holds none."
    lo, hi = map(float, ends)
    values = numbers(found.table, name)
    outside = int(((values < lo) | (values > hi)).sum())
    return f"{outside:,} rows have {name!r} outside {lo:g} to {hi:g}." if outside else ""


def compared(before: Snapshot, found: Snapshot) -> dict[str, Any]:
    """Return how rows differ from those trained on last: counts, label flips, outliers, drift.

    Notes
    -----
    Rows are the same by id, or by the content of all features where there are no ids; of several with
    one key the last counts. An outlier has a number outside the range of the last snapshot.
    """
    shared = [name for name in found.features if name in before.features]
    return {
        "sha256": before.sha256,
        "rows": before.rows,
        "columns_gone": sorted(set(before.features) - set(shared)),
        "columns_new": sorted(set(found.features) - set(shared)),
        **_flips(before, found, shared),
        "outliers": _outliers(before, found, shared),
        "drift": _drift(before, found, shared),
    }


def _flips(before: Snapshot, found: Snapshot, shared: list[str]) -> dict[str, int]:
    ids = found.source.id
    keys = [ids] if ids and ids in before.table.column_names else shared
    target = found.source.target
    if target not in before.table.column_names:
        raise InvalidInput(f"The last snapshot has no column {target!r}; the target changed.")
    (old, was), (new, is_now) = (_last(each, keys, target) for each in (before, found))
    known, one, two = np.intersect1d(old, new, assume_unique=True, return_indices=True)
    return {"known": len(known), "flipped": int((was[one] != is_now[two]).sum())}


def _last(held: Snapshot, keys: list[str], target: str) -> tuple[Marks, Marks]:
    """Return the marks of keys, each once, and of the target in the last row that has it."""
    outcomes = marks(held.table, [target])[::-1]
    different, places = np.unique(marks(held.table, keys)[::-1], return_index=True)
    return different, outcomes[places]


def _outliers(before: Snapshot, found: Snapshot, shared: list[str]) -> int:
    outside = np.zeros(found.rows, dtype=bool)
    for name in shared:
        if is_number(before.table, name) and is_number(found.table, name):
            held, values = numbers(before.table, name), numbers(found.table, name)
            if not np.all(np.isnan(held)):
                outside |= (values < np.nanmin(held)) | (values > np.nanmax(held))
    return int(outside.sum())


def _drift(before: Snapshot, found: Snapshot, shared: list[str]) -> list[dict[str, Any]]:
    one, two = before.table.select(shared), found.table.select(shared)
    return [
        {"feature": each.feature, "metric": each.metric, "value": each.value, "n": each.n, "reason": each.reason}
        for each in compare(one, two, DriftMetric.KS, LEAST_ROWS)
    ]  # fmt: skip


def _flipped(since: dict[str, Any]) -> list[str]:
    if not since["known"] or since["flipped"] / since["known"] <= FLIPPED_SHARE:
        return []
    return [f"{since['flipped']:,} of {since['known']:,} rows that were trained on last have another outcome now; ask where the labels come from."]  # fmt: skip


def _moved(since: dict[str, Any]) -> list[str]:
    told = [f"{name!r} is new since the last snapshot." for name in since["columns_new"]]
    told += [f"{name!r} is gone since the last snapshot." for name in since["columns_gone"]]
    return told
