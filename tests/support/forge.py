"""A workspace in which tickets are really carried out: real services, engine and MLflow, tiny trainings."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pandas as pd

from services.bootstrap import training
from services.bootstrap.services import Services, open_services
from services.decisions.recipe.types import Recipe
from services.decisions.retraining.quote import DataFacts
from services.decisions.retraining.types import Attempt, Cause, Ticket, TicketState, Trigger
from services.facts.evidence.types import EvidenceInput, EvidenceKind, Measurement, Reading
from services.facts.explanation.service import Explained
from services.facts.performance.evaluation import EvaluationSet
from services.facts.registry.gateway import API
from services.facts.registry.tracking import MlflowTracking
from services.facts.scoring.types import Scores
from services.kernel.identity import SYSTEM, ModelRef, Tier
from services.migrations.run import upgrade
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import UnitOfWork
from services.settings import read_settings
from services.standards.governance.types import GovernanceForm
from services.workflows.retraining.comparing import Bout, Compared
from services.workflows.retraining.ports import Examined, Parts
from services.workflows.retraining.quoting import Quoting
from services.workflows.retraining.service import Retraining
from services.workflows.sync.service import Sync

SCRIPT = Path(__file__).with_name("forge_script.py")
SAVE = """
import sys, pandas as pd
from mlflow.models import infer_signature
from mlflow.sklearn import save_model
from sklearn.linear_model import LogisticRegression
rows = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0] * 25, "b": [1.0, 0.0, 1.0, 0.0] * 25})
model = LogisticRegression().fit(rows, [0, 0, 1, 1] * 25)
save_model(model, sys.argv[1], signature=infer_signature(rows, model.predict(rows)),
           input_example=rows[:2], pip_requirements=["scikit-learn"], serialization_format="skops")
"""
POLICY = """\
policy: forge
version: {version}
applies_to: {{tier: [low], alias: [champion]}}
evidence: {{performance: {{max_age_days: 730, min_n: 50}}}}
clauses: [{{id: auc, metric: performance.auc, at_least: 0.60}}]
card: {{required: [intended_use]}}
review: {{quorum: {{owner: 1}}, separate: [], due_days: 30, approval_valid_days: 90, next_review_days: 730}}
waivers: {{max_days: 180, forbidden_for: []}}
retraining: {{on: [manual], approvals: []{retraining}}}
budget: {{currency: USD{budget}}}
"""
RECIPE = """\
recipe: {name}
version: {version}
model: {model}
entry: {{folder: {code}, command: python train.py}}
parameters: {{{parameters}}}
data: {{uri: {data}, target: late}}
environment: running
resources: {{cpus: {cpus}, memory_gb: 1, seconds: {seconds}}}
metrics: [loss]
holdout: {{uri: {holdout}, sha256: "{sha256}"}}
max_attempts: {attempts}
{more}
"""
PARAMETERS: Mapping[str, Any] = {
    "steps": 3,
    "pause": 0.05,
    "losses": "falling",
    "fail_at": -1,
    "trace": "''",
}


def saved_model(into: Path) -> Path:
    """Save a tiny model as MLflow does; return its folder."""
    command = [sys.executable, "-W", "ignore", "-c", SAVE, str(into)]
    subprocess.run(command, check=True, capture_output=True)
    return into


@dataclass(frozen=True)
class FileRows:
    """The rows of a file, told by its bytes."""

    sha256: str
    rows: int
    path: Path


class Files:
    """Training rows from a Parquet file."""

    def load(self, recipe: Recipe, ticket: Ticket) -> FileRows:
        del ticket
        path = Path(recipe.data.uri)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        return FileRows(sha256, len(pd.read_parquet(path)), path)

    def write(self, recipe: Recipe, rows: Any, folder: Path) -> None:
        shutil.copy(rows.path, folder / "train.parquet")
        (folder / "schema.json").write_text("{}")

    def keep(self, recipe: Recipe, folder: Path) -> None:
        """Keep nothing."""

    def examine(self, session: Any, recipe: Recipe, ticket: Ticket, rows: Any) -> Examined:
        facts = DataFacts(rows.sha256, rows.rows, 3, None, None, recipe.data.uri, "12" * 32)
        return Examined(facts)


class Always:
    """A comparison that knows beforehand what comes of it."""

    def __init__(self, *, better: bool | None = True) -> None:
        self.better = better

    def holdout(self, recipe: Recipe, ticket: Ticket, folder: Path) -> EvaluationSet:
        rows = pd.read_parquet(recipe.holdout.uri)
        rows.to_parquet(folder / "data.parquet")
        (folder / "schema.json").write_text('{"task": "classification", "target": "late"}')
        return EvaluationSet(
            "classification", "late", None, None, (), (), None, rows, recipe.holdout.sha256
        )

    def look(self, unit: UnitOfWork, ticket: Ticket, recipe: Recipe) -> Any:
        return 1

    def spent(self, session: Any, ticket: Ticket, recipe: Recipe) -> str:
        del session, ticket, recipe
        return ""

    def compare(
        self, bout: Bout, recipe: Recipe, ticket: Ticket, look: Any, attempts: Sequence[Attempt]
    ) -> Compared:
        reading = Reading(
            EvidenceKind.TRAINING_REPORT,
            "training_report/1",
            {"ticket_steps": dict(bout.metrics)},
            (Measurement("performance.auc", "", 0.9, "1", 100, 0.85, 0.95, 0.95, "delong-logit"),),
            (EvidenceInput("holdout", bout.rows.sha256, bout.rows.n),),
        )
        return Compared(
            self.better, "It is better." if self.better else "It is no better.", reading
        )


class Quick:
    """Scores without loading a model; the sandbox has tests of its own."""

    def score(self, model: Path, rows: pd.DataFrame, task: str, work: Path, **_: Any) -> Scores:
        import numpy as np

        assert (model / "MLmodel").is_file()
        return Scores(np.full((len(rows), 2), 0.5), (0, 1), ())

    def explain(
        self, model: Path, rows: pd.DataFrame, seed: int, work: Path, **_: Any
    ) -> Explained:
        import numpy as np

        assert (model / "MLmodel").is_file()
        n, names = len(rows), tuple(rows.columns)
        return Explained(np.ones((n, len(names))), 0.0, np.ones(n), names, "raw", "none", 1)


@dataclass
class Forge:
    """The workspace, and what moves its tickets."""

    services: Services
    tracking: MlflowTracking
    folder: Path
    parts: Parts

    @property
    def retraining(self) -> Retraining:
        return Retraining(self.parts)

    def model(self, name: str, saved: Path) -> ModelRef:
        """Register a champion, mirror it, and put it under the policy."""
        experiment = self.tracking.experiment(name)
        now = self.services.clock.now()
        httpx.post(f"{self.tracking.url}{API}/registered-models/create", json={"name": name})
        run = self.tracking.begin_run(experiment, "first", now, {"mlflow.user": "ada"})
        source = self.tracking.upload(run, saved, "model")
        self.tracking.end_run(run, "FINISHED", now)
        made = self.tracking.create_version(name, source, run, {})
        self.tracking.set_alias(name, "champion", made.version)
        Sync(self.services.store, self.tracking).look()
        return self.govern(name, made.version)

    def govern(self, name: str, version: int, team: str = "labs") -> ModelRef:
        """Put a mirrored model under the policy."""
        who = "nobody"
        with self.services.store.reading() as session:
            people = self.services.accounts.all(session)
            who = people[0].person_id if people else who
        if who == "nobody":
            who = self.services.accounts.create(SYSTEM, "olga@test.example", "Olga Owner").person_id
        form = GovernanceForm(
            name, who, who, team, "Testing.", "Tests alone.", Tier.LOW, "No harm.", "none"
        )
        self.services.governance.begin_as(SYSTEM, form)
        with self.services.store.reading() as session:
            return self.services.registry.ref(session, name, version)

    def recipe(
        self, model: str, saved: Path, *, version: int = 1, attempts: int = 3, seconds: int = 60,
        more: str = "", cpus: float = 0.5, data: str = "", holdout: str = "", sha256: str = "",
        **parameters: Any,
    ) -> None:  # fmt: skip
        """Publish how a model is trained."""
        code = self.folder / "code" / model
        if not code.exists():
            code.mkdir(parents=True)
            shutil.copy(SCRIPT, code / "train.py")
            shutil.copytree(saved, code / "model")
        place = self.folder / "rows.parquet"
        if not place.exists():
            rows = {"a": [0.0, 1.0, 2.0, 3.0] * 25, "b": [1.0, 0.0] * 50, "late": [0, 0, 1, 1] * 25}
            pd.DataFrame(rows).to_parquet(place)
        given = {**PARAMETERS, **parameters}
        said = ", ".join(f"{key}: {value}" for key, value in given.items())
        text = RECIPE.format(
            name=model, version=version, model=model, code=code, parameters=said,
            data=data or place, holdout=holdout or place,
            sha256=sha256 or hashlib.sha256(place.read_bytes()).hexdigest(), attempts=attempts, seconds=seconds,
            cpus=cpus, more=more,
        )  # fmt: skip
        self.services.recipes.publish_as(SYSTEM, text.encode())

    def policy(self, version: int = 1, retraining: str = "", budget: str = "") -> None:
        """Put the policy of every test model in force."""
        text = POLICY.format(version=version, retraining=retraining, budget=budget)
        self.services.policies.publish(SYSTEM, text.encode())

    def ticket(self, model: str, key: str = "one") -> Ticket:
        """Open a ticket and quote it; nobody need sign, so it is queued."""
        cause = Cause(
            Trigger.MANUAL, f"{model}:{key}", "The winter changed what flights look like."
        )
        opened = self.services.tickets.open_as(model, cause)
        assert isinstance(opened, Ticket)
        self.services.tasks.start(opened.task_id)
        quoting = Quoting(self.parts)
        quoting.quote(opened.task_id)
        quoting.close(opened.task_id)
        return self.standing(opened)

    def standing(self, ticket: Ticket) -> Ticket:
        with self.services.store.reading() as session:
            return self.services.tickets.get(session, ticket.ticket_id)

    def attempts(self, ticket: Ticket) -> Sequence[Attempt]:
        with self.services.store.reading() as session:
            return self.services.tickets.attempts(session, ticket.ticket_id)

    def carry_out(self, ticket: Ticket, until: Callable[[Ticket], bool] | None = None) -> Ticket:
        """Move a ticket on until all of it is over, or as far as asked for."""
        self.services.tasks.start(ticket.task_id)
        work = self.retraining
        for _ in range(400):
            if work.advance(ticket.task_id)["over"]:
                break
            if until is not None and until(self.standing(ticket)):
                break
        return self.standing(ticket)

    def close(self) -> None:
        """Let go of the connections."""
        self.tracking.close()
        self.services.store.database.close()

    def events(self, action: str) -> int:
        with self.services.store.reading() as session:
            return len(Trail(self.services.store).search(session, action=action))

    def comparing(self, *, better: bool | None) -> "Forge":
        """Return the same with a comparison that comes out otherwise."""
        return replace(self, parts=replace(self.parts, comparing=Always(better=better)))


def open_forge(home: Path, mlflow_url: str, database_url: str = "", *, fresh: bool = True) -> Forge:
    """Open the workspace; migrate it where it is fresh."""
    environment = {"COUNTERSIGN_HOME": str(home), "COUNTERSIGN_MLFLOW_URI": mlflow_url}
    if database_url:
        environment["COUNTERSIGN_DATABASE_URL"] = database_url
    settings = read_settings(environment)
    if fresh:
        upgrade(settings.database)
    services = open_services(settings)
    if fresh:
        services.prices.publish_sample()
    tracking = MlflowTracking(mlflow_url)
    made = training.parts(services, tracking, Files(), Always(), lambda ticket, ref: ref.label)
    return Forge(services, tracking, home / "forge", replace(made, scorer=Quick()))  # type: ignore[arg-type]


OVER = (
    TicketState.REGISTERED, TicketState.NO_BETTER, TicketState.CANCELLED, TicketState.FAILED,
    TicketState.STOPPED_BUDGET, TicketState.STOPPED_DIVERGED, TicketState.REFUSED,
)  # fmt: skip
