"""An API server of Kubernetes for tests: refuses what the schema of a Job does not know, and runs pods as processes.

One node, whose CPUs and GPUs are counted; a queue that lets in what the node has room for, as Kueue does.
"""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jsonschema import Draft202012Validator

from services.kernel.clock import SystemClock
from services.standards.engine.rules import checked
from services.standards.engine.types import Connection, EngineForm, EngineKind

CPUS, GPUS = 4, 4
TOKEN = "a-token-of-a-service-account"
NAME = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"}
LABELS = {"type": "object", "additionalProperties": {"type": "string", "pattern": "^[A-Za-z0-9][-A-Za-z0-9_.]{0,62}$"}}  # fmt: skip
COUNT = {"type": "integer", "minimum": 0}


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object", "properties": properties, "required": required.split(),
        "additionalProperties": False,
    }  # fmt: skip


AMOUNTS = {"type": "object", "additionalProperties": {"type": "string", "pattern": "^[0-9]+(m|Mi)?$"}}  # fmt: skip
CONTAINER = _object(
    "name image command resources",
    name=NAME,
    image={"type": "string", "minLength": 1},
    command={"type": "array", "items": {"type": "string"}, "minItems": 1},
    resources=_object("limits", limits=AMOUNTS, requests=AMOUNTS),
    volumeMounts={"type": "array", "items": _object("name mountPath", name=NAME, mountPath={"type": "string", "pattern": "^/"})},
    securityContext=_object("", allowPrivilegeEscalation={"type": "boolean"}, capabilities=_object("", drop={"type": "array"})),
)  # fmt: skip
EXPRESSION = _object("key operator", key={"type": "string"}, operator={"enum": ["In", "NotIn", "Exists", "DoesNotExist"]}, values={"type": "array", "items": {"type": "string"}})  # fmt: skip
POD = _object(
    "restartPolicy containers",
    restartPolicy={"enum": ["Never", "OnFailure"]},
    terminationGracePeriodSeconds=COUNT,
    automountServiceAccountToken={"type": "boolean"},
    enableServiceLinks={"type": "boolean"},
    nodeSelector=LABELS,
    tolerations={"type": "array", "items": _object("", key={"type": "string"}, operator={"enum": ["Exists", "Equal"]}, value={"type": "string"}, effect={"enum": ["NoSchedule", "PreferNoSchedule", "NoExecute"]})},
    affinity=_object("", nodeAffinity=_object("", requiredDuringSchedulingIgnoredDuringExecution=_object("nodeSelectorTerms", nodeSelectorTerms={"type": "array", "minItems": 1, "items": _object("", matchExpressions={"type": "array", "items": EXPRESSION})}))),
    securityContext=_object("", runAsUser=COUNT, runAsGroup=COUNT, seccompProfile=_object("type", type={"enum": ["RuntimeDefault"]})),
    volumes={"type": "array", "items": _object("name", name=NAME, persistentVolumeClaim=_object("claimName", claimName=NAME))},
    containers={"type": "array", "items": CONTAINER, "minItems": 1},
)  # fmt: skip
JOB = _object(
    "apiVersion kind metadata spec",
    apiVersion={"const": "batch/v1"},
    kind={"const": "Job"},
    metadata=_object("name", name=NAME, labels={"type": "object", "additionalProperties": {"type": "string"}}),
    spec=_object(
        "template", suspend={"type": "boolean"}, backoffLimit=COUNT, completions=COUNT, parallelism=COUNT,
        activeDeadlineSeconds={"type": "integer", "minimum": 1}, ttlSecondsAfterFinished=COUNT,
        template=_object("spec", metadata=_object("", labels=LABELS), spec=POD),
    ),
)  # fmt: skip


@dataclass
class Run:
    """A job, and its pod once it has one."""

    job: dict[str, Any]
    process: "subprocess.Popen[bytes] | None" = None
    gpus: tuple[int, ...] = ()
    ends_at: float = 0.0
    printed: Path = Path()
    conditions: list[dict[str, Any]] = field(default_factory=list)
    evicted: bool = False
    leaving: bool = False

    @property
    def container(self) -> dict[str, Any]:
        return self.job["spec"]["template"]["spec"]["containers"][0]

    @property
    def wants(self) -> tuple[float, int]:
        limits = self.container["resources"]["limits"]
        return float(limits["cpu"].removesuffix("m")) / 1000, int(limits.get("nvidia.com/gpu", 0))

    @property
    def is_queued(self) -> bool:
        return "kueue.x-k8s.io/queue-name" in self.job["metadata"]["labels"]


@dataclass
class Cluster:
    """What the server knows; ``image_missing`` lets every pod wait for its image."""

    folder: Path
    port: int = 0
    runs: dict[str, Run] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    image_missing: bool = False
    hold: float = 0.0
    lock: threading.RLock = field(default_factory=threading.RLock)
    over: threading.Event = field(default_factory=threading.Event)

    def connection(self, **parts: str) -> Connection:
        """Return how it is reached."""
        given = {
            "url": f"http://127.0.0.1:{self.port}", "token": TOKEN, "namespace": "training",
            "claim": "jobs", "mount": str(self.folder), "image": "registry.example.org/train:1",
            "gpus": str(GPUS),
        }  # fmt: skip
        form = EngineForm("cluster", EngineKind.KUBERNETES, given | parts, allow_private=True)
        return checked(form)

    def turn(self) -> None:
        """Start what there is room for, and note what ended."""
        with self.lock:
            for run in [each for each in self.runs.values() if not each.leaving]:
                if (
                    run.process is not None
                    and run.process.poll() is not None
                    and not run.conditions
                ):
                    self._finish(run)
                elif run.process is not None and run.ends_at < time.time() and not run.conditions:
                    _condition(run, "Failed", "DeadlineExceeded")
                    self.stop(run)
                elif run.process is None and not run.conditions and not self.image_missing:
                    self._begin(run)

    def _finish(self, run: Run) -> None:
        assert run.process is not None
        if run.evicted or run.process.returncode:
            _condition(run, "Failed", "BackoffLimitExceeded")
        else:
            _condition(run, "Complete", "")

    def _begin(self, run: Run) -> None:
        busy = [each for each in self.runs.values() if each.process and each.process.poll() is None]
        taken = {gpu for each in busy for gpu in each.gpus}
        free = [gpu for gpu in range(GPUS) if gpu not in taken]
        cpus, gpus = run.wants
        if cpus > CPUS - sum(each.wants[0] for each in busy) or gpus > len(free):
            return
        if run.job["spec"].get("suspend"):
            if not run.is_queued:
                return
            run.job["spec"]["suspend"] = False
        run.gpus = tuple(free[:gpus])
        run.ends_at = time.time() + run.job["spec"]["activeDeadlineSeconds"]
        run.printed = self.folder / f"printed-{run.job['metadata']['name']}"
        environment = {"PATH": os.environ["PATH"]}
        if gpus:
            environment["CUDA_VISIBLE_DEVICES"] = ",".join(map(str, run.gpus))
        with run.printed.open("ab") as out:
            run.process = subprocess.Popen(
                run.container["command"], env=environment, stdout=out, stderr=out,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip

    def stop(self, run: Run) -> None:
        """End a pod as a node does: asked first, and after its grace not any more."""
        if run.process is None or run.process.poll() is not None:
            return
        run.process.send_signal(signal.SIGTERM)
        grace = run.job["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]

        def kill(process: "subprocess.Popen[bytes]") -> None:
            try:
                process.wait(grace)
            except subprocess.TimeoutExpired:
                process.kill()

        threading.Thread(target=kill, args=(run.process,), daemon=True).start()

    def preempt(self, name: str) -> None:
        """Suspend a job, as Kueue does to make room; it waits again."""
        with self.lock:
            run = self.runs[name]
            run.leaving = True
            run.job["spec"]["suspend"] = True
            run.job["metadata"]["labels"].pop("kueue.x-k8s.io/queue-name", None)
            self.stop(run)
        assert run.process is not None
        run.process.wait(30)
        run.process = None
        run.leaving = False

    def evict(self, name: str) -> None:
        """Take the node of a pod away."""
        run = self.runs[name]
        run.evicted = True
        self.stop(run)


def _condition(run: Run, kind: str, reason: str) -> None:
    at = SystemClock().now().strftime("%Y-%m-%dT%H:%M:%SZ")
    run.conditions.append(
        {"type": kind, "status": "True", "reason": reason, "message": f"Job has {kind}: {reason}", "lastTransitionTime": at}
    )  # fmt: skip


def _pod(name: str, run: Run, *, image_missing: bool) -> dict[str, Any]:
    status: dict[str, Any] = {"phase": "Pending", "conditions": []}
    if image_missing:
        waiting = {"reason": "ImagePullBackOff", "message": "not found"}
        status["containerStatuses"] = [{"name": "train", "state": {"waiting": waiting}}]
    elif run.process is not None:
        code = run.process.poll()
        status["phase"] = "Running" if code is None else "Failed" if code else "Succeeded"
    if run.evicted:
        target = {"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler"}
        status["conditions"].append(target)
    made = {"name": f"{name}-x7k2p", "creationTimestamp": "2026-03-14T09:00:00Z"}
    return {"metadata": {**made, "labels": {"job-name": name}}, "status": status}


def _handler(cluster: Cluster) -> type[BaseHTTPRequestHandler]:
    jobs, pods = "/apis/batch/v1/namespaces/training/jobs", "/api/v1/namespaces/training/pods"

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status: int, told: Any) -> None:
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def refused(self, status: int, words: str) -> None:
            self.answer(status, {"kind": "Status", "status": "Failure", "message": words, "code": status})  # fmt: skip

        def turn(self, method: str) -> None:
            time.sleep(cluster.hold)
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            cluster.asked.append((method, self.path))
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return self.refused(401, "Unauthorized")
            with cluster.lock:
                return self.speak(method, parts.path, parse_qs(parts.query), body)

        def speak(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> None:
            if path == jobs and method == "POST":
                return self.create(json.loads(body), query)
            if path == pods and method == "GET":
                name = query["labelSelector"][0].removeprefix("job-name=")
                run = cluster.runs.get(name)
                has = run is not None and (run.process is not None or cluster.image_missing)
                made = [_pod(name, run, image_missing=cluster.image_missing)] if run and has else []
                return self.answer(200, {"kind": "PodList", "items": made})
            if path.startswith(pods) and path.endswith("/log") and method == "GET":
                run = cluster.runs[path.split("/")[-2].removesuffix("-x7k2p")]
                return self.answer(200, run.printed.read_bytes()[: int(query["limitBytes"][0])])
            name = path.removeprefix(f"{jobs}/")
            run = cluster.runs.get(name)
            if run is None:
                return self.refused(404, f'jobs.batch "{name}" not found')
            if method == "DELETE":
                cluster.stop(cluster.runs.pop(name))
                return self.answer(200, {"kind": "Status", "status": "Success"})
            return self.answer(200, {**run.job, "status": {"conditions": run.conditions}})

        def create(self, job: dict[str, Any], query: dict[str, list[str]]) -> None:
            wrong = next(iter(Draft202012Validator(JOB).iter_errors(job)), None)
            if wrong is not None:
                return self.refused(422, f"Job is invalid: {wrong.json_path}: {wrong.message}")
            name = job["metadata"]["name"]
            if name in cluster.runs:
                return self.refused(409, f'jobs.batch "{name}" already exists')
            if query.get("dryRun") != ["All"]:
                cluster.runs[name] = Run(job)
            return self.answer(201, job)

        def do_GET(self) -> None:
            self.turn("GET")

        def do_POST(self) -> None:
            self.turn("POST")

        def do_DELETE(self) -> None:
            self.turn("DELETE")

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: who hangs up is part of a test."""


@contextmanager
def kubernetes(folder: Path) -> Iterator[Cluster]:
    """Yield a cluster whose volume is a folder; its pods end with it."""
    cluster = Cluster(folder)
    server = _Server(("127.0.0.1", 0), _handler(cluster))
    cluster.port = server.server_address[1]

    def turns() -> None:
        while not cluster.over.wait(0.05):
            cluster.turn()

    threads = [threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True), threading.Thread(target=turns, daemon=True)]  # fmt: skip
    for thread in threads:
        thread.start()
    try:
        yield cluster
    finally:
        cluster.over.set()
        server.shutdown()
        server.server_close()
        for run in cluster.runs.values():
            if run.process is not None and run.process.poll() is None:
                run.process.kill()
                run.process.wait()
        for thread in threads:
            thread.join()
