"""Ray, spoken to by its Jobs API over REST.

Notes
-----
What a cluster cannot place stays *pending* for ever and cannot be stopped there (ray#58353), so the
nodes are asked for room before anything is handed over, and what was called off finds that in its
folder when its turn comes. A second submission of one id is an error of the server; so it is looked up.
"""

import shlex
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from services.kernel.error import InvalidInput, SourceUnavailable
from services.standards.engine.types import Connection
from services.workflows.engine.attempt_folder import AttemptFolder
from services.workflows.engine.scheduler import GONE, Seen
from services.workflows.engine.types import AttemptSpec, EngineState
from services.workflows.engine.wire import ClusterApi, told

_GB = 1024**3
_STATES = {
    "PENDING": EngineState.PENDING,
    "RUNNING": EngineState.RUNNING,
    "SUCCEEDED": EngineState.SUCCEEDED,
    "FAILED": EngineState.FAILED,
    "STOPPED": EngineState.CANCELLED,
}


class RayScheduler:
    """The jobs of a Ray cluster."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._api = ClusterApi(connection)

    def check(self, spec: AttemptSpec) -> None:
        """Refuse what no node has room for, even when it is empty.

        Raises
        ------
        InvalidInput
            When no node has it; where an operator said how many GPUs there can be, the cluster may
            grow, and GPUs are not asked for.
        """
        if spec.image:
            raise InvalidInput("Ray runs no images here; choose an engine that does, or an environment.")  # fmt: skip
        wants = self._wants(spec)
        if self._connection.gpus is not None:
            wants.pop("GPU", None)
        nodes = [each["resources_total"] for each in self._nodes()]
        if not any(_has(node, wants) for node in nodes):
            most = max((node.get("GPU", 0) for node in nodes), default=0)
            raise InvalidInput(
                f"No node of {self._connection.name} has room for it, even when it is empty "
                f"(the largest has {most:g} GPUs); ask for less, or choose another engine."
            )

    def find(self, attempt_id: str) -> str | None:
        """Return the id of a job that was submitted; None when there is none."""
        return attempt_id if self._job(attempt_id) is not None else None

    def start(self, spec: AttemptSpec, folder: AttemptFolder) -> str:
        """Submit a job whose id is the attempt's."""
        wants = self._wants(spec)
        python = self._connection.address.get("python") or "python3"
        body = {
            "submission_id": spec.attempt_id,
            "entrypoint": "exec " + shlex.join(folder.entry(python)),
            "entrypoint_num_cpus": wants.pop("CPU"),
            "entrypoint_num_gpus": wants.pop("GPU", 0),
            "entrypoint_memory": int(wants.pop("memory")),
            "entrypoint_resources": wants,
            "metadata": {"countersign_job": spec.job_id},
        }
        reply = self._api.ask("POST", "/api/jobs/", body=body)
        if not reply.is_good and self._job(spec.attempt_id) is None:
            if reply.status == 400:
                raise InvalidInput(f"Ray refuses it: {reply.words}")
            raise SourceUnavailable(f"Ray did not take it (HTTP {reply.status}).")
        return spec.attempt_id

    def look(self, ref: str) -> Seen:
        """Return what Ray says of a job."""
        job = self._job(ref)
        if job is None:
            return Seen(EngineState.LOST, GONE)
        state = _STATES.get(str(job.get("status")), EngineState.UNKNOWN)
        ended = job.get("end_time")
        at = datetime.fromtimestamp(ended / 1000, UTC) if ended and state.is_over else None
        return Seen(state, _words(job) if state is not EngineState.RUNNING else "", ended_at=at)

    def end(self, ref: str) -> None:
        """Stop a job; one that waits takes no notice, and finds that it was called off."""
        self._api.ask("POST", f"/api/jobs/{quote(ref, safe='')}/stop")

    def words(self, ref: str) -> bytes:
        """Return what the program of a job printed."""
        reply = self._api.ask("GET", f"/api/jobs/{quote(ref, safe='')}/logs")
        return str(reply.json.get("logs") or "").encode() if reply.is_good else b""

    def trial(self) -> str:
        """Return which Ray answers, and what it has."""
        reply = self._api.ask("GET", "/api/version")
        if not reply.is_good:
            raise SourceUnavailable("What answers there is not Ray's dashboard.")
        nodes = [each["resources_total"] for each in self._nodes()]
        gpus, cpus = (sum(node.get(kind, 0) for node in nodes) for kind in ("GPU", "CPU"))
        version = str(reply.json.get("ray_version", ""))[:20]
        many = "1 node" if len(nodes) == 1 else f"{len(nodes)} nodes"
        return f"Ray {version} answers: {many}, {cpus:g} CPUs, {gpus:g} GPUs."

    def _wants(self, spec: AttemptSpec) -> dict[str, float]:
        found = _resources(spec, mixed=not self._connection.gpu_type)
        address = self._connection.address
        spot = spec.resources.spot and address.get("spot")
        market = address.get("spot") if spot else address.get("on_demand")
        return found | ({market: 0.001} if market else {})

    def _job(self, ref: str) -> dict[str, Any] | None:
        reply = self._api.ask("GET", f"/api/jobs/{quote(ref, safe='')}")
        if reply.status == 404:
            return None
        if not reply.is_good:
            raise SourceUnavailable(f"Ray does not say how it stands (HTTP {reply.status}).")
        return reply.json

    def _nodes(self) -> list[dict[str, Any]]:
        query = {"detail": "false", "limit": "10000"}
        reply = self._api.ask("GET", "/api/v0/nodes", query)
        if not reply.is_good:
            raise SourceUnavailable(f"Ray does not say what it has (HTTP {reply.status}).")
        found = reply.json["data"]["result"]["result"]
        return [each for each in found if each.get("state") == "ALIVE"]


def _resources(spec: AttemptSpec, *, mixed: bool) -> dict[str, float]:
    """Return what a job asks for; the type of its GPUs where the cluster has several."""
    wants = spec.resources
    found = {"CPU": wants.cpus, "memory": wants.memory_gb * _GB}
    if wants.gpus:
        found["GPU"] = wants.gpus
        if wants.gpu_type and mixed:
            found[f"accelerator_type:{wants.gpu_type}"] = 0.001
    return found


def _has(node: dict[str, float], wants: dict[str, float]) -> bool:
    return all(node.get(kind, 0) >= amount for kind, amount in wants.items())


def _words(job: dict[str, Any]) -> str:
    return told(str(job.get("message") or ""))
