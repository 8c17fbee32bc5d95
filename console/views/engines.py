"""Engines: where training runs, whether each answers, and what one needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from console.format import ago, plural
from services.kernel.error import NotFound
from services.people.account.types import Principal
from services.standards.authority.types import Action
from services.standards.engine.service import TEST
from services.standards.engine.types import LOCAL, PARTS, EngineKind, Part, SetEngine

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class EngineRow:
    """One engine.

    Attributes
    ----------
    ours
        Whether it is this machine, which nobody set and nobody removes.
    """

    name: str
    kind: str
    shown: str
    gpu_type: str
    status: str
    word: str
    tested: str
    enabled: bool
    inside: bool
    ours: bool = False


@dataclass(frozen=True, slots=True)
class EngineTrial:
    """A trial of this person that may become an engine.

    Attributes
    ----------
    answer
        What the engine said of itself; empty before it answered.
    """

    task_id: str
    engine: str
    answer: str


@dataclass(frozen=True, slots=True)
class EnginesView:
    """All engines, the one that is chosen, and what the form offers.

    Attributes
    ----------
    may_allow
        Whether this person may let an engine lead into this network.
    """

    sentence: str
    rows: tuple[EngineRow, ...]
    chosen: EngineRow | None
    trial: EngineTrial | None
    kinds: tuple[tuple[str, str], ...]
    kind: str
    parts: tuple[Part, ...]
    may_allow: bool


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> EnginesView:
    """Return all engines; ``engine`` in the query opens one, ``test`` shows a trial.

    Raises
    ------
    NotPermitted
        When this person manages no engines.
    """
    services.authority.require(principal, Action.ENGINE_MANAGE)
    now = services.clock.now()
    with services.store.reading() as session:
        held = services.engine_settings.all(session)
    rows = (_this_machine(), *(_row(each, now) for each in held))
    chosen = next((row for row in rows if row.name == query.get("engine") and not row.ours), None)
    kind = EngineKind(query["kind"]) if query.get("kind") in set(EngineKind) else EngineKind.RAY
    return EnginesView(
        f"This machine, and {plural(len(held), 'engine')} that operators set."
        if held
        else "This machine alone, until an operator sets another.",
        rows,
        chosen,
        _trial(services, principal, query.get("test")),
        tuple((each.value, each.words) for each in EngineKind),
        kind.value,
        PARTS[kind],
        services.authority.permits(principal, Action.ENGINE_PRIVATE),
    )


def _this_machine() -> EngineRow:
    return EngineRow(
        LOCAL, "This machine", "a process group of its own for each attempt", "", "pass",
        "Always there", "with every start", enabled=True, inside=True, ours=True,
    )  # fmt: skip


def _row(engine: SetEngine, now: datetime) -> EngineRow:
    status, word = ("pass", "Tried") if engine.tested_at else ("unknown", "Never tried")
    if not engine.enabled:
        status, word = "none", "Switched off"
    tested = f"it answered {ago(engine.tested_at, now)}" if engine.tested_at else "never"
    return EngineRow(
        engine.name, engine.kind.words, engine.shown, engine.gpu_type, status, word, tested,
        engine.enabled, engine.allow_private,
    )  # fmt: skip


def _trial(services: "Services", principal: Principal, task_id: str | None) -> EngineTrial | None:
    if not task_id:
        return None
    try:
        task = services.tasks.get(task_id)
    except NotFound:
        return None
    mine = task.kind == TEST and task.requested_by == principal.person_id
    answer = str((task.result or {}).get("words", ""))
    return EngineTrial(task_id, task.subject_id, answer) if mine else None
