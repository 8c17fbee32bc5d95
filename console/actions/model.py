"""What the page of a model does: forms in, commands out."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from console.views.decisions import team_of
from console.views.model import ModelHead
from console.views.overview import subject_of
from services.decisions.modelcard.types import FieldEdit, FieldKind
from services.decisions.review.forms import RollbackForm
from services.decisions.review.types import ReviewForm
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class Asked:
    """A filled form that asks for a review; ``key`` makes it happen once."""

    alias: str
    rationale: str
    key: str


@dataclass(frozen=True, slots=True)
class Edited:
    """One section of the card as somebody wants it to read, and the revision it was read from."""

    field: str
    text: str
    not_applicable: bool
    revision: int


@dataclass(frozen=True, slots=True)
class Restored:
    """An earlier revision of the card that is to stand again, and the one that stood then."""

    revision: int
    standing: int


@dataclass(frozen=True, slots=True)
class BackAsked:
    """A filled form that rolls an alias back."""

    alias: str
    target: int
    reason: str
    password: str
    key: str
    lifts: bool = False


@dataclass(frozen=True, slots=True)
class ExcuseAsked:
    """A filled form that says why a kind of evidence does not apply."""

    kind: str
    reason: str
    password: str


def measure(services: "Services", principal: Principal, head: ModelHead, key: str) -> str:
    """Ask for a measurement of a version; the same key asks once.

    Raises
    ------
    NotPermitted
        When this person may not measure this model.
    """
    with services.store.reading() as session:
        ref = services.registry.ref(session, head.name, head.version)
        team = team_of(services, session, head.name)
    services.authority.require(principal, Action.MEASURE, model=head.name, team=team)
    with services.store.operational() as session:
        services.tasks.request(
            session,
            "measurement",
            ("version", subject_of(ref)),
            {"ref": asdict(ref), "partition": ref.name},
            requested_by=principal.person_id,
            key=key,
        )
    return f"{ref.label} is being measured."


def cancel(services: "Services", principal: Principal, name: str, task_id: str) -> None:
    """Ask a task to stop at its next step.

    Raises
    ------
    NotPermitted
        When this person may not stop tasks of this model.
    """
    with services.store.reading() as session:
        team = team_of(services, session, name)
    services.authority.require(principal, Action.TASK_CANCEL, model=name, team=team)
    services.tasks.request_cancel(task_id)


def request(
    services: "Services", principal: Principal, head: ModelHead, form: Asked, opened: list[str]
) -> str:
    """Request a review of a version for an alias; its id is added to ``opened``."""
    review = services.reviews.request(
        principal,
        ReviewForm(
            model=head.name,
            version=head.version,
            alias=form.alias,
            rationale=form.rationale,
            key=form.key,
        ),
    )
    opened.append(review.review_id)
    return "The review is open; those who may sign find it under Reviews."


def save(services: "Services", principal: Principal, head: ModelHead, form: Edited) -> str:
    """Write one section of the card anew.

    Raises
    ------
    Conflict
        When somebody wrote in the same section since it was shown; both texts are kept.
    """
    with services.store.reading() as session:
        ref = services.registry.ref(session, head.name, head.version)
    text = form.text.strip()
    if form.not_applicable:
        edit = FieldEdit(FieldKind.NOT_APPLICABLE, source=text)
    else:
        edit = FieldEdit(FieldKind.HUMAN, text) if text else FieldEdit(FieldKind.UNKNOWN)
    card = services.cards.revise(principal, ref, form.revision, {form.field: edit})
    return f"The card stands at revision {card.revision}."


def restore(services: "Services", principal: Principal, head: ModelHead, form: Restored) -> str:
    """Make an earlier revision of the card the newest one."""
    with services.store.reading() as session:
        ref = services.registry.ref(session, head.name, head.version)
    card = services.cards.restore(principal, ref, form.revision, form.standing)
    return f"Revision {form.revision} stands again, as revision {card.revision}."


def excuse(services: "Services", principal: Principal, head: ModelHead, form: ExcuseAsked) -> str:
    """Sign that a kind of evidence does not apply to a version."""
    with services.store.reading() as session:
        ref = services.registry.ref(session, head.name, head.version)
    proof = services.sessions.reauthenticate(principal, form.password)
    services.waivers.excuse(principal, proof, ref, form.kind, form.reason)
    return f"{form.kind.capitalize()} is on file as not applicable."


def roll_back(
    services: "Services", principal: Principal, name: str, form: BackAsked, opened: list[str]
) -> str:
    """Put an alias back to a version it once had, in one act; the review's id goes to ``opened``."""
    proof = services.sessions.reauthenticate(principal, form.password)
    outcome = services.reviews.roll_back(
        principal,
        proof,
        RollbackForm(
            model=name,
            version=form.target,
            alias=form.alias,
            reason=form.reason,
            key=form.key,
            lifts=form.lifts,
        ),
    )
    opened.append(outcome.review.review_id)
    return f"{form.alias} goes back to v{form.target}."
