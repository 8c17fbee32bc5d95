"""Kubernetes: one Job per attempt over the API server, in a queue of Kueue where there is one.

Notes
-----
The shared folder is a volume claim, mounted under the same path as here. A Job never starts a second
pod by itself (``backoffLimit: 0``). A Job that Kueue suspends after it began, and a pod that was
evicted, were preempted: another attempt goes on from the checkpoint.
"""

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.kernel.error import InvalidInput, SourceUnavailable
from services.standards.engine.types import Connection
from services.workflows.engine.attempt_folder import AttemptFolder
from services.workflows.engine.manifest import job
from services.workflows.engine.scheduler import GONE, Seen
from services.workflows.engine.types import AttemptSpec, EngineState, Resources
from services.workflows.engine.wire import ClusterApi, Reply, told

LONGEST_LOG = 256 * 1024
S = EngineState
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,57}[a-z0-9])?")
_STUCK = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError", "CreateContainerError"})  # fmt: skip


class KubernetesScheduler:
    """The jobs of a namespace."""

    def __init__(self, connection: Connection) -> None:
        self._address = connection.address
        self._api = ClusterApi(connection)
        self._has_one_type = bool(connection.gpu_type)
        namespace = self._address["namespace"]
        self._jobs = f"/apis/batch/v1/namespaces/{namespace}/jobs"
        self._pods = f"/api/v1/namespaces/{namespace}/pods"

    def check(self, spec: AttemptSpec) -> None:
        """Refuse a job whose folder is not within the mounted volume.

        Raises
        ------
        InvalidInput
            When it is elsewhere.
        """
        mount = Path(self._address["mount"])
        if not spec.folder.absolute().is_relative_to(mount):
            raise InvalidInput(
                f"The folder of jobs is not within {mount}, where this engine mounts its volume."
            )

    def find(self, attempt_id: str) -> str | None:
        """Return the name of the job of an attempt; None when there is none."""
        return name(attempt_id) if self._get(name(attempt_id)) is not None else None

    def start(self, spec: AttemptSpec, folder: AttemptFolder) -> str:
        """Create a job whose name follows from the attempt's."""
        made = name(spec.attempt_id)
        python = self._address.get("python") or "python3"
        body = job(self._address, made, spec, folder.entry(python), mixed=not self._has_one_type)
        reply = self._api.ask("POST", self._jobs, {"fieldValidation": "Strict"}, body)
        if reply.is_good or reply.status == 409:
            return made
        raise _refused(reply)

    def look(self, ref: str) -> Seen:
        """Return what Kubernetes says of a job and its pod."""
        found = self._get(ref)
        if found is None:
            return Seen(S.LOST, GONE)
        pod = self._pod(ref)
        status = found.get("status") or {}
        for condition in status.get("conditions") or ():
            if condition.get("status") == "True" and condition.get("type") in (
                "Complete",
                "Failed",
            ):
                return _ended(condition, pod)
        if found["spec"].get("suspend"):
            return Seen(S.PENDING, "Kueue lets it wait, or wait again.", requeued=True)
        phase = ((pod or {}).get("status") or {}).get("phase", "Pending")
        return Seen(S.RUNNING if phase == "Running" else S.PENDING, _why_waits(pod))

    def end(self, ref: str) -> None:
        """Delete a job with its pod."""
        reply = self._api.ask("DELETE", f"{self._jobs}/{ref}", {"propagationPolicy": "Background"})
        if not reply.is_good and reply.status != 404:
            raise _unsaid(reply)

    def words(self, ref: str) -> bytes:
        """Return what the pod of a job printed."""
        pod = self._pod(ref)
        if pod is None:
            return b""
        query = {"container": "train", "limitBytes": str(LONGEST_LOG)}
        reply = self._api.ask("GET", f"{self._pods}/{pod['metadata']['name']}/log", query)
        return reply.body if reply.is_good else b""

    def trial(self) -> str:
        """Ask for a job that is not kept, which shows the right to and that everything named is well made."""
        spec = AttemptSpec(
            "trial", "trial", 1, ("true",), Path(self._address["mount"]), Resources()
        )
        body = job(self._address, "countersign-trial", spec, ("true",), mixed=True)
        query = {"dryRun": "All", "fieldValidation": "Strict"}
        reply = self._api.ask("POST", self._jobs, query, body)
        if not reply.is_good and reply.status != 409:
            raise _refused(reply)
        return f"Kubernetes would take a job in {self._address['namespace']}."

    def _get(self, ref: str) -> dict[str, Any] | None:
        reply = self._api.ask("GET", f"{self._jobs}/{ref}")
        if reply.status == 404:
            return None
        if not reply.is_good:
            raise _unsaid(reply)
        return reply.json

    def _pod(self, ref: str) -> dict[str, Any] | None:
        reply = self._api.ask("GET", self._pods, {"labelSelector": f"job-name={ref}"})
        if not reply.is_good:
            raise _unsaid(reply)
        pods = sorted(reply.json["items"], key=lambda each: each["metadata"]["creationTimestamp"])
        return pods[-1] if pods else None


def name(attempt_id: str) -> str:
    """Return the name of an attempt's job: itself where Kubernetes allows it, else by its digest."""
    if len(attempt_id) < 59 and _NAME.fullmatch(attempt_id):
        return f"cs-{attempt_id}"
    return f"cs-{hashlib.sha256(attempt_id.encode()).hexdigest()[:40]}"


def _ended(condition: dict[str, Any], pod: dict[str, Any] | None) -> Seen:
    at = datetime.fromisoformat(condition["lastTransitionTime"]).astimezone(UTC)
    if condition["type"] == "Complete":
        return Seen(S.SUCCEEDED, ended_at=at)
    conditions = ((pod or {}).get("status") or {}).get("conditions") or ()
    if any(each["type"] == "DisruptionTarget" and each["status"] == "True" for each in conditions):
        return Seen(S.LOST, "Kubernetes took its node away.", preempted=True, ended_at=at)
    if condition.get("reason") == "DeadlineExceeded":
        return Seen(S.TIME_LIMIT, "It ran into the deadline of its job.", ended_at=at)
    words = told(str(condition.get("message") or condition.get("reason") or ""))
    return Seen(S.FAILED, words, ended_at=at)


def _why_waits(pod: dict[str, Any] | None) -> str:
    status = (pod or {}).get("status") or {}
    for container in status.get("containerStatuses") or ():
        reason = ((container.get("state") or {}).get("waiting") or {}).get("reason", "")
        if reason in _STUCK:
            return f"Its container does not start: {reason}."
    for condition in status.get("conditions") or ():
        if condition.get("reason") == "Unschedulable":
            return "No node has room for it now."
    return ""


def _refused(reply: Reply) -> InvalidInput | SourceUnavailable:
    if reply.status in (400, 404, 422):
        return InvalidInput(f"Kubernetes refuses it: {_message(reply)}")
    return _unsaid(reply)


def _unsaid(reply: Reply) -> SourceUnavailable:
    return SourceUnavailable(f"Kubernetes cannot tell now (HTTP {reply.status}).")


def _message(reply: Reply) -> str:
    said = reply.json
    words = said.get("message", "") if isinstance(said, dict) else ""
    return told(str(words)) or f"HTTP {reply.status}"
