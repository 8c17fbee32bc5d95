"""What one browser tab remembers between two runs: the key of a drawn form, a word of thanks.

Nothing that decides anything is kept here; the truth is in the database.
"""

from typing import Any

import streamlit as st

from console.session import forget, recall, remember
from services.kernel.identity import new_id


def form_key(form: str) -> str:
    """Return the idempotency key of a drawn form: the same until :func:`settled` is called."""
    key = recall(f"key:{form}")
    if key is None:
        key = new_id()
        remember(f"key:{form}", key)
    return key


def settled(form: str, thanks: str = "", icon: str = ":material/check:") -> None:
    """Forget a form's key after success, and leave a word to show after the next run."""
    forget(f"key:{form}")
    if thanks:
        remember("thanks", (thanks, icon))


def thank() -> None:
    """Show the word that the last action left, once."""
    left = recall("thanks")
    if left:
        forget("thanks")
        st.toast(left[0], icon=left[1])


def keep(name: str, value: Any) -> None:
    """Keep a value for this tab."""
    remember(f"kept:{name}", value)


def kept(name: str, default: Any = None) -> Any:
    """Return what was kept, or the default."""
    return recall(f"kept:{name}", default)


def drop(name: str) -> None:
    """Forget a kept value."""
    forget(f"kept:{name}")


def counted(name: str) -> int:
    """Return 1, 2, 3 … within one run: a key for things that are drawn several times."""
    counts: dict[str, int] = recall("counts", {})
    counts[name] = counts.get(name, 0) + 1
    remember("counts", counts)
    return counts[name]


def begin() -> None:
    """Begin a run: counters start again."""
    remember("counts", {})
