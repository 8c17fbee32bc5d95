"""What MLflow says against what was approved: a move behind our back is an ungoverned promotion."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from services.decisions.incident.service import Incidents
from services.decisions.incident.types import Noticed
from services.decisions.promotion.service import Promotions
from services.facts.registry import mirror
from services.facts.registry.service import Registry
from services.kernel.identity import SYSTEM
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.standards.governance.service import Governance
from services.workflows.step.service import applied, once


@dataclass(frozen=True, slots=True)
class Bypass:
    """An alias of a governed model that points where nobody signed for."""

    name: str
    alias: str
    version: int | None
    run_id: str | None
    approved: int | None


class Reconciler:
    """Compares aliases with promotions; it reports, opens an incident, and never repairs."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        promotions: Promotions,
        governance: Governance,
        incidents: Incidents,
    ) -> None:
        self._store = store
        self._registry = registry
        self._promotions = promotions
        self._governance = governance
        self._incidents = incidents

    def standing(self, session: Session) -> list[Bypass]:
        """Return the aliases that point elsewhere than was approved, now."""
        governed = {model.name for model in self._governance.all(session)}
        signed_for = {
            (p.ref.name, p.alias.casefold()): p for p in self._promotions.all_applied(session)
        }
        now = {
            key: at for key, at in mirror.standing_aliases(session).items() if key[0] in governed
        }
        present = {(name, alias.casefold()) for name, alias in now}
        lost = {
            (p.ref.name, p.alias) for k, p in signed_for.items() if p.target and k not in present
        }
        found: list[Bypass] = []
        for key in sorted({*now, *lost}):
            allowed = signed_for.get((key[0], key[1].casefold()))
            target = allowed.target if allowed else None
            signed = (target.version, target.run_id) if target else None
            on_its_way = self._promotions.pending(session, *key) is not None
            if now.get(key) != signed and not on_its_way:
                at = now.get(key)
                found.append(
                    Bypass(
                        *key,
                        at[0] if at else None,
                        at[1] if at else None,
                        signed[0] if signed else None,
                    )
                )
        return found

    def look(self) -> list[Bypass]:
        """Record every bypass that was not recorded yet, with its incident; return the new ones."""
        with self._store.reading() as session:
            found = self.standing(session)
            moves = {b: self._move_of(session, b) for b in found}
            fresh = [b for b in found if applied(session, _key(b, moves[b])) is None]
        for bypass in fresh:
            self._record(bypass, moves[bypass])
        return fresh

    def _move_of(self, session: Session, bypass: Bypass) -> str:
        """Return when the alias came to point there, as a part of the key."""
        for move in self._registry.alias_moves(session, bypass.name):
            if move.alias == bypass.alias:
                return move.observed_at.isoformat()
        return "never"

    def _record(self, bypass: Bypass, moved: str) -> None:
        key = _key(bypass, moved)

        def work(unit: UnitOfWork) -> dict[str, Any]:
            seq = unit.event(
                "alias:bypassed",
                ("model", bypass.name),
                alias=bypass.alias,
                approved=bypass.approved,
                observed=bypass.version,
                run_id=bypass.run_id,
                moved_at=moved,
            )
            opened = self._incidents.from_bypass(unit, _noticed(bypass, key))
            return {"seq": seq, "incident_id": opened.incident_id}

        once(self._store, SYSTEM, key, work)


def _noticed(bypass: Bypass, key: str) -> Noticed:
    points = f"version {bypass.version}" if bypass.version is not None else "no version"
    signed = f"version {bypass.approved}" if bypass.approved is not None else "no version"
    return Noticed(
        bypass.name, bypass.version, bypass.run_id or "",
        f"{bypass.alias} was moved outside the console",
        f"{bypass.alias} points at {points}; {signed} was signed for.", key,
    )  # fmt: skip


def _key(bypass: Bypass, moved: str) -> str:
    return f"bypass:{bypass.name}:{bypass.alias}:{bypass.version}:{bypass.run_id}:{moved}"
