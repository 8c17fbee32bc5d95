"""What the same runs would have cost on spot, where interruptions were observed."""

import math
from decimal import Decimal

from services.facts.utilisation import spot
from services.facts.utilisation.spot import Checkpointing, Interruptions
from services.facts.utilisation.types import RunUse
from services.judgement.saving.rules import SHOWN_RUNS, TRAINING, Group, confidence
from services.judgement.saving.types import Piece, Proposal, SavingKind, Worth
from services.kernel.money import Money, Rate


def share(use: RunUse, own: Rate, other: Rate, seen: Interruptions) -> spot.Saving | None:
    """Return what spot would have saved of a run's cost; None, unknown, without interruptions.

    Parameters
    ----------
    own, other
        Prices on demand and on spot, of one type and in one currency.
    """
    if own.each.currency != other.each.currency or own.each.micros <= 0:
        return None
    ratio = other.each.micros / own.each.micros
    return spot.saving(use.hours, ratio, seen, Checkpointing(use.facts.checkpoint_hours))


def on_spot(
    group: Group, own: Rate | None, other: Rate | None, seen: Interruptions
) -> Proposal | None:
    """Return what a group of runs would have saved on spot; None where that is unknown or nothing."""
    if own is None or other is None or seen.mean_hours is None:
        return None
    found = [(use, held) for use in group.uses if (held := share(use, own, other, seen))]
    worth = Worth(
        _sum(own, [(use, held.share) for use, held in found]),
        _sum(own, [(use, held.lo) for use, held in found]),
        _sum(own, [(use, held.hi) for use, held in found]),
    )
    if worth.amount.micros <= 0:
        return None
    uses = [use for use, _ in found]
    sure, because = confidence(uses, sample=own.sample or other.sample)
    kept = sum(use.facts.checkpoint_hours is not None for use in uses)
    evidence = (
        Piece("interruptions observed", str(seen.count), f"{seen.hours:.1f} hours of attempts"),
        Piece("mean time between them", f"{seen.mean_hours:.1f} h", "attempts"),
        Piece("runs that keep checkpoints", f"{kept} of {len(uses)}", "countersign.checkpoint_seconds"),
        Piece("price on demand", f"{own.each.decimal} {own.each.currency} an hour", own.price_id),
        Piece("price on spot", f"{other.each.decimal} {other.each.currency} an hour", other.price_id),
    )  # fmt: skip
    words = (
        f"{len(uses)} runs would have cost less on spot, lost work and its repetition included"
        " (Daly 2006)."
    )
    return Proposal(
        SavingKind.SPOT, group.model, group.experiment_id, group.sku, words, TRAINING, worth, sure,
        because, evidence, tuple(use.facts.run_id for use in uses[:SHOWN_RUNS]),
    )  # fmt: skip


def _sum(own: Rate, parts: list[tuple[RunUse, float]]) -> Money:
    """Return shares of what runs cost; what never ends saves nothing and costs all of it again."""
    total = Money.none(own.each.currency)
    for use, part in parts:
        hours = use.gpu_hours or 0.0
        bounded = part if math.isfinite(part) else -1.0
        total += own.of(Decimal(repr(round(hours * bounded, 6))))
    return total
