"""Webhooks that come in: which repositories tell of pushes, and when each was heard last."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.format import ago
from console.views.names import load as names_of
from services.people.account.types import Principal
from services.standards.authority.types import Action
from services.standards.hook.types import Style

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class HookRow:
    """One repository that may tell of pushes."""

    name: str
    status: str
    word: str
    style: str
    repository: str
    heard: str
    made: str


@dataclass(frozen=True, slots=True)
class HooksView:
    """All of them, and what the form offers."""

    rows: tuple[HookRow, ...]
    styles: tuple[tuple[str, str], ...]


def load(services: "Services", principal: Principal) -> HooksView:
    """Return all webhooks that come in.

    Raises
    ------
    NotPermitted
        When this person manages none.
    """
    services.authority.require(principal, Action.HOOK_MANAGE)
    now = services.clock.now()
    with services.store.reading() as session:
        names = names_of(services, session)
        rows = tuple(
            HookRow(
                each.name,
                *(("pass", "Heard") if each.heard_at else ("unknown", "Never heard")),
                each.style.words, each.repository,
                ago(each.heard_at, now) if each.heard_at else "never",
                f"{ago(each.since, now)} by {names.person(each.made_by)}",
            )
            for each in services.pushes.hooks.all(session)
        )  # fmt: skip
    return HooksView(rows, tuple((each.value, each.words) for each in Style))
