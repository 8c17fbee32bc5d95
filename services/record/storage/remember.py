"""What was worked out once in a reading session, kept until it ends: nothing changes in a snapshot."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from sqlmodel import Session

MEMORY = "countersign.memory"
T = TypeVar("T")


def begin(session: Session) -> None:
    """Let a session that only reads remember what is worked out in it."""
    session.info[MEMORY] = {}


def remembered(session: Session, key: Hashable, work: Callable[[], T]) -> T:
    """Return what was worked out under a key in this session; work it out where it was not.

    Notes
    -----
    A session that writes remembers nothing.
    """
    memory: dict[Hashable, Any] | None = session.info.get(MEMORY)
    if memory is None:
        return work()
    if key not in memory:
        memory[key] = work()
    return memory[key]
