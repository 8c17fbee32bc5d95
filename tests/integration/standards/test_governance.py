"""Who may change how strictly a model is governed, and which policy then applies, on each engine."""

from datetime import UTC, datetime

import pytest

from services.kernel.error import Conflict, NotFound, NotPermitted
from services.kernel.identity import SYSTEM, Role, Tier
from services.people.account.types import Grant, Principal
from services.record.archive.service import Archive
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.governance.service import Governance
from services.standards.governance.types import GovernanceForm
from services.standards.policy.service import Policies

POLICY = """policy: {name}
version: {version}
applies_to: {{tier: [high], jurisdiction: [{where}]}}
evidence: {{performance: {{min_n: {rows}}}}}
review: {{quorum: {{validator: 1}}}}
"""


def holding(role: Role) -> Principal:
    signed_in = datetime(2026, 3, 14, tzinfo=UTC)
    grants = (Grant("p", role, "model", "loan"),)
    return Principal("p", "Pat", "pat@example.org", grants, (), "s", signed_in)


def policy(name: str, where: str, version: int = 1, rows: int = 10) -> bytes:
    return POLICY.format(name=name, version=version, where=where, rows=rows).encode()


@pytest.fixture
def governance(store: Store) -> Governance:
    made = Governance(store, Authority())
    made.begin_as(
        SYSTEM,
        GovernanceForm(
            "loan", "olga", "bo", "credit", "Decides on loans", "Officers read it", Tier.HIGH,
            "People are refused by it", "high-risk", ("DE", "FR"),
        ),
    )  # fmt: skip
    return made


@pytest.fixture
def policies(store: Store, archive: Archive) -> Policies:
    return Policies(store, archive)


def tier(store: Store, governance: Governance) -> Tier:
    with store.reading() as session:
        return governance.require(session, "loan").tier


def test_an_owner_raises_a_tier_and_only_an_approver_lowers_it(
    store: Store, governance: Governance
) -> None:
    owner, approver = holding(Role.OWNER), holding(Role.APPROVER)
    governance.set_tier(owner, "loan", Tier.CRITICAL, "It decides alone now", "high-risk")
    assert tier(store, governance) is Tier.CRITICAL
    for person in (owner, holding(Role.ADMINISTRATOR), holding(Role.VALIDATOR)):
        with pytest.raises(NotPermitted):
            governance.set_tier(person, "loan", Tier.LOW, "It is harmless, really", "none")
    assert tier(store, governance) is Tier.CRITICAL
    governance.set_tier(approver, "loan", Tier.MEDIUM, "Officers decide again", "limited")
    assert tier(store, governance) is Tier.MEDIUM
    with pytest.raises(NotPermitted):
        governance.set_tier(approver, "loan", Tier.HIGH, "An approver owns no model", "limited")


def test_a_model_is_governed_once(governance: Governance) -> None:
    form = GovernanceForm("loan", "o", "b", "t", "p", "i", Tier.LOW, "r", "")
    with pytest.raises(Conflict, match="governed already"):
        governance.begin_as(SYSTEM, form)
    with pytest.raises(NotFound, match="Nobody governs 'other'"):
        governance.set_tier(holding(Role.OWNER), "other", Tier.LOW, "There is no such model", "")


def test_every_place_a_model_is_used_in_is_asked(store: Store, policies: Policies) -> None:
    policies.publish(SYSTEM, policy("anywhere", '"*"'))
    policies.publish(SYSTEM, policy("france", "FR"))
    with store.reading() as session:
        chosen = policies.choose(session, Tier.HIGH, "champion", ("DE", "fr"))
        assert chosen.policy_id == "france"
        assert policies.choose(session, Tier.HIGH, "champion", ("DE",)).policy_id == "anywhere"
        assert policies.choose(session, Tier.HIGH, "champion", ()).policy_id == "anywhere"
        with pytest.raises(NotFound, match="No policy applies"):
            policies.choose(session, Tier.LOW, "champion")
    policies.publish(SYSTEM, policy("germany", "DE"))
    with store.reading() as session, pytest.raises(NotFound, match="'france' and 'germany'"):
        policies.choose(session, Tier.HIGH, "champion", ("DE", "FR"))


def test_a_published_policy_never_changes_under_its_version(
    store: Store, policies: Policies
) -> None:
    first = policies.publish(SYSTEM, policy("anywhere", '"*"'))
    assert policies.publish(SYSTEM, policy("anywhere", '"*"')).sha256 == first.sha256
    with pytest.raises(Conflict, match="version: 2"):
        policies.publish(SYSTEM, policy("anywhere", '"*"', rows=1))
    with pytest.raises(Conflict, match="just as narrowly"):
        policies.publish(SYSTEM, policy("elsewhere", '"*"'))
    second = policies.publish(SYSTEM, policy("anywhere", '"*"', version=2, rows=1))
    with store.reading() as session:
        assert policies.choose(session, Tier.HIGH, "champion").sha256 == second.sha256
        assert policies.by_sha256(session, first.sha256).ended_at is not None
        assert [each.policy.version for each in policies.versions(session, "anywhere")] == [2, 1]
