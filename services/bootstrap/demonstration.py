"""Making the demonstration workspace, step by step; what is there already is left alone."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from services.bootstrap.gateway import open_gateway
from services.bootstrap.services import Services, open_services
from services.kernel.error import SourceUnavailable
from services.kernel.identity import SYSTEM
from services.people.account.types import Person
from services.settings import Settings
from services.standards.governance.types import GovernanceForm
from services.workflows.demonstration import training_recipes
from services.workflows.demonstration.bill import bill
from services.workflows.demonstration.cast import CHARGES, KPIS, MEMBERS, TEAMS
from services.workflows.demonstration.types import Member

VERSIONS = {
    "mortgage-approval": 2, "wage-benchmark": 2, "tumour-triage": 1, "digit-reader": 1, "flight-delay": 1,
}  # fmt: skip
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Guest:
    """A person of the demonstration and, until a password was chosen, the link to choose one."""

    name: str
    role: str
    email: str
    link_path: str | None


def prepare(settings: Settings, say: Say) -> list[Guest]:
    """Make what is missing of the demonstration and return its people.

    Raises
    ------
    SourceUnavailable
        When MLflow cannot be written to, or the training fails.
    """
    services = open_services(settings)
    say("Publishing the shipped policies and sample prices")
    services.policies.publish_shipped()
    services.prices.publish_sample()
    services.grids.publish_sample()
    people = _people(services)
    _train(settings, say)
    _govern(services, people)
    _watch_figures(services)
    _recipes(services, settings, say)
    _bill(services, settings)
    return [_guest(services, member, people[member.key]) for member in MEMBERS]


def _people(services: Services) -> dict[str, Person]:
    with services.store.reading() as session:
        known = {person.email: person for person in services.accounts.all(session)}
        teams = {team.team_id for team in services.teams.all(session)}
    for team_id, name in TEAMS.items():
        if team_id not in teams:
            services.teams.create(SYSTEM, team_id, name)
    return {member.key: known.get(member.email) or _person(services, member) for member in MEMBERS}


def _person(services: Services, member: Member) -> Person:
    person = services.accounts.create(
        SYSTEM,
        member.email,
        member.name,
        member.external_names,
        [member.team] if member.team else [],
    )
    for role in member.roles:
        services.accounts.grant(SYSTEM, person.person_id, role)
    return person


def _train(settings: Settings, say: Say) -> None:
    """Train the models that MLflow lacks, as a program of its own."""
    gateway = open_gateway(settings)
    try:
        held = {head.name: head.latest_version or 0 for head in gateway.heads()}
    finally:
        gateway.close()
    missing = [name for name, count in VERSIONS.items() if held.get(name, 0) < count]
    if not missing:
        return
    say(f"Training {len(missing)} real models through MLflow's public client (about half a minute)")
    module = "services.workflows.demonstration.training"
    have = [f"{name}={held.get(name, 0)}" for name in missing]
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--tracking-uri", settings.mlflow, "--missing", *have],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=_environment(settings),
    )
    tail: list[str] = []
    for line in process.stdout or ():
        tail = [*tail[-20:], line.rstrip()]
        if line.startswith("trained "):
            say(line.strip().capitalize())
    if process.wait() != 0:
        raise SourceUnavailable(
            f"The demonstration could not be trained: {tail[-1] if tail else 'no word'}"
        )


def _environment(settings: Settings) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COUNTERSIGN_", "MLFLOW_"))}
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "OMP_NUM_THREADS": "1"}
    if settings.mlflow_token is not None:
        quiet["MLFLOW_TRACKING_TOKEN"] = settings.mlflow_token.get_secret_value()
    if settings.mlflow_username and settings.mlflow_password:
        quiet["MLFLOW_TRACKING_USERNAME"] = settings.mlflow_username
        quiet["MLFLOW_TRACKING_PASSWORD"] = settings.mlflow_password.get_secret_value()
    return {**kept, **quiet}


def _govern(services: Services, people: dict[str, Person]) -> None:
    with services.store.reading() as session:
        known = {model.name for model in services.governance.all(session)}
    for charge in CHARGES:
        if charge.model not in known:
            owner = people[charge.owner].person_id
            services.governance.begin_as(
                SYSTEM,
                GovernanceForm(
                    charge.model, owner, owner, charge.team, charge.purpose, charge.intended_use,
                    charge.tier, charge.tier_reason, charge.legal_class,
                ),
            )  # fmt: skip


def _recipes(services: Services, settings: Settings, say: Say) -> None:
    """Publish how the models are trained anew, once; the shipped policies say when."""
    with services.store.reading() as session:
        known = set(services.recipes.models(session))
    if known.isdisjoint(VERSIONS):
        say("Publishing the recipes of the models, and the rows they are held against")
        folder = settings.home.absolute() / "demonstration"
        today = services.clock.now().date()
        for text in training_recipes.recipes(folder, today).values():
            services.recipes.publish_as(SYSTEM, text)


def _bill(services: Services, settings: Settings) -> None:
    """Import the sample bill, once: the file that was made first stays."""
    place = settings.home.absolute() / "demonstration" / "sample-bill.csv"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(bill(services.clock.now().date()))
    services.cost_imports.focus(SYSTEM, str(place))


def _watch_figures(services: Services) -> None:
    with services.store.reading() as session:
        known = {
            (each.model, figure.name)
            for each in CHARGES
            for figure in services.targets.of_model(session, each.model)
        }
    for kpi in KPIS:
        if (kpi.model, kpi.name) not in known:
            services.targets.set_as(SYSTEM, kpi)


def _guest(services: Services, member: Member, person: Person) -> Guest:
    role = ", ".join(each.value for each in member.roles)
    if services.sessions.has_password(person.person_id):
        return Guest(member.name, role, member.email, None)
    token = services.accounts.link(SYSTEM, person.person_id)
    return Guest(member.name, role, member.email, f"/session/link/{token}")
