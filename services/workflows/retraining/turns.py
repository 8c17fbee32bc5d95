"""Whose turn it is: fair between teams, never more than an engine holds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.workflows.engine.types import Capabilities


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket that waits for its turn, or has it.

    Attributes
    ----------
    team
        Empty for models without one, which share a turn.
    """

    ticket_id: str
    model: str
    team: str
    engine: str
    gpus: int = 0


def next_up(
    queued: Sequence[Waiting], running: Sequence[Waiting], engines: Mapping[str, Capabilities]
) -> list[Waiting]:
    """Return the tickets that may begin now, in order.

    Parameters
    ----------
    queued
        Oldest first.
    running
        Those that have begun and are not over.
    engines
        What each engine holds; tickets of one that is not named wait.

    Notes
    -----
    The oldest ticket of the team with the fewest running comes first. One that does not fit closes its
    engine to those after it, so that a large one is not passed by small ones for ever. A model is
    trained by one ticket at a time.
    """
    begun, waiting = list(running), [each for each in queued if each.engine in engines]
    closed: set[str] = set()
    found: list[Waiting] = []
    while chosen := _first(waiting, begun, closed):
        waiting.remove(chosen)
        if fits(chosen, begun, engines[chosen.engine]):
            begun.append(chosen)
            found.append(chosen)
        else:
            closed.add(chosen.engine)
    return found


def fits(one: Waiting, begun: Sequence[Waiting], engine: Capabilities) -> bool:
    """Tell whether an engine holds one more."""
    beside = [each for each in begun if each.engine == one.engine]
    if engine.most_at_once is not None and len(beside) >= engine.most_at_once:
        return False
    taken = sum(each.gpus for each in beside)
    return engine.gpus is None or not one.gpus or taken + one.gpus <= engine.gpus


def _first(
    waiting: Sequence[Waiting], begun: Sequence[Waiting], closed: set[str]
) -> Waiting | None:
    busy = {each.model for each in begun}
    running = Counter(each.team for each in begun)
    ready = [each for each in waiting if each.engine not in closed and each.model not in busy]
    return min(ready, key=lambda each: running[each.team], default=None)
