"""Opening a page as a person, without a browser, and reading what is written on it."""

from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from services.kernel.identity import SYSTEM
from services.people.account.types import Principal

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery staple"


def opened(services: Any, who: Principal, page: str = "home", **query: str) -> AppTest:
    """Return a page as this person sees it after signing in."""
    cookie = services.sessions.choose_password(
        services.accounts.link(SYSTEM, who.person_id), PASSWORD
    )
    at = AppTest.from_file(str(ROOT / "console" / "main.py"), default_timeout=60)
    at.user = {"session": services.sessions.session_id(cookie), "person": who.person_id}
    for name, value in query.items():
        at.query_params[name] = value
    if page != "home":
        at._page_hash = calc_hash(page)
    return at.run()


def words(at: AppTest) -> str:
    """Return everything that is written on a page."""
    written = [*at.title, *at.header, *at.markdown, *at.caption]
    cells = [str(cell) for table in at.table for cell in table.value.to_numpy().ravel()]
    return " ".join([*(str(each.value) for each in written), *cells])
