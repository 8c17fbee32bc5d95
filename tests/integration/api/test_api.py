import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.kernel.error import Conflict, IntegrityBroken, SourceUnavailable
from services.kernel.identity import SYSTEM
from services.people.token.types import SCOPES
from tests.integration.api.conftest import AT, BASIS, Client, bearer

SEVEN = {
    "InvalidInput", "NotFound", "NotPermitted", "Conflict", "InsufficientEvidence",
    "SourceUnavailable", "IntegrityBroken",
}  # fmt: skip


def kind(answer: Any) -> str:
    """The error a problem's type ends in."""
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["title"]
    assert told["detail"].endswith(".")
    found = re.split(r"[/#]", told["type"])[-1]
    assert found in SEVEN
    return found


SIGNED = "/api/v1/tickets/{ticket_id}/attempts/{attempt_id}/status"
PUSHED = "/api/v1/hooks/{name}"
"""Opened by no token: what comes there bears the signature of an engine."""


def test_every_route_asks_for_a_token_and_for_its_scope(api: Client, world: Any) -> None:
    paths = api.get("/api/v1/openapi.json").json()["paths"]
    assert len(paths) >= 12
    useless = bearer(world, "routing:read")
    for signed in (SIGNED, PUSHED):
        assert kind(api.post(re.sub(r"\{\w+\}", "a", signed), headers=useless)) == "NotPermitted"
    for path, methods in paths.items():
        if path in (SIGNED, PUSHED):
            continue
        for method in methods:
            where = re.sub(r"\{version\}", "1", re.sub(r"\{(?!version)\w+\}", "a", path))
            form = {"model": "a", "version": 1, "rationale": "x"}
            body = {"json": form} if method == "post" else {}
            anonymous = api.request(method, where, **body)
            assert anonymous.status_code == 401, (method, where)
            assert anonymous.headers["www-authenticate"] == "Bearer"
            assert kind(anonymous) == "NotPermitted"
            refused = api.request(method, where, headers=useless, **body)
            assert refused.status_code == 403, (method, where)
            assert kind(refused) == "NotPermitted"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer cs_short", "Bearer cs_" + "x" * 43]
)
def test_what_is_no_token_opens_nothing(api: Client, header: str) -> None:
    answer = api.get("/api/v1/models", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_cookie_is_not_a_token(api: Client) -> None:
    headers = {"Cookie": f"countersign={'x' * 43}"}
    assert api.get("/api/v1/models", headers=headers).status_code == 401


def test_a_token_in_the_address_is_ignored(api: Client, world: Any) -> None:
    text = bearer(world, "models:read")["Authorization"].removeprefix("Bearer ")
    assert api.get(f"/api/v1/models?token={text}&access_token={text}").status_code == 401


def test_a_revoked_token_opens_nothing(api: Client, world: Any) -> None:
    headers = bearer(world, "models:read")
    assert api.get("/api/v1/models", headers=headers).status_code == 200
    with world.store.reading() as session:
        token_id = world.tokens.all(session)[0].token_id
    world.tokens.revoke(SYSTEM, token_id)
    assert api.get("/api/v1/models", headers=headers).status_code == 401


def test_models_come_by_name_and_page_by_page(api: Client, world: Any) -> None:
    headers = bearer(world, "models:read")
    first = api.get("/api/v1/models?limit=2", headers=headers).json()
    assert [each["name"] for each in first["models"]] == ["a", "b"]
    assert first["models"][0]["as_of"] == "2026-03-14T09:00:00Z"
    assert first["models"][0]["governed"] is None
    second = api.get(f"/api/v1/models?limit=2&cursor={first['next']}", headers=headers).json()
    assert [each["name"] for each in second["models"]] == ["c"]
    assert second["next"] is None


def test_versions_come_by_number_not_by_letter(api: Client, world: Any) -> None:
    headers = bearer(world, "models:read")
    told = api.get("/api/v1/models/b/versions", headers=headers).json()
    assert [each["version"] for each in told["versions"]] == [1, 2, 10]


@pytest.mark.parametrize(
    "query", ["?limit=0", "?limit=201", "?limit=x", "?cursor=%00", "?cursor=!!!", "?cursor=_w"]
)
def test_a_page_that_cannot_be_is_refused(api: Client, world: Any, query: str) -> None:
    answer = api.get(f"/api/v1/models{query}", headers=bearer(world, "models:read"))
    assert answer.status_code == 422
    assert kind(answer) == "InvalidInput"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/models/nothing",
        "/api/v1/models/b/versions/9",
        "/api/v1/tasks/none",
        "/api/v1/nowhere",
    ],
)
def test_what_is_not_there_is_a_problem_of_its_kind(api: Client, world: Any, path: str) -> None:
    answer = api.get(path, headers=bearer(world, "models:read"))
    assert answer.status_code == 404
    assert kind(answer) == "NotFound"


def test_the_gate_answers_what_a_ci_job_needs(api: Client, world: Any) -> None:
    headers = bearer(world, "gate:read")
    told = api.get("/api/v1/models/b/versions/2/gate?alias=champion", headers=headers).json()
    assert (told["verdict"], told["permits"], told["basis_digest"]) == ("FAIL", False, BASIS)
    assert (told["model"], told["version"], told["alias"]) == ("b", 2, "champion")
    assert told["counts"] == {"FAIL": 1, "UNKNOWN": 1}
    clause = told["clauses"][0]
    wanted = {"id", "metric", "segment", "value", "lo", "hi", "n", "limit", "result", "reason"}
    assert wanted <= set(clause)
    assert (clause["id"], clause["result"], clause["value"]) == ("four-fifths", "FAIL", 0.79)
    assert clause["produced_at"] == AT.isoformat().replace("+00:00", "Z")
    assert (told["clauses"][1]["value"], told["clauses"][1]["reason"]) == (None, "stale")


def test_the_trail_is_listed_newest_first_and_page_by_page(api: Client, world: Any) -> None:
    for n in range(5):
        world.accounts.create(SYSTEM, f"p{n}@example.org", "Somebody")
    headers = bearer(world, "trail:read")
    first = api.get("/api/v1/trail?limit=3&action=person:", headers=headers).json()
    seqs = [each["seq"] for each in first["events"]]
    assert seqs == sorted(seqs, reverse=True)
    address = f"/api/v1/trail?limit=3&action=person:&cursor={first['next']}"
    second = api.get(address, headers=headers).json()
    assert [each["seq"] for each in second["events"]] == [2, 1]
    assert second["next"] is None
    assert second["events"][0]["action"] == "person:created"


FORM = {"model": "b", "version": 2, "alias": "champion", "rationale": "Better on every group."}


def test_a_review_is_requested_on_a_persons_behalf(api: Client, world: Any) -> None:
    ada = world.accounts.create(SYSTEM, "ada@example.org", "Ada")
    headers = bearer(world, "reviews:request", person_id=ada.person_id)
    answer = api.post("/api/v1/reviews", json=FORM, headers=headers)
    assert (answer.status_code, answer.json()) == (201, {"review_id": "r-1"})
    principal, form = world.reviews.requested[0]
    assert principal.person_id == ada.person_id
    assert principal.session_id.startswith("token:")
    assert form.rationale == FORM["rationale"]


def test_a_token_of_nobody_requests_nothing(api: Client, world: Any) -> None:
    answer = api.post("/api/v1/reviews", json=FORM, headers=bearer(world, "reviews:request"))
    assert answer.status_code == 403
    assert world.reviews.requested == []


def test_a_token_of_somebody_who_left_requests_nothing(api: Client, world: Any) -> None:
    ada = world.accounts.create(SYSTEM, "ada@example.org", "Ada")
    headers = bearer(world, "reviews:request", person_id=ada.person_id)
    world.accounts.disable(SYSTEM, ada.person_id)
    assert api.post("/api/v1/reviews", json=FORM, headers=headers).status_code == 403


def test_sent_twice_under_one_key_it_is_done_once(api: Client, world: Any) -> None:
    ada = world.accounts.create(SYSTEM, "ada@example.org", "Ada")
    headers = bearer(world, "reviews:request", person_id=ada.person_id) | {"Idempotency-Key": "k1"}
    first = api.post("/api/v1/reviews", json=FORM, headers=headers)
    again = api.post("/api/v1/reviews", json=FORM, headers=headers)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert len(world.reviews.requested) == 1
    other = api.post("/api/v1/reviews", json=FORM | {"version": 1}, headers=headers)
    assert other.status_code == 409
    assert kind(other) == "Conflict"


def test_what_failed_can_be_tried_again_under_its_key(api: Client, world: Any) -> None:
    ada = world.accounts.create(SYSTEM, "ada@example.org", "Ada")
    headers = bearer(world, "reviews:request", person_id=ada.person_id) | {"Idempotency-Key": "k1"}
    world.reviews.error = SourceUnavailable("The database is busy; try again.")
    failed = api.post("/api/v1/reviews", json=FORM, headers=headers)
    assert (failed.status_code, kind(failed)) == (503, "SourceUnavailable")
    world.reviews.error = None
    assert api.post("/api/v1/reviews", json=FORM, headers=headers).status_code == 201


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (Conflict("It moved."), 409, "Conflict"),
        (IntegrityBroken("It was changed."), 500, "IntegrityBroken"),
        (ZeroDivisionError("secret detail"), 500, "SourceUnavailable"),
    ],
)
def test_an_error_of_the_house_is_a_problem_and_tells_no_secrets(
    api: Client, world: Any, error: Exception, status: int, name: str
) -> None:
    ada = world.accounts.create(SYSTEM, "ada@example.org", "Ada")
    headers = bearer(world, "reviews:request", person_id=ada.person_id)
    world.reviews.error = error
    answer = api.post("/api/v1/reviews", json=FORM, headers=headers)
    assert (answer.status_code, kind(answer)) == (status, name)
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "form", [{}, {"model": "b"}, FORM | {"version": 0}, FORM | {"version": "x"}, [], "text"]
)
def test_a_form_that_cannot_be_is_refused_by_the_name_of_its_field(
    api: Client, world: Any, form: Any
) -> None:
    answer = api.post("/api/v1/reviews", json=form, headers=bearer(world, "reviews:request"))
    assert (answer.status_code, kind(answer)) == (422, "InvalidInput")


def test_a_body_of_many_megabytes_is_refused_before_it_is_read(api: Client) -> None:
    said = api.post("/api/v1/reviews", content=b"x" * 1_100_000)
    assert (said.status_code, kind(said)) == (413, "InvalidInput")

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b'"' + b"x" * 100_000

    headers = {"Content-Type": "application/json"}
    sent = api.post("/api/v1/reviews", content=endless(), headers=headers)
    assert (sent.status_code, kind(sent)) == (413, "InvalidInput")


def test_the_description_names_the_seven_and_every_route(api: Client) -> None:
    page = api.get("/api/v1/docs").text
    for name in SEVEN:
        assert f'id="{name}"' in page
    for path in api.get("/api/v1/openapi.json").json()["paths"]:
        assert path in page


def test_no_route_signs_approves_grants_or_publishes(api: Client) -> None:
    told = api.get("/api/v1/openapi.json").json()["paths"]
    writing = {
        (path, method) for path, methods in told.items() for method in methods if method != "get"
    }
    assert writing == {
        ("/api/v1/reviews", "post"),
        ("/api/v1/models/{name}/predictions", "post"),
        ("/api/v1/models/{name}/protected", "post"),
        ("/api/v1/models/{name}/outcomes", "post"),
        ("/api/v1/models/{name}/kpi", "post"),
        ("/api/v1/models/{name}/server", "post"),
        ("/api/v1/models/{name}/tickets", "post"),
        ("/api/v1/models/{name}/tickets/{ticket_id}/cancel", "post"),
        ("/api/v1/cost/savings/{saving_id}/dismiss", "post"),
        ("/api/v1/cost/savings/{saving_id}/done", "post"),
        ("/api/v1/cost/storage/orders", "post"),
        ("/api/v1/cost/storage/orders/{disposal_id}/withdraw", "post"),
        (SIGNED, "post"),
        (PUSHED, "post"),
    }
    assert not any("sign" in scope or "approve" in scope for scope in SCOPES)


def test_rows_that_a_person_asked_for_do_not_leave_by_the_task(api: Client, world: Any) -> None:
    tasks, store = world.tasks, world.store
    with store.operational() as session:
        payload = {"monitor_id": "m-1", "rows": True, "segment": "carrier=UA"}
        asked = tasks.request(
            session, "drill_down", ("monitor", "m-1"), payload, requested_by="olga", key="k"
        )
    tasks.start(asked.task_id)
    tasks.succeed(asked.task_id, {"columns": ["f_ssn"], "rows": [["078-05-1120"]]})
    answer = api.get(f"/api/v1/tasks/{asked.task_id}", headers=bearer(world, "models:read"))
    assert answer.json()["state"] == "succeeded"
    assert "078-05-1120" not in answer.text
    assert "UA" not in answer.text
