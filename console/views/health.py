"""System health: checks with a word, never a green default."""

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import Session

from console.format import ago, instant, plural
from console.views import upkeep
from services.facts.registry.types import SyncState
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services

_SILENT_SECONDS, _STALE_SECONDS = 60, 120
_ORDER = ("fail", "stale", "unknown", "none", "pass")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_SAFE_SQLITE = (3, 51, 3)


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One check."""

    name: str
    status: str
    word: str
    finding: str
    advice: str


@dataclass(frozen=True, slots=True)
class HealthView:
    """All checks, the worst first."""

    sentence: str
    status: str
    word: str
    rows: tuple[HealthRow, ...]
    facts: tuple[tuple[str, str], ...]


def load(services: "Services", principal: Principal) -> HealthView:
    """Return what was checked, the worst first; what nobody checked is unknown.

    Raises
    ------
    NotPermitted
        When this person may not read the health of the system.
    """
    services.authority.require(principal, Action.HEALTH_READ)
    now = services.clock.now()
    with services.store.reading() as session:
        beats = services.health.all(session)
        sync = services.registry.sync_state(session)
        database = _database(session)
    told: dict[str, Any] = {}
    for beat in beats.values():
        told |= dict(beat.detail)
    settings = services.settings
    rows = [
        *(_beat(name, words, beats, now) for name, words in _PROCESSES),
        _mirror(sync, now),
        _openness(told),
        _sandbox(told),
        HealthRow(*upkeep.environments(told.get("environments"))),
        _tls(settings),
        _modes(Path(settings.home)),
        database,
    ]
    rows.sort(key=lambda row: _ORDER.index(row.status))
    bad = sum(row.status in ("fail", "stale") for row in rows)
    blind = sum(row.status == "unknown" for row in rows)
    status, word = overall(bad, blind)
    sentence = (
        f"{bad} of {plural(len(rows), 'check')} need somebody, {blind} could not be made · "
        f"as of {instant(now)}"
    )
    return HealthView(sentence, status, word, tuple(rows), _facts(settings, sync))


_PROCESSES = (
    ("worker:batch", "Worker, durable lane"),
    ("worker:interactive", "Worker, quick lane"),
)


def overall(bad: int, blind: int) -> tuple[str, str]:
    """Return the state of the whole: what could not be checked is never healthy."""
    if bad:
        return "fail", "Needs attention"
    return ("unknown", "Not all checked") if blind else ("pass", "All checks pass")


def _beat(name: str, words: str, beats: Mapping[str, Any], now: datetime) -> HealthRow:
    beat = beats.get(name)
    if beat is None:
        return HealthRow(words, "unknown", "Never seen", "It never said anything.", _START)
    silent = (now - beat.at).total_seconds()
    if silent > _SILENT_SECONDS:
        return HealthRow(words, "fail", "Silent", f"It last spoke {ago(beat.at, now)}.", _START)
    return HealthRow(words, "pass", "Alive", f"It spoke {ago(beat.at, now)}.", "")


_START = "Start it: countersign up, or countersign worker run."


def _mirror(sync: SyncState, now: datetime) -> HealthRow:
    name = "Mirror of MLflow"
    if sync.at is None:
        why = sync.reason or "MLflow was never read."
        return HealthRow(name, "unknown", "Never read", why, "Start MLflow and the worker.")
    found = f"{sync.models:,} models, {sync.versions:,} versions, read {ago(sync.at, now)}."
    if not sync.ok:
        return HealthRow(name, "fail", "Not answering", f"{sync.reason} {found}", "Start MLflow.")
    if (now - sync.at).total_seconds() > _STALE_SECONDS:
        return HealthRow(name, "stale", "Late", found, "Look at the log of the worker.")
    skipped = f" {len(sync.skipped)} with unusable names were left out." if sync.skipped else ""
    return HealthRow(name, "pass", "Fresh", found + skipped, "")


def _openness(told: Mapping[str, Any]) -> HealthRow:
    name, found = "MLflow access", told.get("mlflow_open")
    if found is None:
        return HealthRow(name, "unknown", "Not checked", "The worker has not asked yet.", "")
    if found:
        why = "It answers anybody who reaches it: aliases can be moved without a signature."
        return HealthRow(name, "stale", "Open", why, "Keep it on loopback, or give it passwords.")
    return HealthRow(name, "pass", "Closed", "It asks for credentials.", "")


def _sandbox(told: Mapping[str, Any]) -> HealthRow:
    name, level = "Sandbox", str(told.get("sandbox") or "")
    if not level:
        return HealthRow(name, "unknown", "Not checked", "The worker has not said its level.", "")
    if level == "S1":
        return HealthRow(
            name, "pass", level, "No network, no secrets, limits on time and memory.", ""
        )
    why = "Limits only: versions are loaded where their policy trusts them, no others."
    return HealthRow(name, "stale", level, why, "Allow user namespaces or seccomp to the worker.")


def _tls(settings: Any) -> HealthRow:
    if settings.is_secure:
        return HealthRow("TLS", "pass", "On", f"People reach it at {settings.console_url}.", "")
    why = f"{settings.console_url} is plain HTTP; it is bound to this machine alone."
    return HealthRow("TLS", "none", "On loopback", why, "")


def _modes(home: Path) -> HealthRow:
    name = "File modes"
    try:
        wide = [each for each in (home, home / "keys") if each.stat().st_mode & _OTHERS]
    except OSError:
        return HealthRow(name, "unknown", "Not checked", "The workspace cannot be looked at.", "")
    if wide:
        places = ", ".join(str(each) for each in wide)
        return HealthRow(
            name, "fail", "Open to others", f"Others may look into {places}.", "chmod 700"
        )
    return HealthRow(name, "pass", "Closed", "Only the owner may look into the workspace.", "")


def _database(session: Session) -> HealthRow:
    dialect = session.get_bind().dialect
    if dialect.name != "sqlite":
        role, superuser = session.execute(
            sa.text("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
        ).one()
        if superuser:
            advice = "Connect as countersign_app; keep the owner for migrations."
            return HealthRow(
                "Database role", "fail", "Too strong", f"{role} is a superuser.", advice
            )
        return HealthRow("Database role", "pass", "Limited", f"{role} is no superuser.", "")
    version = str(session.execute(sa.text("SELECT sqlite_version()")).scalar_one())
    parts = tuple(int(part) for part in version.split("."))
    found = f"SQLite {version}: one file, one writer."
    if parts < _SAFE_SQLITE:
        why = f"{found} Before 3.51.3 several writers of one file can lose a write, rarely."
        return HealthRow("Database", "stale", "Old SQLite", why, "Use PostgreSQL for a team.")
    return HealthRow("Database", "pass", "SQLite", found, "")


def _facts(settings: Any, sync: SyncState) -> tuple[tuple[str, str], ...]:
    return (
        ("Console", settings.console_url),
        ("MLflow", settings.mlflow),
        ("Workspace", str(settings.home)),
        ("Mirror read", instant(sync.at)),
    )
