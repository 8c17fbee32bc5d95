"""What a run of MLflow cost: its hours times what it ran on, or what its process used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from services.facts.cost import energy
from services.facts.cost.hardware import Hardware, Place
from services.facts.cost.rules import HOUR, priced, uses, whole
from services.facts.cost.types import Bearer, CostKind, Entry, Method, Use
from services.kernel.money import Rate

CPU_SECONDS, PEAK_MEMORY_GB = "countersign.cpu_seconds", "countersign.peak_memory_gb"
UNDECLARED = Use("undeclared", "run-hour", Decimal(0))
Prices = Callable[[str, Place], Rate | None]
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class RunTime:
    """A run that is over, as it is charged.

    Attributes
    ----------
    starts_at, ends_at
        Aware; the end is not before the start.
    covered
        Stretches that another run pays for.
    cpu_seconds, peak_memory_gb
        What its process says it used; None where it does not.
    """

    run_id: str
    kind: CostKind
    bearer: Bearer
    hardware: Hardware
    starts_at: datetime
    ends_at: datetime
    covered: tuple[Stretch, ...] = ()
    cpu_seconds: Decimal | None = None
    peak_memory_gb: Decimal | None = None

    @property
    def seconds(self) -> Decimal:
        """Return how long it is charged for."""
        return uncovered((self.starts_at, self.ends_at), self.covered)


def uncovered(own: Stretch, covered: Sequence[Stretch]) -> Decimal:
    """Return how many seconds of a stretch lie in none of the others."""
    total, at = timedelta(0), own[0]
    for start, end in sorted(covered):
        if start > at:
            total += min(start, own[1]) - at
        at = min(own[1], max(at, end))
    total += max(timedelta(0), own[1] - at)
    return Decimal(total // timedelta(microseconds=1)) / 1_000_000


def charge(run: RunTime, prices: Prices) -> tuple[Entry, ...]:
    """Return the lines of a run, before their energy.

    Notes
    -----
    What it ran on is paid for while it runs, used or not. Where nobody says what that was, what its
    process used; where that is not known either, its hours without a price: never nothing.
    """
    method, held = _held(run)
    return tuple(_line(run, use, prices(use.sku, run.hardware.place), method) for use in held)


def _held(run: RunTime) -> tuple[Method, tuple[Use, ...]]:
    hardware, hours = run.hardware, run.seconds / HOUR
    if hardware.instance:
        use = Use(hardware.instance, "instance-hour", whole(hardware.count * hours))
        return Method.DECLARED, (use,)
    if hardware.is_said:
        held = tuple(each for each in uses(hardware.parts, run.seconds) if _is_said(each, hardware))
        return Method.DECLARED, held
    if run.cpu_seconds is not None:
        used = [Use("cpu", "cpu-hour", whole(run.cpu_seconds / HOUR))]
        if run.peak_memory_gb is not None:
            used.append(Use("memory", "gb-hour", whole(run.peak_memory_gb * hours)))
        return Method.PROCESS, tuple(used)
    return Method.UNSAID, (Use(UNDECLARED.sku, UNDECLARED.unit, whole(hours)),)


def _is_said(use: Use, hardware: Hardware) -> bool:
    said = {"cpu-hour": hardware.parts.cpus, "gb-hour": hardware.parts.memory_gb}
    return bool(said.get(use.unit, 1))


def _line(run: RunTime, use: Use, rate: Rate | None, method: Method) -> Entry:
    amount = priced(use, rate)
    return Entry(
        source_id=f"run:{run.run_id}:{use.sku}",
        kind=run.kind,
        use=use,
        amount=amount,
        bearer=run.bearer,
        starts_at=run.starts_at,
        ends_at=run.ends_at,
        price_id=rate.price_id if rate is not None and amount is not None else "",
        method=method,
    )


def drawn(
    run: RunTime, entries: Sequence[Entry], used: Decimal | None, gpu_kwh: Decimal | None
) -> tuple[Decimal, str] | None:
    """Return the energy of a run in kWh and how it is known; None where it cannot be told.

    Parameters
    ----------
    used
        Share of the processors in use; None where nobody sampled it.
    gpu_kwh
        What its GPUs measured; None where they did not.
    """
    hours, hardware = run.seconds / HOUR, run.hardware
    if gpu_kwh is not None:
        return gpu_kwh, "measured by the GPUs"
    if hardware.watts is not None:
        return hardware.watts * hours / energy.KILO, energy.DECLARED
    if entries and entries[0].method is Method.PROCESS:
        return energy.estimated(entries, Decimal(1))
    if hardware.instance and hardware.parts.cpus:
        told = [_line(run, use, None, Method.DECLARED) for use in uses(hardware.parts, run.seconds)]
        return energy.estimated(told, used)
    return energy.estimated(entries, used)
