"""What the monitoring page asks the worker for; each is a task, and reading rows is an event too."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from console.views.decisions import team_of
from services.facts.window.types import Monitor
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about which stretch of one monitor; ``key`` makes it happen once."""

    monitor_id: str
    since: datetime
    until: datetime
    segment: str
    key: str
    feature: str = ""
    column: str = ""


def measure(services: "Services", principal: Principal, asked: Question) -> str:
    """Ask for the measuring of what came in since the last time.

    Raises
    ------
    NotPermitted
        When this person may not ask the worker about this model.
    """
    monitor = _permitted(services, principal, asked.monitor_id, Action.MONITOR_ASK)
    ref = monitor.ref
    payload = {
        "name": ref.name,
        "version": ref.version,
        "run_id": ref.run_id,
        "partition": ref.name,
    }
    _file(services, principal, "monitoring", asked, payload)
    return f"{ref.label} is being measured."


def drill(services: "Services", principal: Principal, asked: Question) -> str:
    """Ask how far one feature moved in each segment of a column."""
    _permitted(services, principal, asked.monitor_id, Action.MONITOR_ASK)
    payload = {**_stretch(asked), "feature": asked.feature, "segment_column": asked.column}
    _file(services, principal, "drill_down", asked, payload)
    return f"{asked.feature} is being split by {asked.column}."


def report(services: "Services", principal: Principal, asked: Question) -> str:
    """Ask Evidently for its report on the rows of a window."""
    monitor = _permitted(services, principal, asked.monitor_id, Action.MONITOR_ASK)
    payload = {**_stretch(asked), "segment": asked.segment, "partition": monitor.ref.name}
    _file(services, principal, "drift_report", asked, payload)
    return "Evidently's report is being made."


def rows(services: "Services", principal: Principal, asked: Question) -> str:
    """Ask for the rows of a window; who asked for which rows stands in the trail.

    Raises
    ------
    NotPermitted
        When this person may not read rows of this model.
    """
    monitor = _permitted(services, principal, asked.monitor_id, Action.ROWS_READ)
    payload = {**_stretch(asked), "segment": asked.segment, "rows": True}
    with services.store.unit(principal.actor) as unit:
        services.tasks.request(
            unit.session, "drill_down", ("monitor", asked.monitor_id), payload,
            requested_by=principal.person_id, key=asked.key,
        )  # fmt: skip
        unit.event(
            "sensitive:read", ("model", monitor.ref.name), what="prediction_rows",
            version=monitor.ref.version, since=asked.since, until=asked.until, segment=asked.segment,
        )  # fmt: skip
    return "The rows are being read; that you asked for them stands in the audit trail."


def _stretch(asked: Question) -> dict[str, str]:
    return {
        "monitor_id": asked.monitor_id,
        "since": asked.since.isoformat(),
        "until": asked.until.isoformat(),
    }


def _permitted(
    services: "Services", principal: Principal, monitor_id: str, action: Action
) -> Monitor:
    with services.store.reading() as session:
        monitor = services.windows.monitor(session, monitor_id)
        team = team_of(services, session, monitor.ref.name)
    services.authority.require(principal, action, model=monitor.ref.name, team=team)
    return monitor


def _file(
    services: "Services", principal: Principal, kind: str, asked: Question,
    payload: Mapping[str, Any],
) -> None:  # fmt: skip
    with services.store.operational() as session:
        services.tasks.request(
            session, kind, ("monitor", asked.monitor_id), payload,
            requested_by=principal.person_id, key=asked.key,
        )  # fmt: skip
