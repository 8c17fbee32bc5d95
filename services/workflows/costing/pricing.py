"""From a run to the lines of the ledger that it is charged by; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from services.facts.cost import energy, hardware, running
from services.facts.cost.running import RunTime
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.facts.registry.types import Run
from services.record.canonical import digest
from services.workflows.costing import nesting
from services.workflows.costing.tariffs import Tariffs
from services.workflows.costing.types import UNREAD, CostedRun, RunState

SAYS = ("countersign.", "mlflow.parentRunId", "mlflow.databricks.cluster", "optuna", "hyperopt")
MEASURED = (running.CPU_SECONDS, running.PEAK_MEMORY_GB)
CPU_SHARE = "system/cpu_utilization_percentage"


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom a run belongs to, and what samples say of its hardware.

    Attributes
    ----------
    gpu_kwh
        Energy that its GPUs measured; None where they did not, or while that may grow.
    cpu_share
        Mean share of its processors in use, in [0, 1]; None where nobody sampled it.
    """

    model: str = ""
    version: int | None = None
    team: str = ""
    experiment: str = ""
    gpu_kwh: Decimal | None = None
    cpu_share: Decimal | None = None


def stub(run_id: str) -> Run:
    """Return a run of which only the id is known."""
    return Run(run_id, "", None, "", None, None, None, {}, {}, {})


def stamp(run: Run, whose: Whose) -> str:
    """Return what changes when something does that decides the cost of a run."""
    names = {name for name, _ in hardware.INSTANCE}
    tags = {**run.params, **run.tags}
    said = {k: v for k, v in tags.items() if k.startswith(SAYS) or k in names or k in _PLAIN}
    told = {
        "tags": said,
        "measured": {name: str(run.metrics.get(name)) for name in MEASURED},
        "gpus": hardware.gpus_seen(run.metrics),
        "times": [str(run.started_at), str(run.ended_at)],
        "whose": [whose.model, whose.version, whose.team, str(whose.gpu_kwh)],
    }
    return digest(told)[:32]


_PLAIN = frozenset({"gpus", "num_gpus", "cpus", "memory_gb", "gpu_type", "region", "provider", "cloud", "term", "instances", "instance_count", "power_watts", "grid_region"})  # fmt: skip


def noted(run: Run, root_id: str, state: RunState, *, words: str = "") -> CostedRun:
    """Return what is known of a run before it is charged."""
    return CostedRun(
        run_id=run.run_id,
        root_id=root_id,
        experiment_id=run.experiment_id[:60],
        name=" ".join(run.tags.get("mlflow.runName", "").split())[:250],
        state=state,
        declares=_hardware(run).is_said,
        started_at=run.started_at,
        ended_at=run.ended_at,
        stamp="",
        words=words,
    )


def charged(
    run: Run, family: Mapping[str, CostedRun], whose: Whose, tariffs: Tariffs
) -> tuple[CostedRun, tuple[Entry, ...]]:
    """Return what becomes of a run, and the lines that are wanted of it; none where another pays.

    Parameters
    ----------
    family
        All runs that are part of the same one, by id.
    """
    note = family[run.run_id]
    if not note.is_over:
        return note, ()
    note = replace(note, stamp=stamp(run, whose), model=whose.model)
    parts = [each for each in family.values() if each.root_id == note.root_id]
    root = family.get(note.root_id, note)
    covered: tuple[running.Stretch, ...] = ()
    if note.state not in (RunState.OURS, RunState.SKEWED):
        own = run.tags.get(nesting.OWN, "").strip().lower() == "true"
        alone = replace(note, root_id=note.run_id) if root is note else note
        state, covered = nesting.settled(alone, root, parts, own=own)
        note = replace(note, state=state)
    if note.state is RunState.SKEWED:
        return note, _skewed(run, whose)
    if note.state is not RunState.CHARGED:
        return note, ()
    among = len(parts) - 1
    nested = not note.is_root and root is not note
    kind = nesting.kind_of(run.tags, among, nested=nested, siblings=among)
    return _told(note, run), _lines(run, kind, whose, tariffs, covered)


def _lines(
    run: Run, kind: CostKind, whose: Whose, tariffs: Tariffs, covered: Sequence[running.Stretch]
) -> tuple[Entry, ...]:
    if run.started_at is None or run.ended_at is None:
        return ()
    held = _hardware(run)
    seconds, memory = (_positive(run.metrics.get(name)) for name in MEASURED)
    took = RunTime(
        run.run_id, kind, _bearer(run, whose), held, run.started_at, run.ended_at, tuple(covered),
        seconds, memory,
    )  # fmt: skip
    entries = running.charge(took, tariffs.at(run.started_at))
    found = running.drawn(took, entries, whose.cpu_share, whose.gpu_kwh)
    return energy.noted(entries, found, tariffs.grid(held.grid_region, run.started_at))


def _skewed(run: Run, whose: Whose) -> tuple[Entry, ...]:
    """Return a line without hours and without a price: how long it took, nobody knows."""
    at = run.ended_at or run.started_at
    if at is None:
        return ()
    use = Use(running.UNDECLARED.sku, running.UNDECLARED.unit, Decimal(0))
    bearer = _bearer(run, whose)
    return (Entry(f"run:{run.run_id}:{use.sku}", CostKind.TRAINING, use, None, bearer, at, at),)


def _told(note: CostedRun, run: Run) -> CostedRun:
    """Return a run with what is to be said of it."""
    unread = _hardware(run).unread
    words = f"{UNREAD}{', '.join(unread)}" if unread else ""
    if not words and not note.declares and not set(MEASURED) & set(run.metrics):
        words = "says nothing of what it ran on"
    return replace(note, words=words[:300])


def _hardware(run: Run) -> hardware.Hardware:
    return hardware.read({**run.params, **run.tags}, run.metrics)


def _bearer(run: Run, whose: Whose) -> Bearer:
    place = _hardware(run).place
    named = " ".join(run.tags.get("countersign.environment", "").split())
    environment = named or "/".join(part for part in (place.provider, place.region) if part)
    return Bearer(
        whose.model, whose.version, run.run_id, whose.team, "", environment[:120], whose.experiment
    )


def _positive(value: float | None) -> Decimal | None:
    """Return a metric as a number from 0 on; None where it is absent or cannot be one."""
    longest = timedelta(days=36_500).total_seconds()
    return Decimal(str(value)) if value is not None and 0 <= value <= longest else None
