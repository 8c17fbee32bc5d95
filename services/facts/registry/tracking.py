"""What the console itself writes to MLflow of a training: its run, its files, its version."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from services.facts.registry import reading
from services.facts.registry.gateway import ARTIFACTS, served
from services.facts.registry.histories import MlflowHistories
from services.facts.registry.http import answer, failures
from services.facts.registry.types import DataInput, Run, SeenVersion
from services.kernel.error import Conflict, InvalidInput, NotFound, SourceUnavailable

UPLOAD_SECONDS = 200
AT_ONCE = 100
LONGEST = 500


class MlflowTracking(MlflowHistories):
    """One MLflow server, of which runs and versions are also written."""

    def experiment(self, name: str) -> str:
        """Return the id of an experiment, made where there is none."""
        try:
            return str(self._get("/experiments/get-by-name", experiment_name=name)["experiment"]["experiment_id"])  # fmt: skip
        except NotFound:
            pass
        try:
            return str(self._send("POST", "/experiments/create", {"name": name})["experiment_id"])
        except (Conflict, InvalidInput) as error:
            raise SourceUnavailable(
                f"The experiment {name!r} could be made by nobody; look for a deleted one in MLflow."
            ) from error

    def begin_run(self, experiment: str, name: str, at: datetime, tags: Mapping[str, str]) -> str:
        """Make a run that is running; return its id."""
        body = {
            "experiment_id": experiment,
            "run_name": name,
            "start_time": _ms(at),
            "tags": _pairs(tags),
        }
        return str(self._send("POST", "/runs/create", body)["run"]["info"]["run_id"])

    def runs_tagged(self, experiment: str, key: str, value: str) -> list[Run]:
        """Return the runs of an experiment with a tag of ours, the one begun first first."""
        body = {
            "experiment_ids": [experiment],
            "filter": f"tags.`{key}` = '{_plain(value)}'",
            "max_results": AT_ONCE,
        }
        found = [reading.run(each) for each in self._send("POST", "/runs/search", body).get("runs", ())]  # fmt: skip
        return sorted(
            found, key=lambda run: (_ms(run.started_at) if run.started_at else 0, run.run_id)
        )

    def end_run(self, run_id: str, status: str, at: datetime) -> None:
        """End a run: ``FINISHED``, ``FAILED`` or ``KILLED``."""
        body = {"run_id": run_id, "status": status, "end_time": _ms(at)}
        self._send("POST", "/runs/update", body)

    def delete_run(self, run_id: str) -> None:
        """Take a run away; one that is gone already is left so."""
        try:
            self._send("POST", "/runs/delete", {"run_id": run_id})
        except (NotFound, InvalidInput):
            return

    def log(
        self,
        run_id: str,
        at: datetime,
        metrics: Mapping[str, float] | None = None,
        params: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Write metrics, parameters and tags to a run; the same parameters again change nothing."""
        body = {
            "run_id": run_id,
            "metrics": [{"key": key, "value": value, "timestamp": _ms(at), "step": 0}
                        for key, value in (metrics or {}).items()],
            "params": [{"key": key, "value": value[:LONGEST]}
                       for key, value in (params or {}).items()][:AT_ONCE],
            "tags": _pairs(tags or {}),
        }  # fmt: skip
        self._send("POST", "/runs/log-batch", body)

    def log_input(self, run_id: str, data: DataInput) -> None:
        """Say which rows a run read, with their full digest."""
        tags = {"mlflow.data.context": data.context, reading.DATA_SHA256: data.sha256}
        dataset = {
            "name": data.name[:LONGEST],
            "digest": data.sha256[:8],
            "source_type": "countersign",
            "source": data.source,
        }
        body = {"run_id": run_id, "datasets": [{"tags": _pairs(tags), "dataset": dataset}]}
        self._send("POST", "/runs/log-inputs", body)

    def artifacts(self, run_id: str) -> str:
        """Return the address of a run's files, as MLflow knows it."""
        return str(self._get("/runs/get", run_id=run_id)["run"]["info"]["artifact_uri"])

    def upload(self, run_id: str, folder: Path, into: str) -> str:
        """Write a folder to a run's files and return its address; the same again changes nothing.

        Raises
        ------
        SourceUnavailable
            When MLflow does not keep files for others.
        """
        root = self.artifacts(run_id)
        below = f"{served(root)}/{into}"
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            target = f"{ARTIFACTS}/{below}/{path.relative_to(folder).as_posix()}"
            with failures(), path.open("rb") as file:
                response = self._http.put(target, content=file, timeout=UPLOAD_SECONDS)
            if not response.is_success:
                answer(response)
        return f"{root}/{into}"

    def create_version(
        self, name: str, source: str, run_id: str, tags: Mapping[str, str]
    ) -> SeenVersion:
        """Register files of a run as the next version of a model."""
        body = {"name": name, "source": source, "run_id": run_id, "tags": _pairs(tags)}
        return reading.version(self._send("POST", "/model-versions/create", body)["model_version"])

    def versions_tagged(self, name: str, key: str, value: str) -> list[SeenVersion]:
        """Return the versions of a model that bear a tag of ours, lowest first."""
        found = [each for each in self.versions(name) if each.tags.get(key) == value]
        return sorted(found, key=lambda each: each.version)

    def delete_version(self, name: str, version: int) -> None:
        """Take a version away; one that is gone already is left so."""
        try:
            self._send("DELETE", "/model-versions/delete", {"name": name, "version": str(version)})
        except NotFound:
            return


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _pairs(values: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def _plain(value: str) -> str:
    """Return an id that a filter cannot misread.

    Raises
    ------
    InvalidInput
        For anything but letters, digits and hyphens.
    """
    if not value.replace("-", "").isalnum():
        raise InvalidInput("That is no id that MLflow could be asked for.")
    return value
