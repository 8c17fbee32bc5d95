"""What one worker does for all: after a look at MLflow, and for what serves, whether it answers or not."""

from dataclasses import asdict
from datetime import date

import structlog

from services.bootstrap.causes import sources, triggers
from services.bootstrap.services import Services
from services.bootstrap.training import retention
from services.bootstrap.work import clearing, pulse, watch
from services.decisions.modelcard.types import DatasetFact, RunFacts
from services.facts.registry.types import Run, Version
from services.kernel.identity import SYSTEM
from services.standards.governance.types import GovernedModel
from services.workflows.sync.service import Sync

CARD_TAG = "countersign.card."
log = structlog.get_logger(__name__)


class Duties:
    """Done by one worker for all, every half minute."""

    def __init__(self, services: Services, sync: Sync) -> None:
        self._at = services
        self._sync = sync
        self._watch, self._pulse = watch(services), pulse(services)
        self._triggers, self._sources = triggers(services), sources(services)
        self._clearing, self._cleared = clearing(services), date.min
        self._retention = retention(services)

    def follow(self) -> None:
        """Do what follows a look."""
        for bypass in self._at.reconciler.look():
            log.warning("alias bypassed", model=bypass.name, alias=bypass.alias)
        self._at.reviews.expire()
        self._sources.look()
        self._triggers.look()
        self._sync.backfill()
        self._govern()
        self._at.feeds.look()

    def watch(self) -> None:
        """Tell people what cannot wait, measure what serves, and write the log into files.

        Files come last: they take the longest, and where they are kept may be out of reach.
        """
        self._pulse.look()
        self._at.alerts.look(hurried=True)
        self._at.budget_alerts.look()
        self._watch.look()
        self._at.compaction.run()
        today = self._at.store.clock.now().date()
        if self._cleared != today:
            self._clearing.run()
            self._tidy()
            self._cleared = today

    def _tidy(self) -> None:
        """Keep the environments of trainings within their limit, and tell how they stand."""
        try:
            told = self._retention.tidy()
        except (OSError, ValueError) as error:
            log.warning("environments are not tidied", why=str(error))
            self._at.health.beat("environments", environments={"why": "They cannot be looked at."})
            return
        self._at.health.beat("environments", environments=asdict(told))

    def _govern(self) -> None:
        """Draft the card of each new version of a governed model, and ask for its measurement."""
        with self._at.store.reading() as session:
            models = self._at.governance.all(session)
            fresh: list[tuple[GovernedModel, Version, Run | None]] = []
            for model in models:
                for version in self._at.registry.versions(session, model.name):
                    if self._at.cards.current(session, version.ref).revision == 0:
                        run = self._at.registry.run(session, version.ref.run_id)
                        fresh.append((model, version, run))
        for model, version, run in fresh:
            self._begin(model, version, run)

    def _begin(self, model: GovernedModel, version: Version, run: Run | None) -> None:
        ref = version.ref
        with self._at.store.unit(SYSTEM) as unit:
            owner = self._at.accounts.by_id(unit.session, model.owner_id)
            self._at.cards.draft(unit, ref, _facts(model, owner.name, version, run))
            self._at.tasks.request(
                unit.session,
                "measurement",
                ("version", f"{ref.name}/{ref.version}"),
                {
                    "name": ref.name,
                    "version": ref.version,
                    "run_id": ref.run_id,
                    "partition": ref.name,
                },
                requested_by=SYSTEM.id,
                key=f"first-measurement:{ref.name}:{ref.version}:{ref.run_id}",
            )


def _facts(model: GovernedModel, owner: str, version: Version, run: Run | None) -> RunFacts:
    datasets = run.datasets if run else ()
    words = f"{version.description} " if version.description else ""
    return RunFacts(
        title=version.ref.label,
        model_type=words + (run.params.get("estimator", "") if run else ""),
        intended_use=model.intended_use,
        owners=owner,
        user=(run.user or "") if run else "",
        git_commit=(run.git_commit or "") if run else "",
        datasets=tuple(
            DatasetFact(name=d.name, digest=d.sha256 or d.digest, context=d.context)
            for d in datasets
        ),
        parameters=tuple(run.params.items()) if run else (),
        said=tuple(
            (key.removeprefix(CARD_TAG), text)
            for key, text in (run.tags.items() if run else ())
            if key.startswith(CARD_TAG)
        ),
    )
