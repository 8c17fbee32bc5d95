"""The API over a fresh database, with people, tokens and trail of our own, and a small world around."""

import asyncio
import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from services.api.app import build_api
from services.facts.kpi.service import PushedValues
from services.facts.prediction.custody import Custodies
from services.facts.prediction.journal import Journal
from services.facts.prediction.pace import Pace
from services.facts.prediction.service import PredictionLog
from services.facts.registry.types import Model, SyncState, Version
from services.judgement.gate.types import ClauseResult, Reason, Result, Verdict
from services.kernel.clock import FixedClock
from services.kernel.error import NotFound
from services.kernel.identity import SYSTEM, ModelRef
from services.people.account.sealing import Keyring
from services.people.account.service import Accounts
from services.people.account.types import Principal
from services.people.token.service import Tokens
from services.record.task.service import Tasks
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.channel.service import Channels
from services.standards.engine.service import EngineSettings
from services.standards.hook.service import Hooks
from services.standards.target.service import Targets
from services.workflows.engine.webhook.service import Reports
from services.workflows.notification.service import Deliveries
from services.workflows.push.service import Pushes

AT = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
BASIS = "b" * 64


def ref(name: str, version: int) -> ModelRef:
    return ModelRef("default", "default", name, version, f"run-{version}", "mlflow-artifacts:/x")


class Registry:
    """Three models; only the second has versions."""

    def models(self, session: object) -> list[Model]:
        del session
        return [
            Model(name, "words", {"k": "v"}, {"champion": 1}, 2, AT, AT) for name in ("c", "a", "b")
        ]

    def model(self, session: object, name: str) -> Model:
        found = [each for each in self.models(session) if each.name == name]
        if not found:
            raise NotFound(f"There is no model {name!r}.")
        return found[0]

    def versions(self, session: object, name: str) -> list[Version]:
        del session
        return [Version(ref(name, n), AT, "READY", "", {}) for n in (2, 10, 1)]

    def version(self, session: object, name: str, number: int) -> Version:
        found = [each for each in self.versions(session, name) if each.ref.version == number]
        if not found:
            raise NotFound(f"{name} has no version {number}.")
        return found[0]

    def ref(self, session: object, name: str, number: int) -> ModelRef:
        return self.version(session, name, number).ref

    def sync_state(self, session: object) -> SyncState:
        del session
        return SyncState(AT, True, "", 3, 3)


class Reviews:
    """Says one verdict, and counts what it was asked for."""

    def __init__(self) -> None:
        self.requested: list[tuple[Principal, Any]] = []
        self.error: Exception | None = None

    def standing_of(self, session: object, subject: ModelRef, alias: str) -> Any:
        del session
        clause = ClauseResult(
            id="four-fifths", sentence="Impact ratio at least 0.80", segment="race=Black",
            metric="fairness.impact_ratio", value=0.79, lo=0.694, hi=0.9, n=79, limit="at least 0.80",
            bound=0.8, at_least=True, result=Result.FAIL, evidence_id="e-1", produced_at=AT,
        )  # fmt: skip
        unknown = dataclasses.replace(
            clause, id="auc", value=float("nan"), result=Result.UNKNOWN, reason=Reason.STALE
        )
        verdict = Verdict(
            subject,
            alias,
            Result.FAIL,
            (clause, unknown),
            "standard",
            1,
            "p" * 64,
            (),
            (),
        )
        return SimpleNamespace(verdict=verdict, basis_digest=BASIS)

    def request(self, principal: Principal, wanted: Any) -> dict[str, str]:
        if self.error:
            raise self.error
        self.requested.append((principal, wanted))
        return {"review_id": f"r-{len(self.requested)}"}


def _pushes(store: Store) -> Pushes:
    nothing: Any = SimpleNamespace(models=lambda _: [])
    return Pushes(store, Hooks(store, Authority(), b"a secret of this deployment, 32 b"), nothing)


def _engines(store: Store) -> EngineSettings:
    return EngineSettings(store, Authority(), Tasks(store), b"a secret of this deployment, 32 b")


@pytest.fixture
def world(sqlite_store: Store, clock: FixedClock, tmp_path: Path) -> Any:
    store = sqlite_store
    log = PredictionLog(Journal(tmp_path / "journal"), clock, b"a secret", Pace(100, 2_000))
    return SimpleNamespace(
        store=store,
        clock=clock,
        tokens=Tokens(store),
        accounts=Accounts(store, Keyring(b"a secret of this deployment, 32 b")),
        trail=Trail(store),
        tasks=Tasks(store),
        custodies=Custodies(store),
        predictions=log,
        channels=Channels(store, Authority(), Tasks(store), b"a secret of this deployment, 32 b"),
        deliveries=Deliveries(store, Tasks(store)),
        targets=Targets(store, Authority()),
        engine_settings=_engines(store),
        engine_reports=Reports(store, _engines(store)),
        pushes=_pushes(store),
        pushed=PushedValues(store),
        registry=Registry(),
        reviews=Reviews(),
        governance=SimpleNamespace(all=lambda _: [], of=lambda *_: None),
    )


class Client:
    """Speaks to the application in this process."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            base = "http://localhost:8501"
            async with httpx.AsyncClient(transport=self._transport, base_url=base) as client:
                return await client.request(method, path, **given)

        return asyncio.run(ask())

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.request("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self.request("POST", path, **given)


@pytest.fixture
def api(world: Any) -> Client:
    return Client(build_api(world))


def bearer(world: Any, *scopes: str, person_id: str | None = None) -> dict[str, str]:
    text = world.tokens.create(SYSTEM, "ci", scopes, None, person_id)
    return {"Authorization": f"Bearer {text}"}
