"""Gathering a case from what is on file, and judging it."""

from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from services.facts.evidence.types import Evidence, EvidenceFailure
from services.judgement.gate.rules import judge
from services.judgement.gate.types import Case, Verdict
from services.judgement.waiver.service import Waivers
from services.kernel.clock import Clock
from services.kernel.identity import ModelRef
from services.standards.governance.service import Governance
from services.standards.policy.service import Policies
from services.standards.policy.types import Policy


class EvidenceSource(Protocol):
    """Where filed evidence is found."""

    def latest_by_kind(
        self, session: Session, ref: ModelRef, at: datetime | None = None
    ) -> dict[str, Evidence]:
        """Return the latest evidence of each kind."""
        ...

    def failures(self, session: Session, ref: ModelRef) -> list[EvidenceFailure]:
        """Return failed measurements, latest first."""
        ...


class ChampionSource(Protocol):
    """Where it is known which version an alias points at."""

    def champion(
        self, session: Session, name: str, alias: str, at: datetime | None = None
    ) -> ModelRef | None:
        """Return the version an alias points at."""
        ...


class Gate:
    """Reads what is on file and gives the verdict."""

    def __init__(
        self,
        clock: Clock,
        evidence: EvidenceSource,
        registry: ChampionSource,
        policies: Policies,
        governance: Governance,
        waivers: Waivers,
    ) -> None:
        self._clock = clock
        self._evidence = evidence
        self._registry = registry
        self._policies = policies
        self._governance = governance
        self._waivers = waivers

    def policy(self, session: Session, name: str, alias: str, at: datetime | None = None) -> Policy:
        """Return the policy that applies to a model and an alias.

        Raises
        ------
        NotFound
            When nobody governs the model, or no policy applies to its tier.
        """
        model = self._governance.require(session, name, at)
        return self._policies.choose(session, model.tier, alias, tuple(model.jurisdictions), at)

    def check(
        self,
        session: Session,
        ref: ModelRef,
        alias: str,
        card_filled: frozenset[str],
        at: datetime | None = None,
    ) -> Verdict:
        """Judge whether a version may have an alias, now or at an instant.

        Parameters
        ----------
        card_filled
            The sections of its card that say something.
        """
        policy = self.policy(session, ref.name, alias, at)
        champion = self._registry.champion(session, ref.name, alias, at)
        evidence = self._evidence.latest_by_kind(session, ref, at)
        case = Case(
            ref=ref,
            alias=alias,
            evidence=evidence,
            failures=self._failures(session, ref, evidence, at),
            champion=champion,
            champion_evidence=self._evidence.latest_by_kind(session, champion, at)
            if champion
            else {},
            waivers=self._waivers.of(session, ref),
            exemptions=self._waivers.exemptions(session, ref, at),
            served=champion is not None and champion.run_id == ref.run_id,
            card_filled=card_filled,
        )
        return judge(policy, case, at or self._clock.now())

    def _failures(
        self,
        session: Session,
        ref: ModelRef,
        evidence: dict[str, Evidence],
        at: datetime | None,
    ) -> dict[str, EvidenceFailure]:
        latest: dict[str, EvidenceFailure] = {}
        for failure in self._evidence.failures(session, ref):
            if at is not None and failure.at > at:
                continue
            filed = evidence.get(failure.kind)
            if failure.kind not in latest and (filed is None or failure.at > filed.produced_at):
                latest[failure.kind] = failure
        return latest
