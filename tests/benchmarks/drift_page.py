"""The drift page of 90 windows and 50 features over the real web process: first drawn, then kept."""

import statistics
import tempfile
from pathlib import Path

from services.bootstrap.services import open_services
from services.kernel.identity import SYSTEM, Role, Tier
from services.migrations.run import upgrade
from services.settings import read_settings
from services.standards.governance.types import GovernanceForm
from services.workflows.sync.service import Sync
from tests.benchmarks.figures import Figure, write
from tests.benchmarks.models import PASSWORD
from tests.benchmarks.seeds import Seeded
from tests.benchmarks.visitor import Visitor, percentile, serving
from tests.support.windows import FEATURES, watch

FIRSTS, CACHED, WINDOWS, COLUMNS = 3, 20, 90, 50


def fill(folder: Path) -> str:
    """Make a workspace of watched models; return the cookie of somebody signed in."""
    settings = read_settings({"COUNTERSIGN_HOME": str(folder)})
    upgrade(settings.database)
    services = open_services(settings)
    services.policies.publish_shipped()
    Sync(services.store, Seeded(FIRSTS + 1)).look()
    owner = services.accounts.create(SYSTEM, "olga@test.example", "Olga Marsh")
    services.accounts.grant(SYSTEM, owner.person_id, Role.OWNER)
    services.teams.create(SYSTEM, "labs", "Labs")
    for number in range(FIRSTS + 1):
        name = f"model-{number:04d}"
        form = GovernanceForm(name, owner.person_id, owner.person_id, "labs", "Testing.", "Tests.", Tier.HIGH, "None.", "none")  # fmt: skip
        services.governance.begin_as(SYSTEM, form)
        watch(services, name, 7, WINDOWS, features=COLUMNS - len(FEATURES))
    link = services.accounts.link(SYSTEM, owner.person_id)
    return services.sessions.choose_password(link, PASSWORD)


def drawn() -> tuple[float, float, float]:
    """Return seconds: of the first drawing, the median of three models; of later ones p95, and CPU."""
    with tempfile.TemporaryDirectory() as folder:
        cookie = fill(Path(folder))
        with serving(Path(folder)) as web:
            visitor = Visitor(web, cookie)
            visitor.open("monitoring", name=f"model-{FIRSTS:04d}", windows="0")
            first = [
                visitor.open("monitoring", name=f"model-{number:04d}", windows="0")
                for number in range(FIRSTS)
            ]
            before = web.cpu()
            later = [
                visitor.open("monitoring", name="model-0000", windows="0") for _ in range(CACHED)
            ]
            worked = (web.cpu() - before) / CACHED
            visitor.close()
    return statistics.median(first), percentile(later, 0.95), worked


def main() -> None:
    """Measure and write."""
    first, cached, worked = drawn()
    size = f"{WINDOWS} windows, {COLUMNS} features"
    write(
        "drift_page",
        [
            Figure("drift_page_first_ms", first * 1000, "ms", f"<= 1000 for {size}"),
            Figure("drift_page_cached_ms", cached * 1000, "ms", f"<= 100 for {size}"),
            Figure("drift_page_cached_cpu_ms", worked * 1000, "ms", "processor time of one"),
        ],
    )
