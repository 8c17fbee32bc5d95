import pytest

from services.kernel.clock import FixedClock
from services.kernel.error import Conflict, InvalidInput, NotFound, NotPermitted
from services.kernel.identity import SYSTEM, Role
from services.people.account.service import Accounts
from services.people.account.types import EVERYTHING, Grant, Person
from services.people.session.service import Sessions
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store


def test_a_person_is_found_by_address_whatever_its_case(
    store: Store, accounts: Accounts, ada: Person
) -> None:
    with store.reading() as session:
        assert accounts.by_email(session, " ADA@example.ORG ") == ada
        assert accounts.by_email(session, "bob@example.org") is None


def test_an_address_belongs_to_one_person(accounts: Accounts, ada: Person) -> None:
    with pytest.raises(Conflict, match=r"ada@example\.org"):
        accounts.create(SYSTEM, "ada@example.org", "Another Ada")


@pytest.mark.parametrize(
    "email", ["", "ada", "a@b@c", "ada @example.org", "<script>@x", "a@\u202eb"]
)
def test_an_address_that_is_none_is_refused(accounts: Accounts, email: str) -> None:
    with pytest.raises(InvalidInput):
        accounts.create(SYSTEM, email, "Ada")


def test_no_name_and_no_address_stands_in_clear_in_the_trail(
    store: Store, accounts: Accounts, ada: Person
) -> None:
    with store.reading() as session:
        (event,) = Trail(store).search(session, action="person:created")
        assert "ada" not in str(event.payload).lower()
        assert accounts.unseal(session, event.payload["name"]) == "Ada Lovelace"
        assert accounts.unseal(session, event.payload["external_names"][0]) == "ada"


def test_destroying_a_key_erases_and_the_trail_still_verifies(
    store: Store, accounts: Accounts, ada: Person
) -> None:
    with store.unit(SYSTEM) as unit:
        sealed = accounts.seal(unit.session, ada.person_id, "Ada Lovelace")
        unit.session.connection().exec_driver_sql("DELETE FROM person_key")
        unit.event("person:revised", ("person", ada.person_id))
    with store.reading() as session:
        assert accounts.unseal(session, sealed) is None
    with store.reading() as session, pytest.raises(NotFound):
        accounts.seal(session, ada.person_id, "again")
    assert Trail(store).verify().holds


def test_the_trainer_is_known_by_what_other_systems_call_them(
    store: Store, accounts: Accounts, ada: Person
) -> None:
    with store.reading() as session:
        assert accounts.by_external_name(session, "ada") == ada
        assert accounts.by_external_name(session, "ada@example.org") == ada
        assert accounts.by_external_name(session, "somebody") is None
        assert accounts.by_external_name(session, None) is None


def test_a_name_that_two_people_share_means_neither(
    store: Store, accounts: Accounts, ada: Person
) -> None:
    accounts.create(SYSTEM, "other@example.org", "Ada Other", external_names=["ada"])
    with store.reading() as session:
        assert accounts.by_external_name(session, "ada") is None


def test_an_administrator_maps_a_trainer_and_the_past_stays_as_it_was(
    store: Store, accounts: Accounts, ada: Person, clock: FixedClock
) -> None:
    before = clock.now()
    clock.advance(60)
    accounts.revise(SYSTEM, ada.person_id, external_names=["ada", "al"], teams=["lending"])
    with store.reading() as session:
        assert accounts.by_id(session, ada.person_id).external_names == ("ada", "al")
        assert accounts.by_id(session, ada.person_id).teams == ("lending",)
        assert accounts.by_id(session, ada.person_id, before).external_names == ("ada",)


def test_a_role_is_held_from_its_grant_until_its_revocation(
    store: Store, accounts: Accounts, ada: Person, clock: FixedClock
) -> None:
    grant = accounts.grant(SYSTEM, ada.person_id, Role.VALIDATOR, ("model", "credit"))
    accounts.grant(SYSTEM, ada.person_id, Role.VALIDATOR, ("model", "credit"))
    held = clock.now()
    clock.advance(60)
    accounts.revoke(SYSTEM, ada.person_id, Role.VALIDATOR, ("model", "credit"))
    with store.reading() as session:
        assert accounts.grants(session, ada.person_id) == ()
        assert accounts.grants(session, ada.person_id, held) == (grant,)
        assert grant == Grant(ada.person_id, Role.VALIDATOR, "model", "credit")
    with pytest.raises(NotFound):
        accounts.revoke(SYSTEM, ada.person_id, Role.VALIDATOR, ("model", "credit"))


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        ("king", EVERYTHING),
        ("viewer", ("planet", "x")),
        ("viewer", ("model", "")),
        ("viewer", ("everything", "x")),
    ],
)
def test_a_role_or_scope_that_does_not_exist_is_refused(
    accounts: Accounts, ada: Person, role: str, scope: tuple[str, str]
) -> None:
    with pytest.raises(InvalidInput):
        accounts.grant(SYSTEM, ada.person_id, role, scope)


def test_the_last_administrator_stays(accounts: Accounts, ada: Person) -> None:
    accounts.grant(SYSTEM, ada.person_id, Role.ADMINISTRATOR)
    with pytest.raises(Conflict, match="last administrator"):
        accounts.disable(SYSTEM, ada.person_id)
    with pytest.raises(Conflict, match="last administrator"):
        accounts.revoke(SYSTEM, ada.person_id, Role.ADMINISTRATOR)


def test_the_first_administrator_comes_in_by_a_link_and_only_once(
    store: Store, accounts: Accounts, sessions: Sessions
) -> None:
    link = accounts.first_administrator()
    assert link is not None
    assert accounts.first_administrator() is None
    person = sessions.invited(link)
    assert person is not None
    with store.reading() as session:
        assert accounts.has_administrator(session)
        assert accounts.grants(session, person.person_id)[0].role is Role.ADMINISTRATOR


def test_a_disabled_person_gets_no_link_and_an_old_one_ends(
    accounts: Accounts, sessions: Sessions, ada: Person
) -> None:
    link = accounts.link(SYSTEM, ada.person_id)
    accounts.disable(SYSTEM, ada.person_id)
    assert sessions.invited(link) is None
    with pytest.raises(NotPermitted):
        accounts.link(SYSTEM, ada.person_id)
