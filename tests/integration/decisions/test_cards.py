"""Cards kept in revisions: drafted once, edited by section, nothing anybody wrote is lost, on each engine."""

import threading
from pathlib import Path

import pytest

from services.decisions.modelcard.service import Cards
from services.decisions.modelcard.types import CardMoved, FieldEdit, FieldKind, RunFacts
from services.kernel.clock import FixedClock
from services.kernel.error import InvalidInput, NotFound, NotPermitted
from services.kernel.identity import SYSTEM, Role
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from tests.support.console_services import measure
from tests.support.office import Office, open_office


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FixedClock) -> Office:
    return open_office(store, tmp_path, clock, prepare=lambda office: None)


@pytest.fixture
def cards(office: Office) -> Cards:
    return office.services.cards


def human(text: str) -> FieldEdit:
    return FieldEdit(FieldKind.HUMAN, text)


def revise(office: Office, revision: int, who: Principal | None = None, **sections: str) -> int:
    edits = {name: human(text) for name, text in sections.items()}
    return office.services.cards.revise(who or office.ada, office.ref(1), revision, edits).revision


def text(office: Office, section: str, revision: int | None = None) -> str:
    cards, ref = office.services.cards, office.ref(1)
    with office.services.store.reading() as session:
        held = cards.current(session, ref) if revision is None else cards.revision(session, ref, revision)  # fmt: skip
    return held.fields[section].text


def test_a_card_is_drafted_once_and_says_where_its_words_come_from(
    office: Office, cards: Cards
) -> None:
    facts = RunFacts(title="Mortgage", intended_use="Loans", user="ada")
    for title in (facts, RunFacts(title="Another")):
        with office.services.store.unit(SYSTEM) as unit:
            if cards.draft(unit, office.ref(1), title).revision == 0:
                pytest.fail("nothing was drafted")
            unit.event("workspace:opened", ("workspace", "x"))
    with office.services.store.reading() as session:
        card = cards.current(session, office.ref(1))
    assert (card.revision, card.author) == (1, "system")
    assert card.fields["title"].text == "Mortgage"
    assert card.fields["title"].kind is FieldKind.AUTO
    assert card.fields["license"].kind is FieldKind.UNKNOWN
    assert "license" in card.unknown
    assert len(office.events("card:revised")) == 1


def test_every_revision_stays_and_the_trail_names_its_sections(
    office: Office, cards: Cards, clock: FixedClock
) -> None:
    assert revise(office, 0, limitations="One.") == 1
    then = clock.now()
    clock.advance(60)
    assert revise(office, 1, limitations="Two.", license="MIT") == 2
    assert (text(office, "limitations", 1), text(office, "limitations", 2)) == ("One.", "Two.")
    with office.services.store.reading() as session:
        assert cards.current(session, office.ref(1), then).revision == 1
        changed = cards.diff(session, office.ref(1), 1, 2)
        with pytest.raises(NotFound, match="no revision 9"):
            cards.revision(session, office.ref(1), 9)
    assert [each.name for each in changed] == ["limitations", "license"]
    said = office.events("card:revised")[0].payload
    assert said["sections"] == ["limitations", "license"]
    assert "Two." not in str(said)


def test_two_people_in_two_sections_are_both_kept(office: Office) -> None:
    revise(office, 0, limitations="Base.")
    assert revise(office, 1, office.olga, license="MIT") == 2
    assert revise(office, 1, office.ada, limitations="Ada's.") == 3
    assert (text(office, "license"), text(office, "limitations")) == ("MIT", "Ada's.")


def test_two_people_in_one_section_are_a_conflict_that_holds_both_texts(office: Office) -> None:
    revise(office, 0, limitations="Base.")
    revise(office, 1, office.olga, limitations="Olga's.")
    with pytest.raises(CardMoved) as caught:
        revise(office, 1, office.ada, limitations="Ada's.")
    assert caught.value.mine["limitations"].text == "Ada's."
    assert caught.value.theirs.fields["limitations"].text == "Olga's."
    assert text(office, "limitations") == "Olga's."


def test_saving_the_same_words_again_makes_no_revision(office: Office) -> None:
    revise(office, 0, limitations="Base.")
    assert revise(office, 1, limitations="Base.") == 1
    assert len(office.events("card:revised")) == 1


def test_saves_at_the_same_time_lose_no_section(office: Office) -> None:
    revise(office, 0, limitations="Base.")
    sections = ("license", "fairness", "human_oversight", "ethical_considerations")
    threads = [
        threading.Thread(target=revise, args=(office, 1), kwargs={name: f"Of {name}."})
        for name in sections
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert [text(office, name) for name in sections] == [f"Of {name}." for name in sections]


def test_an_earlier_revision_is_restored_as_a_new_one(office: Office, cards: Cards) -> None:
    revise(office, 0, limitations="One.")
    revise(office, 1, limitations="Two.")
    with pytest.raises(CardMoved):
        cards.restore(office.ada, office.ref(1), 1, expected_revision=1)
    assert cards.restore(office.ada, office.ref(1), 1, expected_revision=2).revision == 3
    assert text(office, "limitations") == "One."


@pytest.mark.parametrize("role", [Role.VIEWER, Role.VALIDATOR, Role.APPROVER, Role.AUDITOR])
def test_those_who_judge_do_not_write(office: Office, role: Role) -> None:
    with pytest.raises(NotPermitted):
        revise(office, 0, office.hire("Pat Person", role), limitations="Mine.")
    with office.services.store.reading() as session:
        assert office.services.cards.revisions(session, office.ref(1)) == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("nul \x00 inside", "U\\+0000"),
        ("turned \u202e round", "U\\+202E"),
        ("x" * 20_001, "20,001 characters"),
        ("AKIAIOSFODNN7EXAMPLE is the key", "AWS access key"),
    ],
)
def test_words_that_cannot_be_kept_are_refused_with_a_reason(
    office: Office, words: str, why: str
) -> None:
    with pytest.raises(InvalidInput, match=why):
        revise(office, 0, limitations=words)
    with pytest.raises(InvalidInput):
        revise(office, 0, no_such_section="x")


def test_words_written_before_a_measurement_are_said_to_be_older(
    office: Office, cards: Cards
) -> None:
    measure(office.services, 1)
    revise(office, 0, fairness="Black applicants fare as well.", license="MIT")
    ref = office.ref(1)
    with office.services.store.reading() as session:
        assert cards.outdated(session, cards.current(session, ref)) == {}
    measure(office.services, 1, ratio=0.7)
    with office.services.store.reading() as session:
        assert cards.outdated(session, cards.current(session, ref)) == {"fairness": ("fairness",)}
