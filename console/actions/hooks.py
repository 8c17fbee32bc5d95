"""What people do with webhooks that come in: set one, make its secret anew, remove it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.people.account.types import Principal
from services.standards.hook.rules import style_of

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a webhook; without a repository it is removed."""

    name: str
    style: str = ""
    repository: str = ""
    removes: bool = False


def carry_out(services: "Services", principal: Principal, wish: Wish, shown: list[str]) -> str:
    """Do what is asked; address and secret of one that was set are added to ``shown``, once."""
    hooks = services.pushes.hooks
    if wish.removes:
        hooks.remove(principal, wish.name)
        return f"{wish.name} is removed; what it sends is refused."
    secret = hooks.set(principal, wish.name, style_of(wish.style), wish.repository)
    shown += [f"{services.settings.console_url}/api/v1/hooks/{wish.name}", secret]
    return f"{wish.name} is set."
