"""Incidents on each engine: opened once, handled by those who may, closed once, never deleted."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.decisions.incident.types import (
    EntryKind,
    Harm,
    Incident,
    IncidentForm,
    IncidentState,
    Noticed,
    Origin,
    PostMortem,
    Severity,
    Stage,
)
from services.kernel.clock import FixedClock
from services.kernel.error import (
    Conflict,
    CountersignError,
    InvalidInput,
    InvalidTransition,
    NotFound,
    NotPermitted,
)
from services.kernel.identity import SYSTEM, Role
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from tests.support.console_services import NAME
from tests.support.office import Office, open_office

SAID = "Nobody of one group was granted a loan since Monday."
LEARNED = PostMortem("A column was renamed.", "It was named back.", "A check at the door.")
HANDLERS = {Role.CONTRIBUTOR, Role.OWNER, Role.VALIDATOR, Role.APPROVER, Role.OPERATOR}


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FixedClock) -> Office:
    return open_office(store, tmp_path, clock, prepare=lambda made: None)


def form(**more: Any) -> IncidentForm:
    given = {"model": NAME, "version": 2, "title": "Loans refused", "description": SAID,
             "severity": Severity.HIGH, **more}  # fmt: skip
    return IncidentForm(**given)


def opened(office: Office, key: str = "one", **more: Any) -> Incident:
    return office.services.incidents.open(office.olga, form(**more), key)


def standing(office: Office, incident: Incident) -> Incident:
    with office.services.store.reading() as session:
        return office.services.incidents.by_id(session, incident.incident_id)


def timeline(office: Office, incident: Incident) -> list[tuple[EntryKind, str]]:
    with office.services.store.reading() as session:
        lines = office.services.incidents.entries(session, incident.incident_id)
    return [(each.kind, each.text) for each in lines]


def mitigated(office: Office, incident: Incident) -> None:
    office.services.incidents.set_state(
        office.olga, incident.incident_id, IncidentState.MITIGATED, "The old version is back."
    )


def closed(office: Office, incident: Incident, who: Principal | None = None) -> Incident:
    found: Incident = office.services.incidents.close(
        who or office.olga, incident.incident_id, LEARNED
    )
    return found


def test_the_same_key_opens_one(office: Office) -> None:
    first, second = opened(office), opened(office, title="Another title")
    assert first == second == standing(office, first)
    assert (first.origin, first.owner_id) == (Origin.HAND, office.olga.person_id)
    assert first.run_id == office.ref(2).run_id
    assert timeline(office, first) == [(EntryKind.NOTE, SAID)]
    (said,) = office.events("incident:opened")
    assert "Loans" not in str(said.payload)
    assert SAID not in str(said.payload)


def test_an_alert_opens_one_whoever_presses(office: Office) -> None:
    vera = office.hire("Vera Validator", Role.VALIDATOR)
    incidents = office.services.incidents
    first = incidents.from_alert(office.olga, "alert-7", form())
    assert incidents.from_alert(vera, "alert-7", form(title="Mine")) == first
    assert (first.origin, first.origin_id) == (Origin.ALERT, "alert-7")
    assert incidents.from_alert(vera, "alert-8", form()) != first


def test_the_console_opens_one_for_a_bypass_as_severe_as_the_tier(office: Office) -> None:
    noticed = Noticed(NAME, 2, "run-x", "Moved outside", "champion points at v2.", "bypass-1")
    for _ in range(2):
        with office.services.store.unit(SYSTEM) as unit:
            made = office.services.incidents.from_bypass(unit, noticed)
    assert (made.severity, made.opened_by, made.owner_id) == (
        Severity.HIGH, "system", office.olga.person_id,
    )  # fmt: skip
    assert len(office.events("incident:opened")) == 1


@pytest.mark.parametrize("role", sorted(Role))
def test_the_roles_that_handle_incidents(office: Office, role: Role) -> None:
    who = office.hire("Pat Person", role)
    incidents, held = office.services.incidents, opened(office)
    one = held.incident_id
    deeds: tuple[Callable[[], object], ...] = (
        lambda: incidents.open(who, form(), "theirs"),
        lambda: incidents.from_alert(who, "alert-1", form()),
        lambda: incidents.note(who, one, "Seen it.", "note"),
        lambda: incidents.reported(who, one, Stage.INITIAL, "told"),
        lambda: incidents.act(who, one, "Call them", who.person_id, "act"),
        lambda: incidents.assign(who, one, who.person_id),
        lambda: incidents.classify(who, one, Severity.LOW, Harm.NONE),
        lambda: incidents.describe(who, one, {"member_state": "IE"}),
        lambda: incidents.set_state(who, one, IncidentState.MITIGATED, "It is over."),
    )
    for deed in deeds:
        if role in HANDLERS:
            deed()
        else:
            with pytest.raises(NotPermitted):
                deed()
    assert standing(office, held).state.value == ("mitigated" if role in HANDLERS else "open")


def test_a_role_over_another_model_handles_nothing_here(office: Office) -> None:
    who = office.hire("Pat Person", Role.OWNER, scope=("model", "churn-mobile"))
    with pytest.raises(NotPermitted):
        office.services.incidents.note(who, opened(office).incident_id, "Seen it.", "note")


def test_it_goes_from_open_to_closed_and_may_be_opened_again(office: Office) -> None:
    incidents, held = office.services.incidents, opened(office)
    with pytest.raises(InvalidTransition):
        closed(office, held)
    with pytest.raises(Conflict, match="post-mortem"):
        incidents.set_state(office.olga, held.incident_id, IncidentState.CLOSED, "Enough of it.")
    mitigated(office, held)
    with pytest.raises(InvalidTransition):
        mitigated(office, held)
    office.services.clock.advance(60)
    done = closed(office, held)
    assert done == standing(office, held)
    assert (done.closed_at, done.post_mortem) == (office.services.clock.now(), LEARNED)
    again = incidents.set_state(
        office.olga, held.incident_id, IncidentState.INVESTIGATING, "It came back."
    )
    assert (again.closed_at, again.post_mortem) == (None, LEARNED)
    assert [text.split(":")[0] for kind, text in timeline(office, held) if kind is EntryKind.STATE] == [
        "Mitigated", "Closed", "Investigating",
    ]  # fmt: skip
    (said,) = office.events("incident:closed")
    assert "column" not in str(said.payload)


@pytest.mark.parametrize("missing", ["cause", "done", "prevention"])
def test_a_post_mortem_leaves_nothing_out(office: Office, missing: str) -> None:
    held = opened(office)
    mitigated(office, held)
    said = {"cause": "a bug", "done": "mended", "prevention": "a test", missing: " "}
    with pytest.raises(InvalidInput):
        office.services.incidents.close(office.olga, held.incident_id, PostMortem(**said))


def test_what_is_left_to_do_keeps_it_open(office: Office) -> None:
    incidents, held = office.services.incidents, opened(office)
    due = office.services.clock.now() + timedelta(days=2)
    ask = lambda: incidents.act(  # noqa: E731
        office.olga, held.incident_id, "Call those refused", office.ada.person_id, "act", due
    )
    remedy = ask()
    assert ask() == remedy
    mitigated(office, held)
    with pytest.raises(Conflict, match="1 of its actions"):
        closed(office, held)
    done = incidents.finish(office.ada, remedy.remedy_id)
    assert (done.done_by, done.due_at) == (office.ada.person_id, due)
    with pytest.raises(Conflict, match="already"):
        incidents.finish(office.ada, remedy.remedy_id)
    with office.services.store.reading() as session:
        assert list(incidents.remedies(session, held.incident_id)) == [done]
    assert closed(office, held).state is IncidentState.CLOSED


def test_two_people_close_it_at_the_same_time_and_one_does(office: Office) -> None:
    held = opened(office)
    mitigated(office, held)
    people = (office.olga, office.ada)
    results: list[str] = []
    ready = threading.Barrier(len(people))

    def work(who: Principal) -> None:
        ready.wait()
        try:
            results.append(closed(office, held, who).state.value)
        except CountersignError as error:
            results.append(type(error).__name__)

    threads = [threading.Thread(target=work, args=(who,)) for who in people]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(results) == ["InvalidTransition", "closed"]
    assert len(office.events("incident:closed")) == 1


def test_a_note_sent_twice_is_written_once_and_evidence_must_be_on_file(office: Office) -> None:
    incidents, held = office.services.incidents, opened(office)
    for _ in range(2):
        incidents.note(office.ada, held.incident_id, "Called the bank.", "note-1")
    with pytest.raises(NotFound):
        incidents.link(office.ada, held.incident_id, "no-such", "It shows.", "link-1")
    assert timeline(office, held) == [(EntryKind.NOTE, SAID), (EntryKind.NOTE, "Called the bank.")]


def test_evidence_is_linked(store: Store, tmp_path: Path, clock: FixedClock) -> None:
    office = open_office(store, tmp_path, clock)
    held = opened(office)
    with store.reading() as session:
        filed = office.services.evidence.all_of(session, office.ref(2))[0]
    made = office.services.incidents.link(
        office.olga, held.incident_id, filed.evidence_id, "The rates of that day.", "link-1"
    )
    assert (made.kind, made.evidence_id) == (EntryKind.EVIDENCE, filed.evidence_id)


def test_the_clock_begins_with_awareness_and_stops_with_the_report(office: Office) -> None:
    incidents, now = office.services.incidents, office.services.clock.now()
    aware = now - timedelta(days=9)
    held = opened(office, harm=Harm.DEATH, aware_at=aware)
    other = opened(office, key="two")

    def clocks() -> dict[str, Any]:
        with office.services.store.reading() as session:
            found: dict[str, Any] = incidents.deadlines(session, [held, other])
            return found

    first = clocks()
    assert first[other.incident_id] is None
    assert first[held.incident_id].due_at == now + timedelta(days=1)
    office.services.clock.advance(2 * 86400)
    assert clocks()[held.incident_id].overdue
    incidents.classify(office.olga, other.incident_id, Severity.CRITICAL, Harm.RIGHTS, aware)
    incidents.reported(office.olga, held.incident_id, Stage.INITIAL, "told")
    with pytest.raises(InvalidInput, match="future"):
        incidents.classify(
            office.olga, other.incident_id, Severity.LOW, Harm.NONE, now + timedelta(days=9)
        )
    office.services.clock.advance(86400)
    assert clocks()[held.incident_id].reported_at == now + timedelta(days=2)


def test_the_report_is_filed_with_what_is_known(office: Office) -> None:
    incidents, held = office.services.incidents, opened(office, harm=Harm.RIGHTS)
    incidents.describe(office.olga, held.incident_id, {"member_state": "IE"})
    incidents.describe(office.olga, held.incident_id, {"affected": "12 applicants"})
    with pytest.raises(InvalidInput, match="no field 'colour'"):
        incidents.describe(office.olga, held.incident_id, {"colour": "red"})
    made = incidents.export(office.olga, held.incident_id)
    archive = office.services.archive
    assert archive.get(made.markdown_sha256) == made.markdown
    assert archive.get(made.json_sha256) == made.json
    assert b'"member_state":"IE"' in made.json
    assert b'"authority":"UNKNOWN"' in made.json
    (said,) = office.events("export:made")
    assert said.payload["json_sha256"] == made.json_sha256
    with pytest.raises(NotPermitted):
        incidents.export(office.hire("Vic Viewer", Role.VIEWER), held.incident_id)


def test_nothing_is_forgotten(office: Office) -> None:
    incidents, held = office.services.incidents, opened(office)
    began = office.services.clock.now()
    office.services.clock.advance(60)
    incidents.assign(office.olga, held.incident_id, office.ada.person_id)
    mitigated(office, held)
    closed(office, held)
    with office.services.store.reading() as session:
        assert incidents.by_id(session, held.incident_id, began) == held
        assert [each.incident_id for each in incidents.of_model(session, NAME)] == [
            held.incident_id
        ]
        assert list(incidents.open_ones(session)) == []
        assert list(incidents.open_ones(session, began)) == [held]
    assert office.services.trail.verify().holds


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"title": ""}, InvalidInput),
        ({"title": "two\nlines"}, InvalidInput),
        ({"description": " "}, InvalidInput),
        ({"version": 99}, NotFound),
        ({"model": "churn-mobile", "version": 1}, NotFound),
        ({"owner_id": "nobody"}, NotFound),
    ],
)
def test_what_cannot_be_is_not_opened(
    office: Office, wrong: dict[str, Any], error: type[CountersignError]
) -> None:
    with pytest.raises(error):
        opened(office, **wrong)
    assert office.events("incident:opened") == []
