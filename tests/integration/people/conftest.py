import pytest

from services.kernel.identity import SYSTEM
from services.people.account.sealing import Keyring
from services.people.account.service import Accounts
from services.people.account.types import Person
from services.people.session.service import Sessions
from services.people.token.service import Tokens
from services.record.trail.unit_of_work import Store

SECRET = b"a secret of this deployment, 32 b"
PASSWORD = "correct horse battery"


@pytest.fixture
def accounts(store: Store) -> Accounts:
    return Accounts(store, Keyring(SECRET))


@pytest.fixture
def sessions(store: Store, accounts: Accounts) -> Sessions:
    return Sessions(store, accounts, SECRET)


@pytest.fixture
def tokens(store: Store) -> Tokens:
    return Tokens(store)


@pytest.fixture
def ada(accounts: Accounts) -> Person:
    return accounts.create(SYSTEM, "Ada@Example.org", "Ada Lovelace", external_names=["ada"])


@pytest.fixture
def signed_in(accounts: Accounts, sessions: Sessions, ada: Person) -> str:
    """The session id of Ada, who chose PASSWORD."""
    cookie = sessions.choose_password(accounts.link(SYSTEM, ada.person_id), PASSWORD)
    return sessions.session_id(cookie)
