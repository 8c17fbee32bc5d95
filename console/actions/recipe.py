"""What the tab of a model's recipe does."""

from typing import TYPE_CHECKING

from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


def publish(services: "Services", principal: Principal, text: str) -> str:
    """Put a recipe in force; return the word of thanks."""
    recipe = services.recipes.publish(principal, text.encode()).recipe
    return f"{recipe.name} v{recipe.version} is in force."
