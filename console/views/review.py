"""One review: what is decided, whether I may, on what ground, and what happened."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago, instant, until
from console.views import decisions, evidence, reviews, training
from console.views.decisions import WayBack
from console.views.evidence import EvidenceRow
from console.views.gate import Ladder, ladder
from console.views.names import Names
from console.views.names import load as names_of
from console.views.signing import (
    Given,
    Regression,
    consequences,
    outcome_of,
    regression,
    worth,
)
from console.views.training import Facts
from services.decisions.promotion.types import Promotion
from services.people.account.types import Principal
from services.record.signature.types import Signature
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services
    from services.decisions.review.types import Review, Standing


@dataclass(frozen=True, slots=True)
class ReviewView:
    """What the page of a review shows."""

    review_id: str
    model: str
    version: int
    alias: str
    purpose: str
    status: str
    word: str
    left: str
    caption: str
    lead: str
    rationale: str
    ladder: Ladder | None
    compared: str
    regressions: tuple[Regression, ...]
    evidence: tuple[EvidenceRow, ...]
    digest: str
    given: tuple[Given, ...]
    consequences: tuple[str, ...]
    task_id: str | None
    outcome: str
    may_withdraw: bool
    open: bool
    moved: tuple[str, ...] = ()
    rounds: tuple[str, ...] = ()
    failed: str = ""
    training: Facts = ()

    @property
    def title(self) -> str:
        """Return what the page is called."""
        of = f"a training of {self.model}" if self.training else f"{self.model} v{self.version}"
        return f"Review of {of}"


def load(services: "Services", principal: Principal, review_id: str) -> ReviewView:
    """Return what the page of a review shows to this person.

    Raises
    ------
    NotFound
        When there is no such review.
    NotPermitted
        When this person may not see its model.
    """
    with services.store.reading() as session:
        review = services.reviews.get(session, review_id)
        team = decisions.team_of(services, session, review.ref.name)
        services.authority.require(principal, Action.MODEL_READ, model=review.ref.name, team=team)
        read = _Read(services, session, principal, names_of(services, session), review)
        return read.view()


def way_back(services: "Services", principal: Principal, view: ReviewView) -> WayBack:
    """Return the way back from what a review did: for its model and its alias."""
    with services.store.reading() as session:
        promotions = services.promotions.history(session, view.model, view.alias)
        team = decisions.team_of(services, session, view.model)
    return decisions.way_back(services, principal, view.model, promotions, team)


@dataclass(frozen=True, slots=True)
class _Read:
    services: "Services"
    session: Session
    principal: Principal
    names: Names
    review: "Review"

    def view(self) -> ReviewView:
        review, now = self.review, self.services.clock.now()
        stands = self.services.reviews.standing(self.session, review)
        is_open = self._is_open
        status, word = reviews.STATES[str(review.state)]
        promotion = self.services.promotions.of_review(self.session, review.review_id)
        before = stands.replaces.version if stands.replaces else None
        if promotion is not None:
            held = promotion.authorisation.replaces
            before = held.version if held else None
        return ReviewView(
            review.review_id, review.ref.name, review.ref.version, review.alias,
            str(review.purpose), status, word, until(review.due_at, now) if is_open else "",
            f"requested by {self.names.person(review.requested_by)} "
            f"{ago(review.requested_at, now)} · round {review.round}",
            f"{reviews.what(review)}{_then(promotion, before)}.", review.rationale,
            ladder(stands.verdict, now) if stands.verdict else None, f"v{before}" if before else "",
            self._regressions(), self._evidence(stands), self._digest(stands), self._given(stands),
            self._then(stands), promotion.task_id if promotion else self._task(),
            outcome_of(promotion), self._may_withdraw(), is_open,
            failed=self._failed(promotion), training=self._training(),
        )  # fmt: skip

    def _regressions(self) -> tuple[Regression, ...]:
        found = self.services.reviews.regressions(self.session, self.review)
        return tuple(regression(each) for each in found)

    def _training(self) -> Facts:
        held = self.review.subject_id
        return training.load(self.services, self.session, held) if held else ()

    def _task(self) -> str | None:
        """Return the training that the last signature began, or None."""
        if self.review.subject_kind != "ticket" or self.review.state.value != "consumed":
            return None
        return self.services.tickets.get(self.session, self.review.subject_id).task_id

    def _then(self, stands: "Standing") -> tuple[str, ...]:
        if self.review.subject_kind == "ticket":
            return training.consequences(self.review.ref.name)
        return consequences(self.review, stands)

    def _evidence(self, stands: "Standing") -> tuple[EvidenceRow, ...]:
        if self.review.subject_kind == "ticket":
            return ()
        now = self.services.clock.now()
        filed = self.services.evidence.latest_by_kind(self.session, self.review.ref)
        chosen = [kind for kind, _ in stands.verdict.selected] if stands.verdict else list(filed)
        return tuple(evidence.row(filed[kind], now) for kind in chosen if kind in filed)

    def _digest(self, stands: "Standing") -> str:
        return stands.basis_digest if self._is_open else self.review.basis_digest

    @property
    def _is_open(self) -> bool:
        return self.review.state.value == "open"

    def _given(self, stands: "Standing") -> tuple[Given, ...]:
        digest = self._digest(stands)
        signed = self.services.reviews.signatures(self.session, self.review.review_id)
        return tuple(self._signature(each, digest) for each in signed)

    def _signature(self, each: Signature, digest: str) -> Given:
        unchanged = self.services.signatures.verify(each).holds
        mine = each.signer_id == self.principal.person_id and not each.is_revoked
        return Given(
            self.names.person(each.signer_id), each.draft.slot_role,
            each.draft.decision.replace("_", " "), instant(each.signed_at),
            each.draft.reason_text, each.basis_digest, *worth(each, digest, unchanged=unchanged),
            each.signature_id, mine,
        )  # fmt: skip

    def _failed(self, promotion: Promotion | None) -> str:
        """Return the promotion that failed and that this person may try again; else nothing."""
        if promotion is None or promotion.state.value != "failed":
            return ""
        name = self.review.ref.name
        may = self.services.authority.permits(
            self.principal,
            Action.PROMOTION_RETRY,
            model=name,
            team=decisions.team_of(self.services, self.session, name),
        )
        return promotion.promotion_id if may else ""

    def _may_withdraw(self) -> bool:
        return self._is_open and self.review.requested_by == self.principal.person_id


def _then(promotion: Promotion | None, before: int | None) -> str:
    """Return what becomes of the alias, as the end of a sentence."""
    if promotion is not None and promotion.suspended:
        back = promotion.target
        return f", which goes back to v{back.version}" if back else ", which is removed"
    return f", replacing v{before}" if before else ""
