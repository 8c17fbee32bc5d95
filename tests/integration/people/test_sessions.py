import threading

import pytest

from services.kernel.clock import FixedClock
from services.kernel.error import InvalidInput, NotFound, NotPermitted
from services.kernel.identity import SYSTEM, Role
from services.people.account.service import Accounts
from services.people.account.types import Person
from services.people.session import repository
from services.people.session.service import Sessions
from services.people.session.types import SignInRefused, TooManyAttempts
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from tests.integration.people.conftest import PASSWORD

HERE = "203.0.113.7"


def test_a_link_works_once(accounts: Accounts, sessions: Sessions, ada: Person) -> None:
    link = accounts.link(SYSTEM, ada.person_id)
    assert sessions.invited(link) == ada
    assert sessions.invited(link) == ada, "looking must not use it up"
    sessions.choose_password(link, PASSWORD)
    assert sessions.invited(link) is None
    with pytest.raises(NotFound):
        sessions.choose_password(link, PASSWORD)


def test_a_link_lasts_a_day(
    accounts: Accounts, sessions: Sessions, ada: Person, clock: FixedClock
) -> None:
    link = accounts.link(SYSTEM, ada.person_id)
    clock.advance(24 * 3600 - 1)
    assert sessions.invited(link) == ada
    clock.advance(1)
    assert sessions.invited(link) is None


def test_a_new_link_ends_the_one_before(
    accounts: Accounts, sessions: Sessions, ada: Person
) -> None:
    first = accounts.link(SYSTEM, ada.person_id)
    accounts.link(SYSTEM, ada.person_id)
    assert sessions.invited(first) is None


def test_a_bad_choice_of_password_leaves_the_link_good(
    accounts: Accounts, sessions: Sessions, ada: Person
) -> None:
    link = accounts.link(SYSTEM, ada.person_id)
    with pytest.raises(InvalidInput):
        sessions.choose_password(link, "short")
    assert sessions.invited(link) == ada


def test_two_browsers_using_one_link_at_once_open_one_session(
    store: Store, accounts: Accounts, sessions: Sessions, ada: Person
) -> None:
    link, opened, refused = accounts.link(SYSTEM, ada.person_id), [], []

    def use() -> None:
        try:
            opened.append(sessions.choose_password(link, PASSWORD))
        except NotFound as error:
            refused.append(error)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (len(opened), len(refused)) == (1, 3)
    with store.reading() as session:
        assert len(sessions.of_person(session, ada.person_id)) == 1


def test_the_right_password_opens_a_session_with_the_roles_held_now(
    accounts: Accounts, sessions: Sessions, ada: Person, signed_in: str
) -> None:
    cookie = sessions.sign_in(" ADA@example.org", PASSWORD, HERE)
    session_id = sessions.session_id(cookie)
    principal = sessions.resolve(session_id)
    assert principal is not None
    assert (principal.person_id, principal.name, principal.grants) == (ada.person_id, ada.name, ())
    accounts.grant(SYSTEM, ada.person_id, Role.APPROVER)
    again = sessions.resolve(session_id)
    assert again is not None
    assert [each.role for each in again.grants] == [Role.APPROVER]
    assert principal.actor.session == session_id


def test_the_secret_of_a_cookie_is_stored_nowhere(
    store: Store, sessions: Sessions, ada: Person, signed_in: str
) -> None:
    cookie = sessions.sign_in(ada.email, PASSWORD, HERE)
    assert len(cookie) == 43
    with store.reading() as session:
        for table in ("session", "session_seen", "trail_event", "auth_event"):
            rows = session.connection().exec_driver_sql(f'SELECT * FROM "{table}"').all()
            assert cookie not in str(rows)
    assert sessions.resolve(cookie) is None, "a secret is not an id"
    stolen_id = sessions.session_id(cookie)
    assert sessions.resolve(sessions.session_id(stolen_id)) is None, "an id is not a secret"


@pytest.mark.parametrize("password", ["wrong password", PASSWORD + " ", "", "x" * 72])
def test_a_wrong_password_is_refused_and_recorded_without_the_address_in_clear(
    store: Store, sessions: Sessions, ada: Person, signed_in: str, password: str
) -> None:
    with pytest.raises(SignInRefused) as wrong:
        sessions.sign_in(ada.email, password, HERE)
    with pytest.raises(SignInRefused) as unknown:
        sessions.sign_in("nobody@example.org", password, HERE)
    assert wrong.value.message == unknown.value.message, "it must not be told which"
    with store.reading() as session:
        events = Trail(store).search(session, action="session:refused")
    assert [each.subject_id for each in events] == ["unknown", ada.person_id]
    assert ada.email not in str(events)
    assert HERE not in str(events)


def test_an_account_waits_longer_after_each_failure_and_time_heals(
    sessions: Sessions, ada: Person, signed_in: str, clock: FixedClock
) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            sessions.sign_in(ada.email, "wrong password", HERE)
    with pytest.raises(TooManyAttempts, match="1 second"):
        sessions.sign_in(ada.email, PASSWORD, HERE)
    clock.advance(1)
    with pytest.raises(SignInRefused):
        sessions.sign_in(ada.email, "wrong password", HERE)
    with pytest.raises(TooManyAttempts) as held:
        sessions.sign_in(ada.email, PASSWORD, "198.51.100.1")
    assert held.value.seconds == 2
    clock.advance(2)
    assert sessions.sign_in(ada.email, PASSWORD, HERE)
    with pytest.raises(SignInRefused):
        sessions.sign_in(ada.email, "wrong password", HERE)


def test_a_network_address_that_tries_many_accounts_waits(
    sessions: Sessions, ada: Person, signed_in: str
) -> None:
    for n in range(20):
        with pytest.raises(SignInRefused):
            sessions.sign_in(f"guess{n}@example.org", "wrong password", HERE)
    with pytest.raises(TooManyAttempts):
        sessions.sign_in(ada.email, PASSWORD, HERE)
    assert sessions.sign_in(ada.email, PASSWORD, "198.51.100.1")


def test_one_known_password_does_not_clear_the_failures_of_an_address(
    sessions: Sessions, ada: Person, signed_in: str
) -> None:
    for n in range(19):
        with pytest.raises(SignInRefused):
            sessions.sign_in(f"guess{n}@example.org", "wrong password", HERE)
    sessions.sign_in(ada.email, PASSWORD, HERE)
    with pytest.raises(SignInRefused):
        sessions.sign_in("guess@example.org", "wrong password", HERE)
    with pytest.raises(TooManyAttempts):
        sessions.sign_in(ada.email, PASSWORD, HERE)


def test_a_hundred_guesses_at_once_are_counted_as_a_hundred(
    sessions: Sessions, ada: Person, signed_in: str
) -> None:
    tried, held = [], []

    def guess() -> None:
        try:
            sessions.sign_in(ada.email, "wrong password", HERE)
        except TooManyAttempts as error:
            held.append(error)
        except SignInRefused as error:
            tried.append(error)

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(tried) == 5
    assert len(held) == 11


def test_a_session_ends_when_nothing_was_done_for_an_hour(
    sessions: Sessions, signed_in: str, clock: FixedClock
) -> None:
    clock.advance(3599)
    assert sessions.active(signed_in)
    sessions.seen(signed_in)
    clock.advance(3599)
    assert sessions.active(signed_in)
    clock.advance(1)
    assert not sessions.active(signed_in)
    assert sessions.ended([signed_in]) == {signed_in}


def test_a_session_ends_after_twelve_hours_whatever_was_done(
    sessions: Sessions, signed_in: str, clock: FixedClock
) -> None:
    for _ in range(24):
        assert sessions.active(signed_in)
        clock.advance(1800)
        sessions.seen(signed_in)
    assert not sessions.active(signed_in)


def test_being_seen_is_written_at_most_once_a_minute(
    store: Store, sessions: Sessions, signed_in: str, clock: FixedClock
) -> None:
    clock.advance(120)
    sessions.seen(signed_in)
    first = clock.now()
    clock.advance(59)
    sessions.seen(signed_in)
    with store.reading() as session:
        assert repository.by_ids(session, [signed_in])[0].seen_at == first


def test_a_revoked_session_a_disabled_account_and_an_unknown_id_end_alike(
    accounts: Accounts, sessions: Sessions, ada: Person, signed_in: str
) -> None:
    other = sessions.session_id(sessions.sign_in(ada.email, PASSWORD, HERE))
    assert sessions.ended([signed_in, other, "f" * 64]) == {"f" * 64}
    sessions.revoke(SYSTEM, other)
    assert sessions.resolve(other) is None
    assert sessions.ended([signed_in, other]) == {other}
    accounts.disable(SYSTEM, ada.person_id)
    assert sessions.resolve(signed_in) is None
    assert sessions.ended([signed_in, other]) == {signed_in, other}
    with pytest.raises(SignInRefused):
        sessions.sign_in(ada.email, PASSWORD, HERE)


def test_a_new_password_shows_every_other_browser_out(
    accounts: Accounts, sessions: Sessions, ada: Person, signed_in: str
) -> None:
    sessions.choose_password(accounts.link(SYSTEM, ada.person_id), "another long password")
    assert not sessions.active(signed_in)
    with pytest.raises(SignInRefused):
        sessions.sign_in(ada.email, PASSWORD, HERE)
    assert sessions.sign_in(ada.email, "another long password", HERE)


def test_proving_it_again_leaves_an_event_that_a_signature_can_name(
    store: Store, sessions: Sessions, ada: Person, signed_in: str
) -> None:
    principal = sessions.resolve(signed_in)
    assert principal is not None
    auth = sessions.reauthenticate(principal, PASSWORD)
    assert (auth.person_id, auth.session_id, auth.method) == (ada.person_id, signed_in, "password")
    with store.reading() as session:
        assert sessions.auth_event(session, auth.auth_event_id) == auth
        (event,) = Trail(store).search(session, action="session:reauthenticated")
    assert event.payload["auth_event_id"] == auth.auth_event_id


def test_a_wrong_password_at_signing_proves_nothing_and_counts(
    sessions: Sessions, ada: Person, signed_in: str
) -> None:
    principal = sessions.resolve(signed_in)
    assert principal is not None
    for _ in range(5):
        with pytest.raises(NotPermitted, match="nothing was signed"):
            sessions.reauthenticate(principal, "wrong password")
    with pytest.raises(TooManyAttempts):
        sessions.reauthenticate(principal, PASSWORD)
    with pytest.raises(TooManyAttempts):
        sessions.sign_in(ada.email, PASSWORD, HERE)


def test_a_principal_of_an_ended_session_cannot_prove_anything(
    sessions: Sessions, signed_in: str
) -> None:
    principal = sessions.resolve(signed_in)
    assert principal is not None
    sessions.revoke(SYSTEM, signed_in)
    with pytest.raises(NotPermitted, match="sign in again"):
        sessions.reauthenticate(principal, PASSWORD)
