"""Everything the console and its worker work with, built once from the settings."""

from dataclasses import dataclass
from datetime import timedelta

from services.bootstrap.disposing import disposals
from services.bootstrap.rights import Billers, Editors, ProtectedReaders
from services.bootstrap.workspace import prepare, secret_key
from services.decisions.disposal.service import Disposals
from services.decisions.incident.reading import Rooms as IncidentRooms
from services.decisions.incident.service import Incidents
from services.decisions.modelcard.service import Cards
from services.decisions.promotion.service import Promotions
from services.decisions.recipe.service import Recipes
from services.decisions.retraining.lease import Fences
from services.decisions.retraining.reading import Rooms as TicketRooms
from services.decisions.retraining.service import Tickets
from services.decisions.review.desk import TicketDesk
from services.decisions.review.service import Reviews
from services.decisions.review.standing import Rooms
from services.facts.challenger.service import Holdouts
from services.facts.convergence.service import Convergence
from services.facts.cost.importing import CostImports
from services.facts.cost.reconciliations import Reconciliations
from services.facts.cost.service import Ledger
from services.facts.evidence.service import EvidenceStore
from services.facts.kpi.service import PushedValues
from services.facts.prediction.custody import Custodies
from services.facts.prediction.filing import Filing
from services.facts.prediction.fsspec_adapter import PartFolder
from services.facts.prediction.journal import Journal
from services.facts.prediction.pace import Pace
from services.facts.prediction.protected import ProtectedReading
from services.facts.prediction.questions import PredictionQuestions
from services.facts.prediction.retention import Retention
from services.facts.prediction.service import PredictionLog
from services.facts.registry.service import Registry
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
from services.kernel.clock import Clock, SystemClock
from services.people.account.sealing import Keyring
from services.people.account.service import Accounts
from services.people.bookmark.service import Bookmarks
from services.people.session.service import Sessions
from services.people.team.service import Teams
from services.people.token.service import Tokens
from services.record.archive.service import Archive
from services.record.signature.service import Signatures
from services.record.storage.database import Database
from services.record.task.service import Tasks
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from services.settings import Settings
from services.standards.authority.rules import Authority
from services.standards.budget.service import Budgets
from services.standards.channel.service import Channels
from services.standards.engine.service import EngineSettings
from services.standards.governance.service import Governance
from services.standards.grid.service import Grids
from services.standards.hook.service import Hooks
from services.standards.policy.service import Policies
from services.standards.price.service import Prices
from services.standards.target.service import Targets
from services.workflows.compaction.service import Compaction
from services.workflows.demonstration.cast import CHARGES
from services.workflows.engine.webhook.service import Reports
from services.workflows.feed.service import Feeds
from services.workflows.heartbeat.service import Heartbeats
from services.workflows.notification.service import Deliveries
from services.workflows.push.service import Pushes
from services.workflows.reconciliation.service import Reconciler
from services.workflows.retraining.watching import Watching

DRIVEN_FOR = timedelta(seconds=10)
"""How long a ticket waits for whoever drove it, when that process was killed."""


@dataclass(frozen=True)
class Services:
    """The rooms, ready to be entered."""

    settings: Settings
    clock: Clock
    store: Store
    archive: Archive
    tasks: Tasks
    trail: Trail
    accounts: Accounts
    sessions: Sessions
    tokens: Tokens
    bookmarks: Bookmarks
    teams: Teams
    authority: Authority
    registry: Registry
    governance: Governance
    evidence: EvidenceStore
    predictions: PredictionLog
    prediction_reader: PredictionQuestions
    custodies: Custodies
    protected: ProtectedReading
    compaction: Compaction
    windows: Windows
    policies: Policies
    channels: Channels
    alerts: Alerts
    targets: Targets
    prices: Prices
    grids: Grids
    budgets: Budgets
    convergence: Convergence
    spending: Spending
    chargebacks: Chargebacks
    budget_alerts: BudgetAlerts
    engine_settings: EngineSettings
    engine_reports: Reports
    pushes: Pushes
    ledger: Ledger
    cost_imports: CostImports
    reconciliations: Reconciliations
    utilisation: Utilisation
    serving_uses: ServingUses
    savings: Savings
    disposals: Disposals
    holdouts: Holdouts
    pushed: PushedValues
    deliveries: Deliveries
    waivers: Waivers
    gate: Gate
    cards: Cards
    signatures: Signatures
    promotions: Promotions
    recipes: Recipes
    tickets: TicketDesk
    fences: Fences
    watching: Watching
    reviews: Reviews
    incidents: Incidents
    reconciler: Reconciler
    feeds: Feeds
    health: Heartbeats


def open_services(settings: Settings, clock: Clock | None = None) -> Services:
    """Open the workspace and build what works in it."""
    prepare(settings)
    clock = clock or SystemClock()
    store = Store(Database(settings.database), clock)
    archive, secret = Archive(settings.archive), secret_key(settings)
    journal, folder = Journal(settings.journal), PartFolder(settings.predictions)
    reader, custodies = PredictionQuestions(store, journal, folder), Custodies(store)
    filing, kept = Filing(store, journal, folder), Retention(store, journal, folder, custodies)
    tasks, trail, authority = Tasks(store), Trail(store), Authority()
    accounts = Accounts(store, Keyring(secret))
    sessions = Sessions(store, accounts, secret)
    registry, evidence = Registry(), EvidenceStore(archive)
    governance, policies = Governance(store, authority), Policies(store, archive)
    targets = Targets(store, authority)
    windows, channels = Windows(), Channels(store, authority, tasks, secret)
    engine_settings = EngineSettings(store, authority, tasks, secret)
    alerts = Alerts(
        store, tasks, authority, governance, policies, windows=windows,
        judging=Judging(windows, evidence, targets), channels=channels,
    )  # fmt: skip
    waivers = Waivers(store, authority, governance, policies)
    gate = Gate(clock, evidence, registry, policies, governance, waivers)
    cards = Cards(store, archive, evidence, Editors(authority, governance))
    promotions, signatures = Promotions(tasks), Signatures()
    # the rows of the demonstration alone may come from a stream, where it is wanted
    streamed = [charge.model for charge in CHARGES] if settings.demonstrates else []
    recipes = Recipes(store, archive, authority, governance)
    ticketing = TicketRooms(store, tasks, authority, governance, registry, gate, recipes)
    rooms = Rooms(
        store, archive, accounts, authority, governance, policies, gate, registry, evidence, cards,
        promotions, signatures, tasks, sessions, Tickets(ticketing),
    )  # fmt: skip
    ledger, prices, budgets = Ledger(), Prices(store, authority), Budgets(store, authority)
    spending = Spending(clock, budgets, prices)
    asked = IncidentRooms(store, archive, accounts, authority, governance, registry, evidence)
    incidents = Incidents(asked)
    return Services(
        settings=settings,
        clock=clock,
        store=store,
        archive=archive,
        tasks=tasks,
        trail=trail,
        accounts=accounts,
        sessions=sessions,
        bookmarks=Bookmarks(store),
        tokens=Tokens(store),
        teams=Teams(store),
        authority=authority,
        registry=registry,
        governance=governance,
        evidence=evidence,
        predictions=PredictionLog(journal, clock, secret, Pace()),
        prediction_reader=reader,
        custodies=custodies,
        protected=ProtectedReading(store, reader, ProtectedReaders(authority, governance)),
        compaction=Compaction(journal, filing, kept, clock),
        windows=windows,
        policies=policies,
        channels=channels,
        alerts=alerts,
        targets=targets,
        prices=prices,
        grids=Grids(store, authority),
        budgets=budgets,
        convergence=Convergence(),
        spending=spending,
        chargebacks=Chargebacks(store, archive, authority, governance, Teams(store)),
        budget_alerts=BudgetAlerts(store, spending, alerts),
        engine_settings=engine_settings,
        engine_reports=Reports(store, engine_settings),
        pushes=Pushes(store, Hooks(store, authority, secret), recipes),
        ledger=ledger,
        cost_imports=CostImports(store, ledger),
        reconciliations=Reconciliations(store, ledger, Billers(authority)),
        utilisation=Utilisation(store),
        serving_uses=ServingUses(store),
        savings=Savings(store, authority, governance, ledger),
        disposals=disposals(store, authority, rooms, incidents),
        holdouts=Holdouts(),
        pushed=PushedValues(store),
        deliveries=Deliveries(store, tasks),
        waivers=waivers,
        gate=gate,
        cards=cards,
        signatures=signatures,
        promotions=promotions,
        recipes=recipes,
        tickets=TicketDesk(ticketing, rooms),
        fences=Fences(store, DRIVEN_FOR),
        watching=Watching(archive, Tickets(ticketing)),
        reviews=Reviews(rooms),
        incidents=incidents,
        reconciler=Reconciler(store, registry, promotions, governance, incidents),
        feeds=Feeds(store, tasks, registry, streamed),
        health=Heartbeats(store),
    )
