"""Publishing recipes: who may, what follows what, and what is remembered; on each engine."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.decisions.recipe.service import Recipes
from services.kernel.clock import FixedClock
from services.kernel.error import Conflict, NotFound, NotPermitted
from services.kernel.identity import SYSTEM, Role, Tier
from services.people.account.types import Grant, Principal
from services.people.team.service import Teams
from services.record.archive.service import Archive
from services.record.canonical import sha256_hex
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.governance.service import Governance
from services.standards.governance.types import GovernanceForm
from services.standards.policy.types import PolicyError
from tests.support.recipes import text

MODEL = "flight-delay"


def holding(role: Role, model: str = MODEL) -> Principal:
    signed_in = datetime(2026, 3, 14, tzinfo=UTC)
    grants = (Grant("p", role, "model", model),)
    return Principal("p", "Pat", "pat@example.org", grants, (), "s", signed_in)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


@pytest.fixture
def recipes(store: Store, archive: Archive) -> Recipes:
    Teams(store).create(SYSTEM, "ops", "Operations")
    governance = Governance(store, Authority())
    for model in (MODEL, "other"):
        governance.begin_as(
            SYSTEM,
            GovernanceForm(
                model, "p", "p", "ops", "Say.", "Announce.", Tier.MEDIUM, "Time.", "none"
            ),
        )
    return Recipes(store, archive, Authority(), governance)


def test_a_published_recipe_is_the_current_one_and_the_one_before_is_remembered(
    store: Store, recipes: Recipes, archive: Archive, clock: FixedClock
) -> None:
    pat = holding(Role.CONTRIBUTOR)
    first = recipes.publish(pat, text())
    assert (first.published_by, first.published_at) == ("p", clock.now())
    assert sha256_hex(archive.get(first.recipe.sha256)) == first.recipe.sha256
    then = clock.now()
    clock.advance(60)
    second = recipes.publish(pat, text(version="version: 2", max_attempts="max_attempts: 5"))
    with store.reading() as session:
        assert recipes.current(session, MODEL) == second
        assert recipes.current(session, MODEL, at=then).recipe == first.recipe  # type: ignore[union-attr]
        assert [each.recipe.version for each in recipes.versions(session, "flights")] == [2, 1]
        assert recipes.by_sha256(session, first.recipe.sha256).ended_at == clock.now()
        assert recipes.models(session) == [MODEL]
        assert recipes.current(session, "other") is None
        events = Trail(store).search(session, subject=("model", MODEL))
        told = [e.payload for e in events if e.action == "recipe:published"]
    assert sorted(each["version"] for each in told) == [1, 2]


def test_the_same_again_changes_nothing_and_another_under_its_number_is_refused(
    store: Store, recipes: Recipes
) -> None:
    pat = holding(Role.OWNER)
    first = recipes.publish(pat, text())
    assert recipes.publish(pat, b"# the same\n" + text()) == first
    with pytest.raises(Conflict, match="write 'version: 2'"):
        recipes.publish(pat, text(max_attempts="max_attempts: 5"))
    with pytest.raises(Conflict, match="give this one another name"):
        recipes.publish_as(SYSTEM, text(version="version: 2", model="model: other"))


def test_a_model_may_have_several_recipes_and_the_last_one_is_current(
    store: Store, recipes: Recipes, clock: FixedClock
) -> None:
    pat = holding(Role.OWNER)
    recipes.publish(pat, text())
    clock.advance(1)
    recipes.publish(pat, text(recipe="recipe: network"))
    with store.reading() as session:
        chosen = [recipes.current(session, MODEL, name) for name in ("", "flights", "none")]
    assert [each and each.recipe.name for each in chosen] == ["network", "flights", None]


def test_only_those_who_train_or_own_publish(recipes: Recipes) -> None:
    for role in (Role.VIEWER, Role.VALIDATOR, Role.OPERATOR, Role.APPROVER):
        with pytest.raises(NotPermitted):
            recipes.publish(holding(role), text())
    with pytest.raises(NotPermitted):
        recipes.publish(holding(Role.OWNER, "other"), text())
    with pytest.raises(NotFound):
        recipes.publish(holding(Role.OWNER), text(model="model: nobody"))
    with pytest.raises(PolicyError):
        recipes.publish(holding(Role.OWNER), b"recipe: x\n")
