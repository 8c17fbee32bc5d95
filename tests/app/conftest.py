"""The services behind the pages under test, over a fresh database."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from console import runtime
from services.kernel.clock import FixedClock
from services.record.trail.unit_of_work import Store
from tests.support.console_services import open_services

OPENED = "services.bootstrap.services"


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], Any]]:
    """What puts services behind the pages, and returns them."""

    def put(made: Any) -> Any:
        door = ModuleType(OPENED)
        door.open_services = lambda settings: made  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, OPENED, door)
        monkeypatch.setenv("COUNTERSIGN_HOME", str(tmp_path))
        runtime.settings.cache_clear()
        runtime.services.cache_clear()
        return made

    yield put
    runtime.settings.cache_clear()
    runtime.services.cache_clear()


@pytest.fixture
def services(
    sqlite_store: Store, tmp_path: Path, clock: FixedClock, serve: Callable[[Any], Any]
) -> Any:
    return serve(open_services(sqlite_store, tmp_path, clock))
