"""What runs logged over time, and which runs there are: read a page at a time."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from services.facts.registry import reading
from services.facts.registry.gateway import ARTIFACTS, MlflowGateway, served
from services.facts.registry.http import answer, failures
from services.facts.registry.types import Run
from services.kernel.error import NotFound, SourceUnavailable

AT_ONCE = 200
SAMPLES = 25_000
MOST_SAMPLES = 500_000
MOST_FOLDERS = 1_000


class MlflowHistories(MlflowGateway):
    """One MLflow server, asked for the course of its runs."""

    def ended_runs(self, since: datetime) -> Iterator[Run]:
        """Yield the runs of all experiments that ended at an instant or later, in that order."""
        told = f"attributes.end_time >= {int(since.timestamp() * 1000)}"
        return self._search(told, "attributes.end_time ASC")

    def running(self) -> Iterator[Run]:
        """Yield the runs that have not ended, the one begun last first."""
        return self._search("attributes.status = 'RUNNING'", "attributes.start_time DESC")

    def experiment_name(self, experiment_id: str) -> str:
        """Return the name of an experiment; empty where it is gone."""
        try:
            held = self._get("/experiments/get", experiment_id=experiment_id)
        except NotFound:
            return ""
        return str(held["experiment"].get("name", ""))

    def history(self, run_id: str, key: str) -> list[tuple[float, float]]:
        """Return all values of a metric as seconds since 1970 and value, as they were logged."""
        query: dict[str, Any] = {"run_id": run_id, "metric_key": key, "max_results": SAMPLES}
        found: list[tuple[float, float]] = []
        while len(found) < MOST_SAMPLES:
            held = self._get("/metrics/get-history", **query)
            found += [
                (int(each["timestamp"]) / 1000, float(each.get("value", "nan")))
                for each in held.get("metrics", ())
            ]
            if not held.get("next_page_token"):
                break
            query["page_token"] = held["next_page_token"]
        return found

    def version_bytes(self, name: str, version: int) -> int | None:
        """Return how large the files of a version are; None where MLflow does not serve them all.

        Notes
        -----
        A version of more than a thousand folders is not counted to its end, and so not at all.
        """
        held = self._get("/model-versions/get-download-uri", name=name, version=str(version))
        try:
            pending, total = [served(str(held["artifact_uri"]))], 0
        except SourceUnavailable:
            return None
        for _ in range(MOST_FOLDERS):
            if not pending:
                return total
            folder = pending.pop()
            with failures():
                listed = answer(self._http.get(ARTIFACTS, params={"path": folder}))
            for file in listed.get("files", ()):
                path = f"{folder}/{PurePosixPath(str(file['path'])).name}"
                if file.get("is_dir"):
                    pending.append(path)
                else:
                    total += int(file.get("file_size") or 0)
        return None

    def _search(self, told: str, order: str) -> Iterator[Run]:
        experiments = self._experiments()
        body: dict[str, Any] = {
            "experiment_ids": experiments,
            "filter": told,
            "order_by": [order],
            "max_results": AT_ONCE,
        }
        while experiments:
            held = self._send("POST", "/runs/search", json=body)
            yield from (reading.run(item) for item in held.get("runs", ()))
            if not held.get("next_page_token"):
                return
            body["page_token"] = held["next_page_token"]
