"""What the channels page does: send a test message, save what was tested, switch, remove."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.kernel.error import InvalidInput
from services.people.account.types import Principal
from services.standards.channel.types import ChannelForm, Kind

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
    """Ask for a test message to what was typed; return the id of its task."""
    if typed.kind not in set(Kind):
        raise InvalidInput("Choose what stands at the other end.")
    form = ChannelForm(typed.name, Kind(typed.kind), dict(typed.parts), typed.allow_private)
    return services.channels.test(principal, form, key).task_id


def test_again(services: "Services", principal: Principal, name: str, key: str) -> str:
    """Ask for a test message to a channel that is set; return the id of its task."""
    return services.channels.test_again(principal, name, key).task_id


def save(services: "Services", principal: Principal, task_id: str, *, untested: bool) -> str:
    """Set the channel that was tested; return the word of thanks."""
    channel = services.channels.save(principal, task_id, untested=untested)
    return f"{channel.name} is set{'' if channel.tested_at else ', untested'}."


def change(services: "Services", principal: Principal, name: str, word: str) -> str:
    """Switch a channel on or off, or remove it; return the word of thanks."""
    if word == "remove":
        services.channels.remove(principal, name)
        return f"{name} is removed."
    channel = services.channels.switch(principal, name, enabled=word == "on")
    return f"{name} is switched {'on' if channel.enabled else 'off'}."
