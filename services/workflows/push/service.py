"""Pushes: taken when they are signed, each commit once."""

import secrets

from sqlmodel import Session

from services.decisions.recipe.service import Recipes
from services.decisions.recipe.types import PublishedRecipe
from services.kernel.error import Conflict, NotPermitted
from services.record.storage.alone import alone
from services.record.trail.unit_of_work import Store
from services.standards.hook.rules import address
from services.standards.hook.service import Hooks
from services.standards.hook.types import Hook, Style
from services.workflows.push import payloads, repository
from services.workflows.push.types import Delivery, Head, Outcome, Pushed, Taken


class Pushes:
    """Takes what repositories tell, and knows where their branches stand.

    Notes
    -----
    A commit at which a branch once stood never becomes its head again: a delivery that is sent again,
    by whomever, changes nothing, and a branch that is set back asks for no training that was asked for.
    """

    def __init__(self, store: Store, hooks: Hooks, recipes: Recipes) -> None:
        self._store, self.hooks, self._recipes = store, hooks, recipes

    def take(self, name: str, delivery: Delivery) -> Taken:
        """Take a delivery; the worker opens the tickets of what it tells within half a minute.

        Raises
        ------
        NotPermitted
            When it is not signed with the secret of the webhook, or there is none of that name: a
            stranger cannot tell which.
        InvalidInput
            When it cannot be read.
        Conflict
            When it is a push to another repository.
        """
        with self._store.reading() as session:
            found = self.hooks.opened(session, name)
        if found is None:
            payloads.is_signed(Style.GITHUB, secrets.token_urlsafe(32), delivery)
            raise NotPermitted(payloads.REFUSED)
        hook, secret = found
        payloads.is_signed(hook.style, secret, delivery)
        about = payloads.is_push(hook.style, delivery.event)
        told = payloads.pushed(hook.style, delivery.body) if about else None
        with self._store.operational() as session:
            self.hooks.heard(session, name)
            return self._note(session, hook, told)

    def newer(self, session: Session, published: PublishedRecipe) -> Head | None:
        """Return where the branch that a recipe follows stands; None when nothing newer was told."""
        entry = published.recipe.entry
        if not entry.branch:
            return None
        where = address(entry.location)
        head = repository.head(session, where, entry.branch)
        own = repository.number_of(session, where, entry.branch, entry.commit)
        if head is None or (own is None and head.received_at <= published.published_at):
            return None
        return head if own is None or head.number > own else None

    def _note(self, session: Session, hook: Hook, told: Pushed | None) -> Taken:
        if told is None:
            return Taken(Outcome.IGNORED, "It is signed; only pushes to branches ask for anything.")
        if hook.address not in told.addresses:
            raise Conflict("This is a push to another repository than the one of this webhook.")
        models = self._following(session, hook.address, told.branch)
        if not models:
            words = f"No recipe in force follows the branch {told.branch!r} of this repository."
            return Taken(Outcome.IGNORED, words, told.branch, told.commit)
        alone(session, f"pushes {hook.address}")
        outcome, words = Outcome.KNOWN, "That commit was told before; nothing is opened twice."
        if repository.number_of(session, hook.address, told.branch, told.commit) is None:
            now = self._store.clock.now()
            repository.add(session, hook.name, hook.address, told.branch, told.commit, now)
            outcome = Outcome.TAKEN
            words = (
                "The policy of each model that follows the branch decides whether a ticket opens."
            )
        return Taken(outcome, words, told.branch, told.commit, models)

    def _following(self, session: Session, where: str, branch: str) -> int:
        held = (self._recipes.current(session, each) for each in self._recipes.models(session))
        entries = (each.recipe.entry for each in held if each is not None)
        return sum(each.branch == branch and address(each.location) == where for each in entries)
