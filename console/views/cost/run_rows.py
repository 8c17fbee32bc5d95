"""One run as the list of the tab Runs shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from console.format import NOTHING, share
from console.views.tickets import amount
from services.facts.cost.rules import gpu_sku
from services.facts.utilisation.spot import Interruptions
from services.facts.utilisation.types import Finding, RunUse
from services.judgement.saving import buying, rules
from services.kernel.money import Rate

UNKNOWN = "unknown"
FINDINGS: Mapping[Finding, tuple[str, str]] = MappingProxyType(
    {
        Finding.IDLE: ("fail", "Idle"),
        Finding.CPU_BOUND: ("stale", "Waits for processors"),
        Finding.OVER_SIZED: ("stale", "Too large"),
    }
)


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as the list shows it.

    Attributes
    ----------
    marks
        Status and word of each finding; *Not measured* where nobody sampled a GPU.
    smaller, spot
        What a smaller type and what spot would have saved, in words.
    """

    run_id: str
    name: str
    model: str
    gpus: str
    hours: str
    busy: str
    idle: str
    memory: str
    marks: tuple[tuple[str, str], ...]
    smaller: str
    spot: str
    ended: str


def row(
    use: RunUse,
    own: Mapping[str, Rate | None],
    spot: Mapping[str, Rate | None],
    seen: Interruptions,
    ended: str,
) -> RunRow:
    """Return a run as the list shows it.

    Parameters
    ----------
    own, spot
        Prices of types of GPU, on demand and on spot.
    seen
        What was observed of machines that may be taken away.
    """
    facts, sku = use.facts, gpu_sku(use.facts.gpu_type)
    marks = tuple(FINDINGS[each] for each in use.findings)
    if not marks:
        marks = (("pass", "Busy"),) if use.is_known else (("unknown", "Not measured"),)
    if use.is_known and not use.findings and (use.coverage or 0) < rules.HALF:
        marks = (("unknown", "Barely sampled"),)
    kind = sku.removeprefix("gpu:").upper() if sku != "gpu" else "GPU"
    return RunRow(
        run_id=facts.run_id,
        name=facts.name or facts.run_id[:12],
        model=facts.model,
        gpus=f"{use.gpus} × {kind}" if use.gpus is not None else NOTHING,
        hours=hours(use.gpu_hours),
        busy=share(use.busy) if use.is_known else UNKNOWN,
        idle=hours(use.idle_hours) if use.is_known else UNKNOWN,
        memory=share(use.memory_peak) if use.memory_peak is not None else UNKNOWN,
        marks=marks,
        smaller=_smaller(use, own),
        spot=_spot(use, own.get(sku), spot.get(sku), seen),
        ended=ended if facts.ended_at else "runs",
    )


def _smaller(use: RunUse, own: Mapping[str, Rate | None]) -> str:
    """Return what a smaller type would have saved; *unknown* where memory or time was not sampled."""
    if not use.is_known or use.memory_peak is None or use.busy_p95 is None:
        return UNKNOWN
    if not use.smaller:
        return "none fits"
    group = rules.Group(
        use.facts.model, use.facts.experiment_id, gpu_sku(use.facts.gpu_type), (use,)
    )
    found = rules.right_size(group, own)
    if found is None or found.worth is None:
        return "fits a smaller one; unpriced"
    fits = found.words.partition("fitted ")[2].partition(" instead")[0]
    return f"{amount(found.worth.amount)} on {fits}"


def _spot(use: RunUse, own: Rate | None, other: Rate | None, seen: Interruptions) -> str:
    """Return what spot would have saved; *unknown* without interruptions that were observed."""
    if seen.mean_hours is None or use.gpu_hours is None:
        return UNKNOWN
    if own is None or other is None:
        return "unpriced"
    found = buying.share(use, own, other, seen)
    if found is None:
        return UNKNOWN
    low, high = share(found.lo), share(found.hi)
    return f"{share(found.share)} [{low}, {high}]" if found.share > 0 else "costs more"


def hours(count: float | None) -> str:
    """Return hours to a tenth, or a dash."""
    return NOTHING if count is None else f"{count:,.1f} h"
