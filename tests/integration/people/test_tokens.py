from datetime import timedelta

import pytest

from services.kernel.clock import FixedClock
from services.kernel.error import Conflict, InvalidInput, NotFound, NotPermitted
from services.kernel.identity import SYSTEM
from services.people.team.service import Teams
from services.people.team.types import Team
from services.people.token.service import Tokens
from services.people.token.types import SCOPES, Answer, TokenPrincipal
from services.record.trail.unit_of_work import Store


def use(tokens: Tokens, text: str) -> TokenPrincipal:
    principal = tokens.resolve(text)
    assert principal is not None
    return principal


def test_a_token_may_do_what_its_scopes_say_and_nothing_else(tokens: Tokens) -> None:
    text = tokens.create(SYSTEM, "ci", ["gate:read"])
    assert text.startswith("cs_")
    assert len(text) == 46
    principal = use(tokens, text)
    principal.require("gate:read")
    with pytest.raises(NotPermitted, match="models:read"):
        principal.require("models:read")


def test_the_text_of_a_token_is_stored_nowhere(store: Store, tokens: Tokens) -> None:
    text = tokens.create(SYSTEM, "ci", ["gate:read"])
    with store.reading() as session:
        for table in ("api_token", "trail_event"):
            rows = session.connection().exec_driver_sql(f"SELECT * FROM {table}").all()
            assert text not in str(rows)


def test_no_scope_signs_approves_grants_or_publishes() -> None:
    assert not {s for s in SCOPES if s.split(":")[1] not in ("read", "write", "request")}


@pytest.mark.parametrize("scopes", [[], ["sign:all"], ["gate:read", "admin"]])
def test_a_scope_that_does_not_exist_is_refused(tokens: Tokens, scopes: list[str]) -> None:
    with pytest.raises(InvalidInput, match="gate:read"):
        tokens.create(SYSTEM, "ci", scopes)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_token_lasts_at_most_a_year(tokens: Tokens, clock: FixedClock, days: int) -> None:
    with pytest.raises(InvalidInput, match="a year"):
        tokens.create(SYSTEM, "ci", ["gate:read"], clock.now() + timedelta(days=days))


def test_an_expired_a_revoked_and_an_invented_token_are_nobody(
    store: Store, tokens: Tokens, clock: FixedClock
) -> None:
    short = tokens.create(SYSTEM, "ci", ["gate:read"], clock.now() + timedelta(days=1))
    gone = tokens.create(SYSTEM, "old", ["gate:read"])
    tokens.revoke(SYSTEM, use(tokens, gone).token_id)
    clock.advance(24 * 3600)
    for text in (short, gone, "cs_" + "x" * 43, "", "cs_", "Bearer", "cs_" + "é" * 43):
        assert tokens.resolve(text) is None
    with pytest.raises(NotFound):
        tokens.revoke(SYSTEM, "no such id")
    with store.reading() as session:
        assert [each.name for each in tokens.all(session)] == ["ci"]


def test_when_a_token_was_last_used_is_known_to_the_minute(
    store: Store, tokens: Tokens, clock: FixedClock
) -> None:
    text = tokens.create(SYSTEM, "ci", ["gate:read"])
    with store.reading() as session:
        assert tokens.all(session)[0].used_at is None
    use(tokens, text)
    with store.reading() as session:
        assert tokens.all(session)[0].used_at == clock.now()


def test_asking_twice_under_one_key_gives_the_first_answer(tokens: Tokens) -> None:
    principal = use(tokens, tokens.create(SYSTEM, "ci", ["reviews:request"]))
    other = use(tokens, tokens.create(SYSTEM, "cd", ["reviews:request"]))
    assert tokens.begin(principal, "key-1", "a" * 64) is None
    with pytest.raises(Conflict, match="still at work"):
        tokens.begin(principal, "key-1", "a" * 64)
    tokens.finish(principal, "key-1", Answer(201, "{}"))
    assert tokens.begin(principal, "key-1", "a" * 64) == Answer(201, "{}")
    with pytest.raises(Conflict, match="another request"):
        tokens.begin(principal, "key-1", "b" * 64)
    assert tokens.begin(other, "key-1", "a" * 64) is None, "keys belong to their token"


def test_a_request_that_failed_can_be_tried_again_under_its_key(tokens: Tokens) -> None:
    principal = use(tokens, tokens.create(SYSTEM, "ci", ["reviews:request"]))
    assert tokens.begin(principal, "key-1", "a" * 64) is None
    tokens.finish(principal, "key-1", None)
    assert tokens.begin(principal, "key-1", "a" * 64) is None


@pytest.mark.parametrize("key", ["", "x" * 201, "line\nbreak"])
def test_a_key_that_is_none_is_refused(tokens: Tokens, key: str) -> None:
    principal = use(tokens, tokens.create(SYSTEM, "ci", ["reviews:request"]))
    with pytest.raises(InvalidInput):
        tokens.begin(principal, key, "a" * 64)


def test_a_team_is_made_once(store: Store) -> None:
    teams = Teams(store)
    made = teams.create(SYSTEM, "lending", "Lending")
    with pytest.raises(Conflict):
        teams.create(SYSTEM, "lending", "Lending again")
    with pytest.raises(InvalidInput):
        teams.create(SYSTEM, "Big Team", "x")
    with store.reading() as session:
        assert teams.all(session) == [made] == [Team("lending", "Lending")]
        assert teams.by_id(session, "labs") is None
