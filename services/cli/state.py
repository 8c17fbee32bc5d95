"""``countersign status`` and ``countersign wait``: whether everything is well."""

import argparse
import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx

from services.bootstrap import embedded_mlflow
from services.cli import run_file
from services.kernel.error import SourceUnavailable
from services.settings import Settings, read_settings

if TYPE_CHECKING:
    from services.bootstrap.services import Services

SILENT_SECONDS, STALE_SECONDS = 30, 120
_PAUSE = 1.0
"""Seconds between two looks: each costs a tenth of one, and what is waited for needs the machine."""


def add(nouns: Any) -> None:
    """Add these commands."""
    status = nouns.add_parser("status", help="whether web, worker, MLflow and mirror are well")
    status.add_argument("--json", action="store_true")
    status.set_defaults(run=run_status)
    wait = nouns.add_parser("wait", help="wait until the console is ready, or idle")
    wait.add_argument("what", choices=["ready", "idle"])
    wait.add_argument("--timeout", type=float, default=300.0)
    wait.set_defaults(run=run_wait)


def look(settings: Settings, services: "Services") -> dict[str, dict[str, Any]]:
    """Return what is well and what is not, and why."""
    now = datetime.now(UTC)  # noqa: TID251 - when a person asked
    with services.store.reading() as session:
        beats, sync = services.health.all(session), services.registry.sync_state(session)
    beat = beats.get("worker:batch")
    silent = (now - beat.at).total_seconds() if beat else None
    age = (now - sync.at).total_seconds() if sync.at else None
    web = _answers(f"http://127.0.0.1:{settings.port}/ready")
    worker = silent is not None and silent < SILENT_SECONDS
    mlflow = embedded_mlflow.answers(settings.mlflow)
    fresh = sync.ok and age is not None and age < STALE_SECONDS
    return {
        "web": _word(web, "It does not answer."),
        "worker": _word(worker, "It is silent." if beat else "It never spoke."),
        "mlflow": _word(mlflow, "It does not answer."),
        "sync": {**_word(fresh, sync.reason or "The mirror is late."), "age_seconds": age},
    }


def _word(ok: bool, reason: str) -> dict[str, Any]:  # noqa: FBT001 - a fact, not a switch
    return {"ok": ok, "reason": "" if ok else reason}


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=3).is_success
    except httpx.HTTPError:
        return False


def run_status(arguments: argparse.Namespace) -> int:
    """Print the state of everything; exit 0 when all is well."""
    from services.bootstrap.services import open_services

    settings = read_settings()
    run_file.read(settings.home)
    found = look(settings, open_services(settings))
    if arguments.json:
        print(json.dumps(found, indent=1))
    else:
        for name, state in found.items():
            print(f"{name:<8} {'ok' if state['ok'] else state['reason']}")
    return 0 if all(state["ok"] for state in found.values()) else 1


def run_wait(arguments: argparse.Namespace) -> int:
    """Wait; exit 0 when it came true, 2 when the time ran out."""
    settings = read_settings()
    deadline = time.monotonic() + arguments.timeout
    asked = datetime.now(UTC)  # noqa: TID251 - when a person asked
    why = "nothing was seen"
    while time.monotonic() < deadline:
        why = _not_yet(settings, arguments.what, asked)
        if not why:
            return 0
        time.sleep(_PAUSE)
    print(f"Not {arguments.what} within {arguments.timeout:.0f} seconds: {why}")
    return 2


def _not_yet(settings: Settings, what: str, asked: datetime) -> str:
    """Return why it is not there yet; empty when it is."""
    try:
        held = run_file.read(settings.home)
    except SourceUnavailable as error:
        return error.message
    if held["state"] == "starting":
        return "it is starting"
    if not _answers(f"http://127.0.0.1:{settings.port}/ready"):
        return "the console does not answer"
    return _not_idle(settings, asked) if what == "idle" else ""


def _not_idle(settings: Settings, asked: datetime) -> str:
    """Return what is still to be done of all that MLflow held when somebody asked."""
    from services.bootstrap.services import open_services

    services = open_services(settings)
    try:
        for name, state in look(settings, services).items():
            if not state["ok"]:
                return f"{name}: {state['reason']}"
        return _busy(services) or _undone(services, asked) or _busy(services)
    finally:
        services.store.database.close()


def _busy(services: "Services") -> str:
    tasks = services.tasks.open()
    return f"{len(tasks)} tasks are not over" if tasks else ""


def _undone(services: "Services", asked: datetime) -> str:
    """Return what nobody was asked to do yet."""
    from services.bootstrap.work import watch

    with services.store.reading() as session:
        looked = services.registry.sync_state(session).at
        undrafted = [
            version.ref.label
            for model in services.governance.all(session)
            for version in services.registry.versions(session, model.name)
            if services.cards.current(session, version.ref).revision == 0
        ]
        untold = [ref.name for ref in services.feeds.unasked(session)]
    if looked is None or looked < asked:
        return "the mirror has not looked since you asked"
    if undrafted:
        return f"{undrafted[0]} was not looked at yet"
    if untold:
        return f"the stream of {untold[0]} has days to tell"
    unmeasured = watch(services).unasked()
    return f"{unmeasured[0].label} has windows to measure" if unmeasured else ""
