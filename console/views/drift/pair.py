"""Two distributions of one feature, side by side: a window and the reference, or any two windows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.figures.shapes import Shapes
from console.format import count, share, window
from console.views.drift.bars import largest_share, shapes
from console.views.drift.distance import apart, told
from console.views.drift.history import History, once
from console.views.drift.limits import Limit
from console.views.drift.scope import MODEL_OWN, Scope, chosen, newest
from services.facts.drift.codec import unpack_binning, unpack_profile
from services.facts.drift.types import Binning, Profile
from services.facts.window.types import Monitor, Seen, WindowMetric

if TYPE_CHECKING:
    from services.bootstrap.services import Services

_ONE, _SEVERAL = 0.8, 0.5


@dataclass(frozen=True, slots=True)
class Pair:
    """Two distributions and how far they are apart.

    Attributes
    ----------
    status, word
        Whether the distance is within the limit; never green where there is no limit.
    sentence
        The distance, its bounds, its limit and the rows on both sides, in Markdown.
    shapes
        None where one side has no rows; ``why`` then says so.
    remark
        What must be known to read the distance; empty where it speaks for itself.
    """

    feature: str
    window: str
    against: str
    status: str
    word: str
    sentence: str
    method: str
    shapes: Shapes | None
    why: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which feature, which window, what it is compared with, and by which column it is split.

    Attributes
    ----------
    against
        None is the reference.
    split
        As it was typed; empty where the address does not say one.
    """

    feature: str
    window: Seen
    against: Seen | None
    split: str = ""


def asked(history: History, seen: Sequence[Seen], query: Mapping[str, str]) -> Asked | None:
    """Return what an address asks for: without a choice what moved most, in the newest window with rows."""
    scope = history.scope
    drawn = [each for each in seen if each.start in scope.starts]
    here = chosen(query.get("window"), seen) or newest(drawn)
    if here is None or not scope.monitor.columns:
        return None
    names = [each.name for each in scope.monitor.columns]
    feature = query.get("feature", "")
    if feature not in names:
        columns = [name for name in names if name not in MODEL_OWN] or names
        feature = max(columns, key=lambda name: _moved(history, Asked(name, here, None)))
    against = chosen(query.get("against"), seen)
    return Asked(feature, here, against, query.get("split", ""))


def _moved(history: History, asked: Asked) -> float:
    found = stored_number(history, asked)
    return -1.0 if found is None or found.value is None else found.value


def load(
    services: "Services", session: Session, history: History, asked: Asked,
    limits: Mapping[str, Limit],
) -> Pair:  # fmt: skip
    """Return two distributions from their stored profiles, kept as long as their history."""
    key = ("pair", asked, tuple(sorted(limits.items())))
    return once(history, key, lambda: _read(services, session, history, asked, limits))


def _read(
    services: "Services", session: Session, history: History, asked: Asked,
    limits: Mapping[str, Limit],
) -> Pair:  # fmt: skip
    scope, monitor = history.scope, history.scope.monitor
    binning, reference = _frozen(services, session, monitor, asked.feature)
    now = _stored(services, session, scope, asked.feature, asked.window, binning)
    held = reference
    if asked.against is not None:
        held = _stored(services, session, scope, asked.feature, asked.against, binning)
    name = window(asked.window.start, scope.granularity)
    other = window(asked.against.start, scope.granularity) if asked.against else "Reference"
    found = stored_number(history, asked) if asked.against is None else None
    drawn, why, remark = None, "", ""
    if now is None or not now.n:
        why = f"No row of {name} has a value of this feature."
    elif held is None or not held.n:
        why = f"No row of {other} has a value of this feature."
    else:
        if asked.against is not None:
            found = apart(scope, asked.window, binning, held, now)
        sizes = f"{other}, n = {count(held.n)}", f"{name}, n = {count(now.n)}"
        drawn = shapes(asked.feature, binning, (sizes[0], held), (sizes[1], now))
        remark = _remark(binning, held, now)
    status, word, sentence = told(found, limits)
    method = found.method if found else ""
    return Pair(asked.feature, name, other, status, word, sentence, method, drawn, why, remark)


def _remark(binning: Binning, held: Profile, now: Profile) -> str:
    """Return what to think of a window in which nearly all rows have one value."""
    one = largest_share(binning, now)
    if one < _ONE or largest_share(binning, held) > _SEVERAL:
        return ""
    return (
        f"{share(one)} of the rows have one value. Where that is so by nature, as with the day of "
        "the week within a day, every window is beyond the limit and that says nothing of drift."
    )


def stored_number(history: History, asked: Asked) -> WindowMetric | None:
    """Return the distance from the reference that was filed, or None where none was."""
    rows = (history.of(name, asked.feature) for name in history.scope.statistic.metrics)
    return next((its[asked.window.start] for its in rows if asked.window.start in its), None)


def _frozen(
    services: "Services", session: Session, monitor: Monitor, feature: str
) -> tuple[Binning, Profile]:
    found = services.windows.binning(session, monitor.monitor_id, feature)
    binning = unpack_binning(found.binning)
    return binning, unpack_profile(found.reference, binning)


def _stored(
    services: "Services", session: Session, scope: Scope, feature: str, here: Seen,
    binning: Binning,
) -> Profile | None:  # fmt: skip
    found = services.windows.profiles(
        session, scope.monitor, (feature,), here.start, here.end, scope.segment
    )
    return unpack_profile(found[0].profile, binning) if found else None
