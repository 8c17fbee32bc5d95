"""A house with people, a registry in memory and one governed model: reviews from asking to the alias."""

import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.decisions.modelcard.types import FieldEdit, FieldKind
from services.decisions.review.types import Decision, Review, ReviewForm, SignForm, SignOutcome
from services.facts.evidence.types import (
    EvidenceInput,
    EvidenceKind,
    Measurement,
    Producer,
    Reading,
)
from services.facts.registry.types import SeenVersion
from services.facts.scoring.inspection import digest_of
from services.kernel.clock import FixedClock
from services.kernel.identity import SYSTEM, ModelRef, Role, Tier
from services.people.account.types import Principal
from services.record.storage.database import Database
from services.record.trail.types import TrailEvent
from services.record.trail.unit_of_work import Store
from services.workflows.promotion.service import Parts, Promoting
from services.workflows.reconciliation.service import Reconciler
from services.workflows.sync.service import Sync
from services.workflows.types import StepFailed
from tests.support.console_services import NAME, assembled, govern, measure, open_services
from tests.support.fake_mlflow import FakeMlflow, write_files

PASSWORD = "correct horse battery staple"
REASON = "Looked at every group; it suffices."


@dataclass
class Office:
    """The house; ``olga`` owns the model and asks, ``ada`` trained it."""

    services: Any
    mlflow: FakeMlflow
    folder: Path
    olga: Principal
    ada: Principal
    sync: Sync

    # people

    def hire(self, name: str, *roles: Role, scope: tuple[str, str] | None = None) -> Principal:
        """Open an account, give roles, choose a password."""
        accounts = self.services.accounts
        first = name.split()[0].lower()
        made = accounts.create(SYSTEM, f"{first}@example.org", name, (first,))
        for role in roles:
            accounts.grant(SYSTEM, made.person_id, role, *([scope] if scope else []))
        return self.enter(made.person_id)

    def enter(self, person_id: str) -> Principal:
        """Sign a person in, with the roles held now."""
        sessions, accounts = self.services.sessions, self.services.accounts
        cookie = sessions.choose_password(accounts.link(SYSTEM, person_id), PASSWORD)
        return self.again(sessions.session_id(cookie))

    def again(self, session_id: str) -> Principal:
        """Return who works in a session, with the roles held now."""
        found = self.services.sessions.resolve(session_id)
        assert found is not None
        return found

    # the model

    def ref(self, version: int) -> ModelRef:
        with self.services.store.reading() as session:
            return self.services.registry.ref(session, NAME, version)

    def prepare(self, version: int, ratio: float = 0.915, auc: float = 0.8) -> None:
        """File all that the policy for high tiers asks for, and fill the card."""
        measure(self.services, version, ratio, auc)
        ref = self.ref(version)
        data = (EvidenceInput("artifact", self.artifact(self.mlflow.version(NAME, version))),)
        n = (Measurement("lineage.sources_traced", "", 1.0, "1", 1),)
        lineage = Reading(EvidenceKind.LINEAGE, "lineage/1", {"v": version}, n, data, {}, None)
        with self.services.store.unit(SYSTEM) as unit:
            self.services.evidence.file(unit, ref, lineage, Producer(f"task-{version}", "0.1.0"))
        self.write(self.ada, version, "limitations", "Refuses too many of some groups.")
        for section in ("intended_use", "training_data"):
            self.write(self.ada, version, section, "Loans of the Boston Fed.")
        self.services.clock.advance(60)

    def write(self, who: Principal, version: int, section: str, words: str) -> None:
        """Write a section of a card."""
        ref = self.ref(version)
        with self.services.store.reading() as session:
            card = self.services.cards.current(session, ref)
        edit = {section: FieldEdit(FieldKind.HUMAN, words)}
        self.services.cards.revise(who, ref, card.revision, edit)

    def artifact(self, version: SeenVersion) -> str:
        folder = self.folder / f"files-{version.run_id}"
        write_files(version, folder)
        return digest_of(folder)

    # reviews

    def ask(self, version: int = 2, who: Principal | None = None, **more: str) -> Review:
        """Request a review."""
        form = ReviewForm(
            NAME, version, more.get("alias", "champion"), "More accurate on the holdout.",
            more.get("key", f"ask-{version}"),
        )  # fmt: skip
        return self.services.reviews.request(who or self.olga, form)

    def shown(self, review: Review) -> str:
        """Return the digest that a page shows now."""
        with self.services.store.reading() as session:
            return self.services.reviews.standing(session, review).basis_digest

    def look(self, who: Principal, review: Review) -> None:
        """Open every kind of evidence that the gate selected."""
        with self.services.store.reading() as session:
            verdict = self.services.reviews.standing(session, review).verdict
        for kind, _ in verdict.selected if verdict else ():
            self.services.reviews.opened(who, review.review_id, kind)

    def sign(
        self, who: Principal, review: Review, decision: Decision = Decision.APPROVE, **more: Any
    ) -> SignOutcome:
        """Look at everything, prove who one is, and sign."""
        if more.pop("look", True):
            self.look(who, review)
        proof = more.pop("proof", None)
        proof = proof or self.services.sessions.reauthenticate(who, PASSWORD)
        form = SignForm(
            review.review_id, decision, REASON, more.pop("digest", None) or self.shown(review),
            more.pop("key", f"sign-{who.name}-{review.review_id}"), **more,
        )  # fmt: skip
        return self.services.reviews.sign(who, proof, form)

    def worse(self, review: Review) -> tuple[str, ...]:
        """Return the keys of all regressions."""
        with self.services.store.reading() as session:
            return tuple(r.key for r in self.services.reviews.regressions(session, review))

    # afterwards

    def promoting(self) -> Promoting:
        """Return the steps of a promotion against the registry in memory."""
        s = self.services
        return Promoting(
            Parts(s.store, s.tasks, s.promotions, s.reviews, self.mlflow, self.folder / "jobs", self.folder / "locks")
        )  # fmt: skip

    def carry_out(self, task_id: str) -> None:
        """Do the steps of a promotion in their order, as the worker does."""
        steps = self.promoting()
        self.services.tasks.start(task_id)
        try:
            if steps.authorise(task_id)["go"]:
                steps.apply(task_id)
            steps.finish(task_id)
        except StepFailed as failure:
            steps.fail(task_id, failure)

    def reconciler(self) -> Reconciler:
        s = self.services
        return Reconciler(s.store, s.registry, s.promotions, s.governance, s.incidents)

    def events(self, action: str) -> list[TrailEvent]:
        """Return the events that bear a word, newest first."""
        with self.services.store.reading() as session:
            return self.services.trail.search(session, action=action)


def open_office(
    store: Store, folder: Path, clock: FixedClock, tier: Tier = Tier.HIGH,
    trainer: str | None = "ada", prepare: Callable[[Office], None] | None = None,
) -> Office:  # fmt: skip
    """Return a house with a model of two versions, measured and documented unless told otherwise."""
    mlflow = FakeMlflow()
    for name, versions in ((NAME, 2), ("churn-mobile", 1)):
        for _ in range(versions):
            mlflow.add(name, user=trainer)
    services = open_services(store, folder, clock, mlflow)
    sync = Sync(store, mlflow)
    sync.backfill()
    office = Office(services, mlflow, folder, None, None, sync)  # type: ignore[arg-type]
    office.olga = office.hire("Olga Owner", Role.OWNER)
    office.ada = office.hire("Ada Contributor", Role.CONTRIBUTOR)
    govern(services, office.olga, tier)
    if prepare is None:
        office.prepare(1)
        office.prepare(2, auc=0.86)
    else:
        prepare(office)
    return office


def copied(office: Office, into: Path) -> Office:
    """Return the same house over a copy of its folder; nobody may be writing in it."""
    shutil.copytree(office.folder, into, dirs_exist_ok=True)
    clock = FixedClock(office.services.clock.now())
    database = Database(f"sqlite:///{into}/governance.sqlite", guarded=False)
    store, mlflow = Store(database, clock), deepcopy(office.mlflow)
    services = assembled(store, into, clock)
    return Office(services, mlflow, into, office.olga, office.ada, Sync(store, mlflow))
