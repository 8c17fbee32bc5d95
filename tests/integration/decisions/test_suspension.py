"""A version is taken out of production by one person, once, and comes back by a rollback alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.decisions.promotion.types import PromotionState
from services.decisions.review.forms import RollbackForm, SuspendForm
from services.decisions.review.types import Decision, Purpose, SignOutcome
from services.kernel.clock import FixedClock
from services.kernel.error import Conflict, InvalidInput, NotPermitted, SourceUnavailable
from services.kernel.identity import Role, Tier
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from tests.support.console_services import NAME
from tests.support.office import PASSWORD, Office, open_office

WHY = "It refuses too many of one group."


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FixedClock) -> Office:
    """A house whose champion is version 2, promoted over version 1."""
    office = open_office(store, tmp_path, clock, Tier.MEDIUM)
    vera = office.hire("Vera Validator", Role.VALIDATOR)
    for version in (1, 2):
        review = office.ask(version)
        office.carry_out(task_of(office.sign(vera, review, acknowledged=office.worse(review))))
    return office


@pytest.fixture
def otto(office: Office) -> Principal:
    return office.hire("Otto Operator", Role.OPERATOR)


@pytest.fixture
def pia(office: Office) -> Principal:
    return office.hire("Pia Approver", Role.APPROVER)


def task_of(outcome: SignOutcome) -> str:
    assert outcome.task_id is not None
    return outcome.task_id


def suspend(
    office: Office, who: Principal, version: int = 2, goes_to: int | None = 1, **more: Any
) -> SignOutcome:
    proof = office.services.sessions.reauthenticate(who, PASSWORD)
    key = more.pop("key", f"suspend-{version}")
    form = SuspendForm(NAME, version, "champion", more.pop("reason", WHY), key, goes_to)
    return office.services.reviews.suspend(who, proof, form)


def roll_back(office: Office, who: Principal, version: int = 2, **more: Any) -> SignOutcome:
    proof = office.services.sessions.reauthenticate(who, PASSWORD)
    form = RollbackForm(NAME, version, "champion", "It is mended and was looked at.", **more)
    return office.services.reviews.roll_back(who, proof, form)


def aliases(office: Office) -> dict[str, int]:
    return office.mlflow.models[NAME].aliases


def mirrored(office: Office) -> dict[str, int]:
    with office.services.store.reading() as session:
        return office.services.registry.aliases(session, NAME)


def suspended(office: Office, version: int = 2) -> bool:
    with office.services.store.reading() as session:
        found = office.services.promotions.suspension_of(session, office.ref(version))
    return found is not None


def look(office: Office) -> list[Any]:
    office.services.clock.advance(30)
    office.sync.look()
    return office.reconciler().look()


def test_one_operator_takes_a_version_out_and_the_alias_goes_back(
    office: Office, otto: Principal
) -> None:
    outcome = suspend(office, otto)
    assert outcome.review.purpose is Purpose.SUSPENSION
    assert outcome.signature.draft.slot_role == "operator"
    assert suspended(office)
    assert aliases(office) == {"champion": 2}
    office.carry_out(task_of(outcome))
    assert aliases(office) == mirrored(office) == {"champion": 1}
    (said,) = office.events("model:suspended")
    assert (said.subject_id, said.payload["goes_to"]) == (f"{NAME}/2", 1)
    assert WHY not in str([each.payload for each in office.events("review:requested")])
    with office.services.store.reading() as session:
        states = {p.ref.version: p.state for p in office.services.promotions.history(session, NAME)
                  if p.authorisation.purpose == "promotion"}  # fmt: skip
    assert states == {1: PromotionState.SUPERSEDED, 2: PromotionState.ROLLED_BACK}
    assert look(office) == []


def test_where_nothing_was_before_the_alias_is_removed_and_a_rollback_brings_it_back(
    office: Office, otto: Principal, pia: Principal
) -> None:
    office.carry_out(task_of(suspend(office, otto)))
    office.carry_out(task_of(suspend(office, pia, 1, None)))
    assert aliases(office) == mirrored(office) == {}
    assert "delete champion" in office.mlflow.asked
    assert look(office) == []
    assert office.events("alias:bypassed") == []
    with pytest.raises(Conflict, match="is suspended"):
        roll_back(office, pia, key="unaware")
    assert suspended(office)
    outcome = roll_back(office, pia, key="aware", lifts=True)
    assert suspended(office), "the signature alone lifts nothing"
    office.carry_out(task_of(outcome))
    assert aliases(office) == {"champion": 2}
    assert (suspended(office), suspended(office, 1)) == (False, True)
    assert look(office) == []
    assert office.services.trail.verify().holds


def test_the_same_key_suspends_once(office: Office, otto: Principal) -> None:
    first, second = suspend(office, otto), suspend(office, otto)
    assert first.signature == second.signature
    assert first.task_id == second.task_id
    assert len(office.events("promotion:authorised")) == 3


def test_a_suspended_version_is_neither_asked_for_nor_signed(
    office: Office, otto: Principal
) -> None:
    waiting = office.ask(2, alias="canary", key="before")
    office.carry_out(task_of(suspend(office, otto)))
    with pytest.raises(Conflict, match="is suspended"):
        office.ask(2, key="after")
    vito = office.hire("Vito Validator", Role.VALIDATOR)
    with pytest.raises(NotPermitted, match="is suspended"):
        office.sign(vito, waiting)
    assert office.sign(vito, waiting, Decision.REJECT, key="no").review.state.value == "rejected"
    with office.services.store.reading() as session:
        assert not office.services.reviews.approved(session, office.ref(2), "champion")


def test_a_promotion_on_its_way_to_another_alias_stops(office: Office, otto: Principal) -> None:
    vito = office.hire("Vito Validator", Role.VALIDATOR)
    review = office.ask(2, alias="canary", key="canary")
    task = task_of(office.sign(vito, review, acknowledged=office.worse(review)))
    suspend(office, otto)
    office.carry_out(task)
    assert "canary" not in aliases(office)
    (failed,) = office.events("promotion:failed")
    assert "suspended meanwhile" in failed.payload["reason"]


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.APPROVER, Role.OPERATOR)])
def test_nobody_else_suspends(office: Office, role: Role) -> None:
    with pytest.raises(NotPermitted, match="approver, operator"):
        suspend(office, office.hire("Sam Somebody", role))
    assert not suspended(office)


def test_an_operator_may_suspend_and_not_bring_back(office: Office, otto: Principal) -> None:
    office.carry_out(task_of(suspend(office, otto)))
    with pytest.raises(NotPermitted):
        roll_back(office, otto, key="back", lifts=True)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"version": 1}, "does not point at"), ({"goes_to": None}, "go elsewhere"),
     ({"goes_to": 7}, "go elsewhere")],
)  # fmt: skip
def test_what_is_not_so_is_not_suspended(
    office: Office, otto: Principal, wrong: dict[str, Any], words: str
) -> None:
    with pytest.raises(Conflict, match=words):
        suspend(office, otto, **wrong)
    with pytest.raises(InvalidInput, match="why it is suspended"):
        suspend(office, otto, reason="bad")
    assert not suspended(office)


def test_a_version_that_somebody_set_outside_is_suspended_back_to_the_signed_one(
    office: Office, otto: Principal
) -> None:
    office.mlflow.add(NAME)
    aliases(office)["champion"] = 3
    office.services.clock.advance(30)
    office.sync.look()
    office.carry_out(task_of(suspend(office, otto, 3, 2)))
    assert aliases(office) == {"champion": 2}
    assert look(office) == []
    assert office.events("promotion:rolled_back") == []


def test_a_version_whose_signature_was_taken_back_is_no_way_out(
    office: Office, otto: Principal
) -> None:
    with office.services.store.reading() as session:
        before = office.services.promotions.history(session, NAME)[-1]
        (given,) = office.services.reviews.signatures(session, before.review_id)
        (vera,) = [p for p in office.services.accounts.all(session) if p.name == "Vera Validator"]
    who = office.enter(vera.person_id)
    proof = office.services.sessions.reauthenticate(who, PASSWORD)
    office.services.reviews.revoke(who, proof, given.signature_id, "I was mistaken.")
    office.carry_out(task_of(suspend(office, otto, 2, None)))
    assert aliases(office) == {}


def test_an_alias_that_somebody_moved_meanwhile_is_left_and_the_version_stays_suspended(
    office: Office, otto: Principal, pia: Principal
) -> None:
    office.mlflow.add(NAME)
    outcome = suspend(office, otto)
    aliases(office)["champion"] = 3
    office.carry_out(task_of(outcome))
    assert aliases(office) == {"champion": 3}
    assert suspended(office)
    assert outcome.promotion_id is not None
    office.services.reviews.give_up(pia, outcome.promotion_id, "Somebody was faster.")
    assert not suspended(office)


def test_an_outage_raises_so_that_the_removal_is_done_again_once(
    office: Office, otto: Principal
) -> None:
    office.carry_out(task_of(suspend(office, otto)))
    task = task_of(suspend(office, otto, 1, None))
    steps = office.promoting()
    office.services.tasks.start(task)
    steps.authorise(task)
    office.mlflow.keeps = False
    with pytest.raises(SourceUnavailable, match="did not keep"):
        steps.apply(task)
    office.mlflow.keeps = True
    for _ in range(3):
        steps.apply(task)
    steps.finish(task)
    assert office.services.tasks.get(task).result == {
        "version": None,
        "words": "champion points at no version",
    }
    assert len(office.events("model:suspended")) == 2


def test_the_signature_covers_where_the_alias_goes_and_nothing_that_may_release_the_brake(
    office: Office, otto: Principal, pia: Principal
) -> None:
    outcome = suspend(office, otto)
    office.write(office.ada, 2, "license", "Another licence.")
    covered = json.loads(office.services.archive.get(outcome.review.basis_digest))
    assert sorted(covered) == [
        "alias", "artifact_digest", "goes_to", "model_ref", "purpose", "rationale_sha256",
        "requester", "schema",
    ]  # fmt: skip
    assert covered["schema"] == "suspension/1"
    assert covered["goes_to"]["run_id"] == office.ref(1).run_id
    office.carry_out(task_of(outcome))
    assert aliases(office) == {"champion": 1}
    back = roll_back(office, pia, key="back", lifts=True)
    lifted = json.loads(office.services.archive.get(back.review.basis_digest))
    assert (lifted["schema"], lifted["lifts"]) == ("basis/2", outcome.review.review_id)


def test_a_rollback_that_lifts_nothing_is_signed_as_before(office: Office, pia: Principal) -> None:
    outcome = roll_back(office, pia, 1, key="plain")
    covered = json.loads(office.services.archive.get(outcome.review.basis_digest))
    assert covered["schema"] == "basis/1"
    assert "lifts" not in covered


def test_a_look_that_began_before_the_removal_does_not_put_the_alias_back(
    office: Office, otto: Principal
) -> None:
    office.carry_out(task_of(suspend(office, otto)))
    task = task_of(suspend(office, otto, 1, None))
    office.services.clock.advance(30)
    office.sync.look()

    def removal() -> None:
        office.services.clock.advance(1)
        office.carry_out(task)

    office.mlflow.models[NAME].tags["k"] = "v"  # the head differs, and was read before the removal
    office.mlflow.meanwhile = removal
    assert look(office) == []
    assert mirrored(office) == aliases(office) == {}
    assert look(office) == []
    assert office.events("alias:bypassed") == []


def test_a_version_that_somebody_sets_again_at_once_is_seen(
    office: Office, otto: Principal
) -> None:
    office.carry_out(task_of(suspend(office, otto)))
    aliases(office)["champion"] = 2  # as MLflow said when it was read last
    (found,) = look(office)
    assert (found.version, found.approved) == (2, 1)
    assert mirrored(office) == {"champion": 2}
