"""The door of the prediction log: batches in, receipts and counts out."""

import io
import json
from typing import Any

import pyarrow as pa
import pytest

from services.api.prediction_routes import ARROW, LINES
from services.kernel.identity import SYSTEM
from tests.integration.api.conftest import Client

PATH = "/api/v1/models/a/predictions"


def row(prediction_id: str, **other: Any) -> dict[str, Any]:
    return {"prediction_id": prediction_id, "version": 1, "at": "2026-03-14T08:00:00Z", **other}


def lines(*rows: Any) -> bytes:
    return "\n".join(each if isinstance(each, str) else json.dumps(each) for each in rows).encode()


def arrow(*rows: dict[str, Any]) -> bytes:
    table = pa.Table.from_pylist(list(rows))
    held = io.BytesIO()
    with pa.ipc.new_stream(held, table.schema) as writer:
        writer.write_table(table)
    return held.getvalue()


@pytest.fixture
def token(world: Any) -> str:
    scopes = ["predictions:write", "outcomes:write", "models:read"]
    return world.tokens.create(SYSTEM, "serving", scopes)


def send(
    api: Client, token: str, body: bytes, kind: str = LINES[0], path: str = PATH, **headers: str
) -> Any:
    given = {"Authorization": f"Bearer {token}", "Content-Type": kind, **headers}
    return api.post(path, content=body, headers=given)


def counted(api: Client, token: str, path: str = PATH) -> Any:
    return api.get(path, headers={"Authorization": f"Bearer {token}"}).json()


def test_every_row_of_a_batch_is_accepted_a_duplicate_or_rejected_with_its_reason(
    api: Client, token: str
) -> None:
    body = lines(row("1"), row("2"), row("1"), "{broken", row("3", version=0))
    answer = send(api, token, body)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["accepted"], told["duplicates"]) == (2, 1)
    assert [each["row"] for each in told["rejected"]] == [3, 4]
    assert told["rejected"][1]["reason"].startswith("version")
    held = counted(api, token)
    assert (held["rows"], held["contradicting"]) == (2, 0)
    assert [(each["day"], each["rows"]) for each in held["days"]] == [("2026-03-14", 2)]


def test_an_arrow_stream_says_the_same_as_lines(api: Client, token: str) -> None:
    rows = [row("1", features={"x": 1.5, "y": "ü"}), row("2", features={"x": None, "y": "a"})]
    assert send(api, token, arrow(*rows), ARROW).json()["accepted"] == 2
    assert send(api, token, lines(*rows)).json() == {"accepted": 0, "duplicates": 2, "rejected": []}
    assert counted(api, token)["contradicting"] == 0


def test_an_arrow_stream_that_was_cut_off_stores_nothing(api: Client, token: str) -> None:
    whole = arrow(*[row(str(n)) for n in range(100)])
    answer = send(api, token, whole[: len(whole) // 2], ARROW)
    assert answer.status_code == 422
    assert "cut off" in answer.json()["detail"]
    assert counted(api, token)["rows"] == 0


def test_sent_again_under_its_key_the_first_answer_comes_again(api: Client, token: str) -> None:
    first = send(api, token, lines(row("1")), **{"Idempotency-Key": "k"})
    again = send(api, token, lines(row("1")), **{"Idempotency-Key": "k"})
    assert again.json() == first.json() == {"accepted": 1, "duplicates": 0, "rejected": []}
    assert again.headers["Idempotency-Replayed"] == "true"
    other = send(api, token, lines(row("2")), **{"Idempotency-Key": "k"})
    assert other.status_code in {409, 422}
    assert counted(api, token)["rows"] == 1


def test_outcomes_come_later_and_are_counted_apart(api: Client, token: str) -> None:
    path = PATH.replace("predictions", "outcomes")
    told = {"prediction_id": "1", "at": "2026-03-14T08:30:00Z", "outcome": 1, "source": "billing"}
    assert send(api, token, lines(told, told), path=path).json()["duplicates"] == 1
    assert counted(api, token, path)["rows"] == 1
    assert counted(api, token)["rows"] == 0


def test_who_sends_too_fast_reads_when_to_come_again(api: Client, token: str) -> None:
    many = lines(*[row(str(n)) for n in range(1_500)])
    assert send(api, token, many).status_code == 201
    answer = send(api, token, many)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", LINES[0], 422),
        (b"\n\n", LINES[0], 422),
        (lines(row("1")), "text/plain", 422),
        (b"x" * (17 * 1024 * 1024), LINES[0], 413),
        (b"{}\n" * 10_001, LINES[0], 422),
    ],
)
def test_what_is_no_batch_is_refused(
    api: Client, token: str, body: bytes, kind: str, status: int
) -> None:
    assert send(api, token, body, kind).status_code == status
    assert counted(api, token)["rows"] == 0


def test_a_model_that_is_not_there_takes_no_rows(api: Client, token: str) -> None:
    path = PATH.replace("/a/", "/nobody/")
    assert send(api, token, lines(row("1")), path=path).status_code == 404


def test_a_token_for_reading_sends_nothing(api: Client, world: Any) -> None:
    reader = world.tokens.create(SYSTEM, "reader", ["models:read"])
    assert send(api, reader, lines(row("1"))).status_code == 403


def test_rows_of_a_version_that_does_not_exist_are_a_finding(api: Client, token: str) -> None:
    assert send(api, token, lines(row("1"), row("2", version=77))).json()["accepted"] == 2
    held = counted(api, token)
    assert held["findings"] == {"unknown_version": 1}
    assert held["days"][0]["findings"] == {"unknown_version": 1}


def test_protected_attributes_go_through_a_door_of_their_own(api: Client, token: str) -> None:
    path = "/api/v1/models/a/protected"
    held = {"prediction_id": "1", "at": "2026-03-14T08:00:00Z", "attributes": {"sex": "F"}}
    assert send(api, token, lines(held), path=path).json()["accepted"] == 1
    empty = {**held, "attributes": {}}
    answer = send(api, token, lines(empty), path=path).json()
    assert answer["rejected"][0]["reason"].startswith("attributes")
    assert counted(api, token, path)["rows"] == 1
