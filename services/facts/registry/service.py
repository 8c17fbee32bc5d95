"""Asking the mirror."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from services.facts.registry import repository
from services.facts.registry.types import AliasMove, Model, Run, SyncState, Version
from services.kernel.error import NotFound
from services.kernel.identity import ModelRef


class Registry:
    """What MLflow said the last time it was read, and at any time before."""

    def models(self, session: Session, at: datetime | None = None) -> list[Model]:
        """Return every model, by name, now or at an instant."""
        return repository.models(session, at)

    def model(self, session: Session, name: str, at: datetime | None = None) -> Model:
        """Return one model.

        Raises
        ------
        NotFound
            When MLflow has none of that name.
        """
        found = repository.models(session, at, name)
        if not found:
            raise NotFound(
                f"MLflow has no model called {name!r}; it may have been deleted or renamed."
            )
        return found[0]

    def versions(self, session: Session, name: str, at: datetime | None = None) -> list[Version]:
        """Return the versions of a model, latest first."""
        return repository.versions(session, name, at)

    def version(
        self, session: Session, name: str, number: int, at: datetime | None = None
    ) -> Version:
        """Return one version.

        Raises
        ------
        NotFound
            When the model has no such version.
        """
        found = repository.version(session, name, number, at)
        if found is None:
            raise NotFound(f"{name!r} has no version {number}.")
        return found

    def ref(self, session: Session, name: str, number: int) -> ModelRef:
        """Return the reference of a version; see :meth:`version`."""
        return self.version(session, name, number).ref

    def aliases(self, session: Session, name: str, at: datetime | None = None) -> dict[str, int]:
        """Return version by alias of one model."""
        return repository.all_aliases(session, at, name).get(name, {})

    def refs(
        self, session: Session, wanted: Mapping[str, int], at: datetime | None = None
    ) -> dict[str, ModelRef]:
        """Return the reference of one version of each of many models, by name, in few queries."""
        return repository.refs(session, wanted, at)

    def serving(self, session: Session) -> list[ModelRef]:
        """Return the versions that some alias points at, each once, by name and version."""
        return repository.serving(session)

    def champion(
        self, session: Session, name: str, alias: str, at: datetime | None = None
    ) -> ModelRef | None:
        """Return the version that an alias points at, now or at an instant."""
        target = repository.alias_target(session, name, alias, at)
        if target is None:
            return None
        number, run_id = target
        found = repository.version(session, name, number, at)
        source = found.ref.source_uri if found else ""
        return repository.reference(name, number, run_id, source)

    def alias_moves(self, session: Session, name: str) -> list[AliasMove]:
        """Return every move of a model's aliases ever seen, latest first."""
        return repository.alias_moves(session, name)

    def all_refs(self, session: Session) -> list[ModelRef]:
        """Return every version of every model, in one query."""
        return repository.all_refs(session)

    def of_run(self, session: Session, run_id: str) -> ModelRef | None:
        """Return the version that came from a run, the newest of several; None where none did."""
        return repository.of_run(session, run_id) if run_id else None

    def of_runs(self, session: Session, run_ids: Sequence[str]) -> dict[str, ModelRef]:
        """Return the version that came from each of some runs, by run; see :meth:`of_run`."""
        found: dict[str, ModelRef] = {}
        for start in range(0, len(run_ids), 500):
            found |= repository.of_runs(session, run_ids[start : start + 500])
        return found

    def run(self, session: Session, run_id: str) -> Run | None:
        """Return one run, or None while it is not mirrored."""
        return repository.runs(session, [run_id]).get(run_id)

    def runs(self, session: Session, run_ids: Sequence[str]) -> dict[str, Run]:
        """Return runs by id."""
        return repository.runs(session, run_ids)

    def sync_state(self, session: Session) -> SyncState:
        """Return how fresh the mirror is."""
        return repository.sync_state(session)
