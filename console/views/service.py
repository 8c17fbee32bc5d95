"""How a version serves: how fast, how often, how many failed, how busy its server is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from console.figures.course import Course
from console.format import plural
from console.views import standing
from console.views.drift import history as told
from console.views.drift import stream
from console.views.drift.bar import freshness
from console.views.drift.course import course
from console.views.drift.history import History
from console.views.drift.limits import Limit, limits
from console.views.drift.scope import LENGTHS, scope
from console.views.model import ModelHead
from services.facts.window.types import Monitor
from services.kernel.identity import Tier
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services

LATENCIES = (
    ("median", "service.latency_p50_ms"),
    ("95th", "service.latency_p95_ms"),
    ("99th", "service.latency_p99_ms"),
)
SERVER = (("processor", "service.cpu_share"), ("memory", "service.memory_share"))


@dataclass(frozen=True, slots=True)
class ServiceView:
    """Each as numbers over windows; None where nothing was measured.

    Attributes
    ----------
    missing
        Why there is nothing at all; empty when there is.
    lengths
        How many windows back can be looked.
    """

    name: str
    version: int
    latency: Course | None
    requests: Course | None
    errors: Course | None
    server: Course | None
    sentence: str
    note: str
    lengths: tuple[tuple[str, str], ...] = ()
    length: str = ""
    missing: str = ""


def load(
    services: "Services", principal: Principal, head: ModelHead, query: Mapping[str, str]
) -> ServiceView:
    """Return how a version serves."""
    del principal  # the head was loaded for this person
    with services.store.reading() as session:
        monitor = monitor_of(services.windows.of_model(session, head.name), head.version)
        if monitor is None:
            return _nothing(head, f"Nobody watches v{head.version}; what serves is watched.")
        seen = services.windows.seen(session, monitor)
        where = scope(monitor, seen, {"windows": query.get("windows", "")})
        if where.last is None:
            return _nothing(head, "No window was measured yet; the first follows when one is over.")
        governed = services.governance.of(session, head.name)
        policy = standing.policy_of(services, session, head.name, head.alias)
        tier = governed.tier if governed else Tier.LOW
        held = limits(policy, tier, monitor, {}, told.WHOLE)
        history = told.load(services, session, where, seen)
        note = stream.note(services, session, monitor)
    offered = [(str(n), f"Last {n}") for n in LENGTHS if n < len(seen)] + [("0", "All")]
    return ServiceView(
        head.name, head.version, _course(history, LATENCIES, held),
        _course(history, (("requests", "service.requests"),), held),
        _course(history, (("error rate", "service.error_rate"),), held, percent=True),
        _course(history, SERVER, held, percent=True),
        f"{plural(len(where.starts), 'window')}; {freshness(where, seen)}", note, tuple(offered), str(where.length),
    )  # fmt: skip


def monitor_of(monitors: list[Monitor], version: int) -> Monitor | None:
    """Return the monitor of a version: the newest there is."""
    return next((each for each in monitors if each.ref.version == version), None)


def _course(
    history: History, lines: tuple[tuple[str, str], ...], held: Mapping[str, Limit],
    *, percent: bool = False,
) -> Course | None:  # fmt: skip
    found = [(name, its) for name, metric in lines if (its := history.of(metric))]
    if not found:
        return None
    return replace(course(history, found, held), chance=(), percent=percent)


def _nothing(head: ModelHead, why: str) -> ServiceView:
    return ServiceView(head.name, head.version, None, None, None, None, "", "", missing=why)
