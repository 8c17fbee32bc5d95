"""Training by somebody else's machinery: orders out, reports in, each signed, against a receiver of this machine."""

import asyncio
import hashlib
import hmac
import io
import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator

from services.api import attempt_routes, problems
from services.kernel.clock import FixedClock
from services.kernel.error import InvalidInput, NotPermitted, SourceUnavailable
from services.kernel.identity import SYSTEM
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.engine.rules import checked
from services.standards.engine.service import EngineSettings
from services.standards.engine.types import EngineForm, EngineKind
from services.workflows.engine.key import AttemptKey
from services.workflows.engine.registry import Engines
from services.workflows.engine.types import (
    AttemptSpec,
    Engine,
    EngineState,
    Handle,
    Resources,
)
from services.workflows.engine.webhook.service import Reports
from tests.support.receiver import Receiver, receiving
from tests.support.workspace import ROOT

SECRET = "a-signing-secret-of-somebody"
SCHEMAS = {
    name: json.loads((ROOT / "docs" / "schemas" / f"{name}.json").read_text())
    for name in ("training-order-1", "training-status-1")
}


def signed(timestamp: str, body: bytes, secret: str = SECRET) -> str:
    mac = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={mac.hexdigest()}"


class Elsewhere:
    """The machinery of somebody else: what it received, and what it reports."""

    def __init__(self, store: Store, folder: Path, receiver: Receiver, **parts: str) -> None:
        self.store, self.folder, self.receiver = store, folder, receiver
        self.settings = EngineSettings(
            store, Authority(), Tasks(store), b"a secret of 32 characters......"
        )
        given = {"url": receiver.url, "signing_secret": SECRET} | parts
        form = EngineForm("elsewhere", EngineKind.WEBHOOK, given, allow_private=True)
        self.settings.set_as(SYSTEM, checked(form))
        self.fetched: list[tuple[str, str]] = []
        self.has_model = True
        app = FastAPI()
        problems.install(app)
        services = SimpleNamespace(engine_reports=Reports(store, self.settings))
        app.include_router(attempt_routes.router(services, None), prefix="/api/v1")  # type: ignore[arg-type]
        self._transport = httpx.ASGITransport(app=app)
        self._sequence = 0

    def engine(self) -> Engine:
        def fetch(run_id: str, name: str, into: Path) -> bool:
            self.fetched.append((run_id, name))
            if self.has_model:
                into.mkdir(parents=True)
                (into / "MLmodel").write_text("flavors: {}\n")
            return self.has_model

        def local() -> Engine:
            raise AssertionError("nobody asks for this machine here")

        return Engines(self.store, self.settings, local, "https://console.example.org/", fetch)(
            "elsewhere"
        )

    def spec(self, **changes: Any) -> AttemptSpec:
        given: dict[str, Any] = {
            "attempt_id": "t1-1", "job_id": "t1", "number": 1, "command": ("python", "train.py"),
            "folder": self.folder, "resources": Resources(gpus=1, gpu_type="a100", seconds=600),
            "environment": {"MLFLOW_RUN_ID": "r" * 32, "MLFLOW_TRACKING_TOKEN": "not-for-others"},
        }  # fmt: skip
        return AttemptSpec(**given | changes)

    def send(
        self,
        body: bytes,
        *,
        at: float | None = None,
        signature: str = "",
        path: str = "t1/attempts/t1-1",
    ) -> httpx.Response:
        timestamp = str(int(at if at is not None else self.store.clock.now().timestamp()))
        headers = {
            "X-Countersign-Timestamp": timestamp,
            "X-Countersign-Signature": signature or signed(timestamp, body),
        }

        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=self._transport, base_url="http://console"
            ) as client:
                return await client.post(
                    f"/api/v1/tickets/{path}/status", content=body, headers=headers
                )

        return asyncio.run(ask())

    def body(self, state: str = "running", **more: Any) -> bytes:
        self._sequence += 1
        told = {
            "schema": "training-status/1",
            "attempt_id": "t1-1",
            "sequence": self._sequence,
            "state": state,
        }
        told |= more
        return json.dumps(told).encode()

    def report(self, state: str = "running", **more: Any) -> dict[str, Any]:
        body = self.body(state, **more)
        Draft202012Validator(SCHEMAS["training-status-1"]).validate(json.loads(body))
        answer = self.send(body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def elsewhere(store: Store, receiver: Receiver, tmp_path: Path) -> Elsewhere:
    return Elsewhere(store, tmp_path / "job", receiver)


def begun(elsewhere: Elsewhere) -> tuple[Engine, Handle]:
    elsewhere.folder.mkdir(exist_ok=True)
    engine = elsewhere.engine()
    return engine, engine.submit(elsewhere.spec())


def test_an_order_is_signed_well_made_and_holds_no_secret(
    elsewhere: Elsewhere, receiver: Receiver
) -> None:
    elsewhere.folder.mkdir()
    (elsewhere.folder / "parameters.json").write_text('{"depth": 6}')
    elsewhere.engine().submit(elsewhere.spec())
    (got,) = receiver.got
    assert got.headers["X-Countersign-Signature"] == signed(
        got.headers["X-Countersign-Timestamp"], got.body
    )
    assert got.headers["Idempotency-Key"] == "t1-1-start"
    Draft202012Validator(SCHEMAS["training-order-1"]).validate(got.json)
    assert (
        got.json["report_to"]
        == "https://console.example.org/api/v1/tickets/t1/attempts/t1-1/status"
    )
    assert got.json["parameters"] == {"depth": 6}
    assert got.json["environment"] == {"MLFLOW_RUN_ID": "r" * 32}
    assert b"not-for-others" not in got.body


def test_the_same_attempt_is_ordered_once(elsewhere: Elsewhere, receiver: Receiver) -> None:
    engine, handle = begun(elsewhere)
    assert engine.submit(elsewhere.spec()) == handle
    assert elsewhere.engine().submit(elsewhere.spec()) == handle
    assert len(receiver.got) == 1
    assert engine.poll(handle).state is EngineState.PENDING


def test_an_order_that_did_not_arrive_is_sent_again_under_the_same_key(
    elsewhere: Elsewhere, receiver: Receiver, clock: FixedClock
) -> None:
    receiver.answers = [503]
    with pytest.raises(SourceUnavailable, match="cannot take it now"):
        elsewhere.engine().submit(elsewhere.spec())
    with pytest.raises(SourceUnavailable, match="Somebody else sends this order"):
        elsewhere.engine().submit(elsewhere.spec())
    clock.advance(31)
    elsewhere.engine().submit(elsewhere.spec())
    first, second = receiver.got
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.body == second.body


def test_what_the_receiver_refuses_can_never_run(elsewhere: Elsewhere, receiver: Receiver) -> None:
    receiver.answers = [404]
    with pytest.raises(InvalidInput, match="404"):
        elsewhere.engine().submit(elsewhere.spec())
    limited = Elsewhere(elsewhere.store, elsewhere.folder, receiver, gpus="1")
    with pytest.raises(InvalidInput, match="1 GPUs at most"):
        limited.engine().submit(limited.spec(attempt_id="t1-2", resources=Resources(gpus=2)))


def test_reports_tell_how_it_goes_until_its_model_is_here(elsewhere: Elsewhere) -> None:
    engine, handle = begun(elsewhere)
    first = elsewhere.report(log="epoch 1\n", started_at="2026-03-14T09:12:00+01:00")
    assert first == {"state": "running", "stop": None, "log_bytes": 8}
    usage = {"wall_seconds": 3.5, "gpu_seconds": 3.5, "gpu_busy_share": 0.5}
    elsewhere.report(log="epoch 2 é\n", usage=usage)
    status = engine.poll(handle)
    assert status.state is EngineState.RUNNING
    assert status.started_at is not None
    assert (status.started_at.hour, status.started_at.minute) == (8, 12)
    assert status.usage is not None
    assert (status.usage.gpu_seconds, status.usage.cpu_seconds) == (3.5, None)
    text, offset = b"", 0
    while (piece := engine.logs(handle, offset, limit=3))[0]:
        assert len(piece[0]) <= 3
        text, offset = text + piece[0], piece[1]
    assert text.decode() == "epoch 1\nepoch 2 é\n"
    elsewhere.report("succeeded", exit_code=0, result={"metrics": {"auc": 0.8}, "device": "cuda:0"})
    ended = engine.poll(handle)
    assert (ended.state, ended.exit_code) == (EngineState.SUCCEEDED, 0)
    assert elsewhere.fetched == [("r" * 32, "model")]
    out = elsewhere.folder / "out"
    assert json.loads((out / "result.json").read_text())["metrics"] == {"auc": 0.8}
    assert (out / "model" / "MLmodel").exists()
    assert elsewhere.engine().poll(handle) == ended
    assert len(elsewhere.fetched) == 1


def test_what_comes_twice_late_or_after_the_end_changes_nothing(elsewhere: Elsewhere) -> None:
    engine, handle = begun(elsewhere)
    early, late = elsewhere.body(log="one\n"), elsewhere.body(log="two\n")
    assert elsewhere.send(late).json()["log_bytes"] == 4
    assert elsewhere.send(early).json()["log_bytes"] == 4
    assert elsewhere.send(late).json()["log_bytes"] == 4
    elsewhere.report("failed", exit_code=3, reason="No rows.")
    assert elsewhere.report("succeeded", result={}) == {
        "state": "failed",
        "stop": None,
        "log_bytes": 4,
    }
    ended = engine.poll(handle)
    assert (ended.state, ended.reason, ended.exit_code) == (EngineState.FAILED, "No rows.", 3)
    assert engine.logs(handle, 0) == (b"two\n", 4)


def test_an_order_whose_handle_was_lost_is_found_again(elsewhere: Elsewhere) -> None:
    spec = elsewhere.spec()
    key = AttemptKey(spec.attempt_id, spec.folder, spec.environment["MLFLOW_RUN_ID"])
    assert elsewhere.engine().find(key) is None
    _, handle = begun(elsewhere)
    assert elsewhere.engine().find(key) == handle


def test_who_was_preempted_is_lost_and_may_go_on(elsewhere: Elsewhere) -> None:
    engine, handle = begun(elsewhere)
    elsewhere.report("preempted", reason="The spot machine was taken.")
    ended = engine.poll(handle)
    assert (ended.state, ended.preempted) == (EngineState.LOST, True)


def test_a_report_that_is_not_signed_so_is_refused(elsewhere: Elsewhere, clock: FixedClock) -> None:
    engine, handle = begun(elsewhere)
    body, now = elsewhere.body("succeeded", result={}), clock.now().timestamp()
    attempts = {
        "another secret": elsewhere.send(body, signature=signed(str(int(now)), body, "another-secret-of-16")),
        "no signature": elsewhere.send(body, signature="sha256="),
        "another body": elsewhere.send(body, signature=signed(str(int(now)), body + b" ")),
        "too old": elsewhere.send(body, at=now - 301),
        "from the future": elsewhere.send(body, at=now + 301),
        "another ticket": elsewhere.send(body, path="t2/attempts/t1-1"),
        "an attempt of nobody": elsewhere.send(body, path="t1/attempts/t9-9"),
    }  # fmt: skip
    for name, answer in attempts.items():
        assert answer.status_code == 403, name
    strange = {
        name: attempts[name].json()["detail"] for name in ("another secret", "an attempt of nobody")
    }
    assert len(set(strange.values())) == 1
    assert engine.poll(handle).state is EngineState.PENDING
    assert elsewhere.send(body, at=now - 299).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"schema": "training-status/2"}, "schema"),
        ({"attempt_id": "t1-2"}, "another attempt"),
        ({"state": "lost"}, "one of running"),
        ({"sequence": 0}, "sequence"),
        ({"sequence": True}, "sequence"),
        ({"sequence": "1"}, "sequence"),
        ({"exit_code": 1.5}, "exit_code"),
        ({"reason": "x" * 301}, "reason"),
        ({"reason": "a\u202eb"}, "hidden"),
        ({"started_at": "yesterday"}, "started_at"),
        ({"started_at": "2026-03-14T09:00:00"}, "zone"),
        ({"log": 7}, "log"),
        ({"log": "x" * 262_145}, "262,144"),
        ({"usage": {"wall_seconds": -1}}, "wall_seconds"),
        ({"usage": {"wall_seconds": 1, "gpu_busy_share": 1.1}}, "share"),
        ({"usage": {"cpu_seconds": 1}}, "wall_seconds"),
        ({"result": [1]}, "result"),
        ({"approved_by": "me"}, "no key"),
    ],
)
def test_a_report_that_cannot_be_read_says_why(
    elsewhere: Elsewhere, wrong: dict[str, Any], words: str
) -> None:
    _, handle = begun(elsewhere)
    answer = elsewhere.send(elsewhere.body(**wrong))
    assert answer.status_code == 422, answer.text
    assert words in answer.json()["detail"]
    assert elsewhere.engine().poll(handle).state is EngineState.PENDING


def test_what_is_no_json_is_refused(elsewhere: Elsewhere) -> None:
    begun(elsewhere)
    for body in (b"", b"[]", b"{", b"\xff"):
        assert elsewhere.send(body).status_code == 422


def test_cancelling_sends_an_order_and_every_answer_says_it_too(
    elsewhere: Elsewhere, receiver: Receiver
) -> None:
    engine, handle = begun(elsewhere)
    elsewhere.report()
    engine.cancel(handle, "Nobody wants it any more.")
    order = receiver.got[-1].json
    Draft202012Validator(SCHEMAS["training-order-1"]).validate(order)
    assert (order["action"], order["reason"]) == ("stop", "Nobody wants it any more.")
    assert engine.poll(handle).state is EngineState.RUNNING
    assert elsewhere.report()["stop"] == "Nobody wants it any more."
    elsewhere.report("cancelled", reason="As asked.")
    assert engine.poll(handle).state is EngineState.CANCELLED
    engine.cancel(handle, "Again.")
    assert len(receiver.got) == 2


def test_a_stop_that_nobody_hears_is_asked_for_again(
    elsewhere: Elsewhere, receiver: Receiver
) -> None:
    engine, handle = begun(elsewhere)
    receiver.answers = [503]
    with pytest.raises(SourceUnavailable):
        engine.cancel(handle, "Enough.")
    assert engine.poll(handle).state is EngineState.PENDING
    assert elsewhere.report()["stop"] == "Enough."


def test_silence_is_unknown_and_never_failed(elsewhere: Elsewhere, clock: FixedClock) -> None:
    engine, handle = begun(elsewhere)
    clock.advance(901)
    assert engine.poll(handle).state is EngineState.UNKNOWN
    elsewhere.report()
    assert engine.poll(handle).state is EngineState.RUNNING
    clock.advance(901)
    status = engine.poll(handle)
    assert status.state is EngineState.UNKNOWN
    assert "2026-03-14 09:27 UTC" in status.reason


def test_a_log_has_an_end_and_its_writer_is_asked_to_stop(elsewhere: Elsewhere) -> None:
    elsewhere.folder.mkdir()
    handle = elsewhere.engine().submit(elsewhere.spec(log_limit=10))
    answer = elsewhere.report(log="x" * 25)
    assert answer["log_bytes"] == 10
    assert "10 bytes" in answer["stop"]
    assert elsewhere.engine().logs(handle, 0) == (b"x" * 10, 10)


def test_what_still_runs_on_an_engine_that_was_switched_off_is_watched_to_its_end(
    elsewhere: Elsewhere,
) -> None:
    engine, handle = begun(elsewhere)
    with elsewhere.store.unit(SYSTEM) as unit:
        unit.event("engine:removed", ("engine", "elsewhere"))
        from services.standards.engine import repository

        repository.end(unit, "elsewhere")
    with pytest.raises(InvalidInput, match="Choose another engine"):
        elsewhere.engine().submit(elsewhere.spec(attempt_id="t1-2"))
    elsewhere.report("failed", reason="No rows.")
    assert elsewhere.engine().poll(handle) == engine.poll(handle)
    assert engine.poll(handle).state is EngineState.FAILED


def test_the_example_of_the_manual_reports(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    manual = (ROOT / "docs" / "engines.md").read_text(encoding="utf-8")
    example = next(part for part in manual.split("```python\n")[1:] if "def report(" in part)
    scope: dict[str, Any] = {}
    exec(example.split("```")[0], scope)
    engine, handle = begun(elsewhere)
    order = elsewhere.receiver.got[0].json

    def urlopen(request: Any, timeout: float) -> io.BytesIO:
        assert (request.full_url, timeout) == (order["report_to"], 10)
        at = float(request.get_header("X-countersign-timestamp"))
        assert abs(at - time.time()) < 60
        elsewhere.store.clock.advance(at - elsewhere.store.clock.now().timestamp())
        signature = request.get_header("X-countersign-signature")
        return io.BytesIO(elsewhere.send(request.data, at=at, signature=signature).content)

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    heard = scope["report"](order, SECRET, 1, state="running", log="epoch 1\n")
    assert heard == {"state": "running", "stop": None, "log_bytes": 8}
    assert engine.poll(handle).state is EngineState.RUNNING


def test_github_gets_a_repository_dispatch(
    store: Store, receiver: Receiver, tmp_path: Path
) -> None:
    github = Elsewhere(store, tmp_path, receiver, style="github", token="ghp-of-somebody")
    receiver.answers = [204]
    github.engine().submit(github.spec())
    (got,) = receiver.got
    assert got.headers["Authorization"] == "Bearer ghp-of-somebody"
    assert got.json["event_type"] == "countersign-start"
    assert set(got.json["client_payload"]) == {"order"}
    Draft202012Validator(SCHEMAS["training-order-1"]).validate(got.json["client_payload"]["order"])


def test_airflow_gets_a_run_of_a_dag_once(store: Store, receiver: Receiver, tmp_path: Path) -> None:
    airflow = Elsewhere(store, tmp_path, receiver, style="airflow", token="jwt-of-somebody")
    receiver.answers = [409]
    engine = airflow.engine()
    handle = engine.submit(airflow.spec())
    (got,) = receiver.got
    assert (got.json["dag_run_id"], got.json["logical_date"]) == ("t1-1-start", None)
    Draft202012Validator(SCHEMAS["training-order-1"]).validate(got.json["conf"]["order"])
    assert engine.poll(handle).state is EngineState.PENDING


def test_a_trial_sends_an_order_that_starts_nothing(
    elsewhere: Elsewhere, receiver: Receiver
) -> None:
    with elsewhere.store.reading() as session:
        connection = elsewhere.settings.connection(session, "elsewhere")
    engine = Engines(
        elsewhere.store,
        elsewhere.settings,
        elsewhere.engine,
        "https://c.example.org",
        lambda *_: False,
    )
    assert engine.over(connection).trial() == "The receiver took the trial."
    Draft202012Validator(SCHEMAS["training-order-1"]).validate(receiver.got[0].json)
    assert receiver.got[0].json["action"] == "test"
    with pytest.raises(NotPermitted):
        Reports(elsewhere.store, elsewhere.settings).take("trial", "trial", b"{}", "0", "sha256=")
