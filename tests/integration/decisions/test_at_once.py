"""One person's one act where the policy allows it, second thoughts, and second tries, on each engine."""

from pathlib import Path
from typing import Any

import pytest

from services.decisions.promotion.types import Promotion, PromotionState
from services.decisions.review.basis import BasisMoved
from services.decisions.review.forms import AtOnceForm
from services.decisions.review.types import AtOnceOffer, ReviewForm
from services.kernel.clock import FixedClock
from services.kernel.error import Conflict, InvalidInput, NotPermitted
from services.kernel.identity import SYSTEM, Role, Tier
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from tests.support.console_services import NAME, measure
from tests.support.office import PASSWORD, Office, open_office

RATIONALE = "Good enough for what it is used for."


@pytest.fixture
def small(store: Store, tmp_path: Path, clock: FixedClock) -> Office:
    """A house whose model can do little harm: one person asks and signs."""
    return open_office(store, tmp_path, clock, Tier.LOW)


@pytest.fixture
def strict(store: Store, tmp_path: Path, clock: FixedClock) -> Office:
    return open_office(store, tmp_path, clock, Tier.HIGH)


def offer(office: Office, who: Principal, version: int = 2) -> AtOnceOffer | None:
    with office.services.store.reading() as session:
        return office.services.reviews.at_once(session, who, office.ref(version), "champion")


def act(office: Office, who: Principal, digest: str, version: int = 2, **more: Any) -> Any:
    asked = ReviewForm(NAME, version, "champion", RATIONALE, more.get("key", "act"))
    proof = office.services.sessions.reauthenticate(who, PASSWORD)
    form = AtOnceForm(asked, digest, more.get("acknowledged", ()))
    return office.services.reviews.request_and_sign(who, proof, form)


def test_one_act_asks_signs_and_promotes(small: Office) -> None:
    held = offer(small, small.olga)
    assert held is not None
    outcome = act(small, small.olga, held.standing.basis_digest)
    assert outcome.review.state.value == "consumed"
    assert outcome.signature.draft.reason_text == RATIONALE
    assert outcome.signature.draft.slot_role == "owner"
    assert outcome.signature.basis_digest == outcome.review.basis_digest
    assert act(small, small.olga, "0" * 64).task_id == outcome.task_id
    small.carry_out(outcome.task_id)
    assert small.mlflow.models[NAME].aliases == {"champion": 2}
    words = ("review:requested", "signature:given", "promotion:authorised", "promotion:applied")
    assert [len(small.events(word)) for word in words] == [1, 1, 1, 1]


def test_what_moved_since_it_was_shown_is_not_signed_in_one_act_either(small: Office) -> None:
    held = offer(small, small.olga)
    assert held is not None
    measure(small.services, 2, auc=0.7)
    with pytest.raises(BasisMoved, match="performance"):
        act(small, small.olga, held.standing.basis_digest)
    assert small.events("review:requested") == []


def test_who_does_not_hold_the_role_gets_no_offer_and_no_act(small: Office) -> None:
    vera = small.hire("Vera Validator", Role.VALIDATOR)
    held = offer(small, small.olga)
    assert held is not None
    for who in (small.ada, vera):
        assert offer(small, who) is None
        with pytest.raises(NotPermitted, match="request a review"):
            act(small, who, held.standing.basis_digest)


def test_a_strict_policy_offers_nobody_one_act(strict: Office) -> None:
    chief = strict.hire("Chi Chief", *[role for role in Role if role is not Role.VIEWER])
    assert offer(strict, chief) is None
    with strict.services.store.reading() as session:
        now = strict.services.reviews.unasked(session, strict.ref(2), "champion")
    with pytest.raises(NotPermitted, match="'credit-and-hiring' wants another signature"):
        act(strict, chief, now.basis_digest)


def test_a_gate_that_does_not_pass_offers_no_one_act(
    store: Store, tmp_path: Path, clock: FixedClock
) -> None:
    office = open_office(store, tmp_path, clock, Tier.LOW, prepare=lambda o: None)
    assert offer(office, office.olga) is None


def test_regressions_are_acknowledged_in_one_act_too(small: Office) -> None:
    small.mlflow.models[NAME].aliases["champion"] = 2
    small.services.clock.advance(30)
    small.sync.look()
    held = offer(small, small.olga, version=1)
    assert held is not None
    keys = tuple(each.key for each in held.regressions)
    assert keys == ("performance.auc:",)
    with pytest.raises(InvalidInput, match="Acknowledge"):
        act(small, small.olga, held.standing.basis_digest, 1)
    done = act(small, small.olga, held.standing.basis_digest, 1, acknowledged=keys)
    assert done.task_id is not None


# second thoughts


def signed(office: Office) -> Any:
    held = offer(office, office.olga)
    assert held is not None
    return act(office, office.olga, held.standing.basis_digest)


def revoke(office: Office, who: Principal, signature_id: str, why: str = "I was mistaken.") -> Any:
    proof = office.services.sessions.reauthenticate(who, PASSWORD)
    return office.services.reviews.revoke(who, proof, signature_id, why)


def test_only_the_signer_takes_a_signature_back_and_says_why(small: Office) -> None:
    given = signed(small).signature
    other = small.hire("Ole Other", Role.OWNER, Role.ADMINISTRATOR)
    with pytest.raises(NotPermitted, match="Only the person who signed"):
        revoke(small, other, given.signature_id)
    with pytest.raises(InvalidInput):
        revoke(small, small.olga, given.signature_id, "no")
    assert revoke(small, small.olga, given.signature_id).is_revoked
    with pytest.raises(Conflict, match="already"):
        revoke(small, small.olga, given.signature_id)
    (said,) = small.events("signature:revoked")
    assert "mistaken" not in str(said.payload)


def test_a_signature_taken_back_stops_a_promotion_on_its_way(small: Office) -> None:
    outcome = signed(small)
    revoke(small, small.olga, outcome.signature.signature_id)
    small.carry_out(outcome.task_id)
    assert small.mlflow.models[NAME].aliases == {}
    (failed,) = small.events("promotion:failed")
    assert "no longer counts" in failed.payload["reason"]


def test_a_signature_taken_back_later_leaves_the_alias_and_ends_the_approval(
    small: Office,
) -> None:
    outcome = signed(small)
    small.carry_out(outcome.task_id)

    def approved() -> bool:
        with small.services.store.reading() as session:
            return small.services.reviews.approved(session, small.ref(2), "champion")

    assert approved()
    revoke(small, small.olga, outcome.signature.signature_id)
    assert not approved()
    assert small.mlflow.models[NAME].aliases == {"champion": 2}


# second tries


def failed(office: Office) -> Promotion:
    outcome = signed(office)
    office.mlflow.models[NAME].aliases["champion"] = 1
    office.carry_out(outcome.task_id)
    del office.mlflow.models[NAME].aliases["champion"]
    with office.services.store.reading() as session:
        found = office.services.promotions.get(session, outcome.promotion_id)
    assert found.state is PromotionState.FAILED
    return found


def test_a_failed_promotion_is_tried_again_by_whoever_may(small: Office) -> None:
    promotion = failed(small)
    reviews = small.services.reviews
    with pytest.raises(NotPermitted):
        reviews.retry(small.ada, promotion.promotion_id)
    again = reviews.retry(small.olga, promotion.promotion_id)
    with pytest.raises(Conflict, match="pending"):
        reviews.retry(small.olga, promotion.promotion_id)
    small.carry_out(again.task_id)
    assert small.mlflow.models[NAME].aliases == {"champion": 2}
    assert len(small.events("promotion:applied")) == 1


def test_what_no_longer_holds_is_not_tried_again(small: Office) -> None:
    promotion = failed(small)
    small.services.accounts.revoke(SYSTEM, small.olga.person_id, Role.OWNER)
    boss = small.hire("Bo Boss", Role.APPROVER)
    with pytest.raises(Conflict, match="no longer counts"):
        small.services.reviews.retry(boss, promotion.promotion_id)
    given_up = small.services.reviews.give_up(boss, promotion.promotion_id, "Nobody wants it now.")
    assert given_up.state is PromotionState.CANCELLED
    with pytest.raises(Conflict, match="cancelled"):
        small.services.reviews.retry(boss, promotion.promotion_id)
