"""The real engine: killed while it sends, restarted, and a receiver that is away meanwhile."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.record.storage.database import Database
from services.standards.channel.types import Kind
from tests.support.engine import Engine, engine_over
from tests.support.notifying import House
from tests.support.receiver import receiving

ORDER = "tests.support.notifying:register"
pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def engine(database: Database, tmp_path: Path) -> Iterator[Engine]:
    with engine_over(database, tmp_path) as made:
        yield made


def until(what: Callable[[], bool], seconds: float, engine: Engine) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, engine.lines("log")[-30:]
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("kind", "point", "received", "state"),
    [
        (Kind.SLACK, "send:before", 0, "unsure"),
        (Kind.SLACK, "send:effect", 1, "unsure"),
        (Kind.WEBHOOK, "send:before", 1, "delivered"),
        (Kind.WEBHOOK, "send:effect", 2, "delivered"),
    ],
)
def test_killed_while_it_sends_nobody_is_told_twice_without_knowing(
    engine: Engine, kind: Kind, point: str, received: int, state: str
) -> None:
    house = House(engine.store)
    with receiving() as receiver:
        house.open(kind, receiver.url)
        house.ask()
        assert engine.start(order=ORDER, crash=point).wait(30) == -signal.SIGKILL
        assert house.states() == ["sending"]
        assert engine.start(order=ORDER).wait(30) == 0
        assert engine.start(order=ORDER).wait(30) == 0
    assert len(receiver.got) == received
    assert len({each.headers.get("Idempotency-Key") for each in receiver.got}) <= 1
    assert house.states() == [state], engine.lines("log")
    assert len(house.events()) == 1


def test_a_restarted_worker_tells_once_and_never_again(engine: Engine) -> None:
    house = House(engine.store)
    with receiving() as receiver:
        house.open(Kind.SLACK, receiver.url)
    house.ask()
    first = engine.start(order=ORDER, lane=True, lease_seconds=4.0)
    until(lambda: house.tried() == [("pending", 1)], 40, engine)  # not before its first try
    first.kill()
    first.wait()
    with receiving(receiver.port, receiver):
        second = engine.start(order=ORDER, lane=True, lease_seconds=4.0)
        until(lambda: house.states() == ["delivered"], 100, engine)
        second.send_signal(signal.SIGTERM)
        second.wait(20)
        third = engine.start(order=ORDER, lane=True, lease_seconds=4.0)
        time.sleep(8)
        third.kill()
    assert len(receiver.got) == 1
    assert [each.action for each in house.events()] == ["notification:delivered"]
