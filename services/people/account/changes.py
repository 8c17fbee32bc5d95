"""The changes an account knows, each with its event, inside somebody's unit of work."""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import Session

from services.kernel.error import Conflict, NotFound, NotPermitted
from services.kernel.identity import Role, new_id
from services.people.account import repository, rules
from services.people.account.sealing import Keyring
from services.people.account.types import Grant, Person
from services.record.canonical import sha256_hex
from services.record.trail.unit_of_work import UnitOfWork

LINK_LASTS = timedelta(hours=24)


def seal(session: Session, keys: Keyring, person_id: str, text: str) -> dict[str, str]:
    """Return words about a person under that person's key.

    Raises
    ------
    NotFound
        When the key was destroyed.
    """
    key = repository.key_of(session, person_id)
    if key is None:
        raise NotFound("This person's key does not exist any more.")
    key_id, wrapped = key
    return {"sealed": keys.seal(wrapped, key_id, text), "key_id": key_id}


def open_account(
    unit: UnitOfWork,
    keys: Keyring,
    email: str,
    name: str,
    external_names: Iterable[str] = (),
    teams: Iterable[str] = (),
) -> Person:
    """Store a person and the person's key; event ``person:created``.

    Raises
    ------
    Conflict
        When the address already has an account.
    """
    address = rules.email_address(email)
    if repository.by_email(unit.session, address) is not None:
        raise Conflict(f"{address} already has an account.")
    person = Person(
        person_id=new_id(),
        email=address,
        name=rules.full_name(name),
        active=True,
        external_names=rules.external_names(external_names),
        teams=tuple(sorted(set(teams))),
    )
    key_id = new_id()
    repository.add_key(unit.session, key_id, person.person_id, keys.new_key(key_id))
    unit.session.flush()
    write(unit, keys, "person:created", person)
    return person


def write(unit: UnitOfWork, keys: Keyring, action: str, person: Person) -> None:
    """Make this the standing version of a person; names and address are sealed in the event."""

    def sealed(text: str) -> dict[str, str]:
        return seal(unit.session, keys, person.person_id, text)

    seq = unit.event(
        action,
        ("person", person.person_id),
        active=person.active,
        email=sealed(person.email),
        name=sealed(person.name),
        external_names=[sealed(each) for each in person.external_names],
        teams=list(person.teams),
    )
    repository.write_person(unit.session, person, unit.now, seq)


def give(unit: UnitOfWork, grant: Grant) -> None:
    """Store a role held from now on, once; event ``role:granted``.

    Raises
    ------
    NotFound
        When there is no such person.
    """
    if repository.by_id(unit.session, grant.person_id) is None:
        raise NotFound("There is no such person.")
    if grant not in repository.grants(unit.session, grant.person_id):
        seq = unit.event("role:granted", ("person", grant.person_id), **_words(grant))
        repository.add_grant(unit.session, grant, unit.now, seq)


def take(unit: UnitOfWork, grant: Grant) -> None:
    """End a role held until now; event ``role:revoked``.

    Raises
    ------
    NotFound
        When the person does not hold it.
    """
    if grant not in repository.grants(unit.session, grant.person_id):
        raise NotFound("This person does not hold that role.")
    unit.event("role:revoked", ("person", grant.person_id), **_words(grant))
    repository.end_grant(unit.session, grant, unit.now)


def link(unit: UnitOfWork, person: Person) -> str:
    """Store a single-use link and return its token; event ``person:linked``.

    Raises
    ------
    NotPermitted
        When the account is disabled.
    """
    if not person.active:
        raise NotPermitted("This account is disabled; a link would lead nowhere.")
    token = secrets.token_urlsafe(32)
    expires_at = unit.now + LINK_LASTS
    seq = unit.event("person:linked", ("person", person.person_id), expires_at=expires_at)
    repository.end_links(unit.session, person.person_id, unit.now)
    repository.add_link(
        unit.session, sha256_hex(token.encode()), person.person_id, (unit.now, expires_at), seq
    )
    return token


def administrators(session: Session) -> set[str]:
    """Return the ids of active people who administer the whole console."""
    held = {
        each.person_id
        for each in repository.grants(session)
        if each.role is Role.ADMINISTRATOR and each.scope_kind == "everything"
    }
    return {each.person_id for each in repository.people(session) if each.active} & held


def keep_an_administrator(session: Session, leaving: str) -> None:
    """Refuse to lose the last administrator.

    Raises
    ------
    Conflict
        When nobody else administers the console.
    """
    if administrators(session) == {leaving}:
        raise Conflict("This is the last administrator; appoint another one first.")


def _words(grant: Grant) -> dict[str, str]:
    return {
        "role": grant.role.value,
        "scope_kind": grant.scope_kind,
        "scope_id": grant.scope_id,
    }
