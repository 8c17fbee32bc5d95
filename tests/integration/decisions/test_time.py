"""What time does to a decision: a waiver that ends on the way, a clock that is set back, on each engine."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.judgement.waiver.records import WaiverRecord
from services.kernel.clock import FixedClock
from services.kernel.identity import SYSTEM, Role, new_id
from services.record.trail.unit_of_work import Store
from tests.support.console_services import NAME
from tests.support.office import Office, open_office


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FixedClock) -> Office:
    return open_office(store, tmp_path, clock, prepare=lambda o: o.prepare(2, ratio=0.79))


def waive(office: Office, clause: str, hours: int) -> None:
    """Store a waiver as a signed one will be stored."""
    ref, now = office.ref(2), office.services.clock.now()
    with office.services.store.unit(SYSTEM) as unit:
        seq = unit.event("clause:excused", ("version", f"{NAME}/2"), clause=clause)
        unit.session.add(
            WaiverRecord(
                waiver_id=new_id(), registry_id=ref.registry, workspace_id=ref.workspace,
                name=ref.name, version=ref.version, run_id=ref.run_id, source_uri=ref.source_uri,
                alias="champion", clause_id=clause, reason_sha256="ab" * 32, approved_by="x",
                from_at=now, until=now + timedelta(hours=hours), event_seq=seq,
            )
        )  # fmt: skip


def test_a_waiver_that_ends_before_the_promotion_begins_stops_it(office: Office) -> None:
    waive(office, "four-fifths", hours=2)
    vera = office.hire("Vera Validator", Role.VALIDATOR)
    pia = office.hire("Pia Approver", Role.APPROVER)
    review = office.ask()
    office.sign(vera, review)
    outcome = office.sign(pia, review)
    assert outcome.task_id is not None
    office.services.clock.advance(timedelta(hours=2).total_seconds())
    office.carry_out(outcome.task_id)
    (failed,) = office.events("promotion:failed")
    assert "waiver" in failed.payload["reason"].lower()
    assert office.mlflow.models[NAME].aliases == {}


def test_the_clock_set_back_an_hour_breaks_neither_order_nor_trail(
    store: Store, tmp_path: Path, clock: FixedClock
) -> None:
    office = open_office(store, tmp_path, clock)
    vera = office.hire("Vera Validator", Role.VALIDATOR)
    pia = office.hire("Pia Approver", Role.APPROVER)
    review = office.ask()
    office.sign(vera, review)
    clock.advance(-3600)
    outcome = office.sign(office.enter(pia.person_id), review)
    assert outcome.task_id is not None
    office.carry_out(outcome.task_id)
    assert office.mlflow.models[NAME].aliases == {"champion": 2}
    with office.services.store.reading() as session:
        given = office.services.reviews.signatures(session, review.review_id)
        verified = office.services.signatures.verify_all(session)
    assert [each.position for each in given] == [1, 2]
    assert all(each.holds for each in verified)
    assert office.services.trail.verify().holds
