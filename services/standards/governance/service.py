"""Beginning to govern a model, and changing who answers for it."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from services.kernel.error import Conflict, NotFound
from services.kernel.identity import Actor, Tier
from services.kernel.text import clean, one_line
from services.people.account.types import Principal
from services.record.canonical import digest
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.standards.authority.rules import Authority
from services.standards.authority.types import Action
from services.standards.governance import repository
from services.standards.governance.types import GovernanceForm, GovernedModel

_TEXTS = {
    "purpose": "The purpose",
    "intended_use": "The intended use",
    "tier_reason": "The reason for the tier",
}


class Governance:
    """Which models are governed, and by whom."""

    def __init__(self, store: Store, authority: Authority) -> None:
        self._store = store
        self._authority = authority

    def of(self, session: Session, name: str, at: datetime | None = None) -> GovernedModel | None:
        """Return how a model is governed, or None when nobody governs it yet."""
        return repository.by_name(session, name, at)

    def require(self, session: Session, name: str, at: datetime | None = None) -> GovernedModel:
        """Return how a model is governed, now or at an instant.

        Raises
        ------
        NotFound
            When nobody governs it yet.
        """
        found = self.of(session, name, at)
        if found is None:
            raise NotFound(f"Nobody governs {name!r} yet; begin its governance on the Models page.")
        return found

    def all(self, session: Session, at: datetime | None = None) -> list[GovernedModel]:
        """Return all governed models, by name."""
        return repository.governed(session, at)

    def begin(self, principal: Principal, form: GovernanceForm) -> GovernedModel:
        """Begin to govern a model.

        Raises
        ------
        InvalidInput
            When a field is empty or unusable.
        Conflict
            When it is governed already.
        """
        self._authority.require(principal, Action.MODEL_GOVERN, model=form.name, team=form.team_id)
        return self.begin_as(principal.actor, form)

    def begin_as(self, actor: Actor, form: GovernanceForm) -> GovernedModel:
        """Begin to govern a model for an actor whose right was asked about already."""
        form = _cleaned(form)
        with self._store.unit(actor) as unit:
            if repository.by_name(unit.session, form.name) is not None:
                raise Conflict(f"{form.name!r} is governed already; reload the page.")
            seq = unit.event("model:governed", ("model", form.name), after=_words(form))
            repository.write(unit, form, seq)
            return _written(unit, form.name)

    def reassign(
        self,
        principal: Principal,
        name: str,
        *,
        owner_id: str,
        business_owner_id: str,
        team_id: str,
    ) -> GovernedModel:
        """Change who answers for a model."""
        with self._store.unit(principal.actor) as unit:
            before = self._mine(unit, principal, name)
            form = replace(
                before, owner_id=owner_id, business_owner_id=business_owner_id, team_id=team_id
            )
            seq = unit.event(
                "model:reassigned", ("model", name), before=_words(before), after=_words(form)
            )
            repository.write(unit, form, seq)
            return _written(unit, name)

    def set_tier(
        self, principal: Principal, name: str, tier: Tier, reason: str, legal_class: str
    ) -> GovernedModel:
        """Change how strictly a model is governed.

        Raises
        ------
        NotPermitted
            When the person may not, or asks for a lower tier and approves no risk of this model.
        """
        with self._store.unit(principal.actor) as unit:
            model = self.require(unit.session, name)
            if tier.rank < model.tier.rank:
                self._authority.require(
                    principal, Action.TIER_LOWER, model=name, team=model.team_id
                )
                before = _form(model)
            else:
                before = self._mine(unit, principal, name)
            form = _cleaned(replace(before, tier=tier, tier_reason=reason, legal_class=legal_class))
            seq = unit.event("tier:set", ("model", name), before=_words(before), after=_words(form))
            repository.write(unit, form, seq)
            return _written(unit, name)

    def _mine(self, unit: UnitOfWork, principal: Principal, name: str) -> GovernanceForm:
        model = self.require(unit.session, name)
        self._authority.require(principal, Action.MODEL_GOVERN, model=name, team=model.team_id)
        return _form(model)


def _form(model: GovernedModel) -> GovernanceForm:
    values = {key: getattr(model, key) for key in GovernanceForm.__dataclass_fields__}
    return GovernanceForm(**values)


def _written(unit: UnitOfWork, name: str) -> GovernedModel:
    found = repository.by_name(unit.session, name)
    if found is None:
        raise NotFound(f"Nobody governs {name!r} yet.")
    return found


def _cleaned(form: GovernanceForm) -> GovernanceForm:
    texts = {
        key: one_line(getattr(form, key).replace("\n", " "), limit=2000, what=words)
        for key, words in _TEXTS.items()
    }
    legal = clean(form.legal_class, limit=120, what="The legal class")
    team = one_line(form.team_id, limit=60, what="The team")
    owner = one_line(form.owner_id, limit=60, what="The owner")
    business = one_line(form.business_owner_id, limit=60, what="The business owner")
    return replace(
        form, legal_class=legal, team_id=team, owner_id=owner, business_owner_id=business, **texts
    )


def _words(form: GovernanceForm) -> dict[str, Any]:
    """Return what the trail says: ids and choices; free text by its digest."""
    values: dict[str, Any] = asdict(form)
    for key in _TEXTS:
        values[f"{key}_sha256"] = digest(values.pop(key))
    return values
