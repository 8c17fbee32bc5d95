"""A console in a process of its own, with people and tokens and nothing else, for tests of its door."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from console.app import Door
from services.facts.window.service import Windows
from services.kernel.clock import SystemClock
from services.people.account.sealing import Keyring
from services.people.account.service import Accounts
from services.people.session.service import Sessions
from services.people.token.service import Tokens
from services.record.storage.database import Database
from services.record.trail.unit_of_work import Store
from services.settings import Settings

SECRET = b"a secret of this deployment, 32 b"
SCRIPT = Path(__file__).with_name("script.py")


def people(url: str) -> Any:
    """What the door and the test both open over one database."""
    store = Store(Database(url), SystemClock())
    accounts = Accounts(store, Keyring(SECRET))
    return SimpleNamespace(
        store=store,
        accounts=accounts,
        sessions=Sessions(store, accounts, SECRET),
        tokens=Tokens(store),
        clock=SystemClock(),
        windows=Windows(),
        alerts=SimpleNamespace(open=lambda _: []),
    )


def build() -> Door:
    """Build the application from what the test put into the environment."""

    def front() -> Any:
        from console.front import Front

        port = int(os.environ["COUNTERSIGN_TEST_PORT"])
        public = os.environ.get("COUNTERSIGN_TEST_PUBLIC_URL")
        database = os.environ["COUNTERSIGN_TEST_DATABASE"]
        settings = Settings(port=port, public_url=public, database_url=database)
        return Front(settings, people(database))

    return Door(SCRIPT, front)
