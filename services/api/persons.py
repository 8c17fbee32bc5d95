"""On whose behalf a token asks."""

from typing import TYPE_CHECKING

from services.kernel.error import NotPermitted
from services.people.account.types import Principal
from services.people.token.types import TokenPrincipal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


def person(services: "Services", token: TokenPrincipal) -> Principal:
    """Return the person whom a token was made for.

    Raises
    ------
    NotPermitted
        When it was made for nobody, or the account is closed.
    """
    with services.store.reading() as session:
        found = token.person_id and services.accounts.principal(
            session, token.person_id, f"token:{token.token_id}", services.clock.now()
        )
    if not found:
        raise NotPermitted("This token asks on nobody's behalf; make one for a person.")
    return found
