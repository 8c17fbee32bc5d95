"""Webhooks that come in: set with a secret that is shown once, made anew, removed."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from services.kernel.error import NotFound
from services.kernel.identity import Actor
from services.people.account.sealing import Seal
from services.people.account.types import Principal
from services.record.canonical import sha256_hex
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.authority.types import Action
from services.standards.hook import repository, rules
from services.standards.hook.types import Hook, Style


class Hooks:
    """The repositories that may tell of pushes.

    Parameters
    ----------
    secret
        The deployment's secret; the secrets of webhooks are sealed under a key derived from it.
    """

    def __init__(self, store: Store, authority: Authority, secret: bytes) -> None:
        self._store, self._authority = store, authority
        self._seal = Seal(secret, "countersign hooks/1")

    def all(self, session: Session, at: datetime | None = None) -> list[Hook]:
        """Return webhooks by name, now or at an instant."""
        return repository.hooks(session, at)

    def opened(self, session: Session, name: str) -> tuple[Hook, str] | None:
        """Return a webhook and its secret; None when there is none of that name."""
        found = repository.by_name(session, name)
        if found is None:
            return None
        hook, sealed = found
        return hook, self._seal.open(sealed, f"hook:{name}")

    def heard(self, session: Session, name: str) -> None:
        """Note that a webhook was heard."""
        repository.hear(session, name, self._store.clock.now())

    def set(self, principal: Principal, name: str, style: Style, written: str) -> str:
        """Set a webhook, or give one that stands another secret; event ``hook:set``.

        Returns
        -------
        str
            The secret. It is sealed here and never shown again.

        Raises
        ------
        InvalidInput
            When the name or the address of the repository cannot be used.
        NotPermitted
            When this person manages no webhooks.
        """
        self._authority.require(principal, Action.HOOK_MANAGE)
        return self.set_as(principal.actor, name, style, written)

    def set_as(self, actor: Actor, name: str, style: Style, written: str) -> str:
        """Set a webhook for an actor whose right was asked about already; event ``hook:set``."""
        repository_, address = rules.checked(name, written)
        secret = secrets.token_urlsafe(32)
        with self._store.unit(actor) as unit:
            known = repository.by_name(unit.session, name)
            hook = Hook(name, style, repository_, address, actor.id, unit.now)
            seq = unit.event(
                "hook:set", ("hook", name), before=_words(known[0]) if known else None,
                after=_words(hook),
            )  # fmt: skip
            repository.write(unit, hook, self._seal.seal(secret, f"hook:{name}"), seq)
        return secret

    def remove(self, principal: Principal, name: str) -> None:
        """Remove a webhook: what it sends is refused from now on; event ``hook:removed``.

        Raises
        ------
        NotFound
            When there is none of that name.
        NotPermitted
            When this person manages no webhooks.
        """
        self._authority.require(principal, Action.HOOK_MANAGE)
        self.remove_as(principal.actor, name)

    def remove_as(self, actor: Actor, name: str) -> None:
        """Remove a webhook for an actor whose right was asked about already."""
        with self._store.unit(actor) as unit:
            known = repository.by_name(unit.session, name)
            if known is None:
                raise NotFound(f"There is no webhook {name!r} (any more).")
            unit.event("hook:removed", ("hook", name), before=_words(known[0]))
            repository.end(unit, name)


def _words(hook: Hook) -> Mapping[str, object]:
    """Return what the trail says of a webhook: no address, no secret."""
    return {"style": hook.style.value, "address_sha256": sha256_hex(hook.address.encode())}
