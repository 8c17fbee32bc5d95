"""The Models page at 100 and at 1,000 governed models, each measured, over the real web process."""

import statistics
import tempfile
from pathlib import Path
from typing import Any

from services.bootstrap.services import open_services
from services.facts.evidence.types import (
    EvidenceInput,
    EvidenceKind,
    Measurement,
    Producer,
    Reading,
)
from services.kernel.identity import SYSTEM, Role, Tier
from services.migrations.run import upgrade
from services.settings import read_settings
from services.standards.governance.types import GovernanceForm
from services.workflows.sync.service import Sync
from tests.benchmarks.figures import Figure, write
from tests.benchmarks.seeds import Seeded
from tests.benchmarks.visitor import Visitor, percentile, serving

PASSWORD = "correct horse battery staple"
WARM, RUNS, CHANGES = 3, 15, 5


def fill(folder: Path, models: int) -> str:
    """Make a workspace of governed and measured models; return the cookie of somebody signed in."""
    settings = read_settings({"COUNTERSIGN_HOME": str(folder)})
    upgrade(settings.database)
    services = open_services(settings)
    services.policies.publish_shipped()
    Sync(services.store, Seeded(models)).look()
    owner = services.accounts.create(SYSTEM, "olga@test.example", "Olga Marsh")
    services.accounts.grant(SYSTEM, owner.person_id, Role.OWNER)
    services.teams.create(SYSTEM, "labs", "Labs")
    with services.store.reading() as session:
        names = [model.name for model in services.registry.models(session)]
    for place, name in enumerate(names):
        tier = list(Tier)[place % 4]
        services.governance.begin_as(
            SYSTEM,
            GovernanceForm(name, owner.person_id, owner.person_id, "labs", "Testing.", "Tests.", tier, "None.", "none"),
        )  # fmt: skip
        file(services, name, place)
    link = services.accounts.link(SYSTEM, owner.person_id)
    return services.sessions.choose_password(link, PASSWORD)


def file(services: Any, name: str, place: int) -> None:
    """File performance and fairness of the version in production."""
    with services.store.reading() as session:
        ref = services.registry.ref(session, name, 7)
    data = (EvidenceInput("evaluation", "cd" * 32, 500),)
    auc = Measurement("performance.auc", "", 0.9, "1", 500, 0.87, 0.93, 0.95, "delong-logit")
    ratios = tuple(
        Measurement("fairness.impact_ratio", f"race={g}", 0.9, "1", 90, 0.82, 0.99, 0.95, "katz-log")
        for g in ("White", "Black", "Asian", "Other")
    )  # fmt: skip
    with services.store.unit(SYSTEM) as unit:
        for kind, rows in ((EvidenceKind.PERFORMANCE, (auc,)), (EvidenceKind.FAIRNESS, ratios)):
            reading = Reading(kind, f"{kind}/1", {"n": place}, rows, data, {"task": "classification"})  # fmt: skip
            services.evidence.file(unit, ref, reading, Producer(f"task-{place}", "bench"))


def drawn(models: int) -> tuple[float, float]:
    """Return the 95th percentile of seconds that the page takes, and what it takes after a change."""
    with tempfile.TemporaryDirectory() as folder:
        cookie = fill(Path(folder), models)
        services = open_services(read_settings({"COUNTERSIGN_HOME": folder}))
        with serving(Path(folder)) as web:
            visitor = Visitor(web, cookie)
            for _ in range(WARM):
                visitor.open("models")
            found = percentile([visitor.open("models") for _ in range(RUNS)], 0.95)
            changed: list[float] = []
            for number in range(CHANGES):
                services.teams.create(SYSTEM, f"team-{number}", f"Team {number}")
                changed.append(visitor.open("models"))
            visitor.close()
        return found, statistics.median(changed)


def main() -> None:
    """Measure and write."""
    (few, _), (many, after) = drawn(100), drawn(1000)
    write(
        "models",
        [
            Figure("models_page_ms", many * 1000, "ms", "<= 300 at 1,000 models"),
            Figure("models_page_changed_ms", after * 1000, "ms", "<= 300 after something changed"),
            Figure("models_page_growth", many / few, "x", "<= 1.5 of 100 models", few * 1000, many / few),
        ],
    )  # fmt: skip
