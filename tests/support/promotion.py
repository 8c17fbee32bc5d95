"""A workspace in which one promotion was signed for and waits for the worker."""

from dataclasses import dataclass, replace
from pathlib import Path

from services.bootstrap.services import Services, open_services
from services.decisions.review.forms import SuspendForm
from services.decisions.review.types import Decision, ReviewForm, SignForm
from services.facts.evidence.types import (
    EvidenceInput,
    EvidenceKind,
    Measurement,
    Producer,
    Reading,
)
from services.facts.registry.gateway import MlflowGateway
from services.facts.scoring.inspection import digest_of
from services.kernel.identity import SYSTEM, ModelRef, Role, Tier
from services.migrations.run import upgrade
from services.people.account.types import Principal
from services.settings import read_settings
from services.standards.governance.types import GovernanceForm
from services.workflows.promotion.service import Parts, Promoting
from services.workflows.sync.service import Sync

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Signed:
    """What was signed for, and the environment its worker needs."""

    services: Services
    promotion_id: str
    environment: dict[str, str]


def signed_promotion(home: Path, mlflow_url: str, model: str, work: Path) -> Signed:
    """Mirror a model, govern it under the minimal policy, file evidence, request and sign."""
    environment = {"COUNTERSIGN_HOME": str(home), "COUNTERSIGN_MLFLOW_URI": mlflow_url}
    settings = read_settings(environment)
    upgrade(settings.database)
    services = open_services(settings)
    services.policies.publish_shipped()
    gateway = MlflowGateway(mlflow_url)
    Sync(services.store, gateway).look()
    owner = owner_of(services)
    services.governance.begin_as(SYSTEM, form(model, owner.person_id))
    with services.store.reading() as session:
        ref = services.registry.ref(session, model, 1)
    gateway.download_version(model, 1, work)
    gateway.close()
    file_evidence(services, ref, digest_of(work))
    promotion = sign(services, owner, model)
    return Signed(services, promotion, environment)


def signed_suspension(signed: Signed, mlflow_url: str, model: str) -> Signed:
    """Carry a promotion out in this process, and sign that its version is suspended."""
    services, gateway = signed.services, MlflowGateway(mlflow_url)
    with services.store.reading() as session:
        task = services.promotions.get(session, signed.promotion_id).task_id
    home = services.settings.home
    steps = Promoting(
        Parts(services.store, services.tasks, services.promotions, services.reviews, gateway,
              home / "jobs", home / "jobs" / "locks")
    )  # fmt: skip
    services.tasks.start(task)
    steps.authorise(task)
    steps.apply(task)
    steps.finish(task)
    gateway.close()
    otto = person_of(services, "Otto Operator", Role.OPERATOR)
    proof = services.sessions.reauthenticate(otto, PASSWORD)
    asked = SuspendForm(model, 1, "champion", "It is wrong too often now.", "suspend-1", None)
    outcome = services.reviews.suspend(otto, proof, asked)
    assert outcome.promotion_id is not None
    return replace(signed, promotion_id=outcome.promotion_id)


def owner_of(services: Services) -> Principal:
    """Open an account that owns everything and sign it in."""
    return person_of(services, "Olga Marsh", Role.OWNER)


def person_of(services: Services, name: str, role: Role) -> Principal:
    """Open an account with a role over everything and sign it in."""
    email = f"{name.split()[0].lower()}@test.example"
    person = services.accounts.create(SYSTEM, email, name)
    services.accounts.grant(SYSTEM, person.person_id, role)
    token = services.accounts.link(SYSTEM, person.person_id)
    cookie = services.sessions.choose_password(token, PASSWORD)
    found = services.sessions.resolve(services.sessions.session_id(cookie))
    assert found is not None
    return found


def form(model: str, owner: str) -> GovernanceForm:
    """Return how the test's model is governed."""
    return GovernanceForm(
        model, owner, owner, "labs", "Testing.", "Tests alone.", Tier.LOW, "No harm.", "none"
    )


def file_evidence(services: Services, ref: ModelRef, artifact: str) -> None:
    """File what the minimal policy asks for, and draft a card."""
    from services.decisions.modelcard.types import RunFacts

    reading = Reading(
        EvidenceKind.PERFORMANCE,
        "performance/1",
        {"n": 500},
        (Measurement("performance.auc", "", 0.9, "1", 500, 0.85, 0.95, 0.95, "delong-logit"),),
        (EvidenceInput("artifact", artifact),),
        {"task": "classification"},
    )
    with services.store.unit(SYSTEM) as unit:
        services.evidence.file(unit, ref, reading, Producer("no-task", "test"))
        services.cards.draft(unit, ref, RunFacts(title=ref.label, intended_use="Tests alone."))


def sign(services: Services, owner: Principal, model: str) -> str:
    """Request a review and sign it; return the promotion that was authorised."""
    review = services.reviews.request(
        owner, ReviewForm(model, 1, "champion", "It is good enough for tests.", "request-1")
    )
    with services.store.reading() as session:
        digest = services.reviews.standing(session, review).basis_digest
    services.reviews.opened(owner, review.review_id, "performance")
    proof = services.sessions.reauthenticate(owner, PASSWORD)
    outcome = services.reviews.sign(
        owner,
        proof,
        SignForm(
            review.review_id, Decision.APPROVE, "Looked at it; it suffices.", digest, "sign-1"
        ),
    )
    assert outcome.promotion_id is not None
    return outcome.promotion_id
