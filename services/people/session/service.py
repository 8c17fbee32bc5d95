"""Sessions: signing in, staying signed in, proving it again before a signature, being shown out."""

import threading
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlmodel import Session

from services.kernel.error import NotFound, NotPermitted
from services.kernel.identity import SYSTEM, Actor
from services.people.account.service import Accounts
from services.people.account.types import Person, Principal
from services.people.session import argon2_adapter, changes, repository, rules
from services.people.session.lockout import Lockout
from services.people.session.types import AuthEvent, OpenSession, SessionLimits, SignInRefused
from services.record.trail.unit_of_work import Store

SEEN_EVERY = timedelta(minutes=1)
_WRONG = "The address or the password is not right."


class Sessions:
    """The signed-in browsers.

    Parameters
    ----------
    secret
        The deployment's secret; keys the pseudonyms of addresses.
    """

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        secret: bytes,
        limits: SessionLimits | None = None,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._lockout = Lockout(store, secret)
        self.limits = limits or SessionLimits()
        self._noted: dict[str, datetime] = {}
        self._noting = threading.Lock()

    # coming in

    def sign_in(self, email: str, password: str, address: str) -> str:
        """Open a session and return the secret for its cookie.

        Parameters
        ----------
        address
            The network address of the browser.

        Raises
        ------
        SignInRefused
            When they do not belong together, or the account is closed.
        TooManyAttempts
            When account or address must wait.
        InvalidInput
            When the password is longer than 1 KiB or cannot be typed.
        """
        text, account = rules.normal(password), email.strip().lower()[:254]
        self._lockout.attempt(account, address)
        with self._store.reading() as session:
            person = self._accounts.by_email(session, account)
            known = person and repository.credential(session, person.person_id)
        right = argon2_adapter.matches(text, known)
        if person is None or not right or not person.active:
            self._refuse(person, account, address)
            raise SignInRefused(_WRONG)
        self._lockout.passed(account, address)
        with self._store.unit(Actor("person", person.person_id)) as unit:
            if known and argon2_adapter.outdated(known):
                fresh = argon2_adapter.hashed(text)
                repository.set_credential(unit.session, person.person_id, fresh, unit.now)
            return changes.open_session(unit, person.person_id, "password", self.limits)

    def invited(self, link_token: str) -> Person | None:
        """Return whose link this is, or None when it was used, replaced or is older than a day."""
        with self._store.reading() as session:
            return self._accounts.invited(session, link_token)

    def has_password(self, person_id: str) -> bool:
        """Tell whether a person ever chose a password."""
        with self._store.reading() as session:
            return repository.credential(session, person_id) is not None

    def choose_password(self, link_token: str, password: str) -> str:
        """Use a link up: store the password, end the person's other sessions, open a new one.

        Returns
        -------
        str
            The secret for the session's cookie.

        Raises
        ------
        NotFound
            When the link was used, replaced or is older than a day.
        InvalidInput
            When the password may not be chosen; the link stays good.
        """
        person = self.invited(link_token)
        if person is None:
            raise NotFound("This link was used already or is older than a day; ask for a new one.")
        password_hash = argon2_adapter.hashed(rules.acceptable(password, person.email))
        with self._store.unit(Actor("person", person.person_id)) as unit:
            if not self._accounts.use_link(unit, link_token):
                raise NotFound("This link was used already; ask for a new one.")
            repository.set_credential(unit.session, person.person_id, password_hash, unit.now)
            for each in repository.of_person(unit.session, person.person_id):
                changes.end_session(unit, each.session_id, "password chosen")
            return changes.open_session(unit, person.person_id, "link", self.limits)

    # being in

    @staticmethod
    def session_id(cookie: str) -> str:
        """Return the id under which the session of a cookie's secret is stored: its SHA-256."""
        return changes.session_id_of(cookie)

    def resolve(self, session_id: str) -> Principal | None:
        """Return who works in a session, with the roles held now.

        Returns
        -------
        Principal or None
            None when it was revoked, has ended, or the account is closed.
        """
        now = self._store.clock.now()
        with self._store.reading() as session:
            found = repository.by_ids(session, [session_id])
            if not found or rules.ended(found[0], self.limits, now):
                return None
            held = found[0]
            return self._accounts.principal(
                session, held.person_id, held.session_id, held.opened_at
            )

    def active(self, session_id: str) -> bool:
        """Tell whether somebody works in a session."""
        return self.resolve(session_id) is not None

    def ended(self, session_ids: Collection[str]) -> set[str]:
        """Return those of the sessions in which nobody may work any more; two queries for all."""
        now, wanted = self._store.clock.now(), set(session_ids)
        with self._store.reading() as session:
            people = {each.person_id for each in self._accounts.all(session) if each.active}
            good = {
                each.session_id
                for each in repository.by_ids(session, wanted)
                if each.person_id in people and not rules.ended(each, self.limits, now)
            }
        return wanted - good

    def seen(self, session_id: str) -> None:
        """Note that a person did something; written at most once a minute for each session."""
        now = self._store.clock.now()
        with self._noting:
            before = self._noted.get(session_id)
            if before is not None and now - before < SEEN_EVERY:
                return
            self._noted = {k: at for k, at in self._noted.items() if now - at < self.limits.idle}
            self._noted[session_id] = now
        with self._store.operational() as session:
            repository.saw(session, session_id, now)

    def of_person(self, session: Session, person_id: str) -> list[OpenSession]:
        """Return the sessions in which a person works now, newest first."""
        now = self._store.clock.now()
        found = repository.of_person(session, person_id)
        return [each for each in found if not rules.ended(each, self.limits, now)]

    def reauthenticate(self, principal: Principal, password: str) -> AuthEvent:
        """Prove again who one is, before a signature.

        Raises
        ------
        NotPermitted
            When the password is wrong, the session has ended, or a machine asks.
        TooManyAttempts
            When the account must wait.
        """
        if not self.active(principal.session_id):
            raise NotPermitted("The session has ended; sign in again.")
        text, address = rules.normal(password), f"session:{principal.session_id}"
        self._lockout.attempt(principal.email, address)
        with self._store.reading() as session:
            known = repository.credential(session, principal.person_id)
            person = self._accounts.by_id(session, principal.person_id)
        if not argon2_adapter.matches(text, known):
            self._refuse(person, principal.email, address)
            raise SignInRefused("The password is not right; nothing was signed.")
        self._lockout.passed(principal.email, address)
        with self._store.unit(principal.actor) as unit:
            return changes.proved(unit, principal, "password", components=1)

    def auth_event(self, session: Session, auth_event_id: str) -> AuthEvent | None:
        """Return a proof of identity, or None."""
        return repository.auth_event(session, auth_event_id)

    # being shown out

    def revoke(self, actor: Actor, session_id: str, reason: str = "signed out") -> None:
        """End a session; live connections of it are cut within a second."""
        with self._store.unit(actor) as unit:
            if repository.by_ids(unit.session, [session_id]):
                changes.end_session(unit, session_id, reason)

    def _refuse(self, person: Person | None, account: str, address: str) -> None:
        subject = ("person", person.person_id if person else "unknown")
        with self._store.unit(SYSTEM) as unit:
            unit.event(
                "session:refused",
                subject,
                account=self._lockout.pseudonym(account),
                address=self._lockout.pseudonym(address),
            )
