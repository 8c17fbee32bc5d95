"""Excusing a kind of evidence, and finding what is excused."""

from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from services.judgement.waiver import repository
from services.judgement.waiver.types import Exemption, Waiver
from services.kernel.error import NotPermitted
from services.kernel.identity import ModelRef, new_id
from services.kernel.text import clean
from services.people.account.types import Principal
from services.record.canonical import sha256_hex
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.authority.types import Action
from services.standards.governance.service import Governance
from services.standards.policy.service import Policies

SHORTEST_REASON = 20


class Proof(Protocol):
    """The proof that the person who signs is the person who signed in."""

    @property
    def auth_event_id(self) -> str:
        """Return the id of the proof."""
        ...


class Waivers:
    """What is excused, by whom, until when."""

    def __init__(
        self, store: Store, authority: Authority, governance: Governance, policies: Policies
    ) -> None:
        self._store = store
        self._authority = authority
        self._governance = governance
        self._policies = policies

    def of(self, session: Session, ref: ModelRef) -> list[Waiver]:
        """Return every waiver of a version."""
        return repository.waivers(session, ref)

    def exemptions(
        self, session: Session, ref: ModelRef, at: datetime | None = None
    ) -> list[Exemption]:
        """Return the exemptions of a version."""
        return repository.exemptions(session, ref, at)

    def everywhere(
        self, session: Session, at: datetime | None = None
    ) -> dict[tuple[str, int, str], tuple[list[Waiver], list[Exemption]]]:
        """Return what holds of every version, by model, version and run, in two queries."""
        found: dict[tuple[str, int, str], tuple[list[Waiver], list[Exemption]]] = {}
        for waiver in repository.all_waivers(session):
            ref = waiver.subject
            found.setdefault((ref.name, ref.version, ref.run_id), ([], []))[0].append(waiver)
        for each in repository.all_exemptions(session, at):
            found.setdefault((each.model, each.version, each.run_id), ([], []))[1].append(each)
        return found

    def excuse(
        self, principal: Principal, proof: Proof, ref: ModelRef, kind: str, reason: str
    ) -> Exemption:
        """Sign that a kind of evidence cannot exist for a version.

        Raises
        ------
        NotPermitted
            When the person is no validator of the model, or no policy permits it for that kind.
        InvalidInput
            When the reason is empty or too short to be one.
        """
        text = clean(reason, limit=2000, what="The reason")
        with self._store.unit(principal.actor) as unit:
            model = self._governance.require(unit.session, ref.name)
            self._authority.require(
                principal, Action.CLAUSE_EXCUSE, model=ref.name, team=model.team_id
            )
            policy = self._policies.choose(
                unit.session, model.tier, "champion", tuple(model.jurisdictions)
            )
            requirement = policy.evidence.get(kind)
            if requirement is None or not requirement.not_applicable:
                raise NotPermitted(
                    f"The policy {policy.policy_id!r} does not let {kind} be declared not applicable."
                )
            if len(text) < SHORTEST_REASON:
                raise NotPermitted("Give a reason that a stranger can check, in a whole sentence.")
            exemption = Exemption(
                new_id(), ref.name, ref.run_id, ref.version, kind, text, sha256_hex(text.encode()),
                principal.person_id, proof.auth_event_id, unit.now,
            )  # fmt: skip
            seq = unit.event(
                "clause:excused",
                ("version", f"{ref.name}/{ref.version}"),
                kind=kind,
                run_id=ref.run_id,
                reason_sha256=exemption.reason_sha256,
                auth_event_id=proof.auth_event_id,
                policy_sha256=policy.sha256,
            )
            repository.add_exemption(unit, exemption, seq)
        return exemption
