"""A version that was watched: windows of made-up rows, profiled and compared as the worker does it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from services.facts.drift import rules
from services.facts.drift.codec import pack_binning, pack_profile
from services.facts.drift.types import Binning, NumericBinning, Profile
from services.facts.drift.window import distances
from services.facts.window.types import (
    Granularity,
    Monitor,
    Seen,
    StoredBinning,
    StoredProfile,
    Watched,
    WindowMetric,
)
from services.kernel.identity import new_id
from tests.support.console_services import NAME

FEATURES = ("obrat", "unem", "hrat", "carrier", "temp", "dep", "<img src=x onerror=alert(1)>")
CATEGORIES = frozenset({"carrier"})
FIRST = datetime(2026, 2, 1, tzinfo=UTC)
FEW, SILENT = 12, 20
MIN = 100
LABELLED = 38
KNOWN = frozenset({"performance.accuracy", "performance.accuracy_gap"})


def rows(day: int, n: int, seed: int) -> pa.Table:
    """Return rows of a day; ``obrat`` moves from day 25 on, ``carrier`` for two days, the rest stays."""
    rng = np.random.default_rng([seed, day])
    moved = max(0, day - 24) * 0.05
    names = np.array(["UA", "B6", "EV", "DL", "AA"])
    shift = 0.35 if day in (14, 15) else 0.0
    share = np.array([0.3 + shift, 0.2, 0.2, 0.2 - shift / 2, 0.1 - shift / 2]).clip(0.001)
    columns: dict[str, Any] = {
        "obrat": rng.normal(32 + moved * 8, 8, n),
        "unem": np.where(rng.random(n) < 0.03, np.nan, rng.lognormal(1, 0.4, n)),
        "hrat": rng.integers(5, 24, n).astype(float),
        "carrier": names[rng.choice(5, n, p=share / share.sum())],
        "temp": rng.normal(15 + 0.05 * day, 6, n),
        "dep": rng.exponential(10, n),
        FEATURES[-1]: rng.normal(0, 1, n),
        "score": rng.beta(4 + moved, 2, n),
    }
    return pa.table(columns)


def watch(
    services: Any, name: str = NAME, version: int = 1, days: int = 40, *, features: int = 0,
    per_day: int = 900, segments: Sequence[str] = (),
) -> Monitor:  # fmt: skip
    """Store a monitor of a version and its days; ``features`` more columns of noise come on top."""
    with services.store.reading() as session:
        ref = services.registry.ref(session, name, version)
    held = _more(rows(0, 4000, 1), features, 1)
    bins = _binnings(held)
    reference = _profiles(held, bins)
    watched = tuple(
        Watched(each, each if each == "score" else f"f_{each}",
                "number" if isinstance(bins[each], NumericBinning) else "category")
        for each in bins
    )  # fmt: skip
    monitor = Monitor(
        new_id(), ref, Granularity.DAY, "classification", watched, "ab" * 32, 4000, FIRST,
        segments=("carrier",) if segments else (), note="Simulated stream from real rows.",
    )  # fmt: skip
    stored = [
        StoredBinning(n, pack_binning(b), pack_profile(reference[n])) for n, b in bins.items()
    ]
    with services.store.operational() as session:
        services.windows.begin(session, monitor, stored)
        for day in range(days):
            if day != SILENT:
                n = 40 if day == FEW else per_day
                table = _more(rows(day, n, 2), features, day + 2)
                _file(services, session, monitor, (bins, reference), (day, table), segments)
    return monitor


def _more(table: pa.Table, features: int, seed: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    for place in range(features):
        table = table.append_column(f"noise_{place:02d}", pa.array(rng.normal(size=len(table))))
    return table


def _binnings(table: pa.Table) -> dict[str, Binning]:
    return {
        name: rules.category_binning(table[name].to_pylist())
        if name in CATEGORIES
        else rules.numeric_binning(table[name].to_numpy())
        for name in table.schema.names
    }


def _profiles(table: pa.Table, bins: Mapping[str, Binning]) -> dict[str, Profile]:
    return rules.profile_batch(table.combine_chunks().to_batches()[0], bins)


def _file(
    services: Any, session: Any, monitor: Monitor,
    held: tuple[Mapping[str, Binning], Mapping[str, Profile]], here: tuple[int, pa.Table],
    segments: Sequence[str],
) -> None:  # fmt: skip
    bins, reference = held
    day, table = here
    start = FIRST + timedelta(days=day)
    end = start + timedelta(days=1)
    kept: list[StoredProfile] = []
    numbers: list[WindowMetric] = whole((start, end), day, len(table))
    for part in ("", *segments):
        its = table if not part else table.filter(pc.equal(table["carrier"], part[8:]))
        for name, profile in _profiles(its, bins).items():
            kept.append(StoredProfile(start, name, part, profile.n, pack_profile(profile)))
            if not (name == "dep" and 5 <= day < 8):
                numbers += distances(
                    bins[name], reference[name], profile, start=start, end=end, feature=name,
                    min_n=MIN, segment=part,
                )  # fmt: skip
    seen = Seen(
        start,
        end,
        len(table),
        len(table) - 90 if day < LABELLED else 0,
        f"s{day}",
        end,
        closed=True,
    )
    services.windows.file(session, monitor.monitor_id, monitor.granularity, seen, kept, numbers)


def whole(when: tuple[datetime, datetime], day: int, n: int) -> list[WindowMetric]:
    """Return the numbers of a whole window: outcomes are two days late, and accuracy falls at the end."""
    if n < MIN:
        return []
    rng = np.random.default_rng(day)
    accuracy = 0.886 - 0.012 * max(0, day - 28) + rng.normal(0, 0.006)
    found = [
        ("performance.estimated_accuracy", 0.88 + rng.normal(0, 0.004), None),
        ("service.latency_p50_ms", 21 + rng.normal(0, 1), None),
        ("service.latency_p95_ms", 80 + rng.normal(0, 5) + (60 if day == 33 else 0), None),
        ("service.latency_p99_ms", 140 + rng.normal(0, 9), None),
        ("service.requests", float(n), None),
        ("service.error_rate", abs(rng.normal(0.002, 0.001)), None),
    ]
    if day < LABELLED:
        found += [
            ("performance.accuracy", accuracy, None),
            ("performance.accuracy_gap", 0.88 - accuracy, 0.04),
            ("performance.label_coverage", 0.9, None),
        ]
    return [
        WindowMetric(*when, metric, float(value), n, floor=floor,
                     lo=float(value) - 0.02 if metric in KNOWN else None,
                     hi=float(value) + 0.02 if metric in KNOWN else None)
        for metric, value, floor in found
    ]  # fmt: skip
