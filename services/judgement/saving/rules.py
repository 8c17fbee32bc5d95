"""What runs could have cost less, in money: hours that were seen, times prices that hold.

Notes
-----
Money is of the last thirty days and shown as a month's. What was sampled is certain and is the lower
end; that the hours nobody sampled were like the others is the estimate. Recommendations about the same
hours overlap: their money is never added up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.facts.cost.rules import gpu_sku
from services.facts.utilisation import sharing
from services.facts.utilisation.hardware import known
from services.facts.utilisation.rules import slowdown
from services.facts.utilisation.types import Finding, RunUse
from services.judgement.saving.types import Confidence, Piece, Proposal, SavingKind, Worth
from services.kernel.money import Money, Rate

TRAINING = ("training", "search")
MANY_RUNS, MUCH, HALF = 3, 0.9, 0.5
SHOWN_RUNS = 20
Rates = Mapping[str, Rate | None]


@dataclass(frozen=True, slots=True)
class Group:
    """Runs of one model, or of one experiment, on one type of GPU."""

    model: str
    experiment_id: str
    sku: str
    uses: tuple[RunUse, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be said of the runs of a group; ``also`` are prices beside that of their own type."""

    kind: SavingKind
    words: str
    uses: Sequence[RunUse]
    worth: Worth | None
    evidence: Sequence[Piece]
    also: tuple[Rate, ...] = ()


def groups(uses: Iterable[RunUse]) -> list[Group]:
    """Return runs of which something is known, by whose they are and what they ran on."""
    held: dict[tuple[str, str, str], list[RunUse]] = {}
    for use in uses:
        if use.is_known:
            facts = use.facts
            whose = (facts.model, "" if facts.model else facts.experiment_id)
            held.setdefault((*whose, gpu_sku(facts.gpu_type)), []).append(use)
    return [Group(*key, tuple(found)) for key, found in sorted(held.items())]


def of_runs(uses: Iterable[RunUse], rates: Rates) -> list[Proposal]:
    """Return what the runs of thirty days could have cost less.

    Parameters
    ----------
    rates
        Prices of types of GPU on demand, in one currency, by sku; without one the money is unknown.
    """
    found: list[Proposal] = []
    for group in groups(uses):
        made = (
            idle(group, rates),
            right_size(group, rates),
            cpu_bound(group, rates),
            shared(group, rates),
        )
        found += [each for each in made if each is not None]
    return found


def idle(group: Group, rates: Rates) -> Proposal | None:
    """Return what GPUs cost that were held and idle."""
    uses = [each for each in group.uses if Finding.IDLE in each.findings]
    if not uses:
        return None
    seen = sum(each.idle_hours or 0 for each in uses)
    like = sum((each.idle_hours or 0) / (each.coverage or 1) for each in uses)
    most = seen + _unseen(uses)
    case = Case(
        SavingKind.IDLE_GPU,
        f"GPUs were held and left idle for {seen:.1f} sampled hours; let go of them when nothing runs.",
        uses,
        _worth(rates.get(group.sku), seen, like, most),
        [Piece("idle GPU hours, sampled", f"{seen:.2f}", "system metrics")],
    )
    return _proposal(group, case, rates.get(group.sku))


def cpu_bound(group: Group, rates: Rates) -> Proposal | None:
    """Return what GPUs cost that waited for processors: data were prepared on a GPU instance."""
    uses = [each for each in group.uses if Finding.CPU_BOUND in each.findings]
    if not uses:
        return None
    seen = sum((each.starved_share or 0) * each.known_hours for each in uses)
    like = sum((each.starved_share or 0) * _gpu_hours(each) for each in uses)
    case = Case(
        SavingKind.CPU_BOUND,
        f"GPUs waited for busy processors for {seen:.1f} sampled hours; prepare the data on a machine"
        " without GPU, or ahead of the training.",
        uses,
        _worth(rates.get(group.sku), seen, like, seen + _unseen(uses)),
        [Piece("GPU hours that waited for processors, sampled", f"{seen:.2f}", "system metrics")],
    )
    return _proposal(group, case, rates.get(group.sku))


def right_size(group: Group, rates: Rates) -> Proposal | None:
    """Return what a smaller type would have saved: the cheapest in which every such run fits.

    Notes
    -----
    The estimate is the same hours at the other price, since the work fits; at worst all busy time is
    as much longer as the other type is slower.
    """
    uses = [each for each in group.uses if Finding.OVER_SIZED in each.findings]
    own, here = rates.get(group.sku), known(group.sku)
    if not uses or own is None or here is None:
        return None
    fit = set(uses[0].smaller).intersection(*(each.smaller for each in uses))
    priced = [(rate, sku) for sku in fit if (rate := rates.get(sku)) and rate.each < own.each]
    if not priced:
        return None
    rate, sku = min(priced, key=lambda each: (each[0].each, each[1]))
    other = known(sku)
    slower = slowdown(here, other) if other else 1.0
    hours = sum(_gpu_hours(each) for each in uses)
    longer = sum(_gpu_hours(e) * (1 + (e.busy or 0) * (slower - 1)) for e in uses)
    amount = _times(own, hours) - _times(rate, hours)
    worth = Worth(amount, min(amount, _times(own, hours) - _times(rate, longer)), amount)
    peak = max(each.memory_peak or 0 for each in uses)
    case = Case(
        SavingKind.RIGHT_SIZE,
        f"{len(uses)} {_runs(uses)} would have fitted {sku.removeprefix('gpu:').upper()} instead of"
        f" {group.sku.removeprefix('gpu:').upper()}.",
        uses,
        worth,
        [
            Piece(
                "memory in use at most", f"{100 * peak:.0f} % of {here.memory_gb:g} GB", "samples"
            ),
            Piece("price of the smaller type", f"{rate.each.decimal} an hour", rate.price_id),
        ],
        also=(rate,),
    )
    return _proposal(group, case, rates.get(group.sku))


def shared(group: Group, rates: Rates) -> Proposal | None:
    """Return what sharing a GPU would have saved where no smaller type with a price would do."""
    if right_size(group, rates) is not None:
        return None
    uses = [
        each
        for each in group.uses
        if each.busy_p95 is not None
        and each.memory_peak is not None
        and Finding.IDLE not in each.findings
        and sharing.sharers(each.busy_p95, each.memory_peak) > 1
    ]
    if not uses:
        return None
    parts = min(sharing.sharers(e.busy_p95 or 1, e.memory_peak or 1) for e in uses)
    share = 1 - 1 / parts
    seen = share * sum(each.known_hours for each in uses)
    like = share * sum(_gpu_hours(each) for each in uses)
    case = Case(
        SavingKind.TIME_SHARING,
        f"{parts} such runs fit one GPU beside each other, by time-sharing or as MIG slices.",
        uses,
        _worth(rates.get(group.sku), 0.0, like, max(seen, like)),
        [Piece("runs that fit one GPU", str(parts), "busy share and memory")],
    )
    return _proposal(group, case, rates.get(group.sku))


def confidence(uses: Sequence[RunUse], *, sample: bool) -> tuple[Confidence, str]:
    """Return how sure a saving over runs is, and why.

    Notes
    -----
    High: three runs or more, nine tenths of their GPU hours sampled, no sample price. Medium: half of
    the hours sampled, no sample price. Low: all else.
    """
    held = sum(_gpu_hours(each) for each in uses)
    share = min(1.0, sum(each.known_hours for each in uses) / held) if held else 0.0
    words = f"{len(uses)} {_runs(uses)}, {100 * share:.0f} % of their GPU hours sampled"
    if sample:
        return Confidence.LOW, f"{words}, sample prices"
    if len(uses) >= MANY_RUNS and share >= MUCH:
        return Confidence.HIGH, words
    return (Confidence.MEDIUM if share >= HALF else Confidence.LOW), words


def _proposal(group: Group, case: Case, rate: Rate | None) -> Proposal:
    used = [each for each in (rate, *case.also) if each is not None]
    sure, because = confidence(case.uses, sample=any(each.sample for each in used))
    told = [*case.evidence, *_held(case.uses)]
    if rate is not None:
        cost = f"{rate.each.decimal} {rate.each.currency} an hour"
        told.append(Piece(f"price of {group.sku}", cost, rate.price_id))
    return Proposal(
        case.kind, group.model, group.experiment_id, group.sku, case.words, TRAINING, case.worth,
        sure, because, tuple(told), tuple(each.facts.run_id for each in case.uses[:SHOWN_RUNS]),
    )  # fmt: skip


def _held(uses: Sequence[RunUse]) -> list[Piece]:
    held, seen = sum(map(_gpu_hours, uses)), sum(each.known_hours for each in uses)
    return [
        Piece("runs", str(len(uses)), "MLflow"),
        Piece("GPU hours held", f"{held:.2f}", "runs"),
        Piece("GPU hours sampled", f"{seen:.2f}", "system metrics"),
    ]


def _worth(rate: Rate | None, least: float, likely: float, most: float) -> Worth | None:
    if rate is None:
        return None
    likely, most = max(likely, least), max(most, likely, least)
    return Worth(_times(rate, likely), _times(rate, least), _times(rate, most))


def _times(rate: Rate, hours: float) -> Money:
    return rate.of(Decimal(repr(round(hours, 6))))


def _gpu_hours(use: RunUse) -> float:
    return use.gpu_hours if use.gpu_hours is not None else use.known_hours


def _unseen(uses: Sequence[RunUse]) -> float:
    return sum(max(0.0, _gpu_hours(each) - each.known_hours) for each in uses)


def _runs(uses: Sequence[RunUse]) -> str:
    return "run" if len(uses) == 1 else "runs"
