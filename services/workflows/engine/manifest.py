"""The manifest of a Job of Kubernetes; nothing of it is a secret."""

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

from services.workflows.engine.types import AttemptSpec

SPARE = 60
KEPT = 24 * 3600
"""Seconds for which a finished job is kept by the cluster."""


def job(
    address: Mapping[str, str], name: str, spec: AttemptSpec, entry: Sequence[str], *, mixed: bool
) -> dict[str, Any]:
    """Return the Job of an attempt.

    Parameters
    ----------
    mixed
        Whether the cluster has several types of GPU, so that one must be named.
    """
    labels = {"app.kubernetes.io/managed-by": "countersign", "countersign.io/attempt": name}
    queue = {"kueue.x-k8s.io/queue-name": address["queue"]} if address.get("queue") else {}
    grace = math.ceil(spec.grace_seconds)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "labels": {**labels, **queue}},
        "spec": {
            "suspend": bool(queue),
            "backoffLimit": 0,
            "completions": 1,
            "parallelism": 1,
            "activeDeadlineSeconds": spec.resources.seconds + grace + SPARE,
            "ttlSecondsAfterFinished": KEPT,
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "restartPolicy": "Never",
                    "terminationGracePeriodSeconds": grace + 15,
                    "automountServiceAccountToken": False,
                    "enableServiceLinks": False,
                    **_where(address, spec, mixed=mixed),
                    "securityContext": {
                        "runAsUser": os.getuid(),
                        "runAsGroup": os.getgid(),
                        "seccompProfile": {"type": "RuntimeDefault"},
                    },
                    "volumes": [
                        {"name": "jobs", "persistentVolumeClaim": {"claimName": address["claim"]}}
                    ],
                    "containers": [_container(address, spec, entry)],
                },
            },
        },
    }


def _container(
    address: Mapping[str, str], spec: AttemptSpec, entry: Sequence[str]
) -> dict[str, Any]:
    wants = spec.resources
    limits = {"cpu": f"{math.ceil(wants.cpus * 1000)}m"}
    limits["memory"] = f"{math.ceil(wants.memory_gb * 1024)}Mi"
    if wants.gpus:
        limits[address["gpu_resource"]] = str(wants.gpus)
    return {
        "name": "train",
        "image": spec.image or address["image"],
        "command": list(entry),
        "resources": {"limits": limits, "requests": dict(limits)},
        "volumeMounts": [{"name": "jobs", "mountPath": address["mount"]}],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
    }


def _where(address: Mapping[str, str], spec: AttemptSpec, *, mixed: bool) -> dict[str, Any]:
    wants = spec.resources
    selector: dict[str, str] = {}
    if wants.gpus and wants.gpu_type and mixed:
        selector[address["gpu_label"]] = wants.gpu_type
    key, _, value = address.get("spot", "").partition("=")
    market: dict[str, Any] = {}
    if key and wants.spot:
        selector[key] = value
        market = {"tolerations": [{"key": key, "operator": "Equal", "value": value}]}
    elif key:
        market = {"affinity": _not_on(key, value)}
    return ({"nodeSelector": selector} if selector else {}) | market


def _not_on(key: str, value: str) -> dict[str, Any]:
    apart = {"key": key, "operator": "NotIn", "values": [value]}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [apart]}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
