"""Asking and signing: who may, over what, how often, and what stands in the way, on each engine."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.decisions.review.types import Decision, Review, ReviewState
from services.kernel.clock import FixedClock
from services.kernel.error import (
    Conflict,
    InsufficientEvidence,
    InvalidInput,
    NotFound,
    NotPermitted,
    SeparationOfDutiesViolated,
)
from services.kernel.identity import SYSTEM, Role, Tier
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from tests.support.console_services import NAME, measure
from tests.support.office import PASSWORD, Office, open_office


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FixedClock) -> Office:
    return open_office(store, tmp_path, clock)


@pytest.fixture
def vera(office: Office) -> Principal:
    return office.hire("Vera Validator", Role.VALIDATOR)


@pytest.fixture
def pia(office: Office) -> Principal:
    return office.hire("Pia Approver", Role.APPROVER)


def state(office: Office, review: Review) -> ReviewState:
    with office.services.store.reading() as session:
        return office.services.reviews.get(session, review.review_id).state


def signatures(office: Office, review: Review) -> int:
    with office.services.store.reading() as session:
        return len(office.services.reviews.signatures(session, review.review_id))


def test_two_signatures_authorise_one_promotion_and_one_task(
    office: Office, vera: Principal, pia: Principal
) -> None:
    review = office.ask()
    first = office.sign(vera, review)
    assert (first.task_id, dict(first.missing)) == (None, {Role.APPROVER: 1})
    assert state(office, review) is ReviewState.OPEN
    second = office.sign(pia, review)
    assert second.task_id is not None
    assert state(office, review) is ReviewState.CONSUMED
    (authorised,) = office.events("promotion:authorised")
    assert authorised.payload["basis_digest"] == second.signature.basis_digest
    assert authorised.payload["artifact_digest"] == office.artifact(office.mlflow.version(NAME, 2))
    assert len(office.services.tasks.open("batch")) == 1
    office.carry_out(second.task_id)
    assert office.mlflow.models[NAME].aliases == {"champion": 2}
    assert office.services.trail.verify().holds


def test_nothing_is_requested_for_a_model_that_nobody_governs(office: Office) -> None:
    from services.decisions.review.types import ReviewForm

    form = ReviewForm("churn-mobile", 1, "champion", "It is more accurate.", "k")
    with pytest.raises(NotFound, match="governs"):
        office.services.reviews.request(office.olga, form)
    with pytest.raises(NotFound, match="no version 9"):
        office.ask(9)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.VALIDATOR, Role.APPROVER, Role.AUDITOR])
def test_only_those_who_build_it_may_ask(office: Office, role: Role) -> None:
    with pytest.raises(NotPermitted, match="owner"):
        office.ask(who=office.hire("Pat Person", role))


@pytest.mark.parametrize("alias", ["latest", "Latest", "v1", "V12", "", "a b", "x/y", "a" * 256])
def test_an_alias_that_mlflow_would_refuse_is_refused_at_once(office: Office, alias: str) -> None:
    with pytest.raises(InvalidInput):
        office.ask(alias=alias)
    assert office.events("review:requested") == []


def test_the_same_key_asks_once_and_one_review_is_open_for_an_alias(office: Office) -> None:
    review = office.ask()
    assert office.ask().review_id == review.review_id
    for alias in ("champion", "Champion", "CHAMPION"):
        with pytest.raises(Conflict, match="is open"):
            office.ask(1, key=f"again-{alias}", alias=alias)
    assert office.ask(1, key="other", alias="canary").round == 1
    assert len(office.events("review:requested")) == 2


def test_an_alias_is_spelled_as_mlflow_spells_it(office: Office) -> None:
    office.mlflow.models[NAME].aliases["champion"] = 1
    office.services.clock.advance(30)
    office.sync.look()
    assert office.ask(alias="CHAMPION").alias == "champion"


# separation of duties, from data


def _requester(office: Office, pat: Principal) -> Review:
    office.services.accounts.grant(SYSTEM, pat.person_id, Role.OWNER)
    return office.ask(who=office.again(pat.session_id))


def _trainer(office: Office, pat: Principal) -> Review:
    accounts = office.services.accounts
    accounts.revise(SYSTEM, office.ada.person_id, external_names=())
    accounts.revise(SYSTEM, pat.person_id, external_names=("ada",))
    return office.ask()


def _author(office: Office, pat: Principal) -> Review:
    office.services.accounts.grant(SYSTEM, pat.person_id, Role.CONTRIBUTOR)
    office.write(office.again(pat.session_id), 2, "license", "Apache-2.0")
    return office.ask()


def _editor(office: Office, pat: Principal) -> Review:
    services = office.services
    with services.store.operational() as session:
        task = services.tasks.request(
            session, "measurement", ("version", "x"), {}, requested_by=pat.person_id, key="m"
        )
    with services.store.reading() as session:
        fairness = services.evidence.latest(session, office.ref(2), "fairness")
    from services.facts.evidence.types import Producer, Reading

    again = Reading(
        fairness.kind, fairness.schema, {**services.evidence.payload(fairness), "again": 1},
        fairness.measurements, fairness.inputs, fairness.parameters, fairness.seed,
    )  # fmt: skip
    services.clock.advance(60)
    with services.store.unit(SYSTEM) as unit:
        services.evidence.file(unit, office.ref(2), again, Producer(task.task_id, "0.1.0"))
    return office.ask()


def _publisher(office: Office, pat: Principal) -> Review:
    policies = office.services.policies
    with office.services.store.reading() as session:
        now = office.services.gate.policy(session, NAME, "champion")
    text = office.services.archive.get(now.sha256).decode().replace("version: 1", "version: 2")
    policies.publish(pat.actor, text.encode())
    return office.ask()


INVOLVED = {
    "requested this review": _requester,
    "trained this version": _trainer,
    "wrote in its card": _author,
    "asked for its last measurement": _editor,
    "published the policy": _publisher,
}


@pytest.mark.parametrize("why", INVOLVED)
def test_whoever_had_a_hand_in_it_may_not_sign(office: Office, why: str) -> None:
    pat = office.hire("Pat Person", Role.VALIDATOR)
    review = INVOLVED[why](office, pat)
    pat = office.again(pat.session_id)
    with pytest.raises(SeparationOfDutiesViolated, match=why):
        office.sign(pat, review, acknowledged=office.worse(review))
    assert signatures(office, review) == 0


def test_the_trainer_may_not_sign_though_somebody_else_asked(office: Office) -> None:
    office.services.accounts.grant(SYSTEM, office.ada.person_id, Role.VALIDATOR)
    review = office.ask(who=office.olga)
    with pytest.raises(SeparationOfDutiesViolated, match="You trained this version"):
        office.sign(office.again(office.ada.session_id), review)


def test_an_unknown_trainer_blocks_high_and_not_medium(
    store: Store, tmp_path: Path, clock: FixedClock
) -> None:
    office = open_office(store, tmp_path, clock, Tier.HIGH, trainer="nobody-we-know")
    vera = office.hire("Vera Validator", Role.VALIDATOR)
    review = office.ask()
    with pytest.raises(NotPermitted, match="an administrator must say who that is"):
        office.sign(vera, review)
    office.services.accounts.revise(
        SYSTEM, office.ada.person_id, external_names=("ada", "nobody-we-know")
    )
    assert office.sign(vera, review).signature.signer_id == vera.person_id


# quorum


def test_one_person_fills_one_slot(office: Office, vera: Principal, pia: Principal) -> None:
    both = office.hire("Bo Both", Role.VALIDATOR, Role.APPROVER)
    review = office.ask()
    assert dict(office.sign(both, review).missing) == {Role.APPROVER: 1}
    with pytest.raises(Conflict):
        office.sign(both, review, key="once-more")
    with pytest.raises(NotPermitted, match="needed from: approver"):
        office.sign(vera, review)
    assert office.sign(pia, review).task_id is not None


def test_people_without_a_slot_are_refused(office: Office) -> None:
    review = office.ask()
    for role in (Role.VIEWER, Role.STAKEHOLDER, Role.AUDITOR, Role.ADMINISTRATOR):
        with pytest.raises(NotPermitted):
            office.sign(office.hire(f"{role.value.title()} X", role), review)
    elsewhere = office.hire("Eve Elsewhere", Role.VALIDATOR, scope=("model", "digit-reader"))
    with pytest.raises(NotPermitted):
        office.sign(elsewhere, review)
    assert signatures(office, review) == 0


@pytest.mark.parametrize("lost", ["role", "account", "signature", "age", "independence"])
def test_a_signature_counts_only_as_long_as_its_signer_could_give_it(
    office: Office, vera: Principal, pia: Principal, lost: str
) -> None:
    review = office.ask()
    given = office.sign(vera, review).signature
    accounts = office.services.accounts
    if lost == "role":
        accounts.revoke(SYSTEM, vera.person_id, Role.VALIDATOR)
    elif lost == "account":
        accounts.disable(SYSTEM, vera.person_id)
    elif lost == "signature":
        proof = office.services.sessions.reauthenticate(vera, PASSWORD)
        office.services.reviews.revoke(vera, proof, given.signature_id, "I read the wrong page.")
    elif lost == "independence":
        accounts.revise(SYSTEM, office.ada.person_id, external_names=())
        accounts.revise(SYSTEM, vera.person_id, external_names=("ada",))
    else:
        review = _older(office, review, days=31)
    outcome = office.sign(office.enter(pia.person_id), review)
    assert outcome.task_id is None
    assert dict(outcome.missing) == {Role.VALIDATOR: 1}


def _older(office: Office, review: Review, days: int) -> Review:
    """Let time pass, with the date to decide by moved out of the way."""
    from services.decisions.review import repository

    later = replace(review, due_at=review.due_at + timedelta(days=days))
    with office.services.store.unit(SYSTEM) as unit:
        repository.write(unit, later, unit.event("review:requested", ("review", "x")))
    office.services.clock.advance(timedelta(days=days).total_seconds())
    return later


# what stands in the way


def test_a_failing_gate_cannot_be_approved_and_can_be_rejected(
    store: Store, tmp_path: Path, clock: FixedClock
) -> None:
    office = open_office(store, tmp_path, clock, prepare=lambda o: o.prepare(2, ratio=0.79))
    vera = office.hire("Vera Validator", Role.VALIDATOR)
    review = office.ask()
    with pytest.raises(InsufficientEvidence, match="'four-fifths' fails"):
        office.sign(vera, review)
    assert office.sign(vera, review, Decision.REJECT).signature.draft.meaning.value == "rejection"
    assert state(office, review) is ReviewState.REJECTED


def test_what_was_never_measured_cannot_be_approved(
    store: Store, tmp_path: Path, clock: FixedClock
) -> None:
    office = open_office(store, tmp_path, clock, prepare=lambda o: None)
    vera = office.hire("Vera Validator", Role.VALIDATOR)
    review = office.ask()
    with pytest.raises(InsufficientEvidence, match="is unknown"):
        office.sign(vera, review)


def test_evidence_must_have_been_opened(office: Office, vera: Principal) -> None:
    review = office.ask()
    with pytest.raises(InsufficientEvidence, match="0 of 4 opened"):
        office.sign(vera, review, look=False)
    office.services.reviews.opened(vera, review.review_id, "fairness")
    with pytest.raises(InsufficientEvidence, match="1 of 4 opened"):
        office.sign(vera, review, look=False)


def test_each_regression_is_acknowledged(office: Office, vera: Principal) -> None:
    office.mlflow.models[NAME].aliases["champion"] = 1
    office.services.clock.advance(30)
    office.sync.look()
    measure(office.services, 2, ratio=0.9, auc=0.86)
    review = office.ask()
    keys = office.worse(review)
    assert "fairness.impact_ratio:race=Black" in keys
    with pytest.raises(InvalidInput, match="Acknowledge each regression"):
        office.sign(vera, review, acknowledged=keys[:-1])
    given = office.sign(vera, review, acknowledged=keys).signature
    assert set(given.draft.acknowledged) == set(keys)


def test_an_approval_with_conditions_names_them(office: Office, vera: Principal) -> None:
    review = office.ask()
    with pytest.raises(InvalidInput, match="conditions"):
        office.sign(vera, review, Decision.APPROVE_WITH_CONDITIONS)
    given = office.sign(
        vera, review, Decision.APPROVE_WITH_CONDITIONS, conditions=("Re-measure in May.",)
    )
    assert given.signature.draft.conditions == ("Re-measure in May.",)
    assert dict(given.missing) == {Role.APPROVER: 1}


# closing


def test_a_closed_review_takes_no_signature(
    office: Office, vera: Principal, pia: Principal
) -> None:
    review = office.ask()
    office.sign(vera, review, Decision.REQUEST_CHANGES)
    assert state(office, review) is ReviewState.CHANGES_REQUESTED
    with pytest.raises(Conflict, match="changes requested"):
        office.sign(pia, review)
    again = office.ask(key="second")
    assert again.round == 2
    office.sign(pia, again, Decision.REJECT)
    with pytest.raises(Conflict, match="rejected"):
        office.sign(vera, again)
    assert office.events("promotion:authorised") == []


def test_only_who_asked_may_withdraw_and_only_once(office: Office, vera: Principal) -> None:
    review = office.ask()
    with pytest.raises(NotPermitted):
        office.services.reviews.withdraw(vera, review.review_id)
    office.services.reviews.withdraw(office.olga, review.review_id)
    with pytest.raises(Conflict):
        office.services.reviews.withdraw(office.olga, review.review_id)
    with pytest.raises(Conflict, match="withdrawn"):
        office.sign(vera, review)


def test_after_its_date_nobody_signs_and_the_review_expires_once(
    office: Office, vera: Principal
) -> None:
    review = office.ask()
    office.services.clock.advance(timedelta(days=14).total_seconds())
    vera = office.enter(vera.person_id)
    with pytest.raises(NotPermitted, match="has passed"):
        office.sign(vera, review)
    assert office.services.reviews.expire() == 1
    assert office.services.reviews.expire() == 0
    assert state(office, review) is ReviewState.EXPIRED
    assert len(office.events("review:expired")) == 1


# proof of identity


def test_a_signature_needs_a_fresh_proof_of_its_own(
    office: Office, vera: Principal, pia: Principal
) -> None:
    review = office.ask()
    proof: Any = office.services.sessions.reauthenticate(vera, PASSWORD)
    for wrong in (replace(proof, auth_event_id="made-up"), _proof_of(office, pia)):
        with pytest.raises(NotPermitted, match="Prove who you are"):
            office.sign(vera, review, proof=wrong)
    other_session = office.enter(vera.person_id)
    with pytest.raises(NotPermitted, match="Prove who you are"):
        office.sign(other_session, review, proof=proof)
    stale = _proof_of(office, other_session)
    office.services.clock.advance(601)
    with pytest.raises(NotPermitted, match="too long ago"):
        office.sign(other_session, review, proof=stale)
    assert signatures(office, review) == 0


def test_one_proof_signs_once(office: Office, vera: Principal) -> None:
    one, other = office.ask(), office.ask(1, key="other", alias="canary")
    proof = _proof_of(office, vera)
    office.sign(vera, one, proof=proof)
    with pytest.raises(Conflict):
        office.sign(vera, other, proof=proof, acknowledged=office.worse(other))


def _proof_of(office: Office, who: Principal) -> Any:
    return office.services.sessions.reauthenticate(who, PASSWORD)
