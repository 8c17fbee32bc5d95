"""What needs the files of a run."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.decisions.disposal.types import Needed, Place
from services.facts.storage.types import KeptRun

KEEP = timedelta(days=184)
"""So long after its end a run is kept from which a version came: six months, as logs are (EU AI Act, Art. 19)."""
KEEP_TRIAL = timedelta(days=30)
"""So long any other run."""


def reasons(
    kept: KeptRun, versions: Sequence[Place], needed: Needed, now: datetime
) -> tuple[str, ...]:
    """Return why the files of a run are needed; empty where nothing needs them.

    Notes
    -----
    A run is needed as soon as one of its versions is: the rows that a version is measured on lie with
    the run. Files that nobody could weigh are not let go of either: nobody knows what they are.
    """
    found: list[str] = []
    for place in versions:
        found += [f"{place[0]} {place[1]}: {why}" for why in needed.versions.get(place, ())]
    if kept.held:
        found.append(f"held: {kept.held}")
    keep = KEEP if versions else KEEP_TRIAL
    if now - kept.ended_at < keep:
        last = (kept.ended_at + keep).date()
        until = f"{last.day} {last:%b %Y}"
        found.append(f"ended less than {keep.days} days ago; kept until {until}")
    if kept.size is None:
        found.append("MLflow does not serve its files, so they cannot be told")
    return tuple(found)
