from datetime import UTC, datetime

from console.views import event
from console.views.names import Names
from services.kernel.identity import SYSTEM, Actor
from services.people.account.types import Person
from services.record.trail.actions import ACTIONS
from services.record.trail.types import TrailEvent

NOW = datetime(2026, 3, 14, 9, 12, tzinfo=UTC)
ADA = Person("p-ada", "ada@example.org", "Ada Contributor", active=True)
NAMES = Names({"p-ada": ADA}, {})


def happened(action: str, subject: tuple[str, str], **payload: object) -> TrailEvent:
    return TrailEvent(
        7, "e7", NOW, Actor("person", "p-ada"), action, *subject, payload=payload, chain_hash="00"
    )


def test_every_word_of_the_trail_is_spoken_on_the_pages() -> None:
    assert set(event.WORDS) >= ACTIONS


def test_ids_of_people_become_names() -> None:
    row = event.row(happened("person:linked", ("person", "p-ada")), NAMES, NOW)
    assert (row.by, row.subject) == ("Ada Contributor", "Ada Contributor")


def test_an_id_nobody_bears_any_more_is_not_a_name() -> None:
    assert "p-gone" not in Names().person("0198-p-gone-abcdefgh")
    assert Names().actor(SYSTEM) == "the console"


def test_a_card_belongs_to_its_model_and_version() -> None:
    row = event.row(
        happened("card:revised", ("card", "a/b-model/3"), model="a/b-model"), NAMES, NOW
    )
    assert (row.model, row.subject) == ("a/b-model", "a/b-model v3")


def test_digests_and_long_texts_are_not_told_in_a_line() -> None:
    assert event.detail_of({"reason": "x" * 64, "kind": "fairness", "seed": 4}) == "kind fairness"


def test_what_has_a_name_is_told_by_its_whole_name() -> None:
    row = event.row(happened("cost:reconciled", ("environment", "sample-ml")), NAMES, NOW)
    assert row.subject == "environment sample-ml"
