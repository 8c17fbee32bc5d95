"""From an error to what the person should do next: one table, and the boundary that uses it."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType, TracebackType

import streamlit as st

from console.components import memory
from console.components.layout import banner
from console.components.text import mono
from console.format import plain, short
from services.kernel.error import (
    Conflict,
    CountersignError,
    InsufficientEvidence,
    IntegrityBroken,
    InvalidInput,
    NotFound,
    NotPermitted,
    SeparationOfDutiesViolated,
    SourceUnavailable,
)
from services.kernel.identity import new_id

_log = logging.getLogger("countersign.console")


@dataclass(frozen=True, slots=True)
class Advice:
    """What a page says beside the sentence of an error.

    Attributes
    ----------
    status
        A key of ``console.theme.STATUS``.
    """

    status: str
    title: str
    then: str


ADVICE: Mapping[type[CountersignError], Advice] = MappingProxyType(
    {
        InvalidInput: Advice("stale", "Please correct this", "What you typed is still there."),
        NotFound: Advice("unknown", "Not found", "Go back, or look for it in the list."),
        SeparationOfDutiesViolated: Advice(
            "waived", "Somebody else must do this", "Ask another person who holds the role."
        ),
        NotPermitted: Advice("waived", "Not permitted", "Ask an administrator or the owner."),
        Conflict: Advice(
            "stale", "This changed while you looked", "Nothing was stored; look again, then decide."
        ),
        InsufficientEvidence: Advice(
            "unknown", "Not measured well enough", "Measure again, with more rows."
        ),
        SourceUnavailable: Advice(
            "unknown", "Another system does not answer", "Nothing is lost; try again in a minute."
        ),
        IntegrityBroken: Advice(
            "fail", "Stop here", "What is stored is not what was written; call an administrator."
        ),
    }
)
_BROKEN = Advice("fail", "Something broke on our side", "Nothing was stored; try again.")


def advice(error: BaseException) -> Advice:
    """Return the advice for an error: of its own class, or of the nearest one above."""
    for kind in type(error).__mro__:
        if kind in ADVICE:
            return ADVICE[kind]
    return _BROKEN


class Boundary:
    """Where errors stop: the person reads what to do next, the log reads what happened.

    Streamlit's own signals (rerun, stop) are no errors and pass.
    """

    def __init__(self) -> None:
        self.error: Exception | None = None

    def __enter__(self) -> "Boundary":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Draw advice for an error and end it there."""
        if not isinstance(error, Exception):
            return False
        self.error = error
        say(error)
        return True


def whole(text: str) -> str:
    """Return a sentence with its full stop, so that another may follow."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def say(error: Exception) -> None:
    """Draw what an error means for the person, and write the rest to the log."""
    found = advice(error)
    if isinstance(error, CountersignError):
        _log.info("refused", extra={"error": type(error).__name__, "context": error.context})
        banner(found.status, f"**{found.title}.** {plain(whole(error.message))} {found.then}")
        return
    reference = short(new_id())
    _log.error("page broke, reference %s", reference, exc_info=error)
    banner(found.status, f"**{found.title}.** {found.then} Reference {mono(reference)}.")
    st.stop()


def attempt(work: Callable[[], str], form: str, then: Callable[[], None] = st.rerun) -> None:
    """Do what a form asks for; on success forget the form, thank, and go on.

    Parameters
    ----------
    work
        Returns the word of thanks. When it raises, what was typed stays, and so does the form's
        key: sending it again is the same wish.
    then
        What happens next; the page is drawn again when nothing else is said.
    """
    with Boundary():
        memory.settled(form, work())
        then()
