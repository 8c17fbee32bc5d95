"""Whom runs belong to: the model a version of which came from them, its team, their experiment."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from sqlmodel import Session

from services.decisions.retraining.types import Ticket
from services.facts.cost.by_version import Made
from services.facts.cost.hardware import gpus_seen
from services.facts.registry.service import Registry
from services.facts.registry.types import Run
from services.facts.utilisation.service import Utilisation
from services.kernel.error import NotFound
from services.standards.governance.service import Governance
from services.workflows.costing.pricing import CPU_SHARE, Whose

MODEL, TEAM = "countersign.model", "countersign.team"


class Asked(Protocol):
    """Where trainings of our own are asked for."""

    def of_model(
        self, session: Session, model: str, at: datetime | None = None
    ) -> Sequence[Ticket]:
        """Return the tickets of one model."""
        ...


def made(registry: Registry, tickets: Asked, session: Session, model: str) -> Made:
    """Return which runs and tickets made which version of a model."""
    versions, asked = registry.versions(session, model), tickets.of_model(session, model)
    return Made(
        {each.ref.run_id: each.ref.version for each in versions if each.ref.run_id},
        {each.ticket_id: each.result_version for each in asked if each.result_version},
    )


class Names(Protocol):
    """Where experiments are named."""

    def experiment_name(self, experiment_id: str) -> str:
        """Return the name of an experiment; empty where it is gone."""
        ...


class Ownership:
    """Tells of runs whom they belong to."""

    def __init__(
        self, registry: Registry, governance: Governance, utilisation: Utilisation, names: Names
    ) -> None:
        self._registry, self._governance = registry, governance
        self._utilisation, self._names = utilisation, names
        self._known: dict[str, str] = {}

    def __call__(self, session: Session, runs: Sequence[Run]) -> dict[str, Whose]:
        """Return whom each run belongs to, by run; nobody's have no model."""
        refs = self._registry.of_runs(session, [each.run_id for each in runs])
        teams = {each.name: each.team_id for each in self._governance.all(session)}
        names = self._experiments({each.experiment_id for each in runs} - {""})
        found: dict[str, Whose] = {}
        for run in runs:
            ref = refs.get(run.run_id)
            model = ref.name if ref else _word(run.tags, MODEL)[:256]
            found[run.run_id] = Whose(
                model,
                ref.version if ref else None,
                teams.get(model) or _word(run.tags, TEAM)[:60],
                names.get(run.experiment_id, "")[:500],
                *self._samples(session, run),
            )
        return found

    def _samples(self, session: Session, run: Run) -> tuple[Decimal | None, Decimal | None]:
        """Return the energy that GPUs measured, and the share of the processors in use."""
        share = run.metrics.get(CPU_SHARE)
        used = Decimal(str(share)) / 100 if share is not None and 0 <= share <= 100 else None
        if not gpus_seen(run.metrics):
            return None, used
        try:
            use = self._utilisation.run(session, run.run_id)
        except NotFound:
            return None, used
        kwh = Decimal(str(use.kwh)).quantize(Decimal("0.000001")) if use.kwh is not None else None
        return kwh, Decimal(str(use.cpu)) if use.cpu is not None else used

    def _experiments(self, wanted: set[str]) -> Mapping[str, str]:
        """Return the names of experiments, each asked for once: what was charged keeps its name."""
        for each in wanted - set(self._known):
            self._known[each] = self._names.experiment_name(each)
        return self._known


def _word(tags: Mapping[str, str], name: str) -> str:
    return " ".join(tags.get(name, "").split())
