"""Bearer tokens: who asks, and whether its scopes allow it."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Security, params
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.api.problems import Unauthenticated
from services.people.token.service import Tokens
from services.people.token.types import TokenPrincipal

_SCHEME = HTTPBearer(auto_error=False, description="An API token: `cs_` and 43 characters.")


class Bearers:
    """Makes the dependencies by which a route asks for a scope."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def having(self, scope: str) -> Callable[..., TokenPrincipal]:
        """Return a dependency that gives the token's principal, or refuses.

        Raises
        ------
        Unauthenticated
            When no good token came along.
        NotPermitted
            When it lacks the scope.
        """

        def principal(
            given: Annotated[HTTPAuthorizationCredentials | None, Security(_SCHEME)],
        ) -> TokenPrincipal:
            found = self._tokens.resolve(given.credentials) if given else None
            if found is None:
                raise Unauthenticated("A valid bearer token is needed.")
            found.require(scope)
            return found

        principal.__doc__ = f"Needs the scope `{scope}`."
        return principal

    def needs(self, scope: str) -> params.Depends:
        """Return the same for a route that does not look at the principal."""
        return params.Depends(self.having(scope))
