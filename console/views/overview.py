"""May this version run, and why: steps, gate, what changed, what can be done next."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago, instant
from console.views import decisions, standing
from console.views.gate import ladder
from console.views.model import ModelHead
from console.views.names import load as names_of
from console.views.signing import Block, Regression, regression
from console.views.steps import Facts, steps
from services.decisions.review.trainer import Trainer
from services.facts.registry.types import Version
from services.kernel.identity import ModelRef
from services.people.account.types import Principal
from services.record.task.types import Task
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services
    from services.decisions.review.types import Review

from console.views.gate import Ladder
from console.views.task import TaskRow


@dataclass(frozen=True, slots=True)
class Alone:
    """What one act of asking and signing would cover: in which role, over what, against what."""

    block: Block
    regressions: tuple[Regression, ...]


@dataclass(frozen=True, slots=True)
class Requesting:
    """Whether a review may be requested, for which aliases, and whether one person may do it all."""

    why: str
    aliases: tuple[str, ...]
    allowed: bool
    alone: Alone | None = None


@dataclass(frozen=True, slots=True)
class Measuring:
    """The measurement of a version: the latest one, and whether another may start."""

    why: str
    task_id: str | None
    sentence: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class OverviewView:
    """What the first tab shows."""

    name: str
    version: int
    steps: tuple[tuple[str, str, str, str], ...]
    ladder: Ladder | None
    no_ladder: str
    since: tuple[tuple[str, str], ...]
    since_note: str
    facts: tuple[tuple[str, str], ...]
    requesting: Requesting
    measuring: Measuring
    task: TaskRow | None = None


def load(services: "Services", principal: Principal, head: ModelHead) -> OverviewView:
    """Return what the first tab shows of a version."""
    now = services.clock.now()
    with services.store.reading() as session:
        names = names_of(services, session)
        version = services.registry.version(session, head.name, head.version)
        verdict = standing.verdict_of(services, session, version.ref, head.alias)
        team = decisions.team_of(services, session, head.name)
        evidence = services.evidence.latest_by_kind(session, version.ref)
        cards = services.cards.revisions(session, version.ref)
        asked = services.reviews.list(session, model=head.name)
        promotions = services.promotions.history(session, head.name)
        tasks = services.tasks.of_subject(session, "version", subject_of(version.ref))
        who = services.reviews.trainer(session, version.ref)
        alone = _alone(services, session, principal, version.ref, head)
    mine = [each for each in asked if each.ref == version.ref and each.subject_kind == "version"]
    applied = next((p for p in promotions if p.target == version.ref and p.applied_at), None)
    produced = min((e.produced_at for e in evidence.values()), default=None)
    known = Facts(version, cards, produced, mine, applied, head.alias_version)
    measured = [task for task in tasks if task.kind == "measurement"]
    allowed = services.authority.permits(principal, Action.MEASURE, model=head.name, team=team)
    return OverviewView(
        head.name, head.version, steps(known, names), ladder(verdict, now) if verdict else None,
        "Nobody governs this model yet, so no policy applies to it."
        if not head.governed else "No published policy applies to this tier and alias.",
        (), "", _about(version, who),
        _requesting(services, principal, head, team, mine, alone),
        _measuring(measured, ago(max((e.produced_at for e in evidence.values()), default=None), now),
                   allowed=allowed),
    )  # fmt: skip


def subject_of(ref: ModelRef) -> str:
    """Return the id under which tasks and events name a version."""
    return f"{ref.name}/{ref.version}"


def _alone(
    services: "Services", session: Session, principal: Principal, ref: ModelRef, head: ModelHead
) -> Alone | None:
    """Return what this person may ask for and sign in one act; None where others must sign."""
    if standing.policy_of(services, session, ref.name, head.alias) is None:
        return None
    offer = services.reviews.at_once(session, principal, ref, head.alias)
    if offer is None:
        return None
    digest = offer.standing.basis_digest
    meaning = "I ask for this and approve it, as it stands on this page"
    return Alone(
        Block(principal.name, offer.role.value, meaning, digest),
        tuple(regression(each) for each in offer.regressions),
    )


def _requesting(
    services: "Services", principal: Principal, head: ModelHead, team: str | None,
    mine: list["Review"], alone: Alone | None,
) -> Requesting:  # fmt: skip
    aliases = (head.alias,)
    if not head.governed:
        return Requesting("Begin the governance of this model first.", aliases, allowed=False)
    if any(str(each.state) == "open" for each in mine):
        return Requesting("A review of this version is open.", aliases, allowed=False)
    permits = services.authority.permits
    if not permits(principal, Action.REVIEW_REQUEST, model=head.name, team=team):
        return Requesting(
            "A contributor or the owner of this model may ask.", aliases, allowed=False
        )
    if head.alias_version == head.version:
        return Requesting(f"{head.alias} points at this version already.", aliases, allowed=True)
    return Requesting("", aliases, allowed=True, alone=alone)


def _measuring(tasks: list[Task], last: str, *, allowed: bool) -> Measuring:
    running = next((task for task in tasks if not task.is_over), None)
    shown = running or (tasks[0] if tasks else None)
    sentence = "never measured" if last == "never" else f"last measured {last}"
    why = "A contributor, the owner, a validator or an operator may measure."
    if running is not None:
        return Measuring("", running.task_id, "under way", allowed=False)
    return Measuring(why, shown.task_id if shown else None, sentence, allowed=allowed)


def _about(version: Version, trainer: Trainer) -> tuple[tuple[str, str], ...]:
    known = trainer.words if trainer.known else f"trainer unknown: {trainer.words}"
    return (
        ("Trained by", known),
        ("Registered", instant(version.created_at)),
        ("Run", version.ref.run_id),
        ("State in MLflow", version.status),
    )
