"""What was on the screen is what is signed, and two clicks are one act, on each engine."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.decisions.review.basis import BasisMoved
from services.decisions.review.types import Decision
from services.kernel.clock import FixedClock
from services.kernel.error import Conflict, NotPermitted
from services.kernel.identity import SYSTEM, Role
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


def _card(office: Office) -> None:
    office.write(office.ada, 2, "limitations", "Not for business loans.")


def _evidence(office: Office) -> None:
    measure(office.services, 2, ratio=0.93, auc=0.86)


def _policy(office: Office) -> None:
    with office.services.store.reading() as session:
        now = office.services.gate.policy(session, NAME, "champion")
    text = office.services.archive.get(now.sha256).decode().replace("version: 1", "version: 2")
    office.services.policies.publish(SYSTEM, text.encode())


def _champion(office: Office) -> None:
    office.mlflow.models[NAME].aliases["champion"] = 1
    office.services.clock.advance(30)
    office.sync.look()


MOVES: dict[str, Callable[[Office], None]] = {
    "The card was edited": _card,
    "New evidence was filed: fairness": _evidence,
    "The policy was changed": _policy,
    "Another version is in production now": _champion,
}


def length(office: Office) -> int:
    with office.services.store.reading() as session:
        return office.services.trail.search(session, limit=1)[0].seq


@pytest.mark.parametrize("why", MOVES)
def test_what_moved_since_it_was_shown_is_a_conflict_and_nothing_is_stored(
    office: Office, vera: Principal, why: str
) -> None:
    review = office.ask()
    office.look(vera, review)
    shown, proof = office.shown(review), office.services.sessions.reauthenticate(vera, PASSWORD)  # fmt: skip
    MOVES[why](office)
    before = length(office)
    with pytest.raises(BasisMoved, match=why):
        office.sign(vera, review, digest=shown, proof=proof, look=False)
    assert length(office) == before
    with office.services.store.reading() as session:
        assert office.services.reviews.signatures(session, review.review_id) == []
    acknowledged = office.worse(review)
    assert office.sign(vera, review, acknowledged=acknowledged).signature.basis_digest != shown


@pytest.mark.parametrize("why", MOVES)
def test_a_signature_over_what_moved_since_does_not_count(
    office: Office, vera: Principal, pia: Principal, why: str
) -> None:
    review = office.ask()
    office.sign(vera, review)
    MOVES[why](office)
    outcome = office.sign(pia, review, acknowledged=office.worse(review))
    assert outcome.task_id is None
    assert dict(outcome.missing) == {Role.VALIDATOR: 1}


@pytest.mark.parametrize("why", MOVES)
def test_a_promotion_stops_when_what_was_signed_moved_before_it_began(
    office: Office, vera: Principal, pia: Principal, why: str
) -> None:
    review = office.ask()
    office.sign(vera, review)
    outcome = office.sign(pia, review)
    MOVES[why](office)
    assert outcome.task_id is not None
    office.carry_out(outcome.task_id)
    assert office.services.tasks.get(outcome.task_id).state.value == "failed"
    (failed,) = office.events("promotion:failed")
    assert why in failed.payload["reason"]
    assert office.mlflow.models[NAME].aliases.get("champion") != 2


def test_the_same_measurement_again_voids_nothing(
    office: Office, vera: Principal, pia: Principal
) -> None:
    review = office.ask()
    shown = office.shown(review)
    office.sign(vera, review)
    office.services.clock.advance(3600)
    measure(office.services, 2, auc=0.86)
    assert office.shown(review) == shown
    assert office.sign(office.enter(pia.person_id), review).task_id is not None


def test_a_second_click_is_the_same_signature(
    office: Office, vera: Principal, pia: Principal
) -> None:
    review = office.ask()
    office.sign(vera, review)
    first = office.sign(pia, review, key="click")
    second = office.sign(pia, review, key="click", look=False, digest="0" * 64)
    assert second.signature.signature_id == first.signature.signature_id
    assert second.task_id == first.task_id
    with pytest.raises(Conflict, match="consumed"):
        office.sign(pia, review, key="another")
    assert len(office.events("signature:given")) == 2


def test_clicks_at_the_same_time_are_one_promotion(
    office: Office, vera: Principal, pia: Principal
) -> None:
    review = office.ask()
    office.sign(vera, review)
    digest = office.shown(review)
    office.look(pia, review)
    proofs = [office.services.sessions.reauthenticate(pia, PASSWORD) for _ in range(4)]  # fmt: skip
    found: list[Any] = []

    def click(number: int, key: str) -> None:
        try:
            signed = office.sign(
                pia, review, key=key, digest=digest, proof=proofs[number], look=False
            )
            found.append(signed.task_id)
        except Conflict as error:
            found.append(error)

    keys = ("same", "same", "other", "third")
    threads = [threading.Thread(target=click, args=(n, key)) for n, key in enumerate(keys)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(found) == 4
    assert len({each for each in found if isinstance(each, str)}) == 1
    assert len(office.events("promotion:authorised")) == 1
    assert len(office.events("signature:given")) == 2
    assert len(office.services.tasks.open("batch")) == 1


@pytest.mark.parametrize("edit_first", [True, False])
def test_a_signature_and_an_edit_at_the_same_time_never_sign_the_unseen(
    office: Office, vera: Principal, edit_first: bool
) -> None:
    review = office.ask()
    digest = office.shown(review)
    office.look(vera, review)
    proof = office.services.sessions.reauthenticate(vera, PASSWORD)
    results: list[str] = []

    def sign() -> None:
        try:
            office.sign(vera, review, digest=digest, proof=proof, look=False)
            results.append("signed")
        except BasisMoved:
            results.append("moved")

    edit = threading.Thread(target=office.write, args=(office.ada, 2, "license", "Apache-2.0"))
    signing = threading.Thread(target=sign)
    for thread in (edit, signing) if edit_first else (signing, edit):
        thread.start()
    edit.join(timeout=60)
    signing.join(timeout=60)
    with office.services.store.reading() as session:
        given = office.services.reviews.signatures(session, review.review_id)
    assert len(given) == (results == ["signed"])
    assert all(each.basis_digest == digest for each in given)


# going back


def promoted(office: Office, version: int, signers: tuple[Principal, Principal]) -> None:
    review = office.ask(version)
    first, last = signers
    office.sign(first, review, acknowledged=office.worse(review))
    outcome = office.sign(last, review, acknowledged=office.worse(review))
    assert outcome.task_id is not None
    office.carry_out(outcome.task_id)


def back(office: Office, who: Principal, version: int, key: str = "back") -> Any:
    from services.decisions.review.forms import RollbackForm

    proof = office.services.sessions.reauthenticate(who, PASSWORD)
    form = RollbackForm(NAME, version, "champion", "It refuses far too many people.", key)
    return office.services.reviews.roll_back(who, proof, form)


def test_rolling_back_is_one_act_of_an_approver(
    office: Office, vera: Principal, pia: Principal
) -> None:
    for version in (1, 2):
        promoted(office, version, (vera, pia))
    for who in (vera, office.olga, office.ada):
        with pytest.raises(NotPermitted):
            back(office, who, 1)
    with pytest.raises(Conflict, match="already"):
        back(office, pia, 2)
    outcome = back(office, pia, 1)
    assert back(office, pia, 1).task_id == outcome.task_id
    office.carry_out(outcome.task_id)
    assert office.mlflow.models[NAME].aliases == {"champion": 1}
    (said,) = office.events("promotion:rolled_back")
    assert said.payload["version"] == 2


def test_an_alias_never_goes_back_to_what_was_never_there_or_is_revoked(
    office: Office, vera: Principal, pia: Principal
) -> None:
    promoted(office, 1, (vera, pia))
    with pytest.raises(Conflict, match="never promoted"):
        back(office, pia, 2)
    promoted(office, 2, (vera, pia))
    with office.services.store.reading() as session:
        first = office.services.promotions.history(session, NAME)[-1]
        given = office.services.reviews.signatures(session, first.review_id)[0]
    proof = office.services.sessions.reauthenticate(vera, PASSWORD)
    office.services.reviews.revoke(vera, proof, given.signature_id, "The data were wrong.")
    with pytest.raises(Conflict, match="taken back"):
        back(office, pia, 1, key="second")


def test_an_alias_goes_back_even_when_somebody_moved_it_outside(
    office: Office, vera: Principal, pia: Principal
) -> None:
    promoted(office, 1, (vera, pia))
    office.mlflow.models[NAME].aliases["champion"] = 2
    office.services.clock.advance(30)
    office.sync.look()
    outcome = back(office, pia, 1)
    office.carry_out(outcome.task_id)
    assert office.mlflow.models[NAME].aliases == {"champion": 1}
    assert office.events("promotion:failed") == []


def test_a_rejected_review_never_promotes(office: Office, vera: Principal, pia: Principal) -> None:
    review = office.ask()
    office.sign(vera, review)
    office.sign(pia, review, Decision.REJECT)
    assert office.services.tasks.open("batch") == []
    with pytest.raises(Conflict):
        office.sign(pia, review, key="later")
