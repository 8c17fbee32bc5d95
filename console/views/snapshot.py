"""What was seen of training rows before they cost anything, in words: from the archived report."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from console.format import count, number, share
from services.decisions.retraining.types import Ticket
from services.kernel.error import IntegrityBroken, NotFound

if TYPE_CHECKING:
    from services.bootstrap.services import Services

MOVED = 3
Rows = tuple[tuple[str, str], ...]


def load(services: "Services", each: Ticket) -> tuple[Rows, tuple[str, ...]]:
    """Return what the report on the rows of a ticket says, and what people should know of them."""
    if each.data is None or not each.data.report:
        return (), ()
    try:
        report = json.loads(services.archive.get(each.data.report))
    except (NotFound, IntegrityBroken, ValueError):
        return (("Report", "it cannot be read"),), ()
    return (*differences(report), *leaks(report)), tuple(report.get("warnings", ()))


def differences(report: Mapping[str, Any]) -> Rows:
    """Return how the rows differ from those that the recipe trained on last."""
    since = report.get("before")
    if not since:
        return (("Against the last training", "there was none of this recipe"),)
    rows, before = int(report["rows"]), int(since["rows"])
    more = f" ({(rows - before) / before * 100:+.0f} %)".replace("-", "−") if before else ""
    known, flipped = int(since["known"]), int(since["flipped"])
    same = report.get("sha256") == since.get("sha256")
    return (
        ("Against the last training", "the same rows" if same else f"{count(before)} rows then{more}"),
        ("Outcomes that changed", f"{count(flipped)} of {count(known)} known before"),
        ("Outside the last range", f"{count(since['outliers'])} rows ({share(since['outliers'] / rows)})" if rows else "none"),
        ("Moved most", _moved(since.get("drift", ()))),
    )  # fmt: skip


def _moved(found: Any) -> str:
    """Return the features that moved most, by their Kolmogorov-Smirnov distance."""
    told = [each for each in found if each.get("value") is not None]
    first = sorted(told, key=lambda each: (-float(each["value"]), each["feature"]))[:MOVED]
    words = ", ".join(f"{each['feature']} {number(float(each['value']))}" for each in first)
    return f"{words} (Kolmogorov-Smirnov distance)" if words else "not known"


def leaks(report: Mapping[str, Any]) -> Rows:
    """Return what the rows share with the holdout; nothing where nobody looked."""
    payload = report.get("leakage", {}).get("payload")
    if not payload:
        return ()
    overlap, order = payload.get("overlap") or {}, payload.get("order") or {}
    shared = max(int(overlap.get("rows") or 0), int(overlap.get("ids") or 0))
    found = [
        ("In the holdout too", f"{count(shared)} of its {count(int(overlap.get('of') or 0))} rows")
    ]
    if order.get("of"):
        late = int(order.get("late") or 0)
        found.append(
            ("Not older than the holdout", f"{count(late)} of {count(int(order['of']))} rows")
        )
    return (*found, *_telling(payload.get("single") or {}))


def _telling(single: Mapping[str, Any]) -> Rows:
    """Return the feature that tells most of the outcome by itself: ``temp, AUC 0.710``."""
    auc, strengths = single.get("measure") == "auc", list[tuple[float, str]]()
    for each in single.get("features", ()):
        value = _area(each) if auc else _correlation(each)
        strengths += [] if value is None else [(value, str(each["feature"]))]
    if not strengths:
        return ()
    value, feature = max(strengths)
    words = f"{feature}, {'AUC' if auc else 'rank correlation'} {number(value)}"
    return (("Tells most by itself", f"{words} (stops from {number(single['limit'])})"),)


def _area(each: Mapping[str, Any]) -> float | None:
    if each.get("u") is None:
        return None
    area = float(each["u"]) / (int(each["positives"]) * int(each["negatives"]))
    return max(area, 1 - area)


def _correlation(each: Mapping[str, Any]) -> float | None:
    scale = (float(each["xx"]) * float(each["yy"])) ** 0.5
    return abs(float(each["xy"])) / scale if scale else None
