"""Publishing recipes and finding the one that a model is trained by."""

from datetime import datetime

from sqlmodel import Session

from services.decisions.recipe import following, repository
from services.decisions.recipe.reading import canonical_bytes, parse
from services.decisions.recipe.types import PublishedRecipe, Recipe
from services.kernel.error import Conflict, NotFound
from services.kernel.identity import Actor
from services.people.account.types import Principal
from services.record.archive.service import Archive
from services.record.storage.alone import alone
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.standards.authority.rules import Authority
from services.standards.authority.types import Action
from services.standards.governance.service import Governance


class Recipes:
    """The recipes of this deployment; a published version never changes."""

    def __init__(
        self, store: Store, archive: Archive, authority: Authority, governance: Governance
    ) -> None:
        self._store, self._archive = store, archive
        self._authority, self._governance = authority, governance

    def of_model(
        self, session: Session, model: str, at: datetime | None = None
    ) -> list[PublishedRecipe]:
        """Return the recipes in force of a model, the one published last first."""
        return repository.of_model(session, model, at)

    def models(self, session: Session) -> list[str]:
        """Return the models that have a recipe in force, by name."""
        return repository.models(session)

    def current(
        self, session: Session, model: str, name: str = "", at: datetime | None = None
    ) -> PublishedRecipe | None:
        """Return the recipe that a model is trained by, or None.

        Parameters
        ----------
        name
            Which one, where a model has several; empty for the one published last.
        """
        held = self.of_model(session, model, at)
        return next((each for each in held if name in ("", each.recipe.name)), None)

    def by_sha256(self, session: Session, sha256: str) -> PublishedRecipe:
        """Return one recipe, in force or not.

        Raises
        ------
        NotFound
            When there is none with that digest.
        """
        found = repository.by_sha256(session, sha256)
        if found is None:
            raise NotFound("There is no recipe with that digest.")
        return found

    def versions(self, session: Session, name: str) -> list[PublishedRecipe]:
        """Return every version of a recipe, newest first."""
        return repository.versions(session, name)

    def publish(self, principal: Principal, data: bytes) -> PublishedRecipe:
        """Put a recipe in force, following the one of the same name; event ``recipe:published``.

        Raises
        ------
        PolicyError
            When the file cannot be used; with line and column.
        NotFound
            When nobody governs its model.
        NotPermitted
            When this person neither trains nor owns the model.
        Conflict
            When its version is not newer, or the name belongs to another model's recipe.
        """
        recipe = parse(data)
        with self._store.reading() as session:
            team = self._governance.require(session, recipe.model).team_id
        self._authority.require(principal, Action.RECIPE_PUBLISH, model=recipe.model, team=team)
        return self._put(principal.actor, recipe, data)

    def publish_as(self, actor: Actor, data: bytes) -> PublishedRecipe:
        """Put a recipe in force for an actor whose right was asked about already."""
        return self._put(actor, parse(data), data)

    def at_commit(self, unit: UnitOfWork, model: str, name: str, commit: str) -> PublishedRecipe:
        """Return the recipe in force at another commit: proposed, and not in force; no event.

        Raises
        ------
        NotFound
            When no such recipe is in force.
        Conflict
            When its file cannot be written anew by itself.
        """
        held = self.current(unit.session, model, name)
        if held is None:
            raise NotFound(f"{model!r} has no recipe in force.")
        if held.recipe.entry.commit == commit:
            return held
        newest = repository.versions(unit.session, held.recipe.name)[0].recipe.version
        made, text = following.at_commit(held.recipe, held.text, newest + 1, commit)
        self._archive.put(canonical_bytes(made))
        repository.propose(unit, made, text)
        return self.by_sha256(unit.session, made.sha256)

    def adopt(self, unit: UnitOfWork, sha256: str) -> None:
        """Put a proposed recipe in force, now that people allowed it; event ``recipe:published``.

        Notes
        -----
        One that is in force, or that a newer version was published beside, stays as it is.
        """
        held = repository.proposed(unit.session, sha256)
        if held is None:
            return
        alone(unit.session, f"recipe {held.recipe.name}")
        newest = repository.versions(unit.session, held.recipe.name)[0].recipe
        if held.recipe.version > newest.version:
            self._add(unit, held.recipe, held.text.encode())

    def _put(self, actor: Actor, recipe: Recipe, data: bytes) -> PublishedRecipe:
        with self._store.unit(actor) as unit:
            alone(unit.session, f"recipe {recipe.name}")
            earlier = repository.versions(unit.session, recipe.name)
            if earlier and earlier[0].recipe.sha256 == recipe.sha256:
                return earlier[0]
            _follows(recipe, earlier)
            return self._add(unit, recipe, data)

    def _add(self, unit: UnitOfWork, recipe: Recipe, data: bytes) -> PublishedRecipe:
        self._archive.put(canonical_bytes(recipe))
        seq = unit.event(
            "recipe:published",
            ("model", recipe.model),
            recipe=recipe.name,
            version=recipe.version,
            sha256=recipe.sha256,
        )
        return repository.add(unit, recipe, data.decode(), seq)


def _follows(recipe: Recipe, earlier: list[PublishedRecipe]) -> None:
    if not earlier:
        return
    newest = earlier[0].recipe
    if newest.model != recipe.model:
        raise Conflict(
            f"{recipe.name!r} is a recipe of {newest.model}; give this one another name."
        )
    if recipe.version <= newest.version:
        raise Conflict(
            f"Version {newest.version} of {recipe.name!r} is published; "
            f"write 'version: {newest.version + 1}' and publish again."
        )
