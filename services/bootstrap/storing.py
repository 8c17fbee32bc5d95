"""What weighs and takes away the files of runs, put together over opened services."""

from collections import defaultdict
from functools import partial

from sqlmodel import Session

from services.bootstrap.services import Services
from services.facts.registry.artifacts import APART, MlflowArtifacts
from services.facts.registry.service import Registry
from services.facts.registry.types import Run
from services.workflows.costing import disposing as files
from services.workflows.costing import storage
from services.workflows.costing.disposing import Disposing
from services.workflows.costing.storage import Weighing
from services.workflows.costing.tariffs import Tariffs

MODEL_TAG = "countersign.model"


def weighing(services: Services, gateway: MlflowArtifacts) -> Weighing:
    """Return what weighs the files of runs and charges the days that they are kept."""

    def tariffs(session: Session) -> Tariffs:
        return Tariffs(session, services.prices, services.grids)

    def model_of(session: Session, run: Run) -> str:
        del session
        return run.tags.get(MODEL_TAG, "")

    def team_of(session: Session, model: str) -> str:
        governed = services.governance.of(session, model)
        return governed.team_id if governed else ""

    return Weighing(
        storage.Rooms(
            services.store, services.disposals.storage, services.ledger, gateway, tariffs,
            partial(versions_of, services.registry), model_of, team_of,
        )
    )  # fmt: skip


def disposing(services: Services, gateway: MlflowArtifacts) -> Disposing:
    """Return what takes files away that were ordered to be taken away."""
    return Disposing(files.Rooms(services.store, services.disposals, gateway))


def versions_of(registry: Registry, session: Session) -> dict[str, list[tuple[str, int, bool]]]:
    """Return which versions came from each run, and whether their files lie apart from the run's.

    Notes
    -----
    MLflow 3 keeps the files of a model beside the run (``models:/m-…``), earlier ones inside it. A copy
    of another version has no files of its own, and several versions of one source have them once.
    """
    found: dict[str, list[tuple[str, int, bool]]] = defaultdict(list)
    seen: set[str] = set()
    for ref in registry.all_refs(session):
        own = ref.source_uri.startswith(APART) and ref.source_uri not in seen
        seen.add(ref.source_uri)
        found[ref.run_id].append((ref.name, ref.version, own))
    return found
