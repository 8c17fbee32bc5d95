"""Which of several nested runs pay; pure.

Notes
-----
A search is one run whose trials are runs within it, mostly in the same process: the run that spans them
pays, and they are within it. Only where it says nothing of its hardware and they do, they pay and it
does not. A part that goes on after the whole, or began before it, pays for that time itself. Trials on
machines of their own beside a parent that declares one are charged where they say
``countersign.own_machine = true``.
"""

from collections.abc import Mapping, Sequence

from services.facts.cost.running import Stretch
from services.facts.cost.types import CostKind
from services.facts.registry.types import Run
from services.workflows.costing.types import CostedRun, RunState

PARENT = "mlflow.parentRunId"
KIND, OWN = "countersign.kind", "countersign.own_machine"
TRIALS = 2
"""So many runs within one make it a search, where no tag says what it is."""
SEARCHES = ("optuna.", "optuna_", "hyperopt.", "ray.tune.")
_FOLLOWS = {RunState.OURS: RunState.OURS, RunState.RUNNING: RunState.WAITING}


def settled(
    run: CostedRun, root: CostedRun, parts: Sequence[CostedRun], *, own: bool = False
) -> tuple[RunState, tuple[Stretch, ...]]:
    """Return what becomes of a run that is over, and the stretches that another pays for.

    Parameters
    ----------
    root
        The run that it is part of, or itself.
    parts
        The runs that are part of the root.
    own
        Whether it says that it had a machine of its own.
    """
    if run.is_root:
        paid = any(each.declares and each.is_over for each in parts if each.run_id != run.run_id)
        return (RunState.WITHIN if paid and not run.declares else RunState.CHARGED), ()
    if root.state in _FOLLOWS:
        return _FOLLOWS[root.state], ()
    if root.state in (RunState.OVERDUE, RunState.SKEWED) or own:
        return RunState.CHARGED, ()
    if not root.declares:
        return (RunState.CHARGED if run.declares else RunState.WITHIN), ()
    beyond = _beyond(run, root)
    return (RunState.CHARGED if beyond else RunState.WITHIN), beyond


def _beyond(run: CostedRun, root: CostedRun) -> tuple[Stretch, ...]:
    """Return the stretch of the whole where a part begins or ends outside it; nothing where it does not."""
    if not (run.started_at and run.ended_at and root.started_at and root.ended_at):
        return ()
    if run.started_at < root.started_at or run.ended_at > root.ended_at:
        return ((root.started_at, root.ended_at),)
    return ()


def kind_of(tags: Mapping[str, str], parts: int, *, nested: bool, siblings: int) -> CostKind:
    """Return what a run was for: as its tag says, else a search where it has trials or is one.

    Parameters
    ----------
    parts, siblings
        How many runs are part of it, and of the run that it is part of.
    """
    said = tags.get(KIND, "").strip().lower()
    if said in (CostKind.TRAINING, CostKind.SEARCH, CostKind.OTHER):
        return CostKind(said)
    if any(name.startswith(SEARCHES) for name in tags):
        return CostKind.SEARCH
    several = siblings if nested else parts
    return CostKind.SEARCH if several >= TRIALS else CostKind.TRAINING


def root_of(run: Run, known: Mapping[str, CostedRun]) -> str:
    """Return the run that a run is part of, at the top; its own id where it is part of none.

    Notes
    -----
    A parent that was never seen stands for itself: MLflow writes parents before their parts.
    """
    parent = run.tags.get(PARENT, "")
    if not parent or parent == run.run_id or not parent.isalnum():
        return run.run_id
    above = known.get(parent)
    return above.root_id if above is not None else parent[:60]
