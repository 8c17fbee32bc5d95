"""Route: what git repositories tell, signed with the secret of their webhook."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Header, Request
from fastapi.concurrency import run_in_threadpool

from services.api import serialise
from services.api.bearer import Bearers
from services.workflows.push.types import Delivery

if TYPE_CHECKING:
    from services.bootstrap.services import Services


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the route over opened services; no token opens it, a signature does."""
    del bearers
    routes = APIRouter(prefix="/hooks/{name}")

    @routes.post("")
    async def push(
        name: str,
        request: Request,
        signature: str = Header("", alias="X-Hub-Signature-256", max_length=100),
        token: str = Header("", alias="X-Gitlab-Token", max_length=200),
        github: str = Header("", alias="X-GitHub-Event", max_length=100),
        gitlab: str = Header("", alias="X-Gitlab-Event", max_length=100),
    ) -> dict[str, Any]:
        """Take a push of GitHub or GitLab, as JSON of a megabyte at most.

        GitHub signs the body (`X-Hub-Signature-256`), GitLab sends the secret (`X-Gitlab-Token`). A
        commit is taken once, however often it is sent. The answer says `taken`, `known` or `ignored`,
        and why; the worker opens the ticket within half a minute where the model's policy allows it.
        """
        delivery = Delivery(await request.body(), signature, token, github or gitlab)
        return serialise.plain(await run_in_threadpool(services.pushes.take, name, delivery))

    return routes
