"""Who looks at this page, and what the page remembers between two runs.

The identity comes with the socket, written by the gate into ``st.user``; the session behind it is
read again on every run. It is never taken from what the page remembers: a stolen Streamlit session
carries that along, and the gate's headers it does not.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import streamlit as st

from console.runtime import services
from services.kernel.error import NotPermitted
from services.people.account.types import Principal

_OURS = "cs:"
_recognised: ContextVar[Principal | None] = ContextVar("recognised", default=None)


@contextmanager
def recognised() -> Iterator[Principal]:
    """Read who looks at this page once for all of one run; nothing is kept after it."""
    token = _recognised.set(_read())
    try:
        yield principal()
    finally:
        _recognised.reset(token)


def principal() -> Principal:
    """Return the person who looks at this page, with the roles held as this run began.

    Raises
    ------
    NotPermitted
        When the session has ended.
    """
    return _recognised.get() or _read()


def _read() -> Principal:
    said = st.user.to_dict()  # once: each look at st.user looks for files of secrets
    session_id = said.get("session")
    found = services().sessions.resolve(session_id) if isinstance(session_id, str) else None
    if found is None or found.person_id != said.get("person"):
        raise NotPermitted("Your session has ended; reload the page to sign in again.")
    return found


def recall(key: str, default: Any = None) -> Any:
    """Return what this tab remembers under a key."""
    return st.session_state.get(_OURS + key, default)


def remember(key: str, value: Any) -> None:
    """Let this tab remember a small value; nothing that decides who somebody is."""
    st.session_state[_OURS + key] = value


def forget(key: str) -> None:
    """Let this tab forget a key."""
    st.session_state.pop(_OURS + key, None)
