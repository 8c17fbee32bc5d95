"""The script that Streamlit runs: page configuration, dress, who is it, the bar, the page."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).parents[1])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

import streamlit as st  # noqa: E402

from console import navigation  # noqa: E402
from console.components import links, memory  # noqa: E402
from console.components.foot import foot  # noqa: E402
from console.components.layout import dress, header  # noqa: E402
from console.guard import Boundary  # noqa: E402
from console.runtime import services  # noqa: E402
from console.session import recognised  # noqa: E402
from console.turns import TURNS  # noqa: E402
from services.kernel.error import NotPermitted  # noqa: E402

STATIC = Path(__file__).parent / "static"


def main() -> None:
    """Draw one run."""
    st.set_page_config(
        page_title="Countersign", page_icon=STATIC / "mark.svg", layout="wide",
        initial_sidebar_state="collapsed",
    )  # fmt: skip
    dress()
    st.logo(STATIC / "logo.svg", size="medium")
    with Boundary(), recognised() as who:
        allowed = navigation.permitted(who, services().authority.permits)
        pages = {entry.name: _page(entry, allowed[entry.name]) for entry in navigation.ENTRIES}
        links.register({name: page for name, page in pages.items() if allowed[name]})
        chosen = st.navigation(list(pages.values()), position="top")
        links.tell(chosen.url_path)
        with Boundary():
            chosen.run()
        memory.thank()
        foot(who)


def _page(entry: navigation.Entry, allowed: bool) -> Any:  # noqa: FBT001 - one of two
    return st.Page(
        _opened(entry.name) if allowed else _refused(entry.title),
        title=entry.title,
        url_path=entry.path,
        default=entry.name == navigation.ENTRIES[0].name,
        visibility="visible" if allowed and entry.shown else "hidden",
    )


def _opened(name: str) -> Callable[[], None]:
    def run() -> None:
        importlib.import_module(f"pages.{name}").render()

    return run


def _refused(title: str) -> Callable[[], None]:
    def run() -> None:
        header(title, "This page needs a role that you do not hold.")
        raise NotPermitted(f"You may not open {title}.")

    return run


with TURNS.one():
    main()
