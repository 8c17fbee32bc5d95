"""What the engines page does: try one, save what was tried, switch, remove."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.kernel.error import InvalidInput
from services.people.account.types import Principal
from services.standards.engine.types import EngineForm, EngineKind

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class Typed:
    """A filled form; what is secret in it is never shown again."""

    name: str
    kind: str
    parts: tuple[tuple[str, str], ...]
    allow_private: bool

    def __repr__(self) -> str:
        """Return the form without what was typed into it."""
        return f"Typed({self.name!r}, {self.kind!r})"


def test(services: "Services", principal: Principal, typed: Typed, key: str) -> str:
    """Ask for a trial of what was typed; return the id of its task."""
    if typed.kind not in set(EngineKind):
        raise InvalidInput("Choose what stands at the other end.")
    form = EngineForm(typed.name, EngineKind(typed.kind), dict(typed.parts), typed.allow_private)
    return services.engine_settings.test(principal, form, key).task_id


def test_again(services: "Services", principal: Principal, name: str, key: str) -> str:
    """Ask for a trial of an engine that is set; return the id of its task."""
    return services.engine_settings.test_again(principal, name, key).task_id


def save(services: "Services", principal: Principal, task_id: str, *, untested: bool) -> str:
    """Set the engine that was tried; return the word of thanks."""
    engine = services.engine_settings.save(principal, task_id, untested=untested)
    return f"{engine.name} is set{'' if engine.tested_at else ', untested'}."


def change(services: "Services", principal: Principal, name: str, word: str) -> str:
    """Switch an engine on or off, or remove it; return the word of thanks."""
    if word == "remove":
        services.engine_settings.remove(principal, name)
        return f"{name} is removed."
    engine = services.engine_settings.switch(principal, name, enabled=word == "on")
    return f"{name} is switched {'on' if engine.enabled else 'off'}."
