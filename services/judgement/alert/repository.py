"""Alert rows in, alerts out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.judgement.alert.records import AlertRecord
from services.judgement.alert.types import BUDGET, Alert, AlertState
from services.kernel.identity import ModelRef, new_id
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.policy.watch import Severity, Then

R = AlertRecord
_SAME = (
    "alert_id", "monitor_id", "rule", "metric", "feature", "segment", "value", "lo", "hi", "floor",
    "n", "bound", "window_start", "window_end", "breached_at", "raised_at", "runbook",
    "policy_sha256", "handled_by", "reason", "snoozed_until", "resolved_at", "how",
)  # fmt: skip


def by_id(session: Session, alert_id: str, at: datetime | None = None) -> Alert | None:
    """Return one alert, as it stands or stood."""
    row = session.exec(select(R).where(standing(R, at), col(R.alert_id) == alert_id)).first()
    return _alert(row) if row else None


def find(
    session: Session,
    *,
    model: str | None = None,
    states: Sequence[AlertState] | None = None,
    since: datetime | None = None,
    at: datetime | None = None,
) -> list[Alert]:
    """Return alerts, oldest first.

    Parameters
    ----------
    since
        Only those raised from then on.
    """
    chosen = select(R).where(standing(R, at))
    if model is not None:
        chosen = chosen.where(col(R.name) == model)
    if states is not None:
        chosen = chosen.where(col(R.state).in_(list(states)))
    if since is not None:
        chosen = chosen.where(col(R.raised_at) >= since)
    rows = session.exec(chosen.order_by(col(R.raised_at), col(R.alert_id)))
    return [_alert(row) for row in rows]


def latest(session: Session, model: str) -> list[Alert]:
    """Return the alerts of a model by which the next look is judged: the last of each series.

    Notes
    -----
    Alerts that are over stay for ever, and a look is taken twice a minute: the others are not read.
    """
    its = (standing(R), col(R.name) == model)
    series = (R.monitor_id, R.rule, R.feature, R.segment)
    place = sa.func.row_number().over(
        partition_by=[col(each) for each in series],
        order_by=(col(R.raised_at).desc(), col(R.alert_id).desc()),
    )
    ranked = sa.select(col(R.row_id), place.label("place")).where(*its).subquery()
    last = sa.select(ranked.c.row_id).where(ranked.c.place == 1)
    rows = session.exec(
        select(R).where(col(R.row_id).in_(last)).order_by(col(R.raised_at), col(R.alert_id))
    )
    return [_alert(row) for row in rows]


def of_budgets(session: Session) -> list[Alert]:
    """Return every alert of a budget as it stands, oldest first."""
    its = col(R.monitor_id).startswith(BUDGET)
    rows = session.exec(select(R).where(standing(R), its).order_by(col(R.raised_at)))
    return [_alert(row) for row in rows]


def history(session: Session, alert_id: str) -> list[Alert]:
    """Return how an alert stood from its beginning on, oldest first."""
    chosen = select(R).where(col(R.alert_id) == alert_id).order_by(col(R.event_seq))
    return [_alert(row) for row in session.exec(chosen)]


def write(unit: UnitOfWork, alert: Alert, seq: int) -> Alert:
    """Store how an alert stands from now on."""
    for row in unit.session.exec(select(R).where(standing(R), col(R.alert_id) == alert.alert_id)):
        close(row, unit.now)
    unit.session.flush()
    ref = alert.ref
    unit.session.add(
        R(
            row_id=new_id(),
            open_key=alert.dedup_key if alert.is_open else None,
            registry_id=ref.registry,
            workspace_id=ref.workspace,
            name=ref.name,
            version=ref.version,
            run_id=ref.run_id,
            source_uri=ref.source_uri,
            severity=alert.severity,
            state=alert.state,
            limit_words=alert.limit,
            channels=list(alert.channels),
            then=alert.then,
            valid_from=alert.changed_at,
            event_seq=seq,
            **{name: getattr(alert, name) for name in _SAME},
        )
    )
    unit.session.flush()
    return alert


def _alert(row: AlertRecord) -> Alert:
    values: dict[str, Any] = {name: getattr(row, name) for name in _SAME}
    return Alert(
        ref=ModelRef(
            row.registry_id, row.workspace_id, row.name, row.version, row.run_id, row.source_uri
        ),
        severity=Severity(row.severity),
        state=AlertState(row.state),
        limit=row.limit_words,
        channels=tuple(row.channels),
        then=Then(row.then),
        changed_at=row.valid_from,
        **values,
    )
