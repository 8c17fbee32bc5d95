"""Requesting, signing and reading a review, page by page."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services.decisions.modelcard.types import FieldEdit, FieldKind
from services.decisions.review.types import ReviewForm
from services.kernel.identity import Role, Tier
from services.people.account.types import Principal
from tests.support.app import PASSWORD, opened, words
from tests.support.console_services import NAME, govern, measure, person


@pytest.fixture
def owner(services: Any) -> Principal:
    made = person(services, "Olga Owner", Role.OWNER)
    person(services, "Ada Contributor", Role.CONTRIBUTOR)
    govern(services, made, Tier.LOW)
    measure(services, 2)
    return made


def requested(services: Any, owner: Principal) -> str:
    form = ReviewForm(NAME, 2, "champion", "More accurate on the holdout.", "key-1")
    return services.reviews.request(owner, form).review_id


def button(at: AppTest, label: str) -> Any:
    return next(each for each in at.button if each.label == label)


def signed(at: AppTest, decision: str, password: str = PASSWORD) -> AppTest:
    at.radio[0].set_value(decision)
    next(t for t in at.text_area if t.label == "Reason").set_value("I looked at every group.")
    next(t for t in at.text_input if t.label == "Password").set_value(password)
    button(at, "Sign and record").click()
    return at.run()


def test_a_review_is_requested_from_the_page_of_a_model(services: Any, owner: Principal) -> None:
    at = opened(services, owner, "model", name=NAME, version="2")
    next(t for t in at.text_area if t.label == "Rationale").set_value("More accurate by far.")
    button(at, "Request review").click()
    at.run()
    with services.store.reading() as session:
        assert len(services.reviews.list(session, model=NAME)) == 1


def test_a_request_without_a_rationale_says_what_is_missing(
    services: Any, owner: Principal
) -> None:
    at = opened(services, owner, "model", name=NAME, version="2")
    button(at, "Request review").click()
    at.run()
    assert "Please correct this" in words(at)


def test_the_page_says_what_is_decided_and_whether_i_may(services: Any, owner: Principal) -> None:
    review_id = requested(services, owner)
    approver = person(services, "Pia Approver", Role.APPROVER, Role.OWNER, Role.VALIDATOR)
    at = opened(services, approver, "review", id=review_id)
    assert not at.exception
    said = words(at)
    assert "Something broke" not in said
    assert f"Promote {NAME} v2 to champion" in said
    assert "More accurate on the holdout" in said
    assert list(at.radio[0].options) == [
        "Approve",
        "Approve with conditions",
        "Request changes",
        "Reject",
    ]
    assert at.radio[0].value is None


def test_a_wrong_password_signs_nothing_and_keeps_the_reason(
    services: Any, owner: Principal
) -> None:
    review_id = requested(services, owner)
    approver = person(services, "Pia Approver", Role.APPROVER, Role.OWNER, Role.VALIDATOR)
    at = signed(opened(services, approver, "review", id=review_id), "Reject", "wrong password")
    assert "Not permitted" in words(at)
    assert at.text_area[0].value == "I looked at every group."
    with services.store.reading() as session:
        assert not services.reviews.signatures(session, review_id)


def test_rejecting_signs_and_shows_the_basis_digest_in_full(
    services: Any, owner: Principal
) -> None:
    review_id = requested(services, owner)
    approver = person(services, "Pia Approver", Role.APPROVER, Role.OWNER, Role.VALIDATOR)
    at = signed(opened(services, approver, "review", id=review_id), "Reject")
    with services.store.reading() as session:
        given = services.reviews.signatures(session, review_id)
    assert len(given) == 1
    assert given[0].basis_digest in {each.value for each in at.code}


def test_a_card_edited_meanwhile_is_a_conflict_and_nothing_is_signed(
    services: Any, owner: Principal
) -> None:
    review_id = requested(services, owner)
    approver = person(services, "Pia Approver", Role.APPROVER, Role.OWNER, Role.VALIDATOR)
    at = opened(services, approver, "review", id=review_id)
    with services.store.reading() as session:
        ref = services.registry.ref(session, NAME, 2)
    edit = {"limitations": FieldEdit(FieldKind.HUMAN, "Not for business loans.")}
    services.cards.revise(owner, ref, 0, edit)
    signed(at, "Reject")
    assert "This changed while you looked" in words(at)
    with services.store.reading() as session:
        assert not services.reviews.signatures(session, review_id)


def test_a_section_somebody_else_wrote_meanwhile_is_a_conflict_and_both_texts_stay(
    services: Any,
    owner: Principal,
) -> None:
    at = opened(services, owner, "model", name=NAME, version="2", tab="Card", edit="limitations")
    at.text_area[0].set_value("Mine.")
    with services.store.reading() as session:
        ref = services.registry.ref(session, NAME, 2)
    theirs = {"limitations": FieldEdit(FieldKind.HUMAN, "Theirs.")}
    services.cards.revise(person(services, "Ola Other", Role.OWNER), ref, 0, theirs)
    button(at, "Save section").click()
    at.run()
    assert "This changed while you looked" in words(at)
    assert at.text_area[0].value == "Mine."
    assert "Theirs" in words(at)
