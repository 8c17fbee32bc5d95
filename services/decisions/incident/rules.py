"""The clock of the report to the authority: pure functions."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from services.decisions.incident.types import Deadline, Entry, EntryKind, Harm, Incident

DAYS: Mapping[Harm, int] = MappingProxyType(
    {
        Harm.WIDESPREAD: 2,
        Harm.INFRASTRUCTURE: 2,
        Harm.DEATH: 10,
        Harm.HEALTH: 15,
        Harm.RIGHTS: 15,
        Harm.PROPERTY: 15,
    }
)
DAY = timedelta(days=1)


def due_at(harm: Harm, aware_at: datetime) -> datetime | None:
    """Return until when a serious incident is to be reported; None when it is none, or unjudged.

    Notes
    -----
    Calendar days of 24 hours from awareness. Regulation 1182/71 may give a few hours or a weekend
    more; the shorter reading is kept.

    References
    ----------
    Regulation (EU) 2024/1689, Article 73(2) to (4): 15 days; 2 for a widespread infringement or
    Article 3(49)(b); 10 for a death.
    """
    days = DAYS.get(harm)
    return None if days is None else aware_at + days * DAY


def reported_at(entries: Iterable[Entry]) -> datetime | None:
    """Return when the authority was told first, or None."""
    return min((each.at for each in entries if each.kind is EntryKind.REPORT), default=None)


def deadline(incident: Incident, reported: datetime | None, now: datetime) -> Deadline | None:
    """Return where the clock stands; None when no clock runs.

    Parameters
    ----------
    reported
        When the authority was told first; the clock stands still there.
    """
    due = due_at(incident.harm, incident.aware_at)
    if due is None:
        return None
    left = due - (reported or now)
    return Deadline(due, reported, left // DAY, left < timedelta(0))
