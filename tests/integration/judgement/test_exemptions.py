"""A kind of evidence declared not applicable: by whom, under which policy, with which reason, on each engine."""

from pathlib import Path
from typing import Any

import pytest

from services.judgement.gate.types import Reason, Result
from services.kernel.clock import FixedClock
from services.kernel.error import InvalidInput, NotPermitted
from services.kernel.identity import Role, Tier
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from tests.support.console_services import NAME
from tests.support.office import PASSWORD, Office, open_office

WHY = "No protected attribute exists in the register of this hospital."


@pytest.fixture
def clinic(store: Store, tmp_path: Path, clock: FixedClock) -> Office:
    return open_office(store, tmp_path, clock, Tier.CRITICAL, prepare=lambda office: None)


def excuse(office: Office, who: Principal, why: str = WHY, kind: str = "fairness") -> Any:
    proof = office.services.sessions.reauthenticate(who, PASSWORD)
    return office.services.waivers.excuse(who, proof, office.ref(1), kind, why)


def fairness(office: Office, version: int = 1) -> tuple[Result, Reason]:
    with office.services.store.reading() as session:
        verdict = office.services.gate.check(session, office.ref(version), "champion", frozenset())
    found = next(c for c in verdict.clauses if c.evidence_kind == "fairness" or "fairness" in c.id)
    return found.result, found.reason


def test_a_validator_signs_and_the_gate_says_not_applicable_never_pass(clinic: Office) -> None:
    assert fairness(clinic)[0] is Result.UNKNOWN
    vera = clinic.hire("Vera Validator", Role.VALIDATOR)
    exempt = excuse(clinic, vera)
    assert fairness(clinic) == (Result.NOT_APPLICABLE, Reason.EXCUSED)
    assert fairness(clinic, 2)[0] is Result.UNKNOWN  # it is about one version alone
    (said,) = clinic.events("clause:excused")
    assert said.payload["auth_event_id"] == exempt.auth_event_id
    assert WHY not in str(said.payload)


def test_a_version_made_again_is_not_excused(clinic: Office) -> None:
    excuse(clinic, clinic.hire("Vera Validator", Role.VALIDATOR))
    clinic.mlflow.forget(NAME)
    clinic.mlflow.add(NAME, run="fresh")
    clinic.services.clock.advance(30)
    clinic.sync.look()
    assert fairness(clinic)[0] is Result.UNKNOWN


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.VALIDATOR])
def test_nobody_but_a_validator_excuses(clinic: Office, role: Role) -> None:
    with pytest.raises(NotPermitted):
        excuse(clinic, clinic.hire("Pat Person", role))
    assert clinic.events("clause:excused") == []


def test_a_reason_is_a_sentence_a_stranger_can_check(clinic: Office) -> None:
    vera = clinic.hire("Vera Validator", Role.VALIDATOR)
    with pytest.raises(NotPermitted, match="whole sentence"):
        excuse(clinic, vera, "n/a")
    with pytest.raises(InvalidInput, match="U\\+0000"):
        excuse(clinic, vera, WHY + "\x00")


def test_what_the_policy_forbids_to_excuse_is_refused(
    clinic: Office, tmp_path: Path, store: Store
) -> None:
    vera = clinic.hire("Vera Validator", Role.VALIDATOR)
    with pytest.raises(NotPermitted, match="does not let performance"):
        excuse(clinic, vera, kind="performance")
    del tmp_path, store


def test_a_model_that_decides_on_credit_is_never_excused(
    store: Store, tmp_path: Path, clock: FixedClock
) -> None:
    bank = open_office(store, tmp_path, clock, Tier.HIGH, prepare=lambda office: None)
    with pytest.raises(NotPermitted, match="'credit-and-hiring' does not let fairness"):
        excuse(bank, bank.hire("Vera Validator", Role.VALIDATOR))


def test_later_evidence_outranks_the_excuse_and_a_later_excuse_ends_the_first(
    clinic: Office,
) -> None:
    vera = clinic.hire("Vera Validator", Role.VALIDATOR)
    excuse(clinic, vera)
    excuse(clinic, vera, WHY + " Checked again.")
    with clinic.services.store.reading() as session:
        (standing,) = clinic.services.waivers.exemptions(session, clinic.ref(1))
    assert standing.reason.endswith("again.")
    clinic.prepare(1, ratio=0.5)
    assert fairness(clinic)[0] is not Result.NOT_APPLICABLE
