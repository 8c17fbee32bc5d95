"""Streams of the versions that serve: how far each is told, and asking for the days that are due."""

from collections.abc import Collection

from sqlmodel import Session

from services.facts.registry.service import Registry
from services.kernel.identity import SYSTEM, ModelRef
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store
from services.workflows.feed import repository
from services.workflows.feed.rules import due
from services.workflows.feed.types import KIND, TAG, Feed

ALIAS = "champion"


class Feeds:
    """How far streams are told.

    Parameters
    ----------
    models
        Those that may have one; none where no demonstration is wanted.
    """

    def __init__(
        self, store: Store, tasks: Tasks, registry: Registry, models: Collection[str]
    ) -> None:
        self._store, self._tasks, self._registry = store, tasks, registry
        self._models = tuple(sorted(models))

    def of(self, session: Session, model: str) -> Feed | None:
        """Return how far the stream of a model is told; None when none began."""
        return repository.of(session, model)

    def every(self, session: Session) -> list[Feed]:
        """Return every stream that began, by model."""
        return repository.every(session)

    def note(self, model: str) -> str:
        """Return what a person must know of where a model's rows come from; empty where nothing."""
        with self._store.reading() as session:
            feed = self.of(session, model)
        return feed.note if feed else ""

    def begin(self, feed: Feed) -> Feed:
        """Note that a stream begins, and return it; one that began before stays as it is."""
        with self._store.operational() as session:
            return repository.begin(session, feed)

    def told(self, feed: Feed) -> None:
        """Note how far a stream is told."""
        if feed.told_until is not None:
            with self._store.operational() as session:
                repository.tell(session, feed.model, feed.told_until)

    def look(self) -> int:
        """Ask the worker for the days that are due; return of how many models.

        Notes
        -----
        Asked once an hour at most: a stream that could not be told is tried again in the next.
        """
        with self._store.reading() as session:
            wanted = self.unasked(session)
        for ref in wanted:
            with self._store.operational() as session:
                self._tasks.request(
                    session,
                    KIND,
                    ("model", ref.name),
                    {
                        "name": ref.name,
                        "version": ref.version,
                        "run_id": ref.run_id,
                        "partition": ref.name,
                    },
                    requested_by=SYSTEM.id,
                    key=self._key(ref),
                )
        return len(wanted)

    def unasked(self, session: Session) -> list[ModelRef]:
        """Return the serving versions whose stream has due days that the worker was not asked for."""
        return [ref for ref in self._due(session) if not self._asked(session, ref)]

    def _due(self, session: Session) -> list[ModelRef]:
        today = self._store.clock.now().date()
        found: list[ModelRef] = []
        for name in self._models:
            ref = self._registry.champion(session, name, ALIAS)
            feed = self.of(session, name)
            if ref is not None and (feed is None or due(feed, today)) and self._has(session, ref):
                found.append(ref)
        return found

    def _has(self, session: Session, ref: ModelRef) -> bool:
        run = self._registry.run(session, ref.run_id)
        return run is not None and TAG in run.tags

    def _asked(self, session: Session, ref: ModelRef) -> bool:
        its = [t for t in self._tasks.of_subject(session, "model", ref.name) if t.kind == KIND]
        return any(not t.is_over or t.idempotency_key == self._key(ref) for t in its)

    def _key(self, ref: ModelRef) -> str:
        return f"{KIND}:{ref.name}:{ref.run_id}:{self._store.clock.now():%Y-%m-%dT%H}"
