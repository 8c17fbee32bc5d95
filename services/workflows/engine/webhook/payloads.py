"""What is written to somebody else's machinery, and how its reports are read."""

import hmac
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.kernel.error import InvalidInput, NotPermitted
from services.kernel.text import clean
from services.standards.engine.types import Connection
from services.workflows.engine.types import AttemptSpec, EngineState, Usage
from services.workflows.engine.webhook.types import REPORTS, Report
from services.workflows.notification.payloads import SIGNATURE, TIMESTAMP, signature
from services.workflows.notification.types import Letter

ORDER, STATUS = "training-order/1", "training-status/1"
LONGEST_LOG = 256 * 1024
LONGEST_REASON = 300
FRESH = 300.0
"""Seconds that a signature counts for."""
_SECRETS = ("TOKEN", "PASSWORD", "SECRET", "KEY", "CREDENTIAL")
_KEYS = frozenset(
    {"schema", "attempt_id", "sequence", "state", "reason", "exit_code", "started_at", "finished_at",
     "log", "usage", "result"}
)  # fmt: skip
USED = ("wall_seconds", "cpu_seconds", "peak_memory_mb", "gpu_seconds", "gpu_busy_share")


def start(spec: AttemptSpec, report_to: str) -> dict[str, Any]:
    """Return the order of an attempt; no variable whose name speaks of a secret goes out."""
    told = spec.folder / "parameters.json"
    parameters = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}
    wants = spec.resources
    return {
        "schema": ORDER,
        "action": "start",
        "attempt_id": spec.attempt_id,
        "ticket_id": spec.job_id,
        "number": spec.number,
        "report_to": report_to,
        "command": list(spec.command),
        "image": spec.image,
        "folder": str(spec.folder.absolute()),
        "parameters": parameters,
        "environment": {
            name: value
            for name, value in spec.environment.items()
            if not any(each in name.upper() for each in _SECRETS)
        },
        "resources": {
            "cpus": wants.cpus, "memory_gb": wants.memory_gb, "gpus": wants.gpus,
            "gpu_type": wants.gpu_type, "seconds": wants.seconds, "spot": wants.spot,
        },
        "grace_seconds": spec.grace_seconds,
        "checkpoint": {"dir": spec.checkpoint, "signal": spec.stop_signal},
    }  # fmt: skip


def other(action: str, attempt_id: str, ticket_id: str, reason: str) -> dict[str, Any]:
    """Return the order to stop an attempt, or a trial of the connection."""
    return {
        "schema": ORDER, "action": action, "attempt_id": attempt_id, "ticket_id": ticket_id,
        "reason": reason,
    }  # fmt: skip


def letter(connection: Connection, order: Mapping[str, Any], at: datetime) -> Letter:
    """Return the signed request that brings an order, in the style of who receives it."""
    key = f"{order['attempt_id']}-{order['action']}"
    content: Mapping[str, Any] = order
    if connection.address["style"] == "github":
        kind = f"countersign-{order['action']}"
        content = {"event_type": kind, "client_payload": {"order": order}}
    elif connection.address["style"] == "airflow":
        content = {"dag_run_id": key, "logical_date": None, "conf": {"order": order}}
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    timestamp = str(int(at.timestamp()))
    headers = [
        ("Content-Type", "application/json"),
        ("Idempotency-Key", key),
        (TIMESTAMP, timestamp),
        (SIGNATURE, signature(connection.secrets["signing_secret"], timestamp, body)),
    ]
    if connection.secrets.get("token"):
        headers.append(("Authorization", f"Bearer {connection.secrets['token']}"))
    return Letter(connection.url, tuple(headers), body)


def is_signed(secret: str, timestamp: str, given: str, body: bytes, now: datetime) -> None:
    """Refuse a report that was not signed with the secret, or is too old.

    Raises
    ------
    NotPermitted
        For both; the sentence does not say how the signature should have been.
    """
    fresh = timestamp.isdecimal() and timestamp.isascii() and len(timestamp) < 12
    fresh = fresh and abs(now.timestamp() - int(timestamp)) <= FRESH
    expected = signature(secret, timestamp, body)
    if not _same(expected, given):
        raise NotPermitted("The report is not signed with the secret of its engine.")
    if not fresh:
        raise NotPermitted("The signature of the report is older than five minutes; sign it again.")


def report(body: bytes, attempt_id: str) -> Report:
    """Return what a report says; ``docs/schemas/training-status-1.json``.

    Raises
    ------
    InvalidInput
        Naming what of it cannot be used.
    """
    told = _told(body, attempt_id)
    state = str(told.get("state"))
    if state not in REPORTS:
        raise InvalidInput(f"The state of a report is one of {', '.join(REPORTS)}.")
    sequence = _whole(told, "sequence")
    if sequence is None or not 0 < sequence < 2**31:
        raise InvalidInput("The sequence of a report is a whole number from 1 that rises.")
    result = told.get("result")
    if result is not None and not isinstance(result, dict):
        raise InvalidInput("The result of a report is an object, as in result.json.")
    preempted = state == "preempted"
    return Report(
        sequence,
        EngineState.LOST if preempted else EngineState(state),
        clean(_text(told, "reason"), limit=LONGEST_REASON, what="The reason of a report"),
        preempted,
        _whole(told, "exit_code"),
        _instant(told, "started_at"),
        _instant(told, "finished_at"),
        _log(told),
        _usage(told),
        result,
    )


def _told(body: bytes, attempt_id: str) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError as error:
        raise InvalidInput("A report is a JSON object.") from error
    if not isinstance(told, dict) or told.get("schema") != STATUS:
        raise InvalidInput(f"A report is a JSON object whose schema is {STATUS}.")
    unknown = sorted(set(told) - _KEYS)
    if unknown:
        raise InvalidInput(f"A report has no key {unknown[0][:60]!r}.")
    if told.get("attempt_id") != attempt_id:
        raise InvalidInput("The report is about another attempt than its address.")
    return told


def _log(told: Mapping[str, Any]) -> bytes:
    log = _text(told, "log").encode(errors="replace")
    if len(log) > LONGEST_LOG:
        raise InvalidInput(f"A report brings {LONGEST_LOG:,} bytes of log at most; send several.")
    return log


def _text(told: Mapping[str, Any], name: str) -> str:
    text = told.get(name, "")
    if not isinstance(text, str):
        raise InvalidInput(f"The {name} of a report is text.")
    return text


def _instant(told: Mapping[str, Any], name: str) -> datetime | None:
    text = told.get(name)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"The {name} of a report is an instant as 2026-03-14T09:00:00Z.") from error  # fmt: skip
    if at.tzinfo is None:
        raise InvalidInput(f"The {name} of a report needs its zone, as Z.")
    return at.astimezone(UTC)


def _usage(told: Mapping[str, Any]) -> Usage | None:
    used = told.get("usage")
    if used is None:
        return None
    if not isinstance(used, dict) or set(used) - set(USED) or "wall_seconds" not in used:
        raise InvalidInput(f"The usage of a report has wall_seconds, and of {', '.join(USED[1:])}.")
    for name, value in used.items():
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not 0 <= value < math.inf
        ):
            raise InvalidInput(f"The {name} of a report is a number from 0.")
    if used.get("gpu_busy_share", 0) > 1:
        raise InvalidInput("The gpu_busy_share of a report is a share, from 0 to 1.")
    return Usage(at=datetime.fromtimestamp(0, UTC), **used)


def _whole(told: Mapping[str, Any], name: str) -> int | None:
    value = told.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise InvalidInput(f"The {name} of a report is a whole number.")
    return value


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode(errors="replace"))
