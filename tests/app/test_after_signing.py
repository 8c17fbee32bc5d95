"""One act of asking and signing, second thoughts and second tries, as the pages draw them."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services.decisions.modelcard.types import FieldEdit, FieldKind
from services.kernel.identity import SYSTEM, Role, Tier
from services.people.account.types import Principal
from services.record.signature import records
from tests.support.app import PASSWORD, opened, words
from tests.support.console_services import NAME, govern, measure, person


@pytest.fixture
def owner(services: Any) -> Principal:
    """The owner of a model that may be signed for in one act."""
    made = person(services, "Olga Owner", Role.OWNER)
    govern(services, made, Tier.LOW)
    measure(services, 2)
    with services.store.reading() as session:
        ref = services.registry.ref(session, NAME, 2)
    edit = {"intended_use": FieldEdit(FieldKind.HUMAN, "Loan officers read it.")}
    services.cards.revise(made, ref, 0, edit)
    return made


def button(at: AppTest, label: str) -> Any:
    return next(each for each in at.button if each.label == label)


def signed(services: Any, owner: Principal) -> AppTest:
    at = opened(services, owner, "model", name=NAME, version="2")
    next(t for t in at.text_area if t.label == "Rationale").set_value("Good enough for this use.")
    next(t for t in at.text_input if t.label == "Password").set_value(PASSWORD)
    button(at, "Sign and record").click()
    return at.run()


def promotion(services: Any) -> Any:
    with services.store.reading() as session:
        return services.promotions.history(session, NAME)[0]


def page(services: Any, owner: Principal) -> AppTest:
    return opened(services, owner, "review", id=promotion(services).review_id)


def test_one_form_asks_and_signs_where_the_policy_keeps_nobody_apart(
    services: Any, owner: Principal
) -> None:
    at = signed(services, owner)
    assert not at.exception
    assert promotion(services).state.value == "pending"
    assert "Valid" in words(page(services, owner))


def test_a_wrong_password_asks_for_nothing(services: Any, owner: Principal) -> None:
    at = opened(services, owner, "model", name=NAME, version="2")
    next(t for t in at.text_area if t.label == "Rationale").set_value("Good enough for this use.")
    next(t for t in at.text_input if t.label == "Password").set_value("wrong")
    button(at, "Sign and record").click()
    at.run()
    assert "Not permitted" in words(at)
    with services.store.reading() as session:
        assert services.reviews.list(session) == []


def test_who_may_not_sign_alone_sees_the_plain_form(services: Any, owner: Principal) -> None:
    del owner
    ada = person(services, "Ada Contributor", Role.CONTRIBUTOR)
    at = opened(services, ada, "model", name=NAME, version="2")
    labels = {each.label for each in at.button}
    assert "Request review" in labels
    assert "Sign and record" not in labels


def test_a_signature_is_taken_back_from_its_page(services: Any, owner: Principal) -> None:
    signed(services, owner)
    at = page(services, owner)
    next(t for t in at.text_area if t.label == "Why it is taken back").set_value("A wrong page.")
    next(t for t in at.text_input if t.label == "Your password").set_value(PASSWORD)
    button(at, "Take back my signature").click()
    at.run()
    assert "Taken back" in words(page(services, owner))
    other = person(services, "Ola Other", Role.OWNER)
    assert "Take back my signature" not in {b.label for b in page(services, other).button}


def test_a_record_that_was_changed_is_never_called_valid(services: Any, owner: Principal) -> None:
    signed(services, owner)
    with services.store.unit(SYSTEM) as unit:
        unit.event("workspace:opened", ("workspace", "x"))
        table = records.SignatureRecord.__table__  # type: ignore[attr-defined]
        for trigger in ("update", "delete"):
            unit.session.connection().exec_driver_sql(
                f"DROP TRIGGER IF EXISTS signature_no_{trigger}"
            )
        unit.session.execute(table.update().values(reason_text="Something else."))
    said = words(page(services, owner))
    assert "Record changed" in said
    assert "Valid" not in said


@pytest.mark.parametrize("wish", ["again", "give up"])
def test_a_failed_promotion_is_tried_again_or_given_up_from_its_page(
    services: Any, owner: Principal, wish: str
) -> None:
    signed(services, owner)
    with services.store.unit(SYSTEM) as unit:
        services.promotions.mark_failed(unit, promotion(services).promotion_id, "No answer.")
    at = page(services, owner)
    if wish == "again":
        button(at, "Try again").click()
    else:
        reason = next(t for t in at.text_input if t.label == "Reason to give it up")
        reason.set_value("Nobody wants it any more.")
        button(at, "Give it up").click()
    at.run()
    assert not at.exception
    assert promotion(services).state.value == ("pending" if wish == "again" else "cancelled")


def test_activity_tells_of_reviews_and_promotions(services: Any, owner: Principal) -> None:
    signed(services, owner)
    said = words(opened(services, owner, "model", name=NAME, version="2", tab="Activity"))
    for word in ("review:requested", "signature:given", "promotion:authorised"):
        assert word in said or word.replace(":", "\\:") in said, word


def test_an_earlier_revision_of_the_card_is_compared_and_restored(
    services: Any, owner: Principal
) -> None:
    with services.store.reading() as session:
        ref = services.registry.ref(session, NAME, 2)
    services.cards.revise(owner, ref, 1, {"license": FieldEdit(FieldKind.HUMAN, "MIT")})
    asked = {"name": NAME, "version": "2", "tab": "Card"}
    at = opened(services, owner, "model", **asked, revision="1")
    assert "MIT" in words(at)
    button(at, "Restore revision 1").click()
    at.run()
    with services.store.reading() as session:
        card = services.cards.current(session, ref)
    assert (card.revision, card.fields["license"].text) == (3, "")


def test_reviews_of_models_that_a_person_may_not_see_are_not_listed(
    services: Any, owner: Principal
) -> None:
    signed(services, owner)
    services.accounts.create(SYSTEM, "sam@example.org", "Sam Scoped")
    with services.store.reading() as session:
        sam = services.accounts.by_email(session, "sam@example.org")
    services.accounts.grant(SYSTEM, sam.person_id, Role.VALIDATOR, ("model", "digit-reader"))
    with services.store.reading() as session:
        who = services.accounts.principal(session, sam.person_id, "s1", services.clock.now())
    assert NAME not in words(opened(services, who, "reviews"))
    assert "Not permitted" in words(
        opened(services, who, "review", id=promotion(services).review_id)
    )
