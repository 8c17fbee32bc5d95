"""API tokens: made, used, revoked; and the answers kept for requests that are sent twice."""

import secrets
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session

from services.kernel.error import Conflict, InvalidInput, NotFound
from services.kernel.identity import Actor, new_id
from services.kernel.text import one_line
from services.people.token import repository
from services.people.token.types import SCOPES, Answer, Token, TokenPrincipal
from services.record.canonical import sha256_hex
from services.record.storage.alone import alone
from services.record.trail.unit_of_work import Store

PREFIX = "cs_"
LONGEST = timedelta(days=365)
_SEEN_EVERY = timedelta(minutes=1)
_TEXT_LENGTH = len(PREFIX) + 43
_KEY_LIMIT = 200


class Tokens:
    """The bearer tokens of machines. No scope signs, approves, grants or publishes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._noted: dict[str, datetime] = {}
        self._noting = threading.Lock()

    def create(
        self,
        actor: Actor,
        name: str,
        scopes: Iterable[str],
        expires_at: datetime | None = None,
        person_id: str | None = None,
    ) -> str:
        """Make a token and return its text, which is stored nowhere.

        Parameters
        ----------
        expires_at
            At most a year ahead; None is a year.
        person_id
            On whose behalf it may request reviews.

        Raises
        ------
        InvalidInput
            For no scope, an unknown scope, or an expiry that is past or more than a year ahead.
        """
        wanted = frozenset(scopes)
        unknown = sorted(wanted - SCOPES)
        if unknown or not wanted:
            known = ", ".join(sorted(SCOPES))
            said = f"There is no scope {unknown[0]!r}" if unknown else "A token needs a scope"
            raise InvalidInput(f"{said}; choose from {known}.")
        now = self._store.clock.now()
        until = now + LONGEST if expires_at is None else expires_at
        if not now < until <= now + LONGEST:
            raise InvalidInput("A token expires in the future, at most a year ahead.")
        text = PREFIX + secrets.token_urlsafe(32)
        label = one_line(name, limit=120, what="The token's name")
        token = Token(new_id(), label, wanted, person_id, now, until)
        with self._store.unit(actor) as unit:
            seq = unit.event(
                "token:created",
                ("token", token.token_id),
                name=label,
                scopes=sorted(wanted),
                person_id=person_id,
                expires_at=until,
            )
            repository.add(unit.session, token, sha256_hex(text.encode()), seq)
        return text

    def resolve(self, text: str) -> TokenPrincipal | None:
        """Return what a token's text may do; None when it is unknown, revoked or expired."""
        if len(text) != _TEXT_LENGTH or not text.startswith(PREFIX) or not text.isascii():
            return None
        now = self._store.clock.now()
        with self._store.reading() as session:
            token = repository.by_sha256(session, sha256_hex(text.encode()))
        if token is None or token.expires_at <= now:
            return None
        self._saw(token.token_id, now)
        return TokenPrincipal(token.token_id, token.name, token.scopes, token.person_id)

    def all(self, session: Session) -> list[Token]:
        """Return the tokens that were not revoked, newest first; they may have expired."""
        return list(repository.tokens(session))

    def revoke(self, actor: Actor, token_id: str) -> None:
        """End a token; the next request with it is refused.

        Raises
        ------
        NotFound
            When there is no such token, or it was revoked before.
        """
        with self._store.unit(actor) as unit:
            unit.event("token:revoked", ("token", token_id))
            if not repository.end(unit.session, token_id, unit.now):
                raise NotFound("There is no such token, or it was revoked before.")

    def begin(self, principal: TokenPrincipal, key: str, request_sha256: str) -> Answer | None:
        """Claim an idempotency key; return the answer given before, or None to go ahead.

        Raises
        ------
        InvalidInput
            When the key is empty or longer than 200 characters.
        Conflict
            When the key belonged to another request, or the first one is still at work.
        """
        if not 0 < len(key) <= _KEY_LIMIT or not key.isprintable():
            raise InvalidInput("An idempotency key has 1 to 200 printable characters.")
        answer_id = _answer_id(principal, key)
        with self._store.operational() as session:
            alone(session, answer_id)
            found = repository.answer(session, answer_id)
            if found is None:
                now = self._store.clock.now()
                repository.begin_answer(session, answer_id, request_sha256, now)
                return None
        if found[0] != request_sha256:
            raise Conflict("This idempotency key was used for another request; use a new one.")
        if found[1].status == 0:
            raise Conflict("The first request with this idempotency key is still at work.")
        return found[1]

    def finish(self, principal: TokenPrincipal, key: str, answer: Answer | None) -> None:
        """Keep the answer under its key; None forgets the key, so that it can be tried again."""
        with self._store.operational() as session:
            repository.finish_answer(session, _answer_id(principal, key), answer)

    def _saw(self, token_id: str, now: datetime) -> None:
        with self._noting:
            before = self._noted.get(token_id)
            if before is not None and now - before < _SEEN_EVERY:
                return
            self._noted[token_id] = now
        with self._store.operational() as session:
            repository.saw(session, token_id, now)


def _answer_id(principal: TokenPrincipal, key: str) -> str:
    return sha256_hex(f"{principal.token_id}\n{key}".encode())
