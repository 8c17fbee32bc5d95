"""Two distributions of one feature, side by side: a window and the reference, or any two windows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.figures.shapes import Shapes
from console.format import count, interval, number, plain, window
from console.views.drift.bars import shapes
from console.views.drift.history import History, said
from console.views.drift.limits import Limit
from console.views.drift.scope import MODEL_OWN, Scope, chosen
from services.facts.drift import statistics
from services.facts.drift.codec import unpack_binning, unpack_profile
from services.facts.drift.types import Binning, NumericBinning, Profile
from services.facts.window.types import Monitor, Seen, WindowMetric
from services.kernel.metric import metric

if TYPE_CHECKING:
    from services.bootstrap.services import Services


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


@dataclass(frozen=True, slots=True)
class Asked:
    """Which feature, which window, and what it is compared with; None is the reference."""

    feature: str
    window: Seen
    against: Seen | None


def asked(history: History, seen: Sequence[Seen], query: Mapping[str, str]) -> Asked | None:
    """Return what an address asks for: without a choice what moved most, in the newest window."""
    scope = history.scope
    here = chosen(query.get("window"), seen) or scope.last
    if here is None or not scope.monitor.columns:
        return None
    names = [each.name for each in scope.monitor.columns]
    feature = query.get("feature", "")
    if feature not in names:
        columns = [name for name in names if name not in MODEL_OWN] or names
        feature = max(columns, key=lambda name: _moved(history, Asked(name, here, None)))
    return Asked(feature, here, chosen(query.get("against"), seen))


def _moved(history: History, asked: Asked) -> float:
    found = stored_number(history, asked)
    return -1.0 if found is None or found.value is None else found.value


def load(
    services: "Services", session: Session, history: History, asked: Asked,
    limits: Mapping[str, Limit],
) -> Pair:  # fmt: skip
    """Return two distributions from their stored profiles."""
    scope, monitor = history.scope, history.scope.monitor
    binning, reference = _frozen(services, session, monitor, asked.feature)
    now = _stored(services, session, scope, asked.feature, asked.window, binning)
    held = reference
    if asked.against is not None:
        held = _stored(services, session, scope, asked.feature, asked.against, binning)
    name = window(asked.window.start, scope.granularity)
    other = window(asked.against.start, scope.granularity) if asked.against else "Reference"
    found = stored_number(history, asked) if asked.against is None else None
    drawn, why = None, ""
    if now is None or not now.n:
        why = f"No row of {name} has a value of this feature."
    elif held is None or not held.n:
        why = f"No row of {other} has a value of this feature."
    else:
        if asked.against is not None:
            found = apart(scope, asked.window, binning, held, now)
        sizes = f"{other}, n = {count(held.n)}", f"{name}, n = {count(now.n)}"
        drawn = shapes(asked.feature, binning, (sizes[0], held), (sizes[1], now))
    status, word, sentence = told(found, limits)
    method = found.method if found else ""
    return Pair(asked.feature, name, other, status, word, sentence, method, drawn, why)


def told(found: WindowMetric | None, limits: Mapping[str, Limit]) -> tuple[str, str, str]:
    """Return status, word and sentence of a distance held against its limit."""
    if found is None:
        return "unknown", "Not measured", "nobody measured this feature in this window"
    limit = limits.get(found.metric)
    name = metric(found.metric).words
    if found.value is None:
        return "unknown", "Not measured", f"{name}: {plain(said(found))}"
    bound = limit.bound if limit else None
    words = f"{name} **{plain(interval(found.value, found.lo, found.hi, limit=bound))}**"
    if found.floor is not None:
        words += f", chance alone {number(found.floor)}"
    if limit is None:
        return "none", "No limit set", words
    return *limit.verdict(found), f"{words}, {limit.words} by {plain(limit.source)}"


def stored_number(history: History, asked: Asked) -> WindowMetric | None:
    """Return the distance from the reference that was filed, or None where none was."""
    rows = (history.of(name, asked.feature) for name in history.scope.statistic.metrics)
    return next((its[asked.window.start] for its in rows if asked.window.start in its), None)


def apart(
    scope: Scope, here: Seen, binning: Binning, one: Profile, two: Profile
) -> WindowMetric | None:
    """Return how far two stored profiles are apart; None where the statistic is not for this kind."""
    bounds = None
    p, q = statistics.by_tenth(binning, one), statistics.by_tenth(binning, two)
    if scope.statistic.key == "psi":
        name, value = "drift.psi", statistics.psi(p, q)
    elif scope.statistic.key == "js":
        name, value = "drift.jensen_shannon", statistics.jensen_shannon(p, q)
    elif isinstance(binning, NumericBinning):
        if scope.statistic.key == "wasserstein":
            name, value = "drift.wasserstein", statistics.wasserstein(binning, one, two)
        else:
            bounds = statistics.ks(binning, one, two)
            name, value = "drift.ks", bounds.lo
    elif scope.statistic.key == "ks":
        name, value = "drift.largest_change", statistics.largest_change(p, q)
    else:
        return None
    return WindowMetric(
        here.start, here.end, name, value, two.n, lo=bounds.lo if bounds else None,
        hi=bounds.hi if bounds else None, method="from the two stored profiles",
    )  # fmt: skip


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
