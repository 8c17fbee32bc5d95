"""Who may edit and read what belongs to one model, for rooms that cannot ask by themselves."""

from sqlmodel import Session

from services.people.account.types import Principal
from services.standards.authority.rules import Authority
from services.standards.authority.types import Action
from services.standards.governance.service import Governance


class Editors:
    """Refuses those who may not edit the card of a model."""

    def __init__(self, authority: Authority, governance: Governance) -> None:
        self._authority, self._governance = authority, governance

    def __call__(self, session: Session, principal: Principal, name: str) -> None:
        """Raise NotPermitted when this person may not."""
        model = self._governance.require(session, name)
        self._authority.require(principal, Action.CARD_EDIT, model=name, team=model.team_id)


class ProtectedReaders:
    """Refuses those who may not read the protected attributes of a model."""

    def __init__(self, authority: Authority, governance: Governance) -> None:
        self._authority, self._governance = authority, governance

    def __call__(self, session: Session, principal: Principal, name: str) -> None:
        """Raise NotPermitted when this person may not."""
        model = self._governance.require(session, name)
        self._authority.require(principal, Action.PROTECTED_READ, model=name, team=model.team_id)


class Billers:
    """Refuses those who may not say what a bill pays for: who publishes prices may."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    def __call__(self, principal: Principal) -> None:
        """Raise NotPermitted when this person may not."""
        self._authority.require(principal, Action.PRICE_PUBLISH)
