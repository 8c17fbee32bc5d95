"""Publishing policies and choosing the one that applies."""

from datetime import datetime
from importlib import resources

from sqlmodel import Session

from services.kernel.error import Conflict, NotFound
from services.kernel.identity import SYSTEM, Actor, Tier
from services.record.archive.service import Archive
from services.record.trail.unit_of_work import Store
from services.standards.policy import repository
from services.standards.policy.production import refuse_unlive
from services.standards.policy.rules import parse
from services.standards.policy.types import AppliesTo, Policy, Published

SHIPPED = ("minimal", "standard", "credit-and-hiring", "clinical")


class Policies:
    """The policies of this deployment."""

    def __init__(self, store: Store, archive: Archive) -> None:
        self._store = store
        self._archive = archive

    def all(self, session: Session, at: datetime | None = None) -> list[Published]:
        """Return the policies in force, now or at an instant."""
        return repository.standing_policies(session, at)

    def by_sha256(self, session: Session, sha256: str) -> Published:
        """Return one policy, in force or not.

        Raises
        ------
        NotFound
            When there is none with that digest.
        """
        found = repository.by_sha256(session, sha256)
        if found is None:
            raise NotFound("There is no policy with that digest.")
        return found

    def versions(self, session: Session, policy_id: str) -> list[Published]:
        """Return every version of a policy, newest first."""
        return repository.versions(session, policy_id)

    def choose(
        self,
        session: Session,
        tier: Tier,
        alias: str,
        jurisdictions: tuple[str, ...] = ("*",),
        at: datetime | None = None,
    ) -> Policy:
        """Return the most specific policy for a tier, an alias and the places a model is used in.

        Raises
        ------
        NotFound
            When none applies, or two apply equally narrowly, each for another place.
        """
        covering = [
            each.policy
            for each in repository.standing_policies(session, at)
            if any(
                each.policy.applies_to.covers(tier, alias, place)
                for place in jurisdictions or ("*",)
            )
        ]
        if not covering:
            raise NotFound(
                f"No policy applies to tier {tier.value} and alias {alias!r}; publish one."
            )
        narrowest = max(policy.applies_to.specificity for policy in covering)
        best = [each for each in covering if each.applies_to.specificity == narrowest]
        if len(best) > 1:
            names = " and ".join(sorted(repr(each.policy_id) for each in best))
            raise NotFound(f"{names} apply equally narrowly; publish one policy for all places.")
        return best[0]

    def publish(self, actor: Actor, data: bytes) -> Policy:
        """Put a policy in force, following the one of the same name.

        Raises
        ------
        PolicyError
            When the file cannot be used.
        Conflict
            When its version is not newer, or another policy applies to the same just as narrowly.
        """
        policy = parse(data)
        refuse_unlive(data, policy)
        with self._store.unit(actor) as unit:
            standing = repository.standing_policies(unit.session)
            if any(each.policy.sha256 == policy.sha256 for each in standing):
                return policy
            _follows(policy, repository.versions(unit.session, policy.policy_id))
            _no_tie(policy, standing)
            self._archive.put(data)
            seq = unit.event(
                "policy:published",
                ("policy", policy.policy_id),
                version=policy.version,
                sha256=policy.sha256,
            )
            repository.add(unit, policy, data.decode(), actor.id, seq)
        return policy

    def publish_shipped(self) -> None:
        """Put the shipped policies in force where no policy of their name is."""
        with self._store.reading() as session:
            known = {each.policy.policy_id for each in repository.standing_policies(session)}
        for name in SHIPPED:
            if name not in known:
                self.publish(SYSTEM, shipped(name))


def shipped(name: str) -> bytes:
    """Return the bytes of a shipped policy."""
    return (resources.files("services.standards.policy") / "shipped" / f"{name}.yaml").read_bytes()


def _follows(policy: Policy, earlier: list[Published]) -> None:
    if earlier and policy.version <= earlier[0].policy.version:
        newest = earlier[0].policy.version
        raise Conflict(
            f"Version {newest} of {policy.policy_id!r} is published; "
            f"write 'version: {newest + 1}' and publish again."
        )


def _no_tie(policy: Policy, standing: list[Published]) -> None:
    for each in standing:
        other = each.policy
        same = other.applies_to.specificity == policy.applies_to.specificity
        if (
            other.policy_id != policy.policy_id
            and same
            and _meet(policy.applies_to, other.applies_to)
        ):
            raise Conflict(
                f"{other.policy_id!r} applies to the same tier and alias just as narrowly; "
                "narrow 'applies_to' of one of them."
            )


def _meet(one: AppliesTo, two: AppliesTo) -> bool:
    def overlap(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
        wide = "*" in first or "*" in second
        return wide or bool({f.casefold() for f in first} & {s.casefold() for s in second})

    return (
        bool(set(one.tier) & set(two.tier))
        and overlap(one.alias, two.alias)
        and overlap(one.jurisdiction, two.jurisdiction)
    )
