"""A push of a repository opens one ticket for one commit, and its recipe is in force once people allowed it."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.api import hook_routes, problems
from services.decisions.recipe.service import Recipes
from services.decisions.retraining.reading import Rooms as TicketRooms
from services.decisions.retraining.service import Tickets
from services.decisions.retraining.types import Held, Ticket, TicketState, Trigger
from services.kernel.clock import FixedClock
from services.kernel.error import NotPermitted
from services.kernel.identity import SYSTEM, Role
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from services.standards.hook.service import Hooks
from services.standards.hook.types import Style
from services.workflows.push.service import Pushes
from services.workflows.triggering.service import Rooms, Triggers
from tests.support.console_services import NAME
from tests.support.office import Office, open_office
from tests.support.recipes import COMMIT, text
from tests.support.tickets import DATA, quote, train_on

REPOSITORY, NEXT, LATER = "git@git.example.org:flights.git", "ab" * 20, "cd" * 20
MODEL = f"model: {NAME}"


class House:
    """A model whose recipe follows the branch main, and a webhook of its repository."""

    def __init__(self, office: Office) -> None:
        s = office.services
        self.office, self.store, self.clock = office, s.store, s.clock
        self.recipes = Recipes(s.store, s.archive, s.authority, s.governance)
        self.recipes.publish_as(SYSTEM, recipe())
        self.hooks = Hooks(s.store, s.authority, b"a secret of 32 characters......")
        self.secret = self.hooks.set_as(SYSTEM, "flights", Style.GITHUB, REPOSITORY)
        self.pushes = Pushes(s.store, self.hooks, self.recipes)
        self.tickets = Tickets(
            TicketRooms(
                s.store, s.tasks, s.authority, s.governance, s.registry, s.gate, self.recipes
            )
        )
        app = FastAPI()
        problems.install(app)
        services: Any = SimpleNamespace(pushes=self.pushes)
        nobody: Any = None
        app.include_router(hook_routes.router(services, nobody), prefix="/api/v1")
        self._transport = httpx.ASGITransport(app=app)

    def push(
        self, commit: str, branch: str = "main", name: str = "flights", **more: str
    ) -> httpx.Response:
        told = {
            "ref": f"refs/heads/{branch}",
            "after": commit,
            "repository": {"clone_url": more.get("where", "https://git.example.org/flights.git")},
        }
        body = json.dumps(told).encode()
        secret = more.get("secret", self.secret)
        mac = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "X-Hub-Signature-256": f"sha256={mac}",
            "X-GitHub-Event": more.get("event", "push"),
        }

        async def post() -> httpx.Response:
            client = httpx.AsyncClient(transport=self._transport, base_url="http://here")
            async with client:
                return await client.post(f"/api/v1/hooks/{name}", content=body, headers=headers)

        return asyncio.run(post())

    def look(self) -> list[Ticket | Held]:
        s = self.office.services

        def pushed(session: Any, model: str) -> str:
            found = self.recipes.current(session, model)
            head = self.pushes.newer(session, found) if found else None
            return head.commit if head else ""

        nothing: Any = SimpleNamespace(tallies=lambda *_: [])
        rooms = Rooms(
            s.store, s.governance, s.policies, s.gate, s.alerts, s.promotions, nothing,
            self.tickets, pushed=pushed,
        )  # fmt: skip
        return Triggers(rooms).look()

    def allowed(self, ticket: Ticket) -> Ticket:
        with self.store.unit(SYSTEM) as unit:
            self.tickets.quoted(unit, ticket.ticket_id, DATA, quote())
            return self.tickets.approve(unit, ticket.ticket_id)

    def in_force(self) -> tuple[int, str]:
        with self.store.reading() as session:
            found = self.recipes.current(session, NAME)
        assert found is not None
        return found.recipe.version, found.recipe.entry.commit


def recipe(version: int = 1, commit: str = COMMIT) -> bytes:
    held = text(model=MODEL, version=f"version: {version}").decode()
    return held.replace(f'commit: "{COMMIT}"', f'commit: "{commit}"\n  branch: main').encode()


@pytest.fixture
def house(store: Store, tmp_path: Path, clock: FixedClock) -> House:
    office = open_office(store, tmp_path, clock, prepare=lambda made: None)
    train_on(office, days=1)
    made = House(office)
    clock.advance(60)
    return made


def test_a_push_opens_one_ticket_at_what_was_pushed_and_is_in_force_once_it_is_allowed(
    house: House,
) -> None:
    first = house.push(NEXT)
    assert (first.status_code, first.json()["outcome"], first.json()["models"]) == (200, "taken", 1)
    assert [house.push(NEXT).json()["outcome"] for _ in range(2)] == ["known", "known"]
    (ticket,) = house.look()
    assert isinstance(ticket, Ticket)
    assert (ticket.cause.trigger, ticket.opened_by) == (Trigger.CODE, "system")
    assert house.look() == []
    with house.store.reading() as session:
        trained = house.recipes.by_sha256(session, ticket.recipe_sha256).recipe
    assert (trained.version, trained.entry.commit) == (2, NEXT)
    assert house.in_force() == (1, COMMIT), "nobody allowed it yet"
    assert house.allowed(ticket).state is TicketState.QUEUED
    assert house.in_force() == (2, NEXT)
    with house.store.reading() as session:
        events = Trail(house.store).search(session, action="recipe:published")
    assert [each.payload["version"] for each in events] == [2, 1]
    assert house.look() == []


def test_a_later_push_waits_for_its_turn_and_an_older_one_never_comes_back(house: House) -> None:
    house.push(NEXT)
    (ticket,) = house.look()
    assert isinstance(ticket, Ticket)
    house.push(LATER)
    assert [type(each) for each in house.look()] == [Held]
    house.push(NEXT)
    allowed = house.allowed(ticket)
    olga = house.office.olga
    house.tickets.cancel(olga, allowed.ticket_id, "The code was wrong, a later one is there.")
    house.clock.advance(86_500)
    (after,) = house.look()
    assert isinstance(after, Ticket)
    assert after.cause.key.endswith(LATER)
    with house.store.reading() as session:
        trained = house.recipes.by_sha256(session, after.recipe_sha256).recipe
    assert (trained.version, trained.entry.commit) == (3, LATER)


def test_a_ticket_that_was_refused_leaves_the_recipe_and_is_not_opened_again(house: House) -> None:
    house.push(NEXT)
    (ticket,) = house.look()
    assert isinstance(ticket, Ticket)
    house.tickets.cancel(house.office.olga, ticket.ticket_id, "This code is not to be trained.")
    house.clock.advance(86_500)
    assert house.push(NEXT).json()["outcome"] == "known"
    assert (house.look(), house.in_force()) == ([], (1, COMMIT))


def test_a_recipe_that_people_published_since_is_newer_than_what_was_pushed(house: House) -> None:
    house.push(NEXT)
    house.clock.advance(60)
    house.recipes.publish_as(SYSTEM, recipe(2, LATER))
    assert house.look() == []


def test_what_is_not_a_signed_push_of_the_repository_is_refused(house: House) -> None:
    refused: list[tuple[dict[str, str], int, str]] = [
        ({"secret": "another"}, 403, "not signed"),
        ({"name": "nobody"}, 403, "not signed"),
        ({"where": "https://git.example.org/other.git"}, 409, "another repository"),
        ({"commit": "main"}, 422, "in full"),
    ]
    for change, status, words in refused:
        answer = house.push(**({"commit": NEXT} | change))
        assert (answer.status_code, words in answer.json()["detail"]) == (status, True), change
    ignored = [
        house.push(NEXT, "feature"), house.push(NEXT, event="ping"), house.push("0" * 40),
    ]  # fmt: skip
    assert [each.json()["outcome"] for each in ignored] == ["ignored"] * 3
    assert house.look() == []


def test_a_secret_is_shown_once_made_anew_and_refused_when_it_is_removed(
    house: House, hired: Callable[[Role], Any]
) -> None:
    with pytest.raises(NotPermitted, match="operator"):
        house.hooks.set(hired(Role.OWNER), "flights", Style.GITHUB, REPOSITORY)
    operator = hired(Role.OPERATOR)
    anew = house.hooks.set(operator, "flights", Style.GITHUB, REPOSITORY)
    assert house.push(NEXT).status_code == 403
    assert house.push(NEXT, secret=anew).json()["outcome"] == "taken"
    with house.store.reading() as session:
        (hook,) = house.hooks.all(session)
        told = str([each.payload for each in Trail(house.store).search(session)])
    assert (hook.heard_at, hook.address) == (house.clock.now(), "git.example.org/flights")
    assert not any(each in told for each in (anew, house.secret, "git.example.org/flights"))
    house.hooks.remove(operator, "flights")
    assert house.push(LATER, secret=anew).status_code == 403


@pytest.fixture
def hired(house: House) -> Callable[[Role], Any]:
    return lambda role: house.office.hire(f"{role.value.title()} Person", role)
