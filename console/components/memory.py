"""What one browser tab remembers between two runs: the key of a drawn form, a word of thanks.

Nothing that decides anything is kept here; the truth is in the database.
"""

from typing import Any

import streamlit as st

from services.kernel.identity import new_id

_STATE = st.session_state  # the one place of the console that touches it


def form_key(form: str) -> str:
    """Return the idempotency key of a drawn form: the same until :func:`settled` is called."""
    return _STATE.setdefault(f"cs-key:{form}", new_id())


def settled(form: str, thanks: str = "", icon: str = ":material/check:") -> None:
    """Forget a form's key after success, and leave a word to show after the next run."""
    _STATE.pop(f"cs-key:{form}", None)
    if thanks:
        _STATE["cs-thanks"] = (thanks, icon)


def thank() -> None:
    """Show the word that the last action left, once."""
    left = _STATE.pop("cs-thanks", None)
    if left:
        st.toast(left[0], icon=left[1])


def keep(name: str, value: Any) -> None:
    """Keep a value for this tab."""
    _STATE[f"cs-kept:{name}"] = value


def kept(name: str, default: Any = None) -> Any:
    """Return what was kept, or the default."""
    return _STATE.get(f"cs-kept:{name}", default)


def drop(name: str) -> None:
    """Forget a kept value."""
    _STATE.pop(f"cs-kept:{name}", None)


def counted(name: str) -> int:
    """Return 1, 2, 3 … within one run: a key for things that are drawn several times."""
    number = _STATE[f"cs-count:{name}"] = _STATE.get(f"cs-count:{name}", 0) + 1
    return number


def begin() -> None:
    """Begin a run: counters start again."""
    for key in [k for k in _STATE if str(k).startswith("cs-count:")]:
        del _STATE[key]
