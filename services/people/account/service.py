"""Accounts: who there is, what they may be, and the single-use links by which they first come in.

Nothing here asks whether the actor may do it: the room stands below the permission table, so the
caller asks ``standards.authority`` first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from services.kernel.error import NotFound
from services.kernel.identity import SYSTEM, Actor, Role
from services.people.account import changes, repository, rules
from services.people.account.sealing import Keyring
from services.people.account.types import EVERYTHING, Grant, Person, Principal
from services.record.canonical import sha256_hex
from services.record.trail.unit_of_work import Store, UnitOfWork


class Accounts:
    """Everybody who has an account, and the roles they hold."""

    def __init__(self, store: Store, keys: Keyring) -> None:
        self._store = store
        self._keys = keys

    # reading

    def all(self, session: Session, at: datetime | None = None) -> list[Person]:
        """Return everybody, by name, as they stood at an instant; None means now."""
        return repository.people(session, at)

    def by_id(self, session: Session, person_id: str, at: datetime | None = None) -> Person:
        """Return one person.

        Raises
        ------
        NotFound
            When nobody has that id.
        """
        found = repository.by_id(session, person_id, at)
        if found is None:
            raise NotFound("There is no such person.")
        return found

    def by_email(self, session: Session, email: str) -> Person | None:
        """Return the person who signs in with an address, or None."""
        return repository.by_email(session, email.strip().lower())

    def by_external_name(self, session: Session, name: str | None) -> Person | None:
        """Return whom another system means by a name; None means *unknown*, also when two match."""
        if not name:
            return None
        known = repository.people(session)
        found = [each for each in known if name in each.external_names or name == each.email]
        return found[0] if len(found) == 1 else None

    def grants(
        self, session: Session, person_id: str | None = None, at: datetime | None = None
    ) -> tuple[Grant, ...]:
        """Return the roles that one person, or (None) everybody, holds."""
        return repository.grants(session, person_id, at)

    def has_administrator(self, session: Session) -> bool:
        """Tell whether an active person administers the whole console."""
        return bool(changes.administrators(session))

    def principal(
        self, session: Session, person_id: str, session_id: str, signed_in_at: datetime
    ) -> Principal | None:
        """Return a person as who asks, with the roles held now; None when disabled or unknown."""
        person = repository.by_id(session, person_id)
        if person is None or not person.active:
            return None
        return Principal(
            person_id=person.person_id,
            name=person.name,
            email=person.email,
            grants=repository.grants(session, person_id),
            teams=person.teams,
            session_id=session_id,
            signed_in_at=signed_in_at,
        )

    # changing

    def create(
        self,
        actor: Actor,
        email: str,
        name: str,
        external_names: Iterable[str] = (),
        teams: Iterable[str] = (),
    ) -> Person:
        """Open an account, with a key of its own; nobody can sign in to it before a link was used.

        Raises
        ------
        InvalidInput
            When address or name cannot be used.
        Conflict
            When the address already has an account.
        """
        with self._store.unit(actor) as unit:
            return changes.open_account(unit, self._keys, email, name, external_names, teams)

    def revise(
        self,
        actor: Actor,
        person_id: str,
        *,
        name: str | None = None,
        external_names: Iterable[str] | None = None,
        teams: Iterable[str] | None = None,
    ) -> Person:
        """Change a person's printed name, external names or teams; None leaves them as they are."""
        with self._store.unit(actor) as unit:
            before = self.by_id(unit.session, person_id)
            after = replace(
                before,
                name=before.name if name is None else rules.full_name(name),
                external_names=before.external_names
                if external_names is None
                else rules.external_names(external_names),
                teams=before.teams if teams is None else tuple(sorted(set(teams))),
            )
            changes.write(unit, self._keys, "person:revised", after)
            return after

    def disable(self, actor: Actor, person_id: str) -> None:
        """Close an account: every session ends at its next step, every link at once.

        Raises
        ------
        Conflict
            When it is the last administrator's.
        """
        with self._store.unit(actor) as unit:
            person = self.by_id(unit.session, person_id)
            if not person.active:
                return
            changes.keep_an_administrator(unit.session, person_id)
            repository.end_links(unit.session, person_id, unit.now)
            after = replace(person, active=False)
            changes.write(unit, self._keys, "person:disabled", after)

    def grant(
        self,
        actor: Actor,
        person_id: str,
        role: Role | str,
        scope: tuple[str, str] = EVERYTHING,
    ) -> Grant:
        """Give a role over a scope; giving it twice changes nothing."""
        with self._store.unit(actor) as unit:
            grant = rules.grant_of(person_id, role, scope)
            changes.give(unit, grant)
            return grant

    def revoke(
        self,
        actor: Actor,
        person_id: str,
        role: Role | str,
        scope: tuple[str, str] = EVERYTHING,
    ) -> None:
        """Take a role back; effective at the person's next step.

        Raises
        ------
        NotFound
            When the person does not hold it.
        Conflict
            When nobody would administer the console any more.
        """
        with self._store.unit(actor) as unit:
            grant = rules.grant_of(person_id, role, scope)
            if grant.role is Role.ADMINISTRATOR and scope == EVERYTHING:
                changes.keep_an_administrator(unit.session, person_id)
            changes.take(unit, grant)

    def link(self, actor: Actor, person_id: str) -> str:
        """Return the token of a single-use sign-in link, 24 hours long; earlier links end.

        Raises
        ------
        NotPermitted
            When the account is disabled.
        """
        with self._store.unit(actor) as unit:
            return changes.link(unit, self.by_id(unit.session, person_id))

    def invited(self, session: Session, link_token: str) -> Person | None:
        """Return whose link this is, or None when it was used, replaced or is older than a day."""
        sha256 = sha256_hex(link_token.encode())
        return repository.person_of_link(session, sha256, self._store.clock.now())

    def use_link(self, unit: UnitOfWork, link_token: str) -> bool:
        """End a link inside a unit of work; False when somebody else was faster."""
        return repository.use_link(unit.session, sha256_hex(link_token.encode()), unit.now)

    def first_administrator(self, email: str = "administrator@localhost") -> str | None:
        """Open the first administrator's account and return its link's token.

        Returns
        -------
        str or None
            None when somebody already administers the console.
        """
        with self._store.reading() as session:
            if self.has_administrator(session):
                return None
        with self._store.unit(SYSTEM) as unit:
            person = repository.by_email(unit.session, email)
            if person is None:
                person = changes.open_account(unit, self._keys, email, "Administrator")
            grant = rules.grant_of(person.person_id, Role.ADMINISTRATOR, EVERYTHING)
            changes.give(unit, grant)
            return changes.link(unit, person)

    # sealing

    def seal(self, session: Session, person_id: str, text: str) -> dict[str, str]:
        """Return words about a person as ``{sealed, key_id}``, the only form a trail may carry.

        Raises
        ------
        NotFound
            When the person has no key (any more).
        """
        return changes.seal(session, self._keys, person_id, text)

    def unseal(self, session: Session, sealed: Mapping[str, str]) -> str | None:
        """Return what was sealed, or None when the key was destroyed: *erased*."""
        wrapped = repository.wrapped_key(session, sealed["key_id"])
        return wrapped and self._keys.open(wrapped, sealed["key_id"], sealed["sealed"])
