"""What happened, as one line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from console.format import ago, instant, short, shortened
from console.views.names import Names
from services.record.trail.types import TrailEvent

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "workspace:opened": "Workspace opened",
        "model:governed": "Governance began:",
        "model:reassigned": "Responsibility changed:",
        "tier:set": "Tier set:",
        "team:created": "Team created:",
        "model:mirrored": "Mirrored from MLflow",
        "alias:moved": "Alias moved:",
        "alias:bypassed": "Alias moved outside the console:",
        "version:vanished": "Version vanished from MLflow:",
        "sync:failed": "Mirroring failed",
        "evidence:filed": "Evidence filed:",
        "evidence:failed": "Measurement failed:",
        "evidence:stale": "Evidence went stale:",
        "clause:excused": "Declared not applicable:",
        "card:revised": "Card revised:",
        "policy:published": "Policy published:",
        "review:requested": "Review requested:",
        "review:returned": "Changes requested:",
        "review:withdrawn": "Review withdrawn:",
        "review:rejected": "Rejected:",
        "review:expired": "Review expired:",
        "signature:given": "Signed:",
        "signature:revoked": "Signature revoked:",
        "promotion:authorised": "Promotion authorised:",
        "promotion:applied": "Promoted:",
        "promotion:failed": "Promotion failed:",
        "promotion:rolled_back": "Rolled back:",
        "person:created": "Account opened:",
        "person:revised": "Account changed:",
        "person:linked": "Sign-in link made:",
        "person:disabled": "Account disabled:",
        "role:granted": "Role granted:",
        "role:revoked": "Role taken away:",
        "session:opened": "Signed in",
        "session:reauthenticated": "Identity proved again",
        "session:revoked": "Session ended",
        "session:refused": "Sign-in refused",
        "token:created": "API token made:",
        "token:revoked": "API token revoked:",
        "task:cancelled": "Task cancelled:",
        "kpi:set": "Business figure set:",
        "kpi:removed": "Business figure removed:",
        "predictions:ingested": "Predictions logged:",
        "predictions:imported": "File of rows imported:",
        "predictions:deleted": "Predictions deleted:",
        "outcomes:ingested": "Outcomes logged:",
        "protected:ingested": "Protected attributes logged:",
        "custody:set": "Keeping of rows set:",
        "window:profiled": "Window measured:",
        "monitor:made": "Watched from now on:",
        "alert:raised": "Alert raised:",
        "alert:acknowledged": "Alert acknowledged:",
        "alert:snoozed": "Alert snoozed:",
        "alert:resolved": "Alert resolved:",
        "run:marked": "Run of somebody else marked:",
        "budget:set": "Budget set:",
        "budget:ended": "Budget ended:",
        "budget:exceeded": "Budget used up:",
        "saving:recommended": "Saving recommended:",
        "saving:dismissed": "Saving dismissed:",
        "saving:reopened": "Saving taken up again:",
        "saving:done": "Saving carried out:",
        "storage:disposal_ordered": "Files ordered to be taken away of run",
        "storage:disposal_withdrawn": "Order to take files away taken back of run",
        "storage:disposed": "Files taken away of run",
        "storage:kept": "Files kept, since something needs them, of run",
        "recipe:published": "Recipe published:",
        "price:published": "Prices published:",
        "price:ended": "Price ended:",
        "grid_factor:published": "Factor of a grid published:",
        "currency_rate:published": "Rate of exchange published:",
        "cost:recorded": "Cost recorded:",
        "cost:imported": "Cost imported:",
        "cost:corrected": "Cost corrected:",
        "cost:covered": "What a bill pays for was said:",
        "cost:reconciled": "Bill reconciled:",
        "holdout:consulted": "Holdout consulted:",
        "challenger:registered": "Challenger registered:",
        "challenger:compared": "Challenger compared:",
        "channel:set": "Channel set:",
        "channel:removed": "Channel removed:",
        "engine:set": "Engine set:",
        "engine:removed": "Engine removed:",
        "hook:set": "Webhook set:",
        "hook:removed": "Webhook removed:",
        "notification:delivered": "Notification delivered:",
        "notification:failed": "Notification not delivered:",
        "incident:opened": "Incident opened:",
        "incident:updated": "Incident updated:",
        "incident:closed": "Incident closed:",
        "model:suspended": "Suspended:",
        "ticket:opened": "Ticket opened:",
        "ticket:quoted": "Ticket quoted:",
        "ticket:approved": "Ticket approved:",
        "ticket:returned": "Ticket sent back:",
        "ticket:revised": "Ticket revised:",
        "ticket:refused": "Ticket refused:",
        "ticket:recalled": "Ticket asked to stop:",
        "ticket:started": "Training began:",
        "ticket:logged": "Run of a training noted:",
        "ticket:trained": "Trained, to be compared:",
        "ticket:closed": "Ticket closed:",
        "job:intended": "Attempt written down:",
        "job:submitted": "Attempt handed over:",
        "job:started": "Attempt began:",
        "job:stopped": "Attempt stopped:",
        "job:finished": "Attempt ended:",
        "export:made": "Exported:",
        "sensitive:read": "Sensitive data read:",
        "backup:made": "Backup made",
    }
)
_TOLD = ("alias", "kind", "metric", "role", "decision", "limit", "reason", "state", "models", "kpi")
_LONGEST, _MOST = 60, 3


@dataclass(frozen=True, slots=True)
class EventRow:
    """One trail event.

    Attributes
    ----------
    model
        The model it is about, or empty.
    """

    seq: int
    when: str
    at: str
    action: str
    words: str
    subject: str
    model: str
    by: str
    detail: str


def row(event: TrailEvent, names: Names, now: datetime) -> EventRow:
    """Return an event as a line; ids of people become their names."""
    return EventRow(
        event.seq, ago(event.at, now), instant(event.at), event.action,
        WORDS.get(event.action, event.action), _subject(event, names), model_of(event),
        names.actor(event.actor), detail_of(event.payload),
    )  # fmt: skip


def model_of(event: TrailEvent) -> str:
    """Return the model an event is about, or an empty text."""
    if event.subject_kind == "model":
        return event.subject_id
    if event.subject_kind in ("version", "card"):
        return event.subject_id.rpartition("/")[0]
    model = event.payload.get("model")
    if isinstance(model, Mapping):
        return str(model.get("name", ""))  # pyright: ignore[reportUnknownMemberType,reportUnknownArgumentType]
    return model if isinstance(model, str) else ""


def detail_of(payload: Mapping[str, Any]) -> str:
    """Return what is short and worth saying of a payload; digests and ids are not."""
    said: list[str] = []
    for key in _TOLD:
        value = payload.get(key)
        if isinstance(value, str | int) and value != "" and len(str(value)) <= _LONGEST:
            said.append(f"{key} {value}")
    return ", ".join(said[:_MOST])


def _subject(event: TrailEvent, names: Names) -> str:
    kind, subject = event.subject_kind, event.subject_id
    model = model_of(event)
    version = event.payload.get("version")
    if kind in ("version", "card"):
        return f"{shortened(model, _LONGEST)} v{subject.rpartition('/')[2]}"
    if kind == "person":
        return names.person(subject)
    if model:
        return shortened(model, _LONGEST) + (f" v{version}" if isinstance(version, int) else "")
    if kind in ("policy", "team", "alias"):
        return subject
    named = subject if kind in ("environment", "engine", "hook", "ledger") else short(subject)
    return "" if kind in ("session", "registry", "workspace") else f"{kind} {named}"
