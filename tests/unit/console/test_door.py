import asyncio
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from console import inside, theme
from console.live import Live
from console.live_socket import AGAIN_LATER, CLOSED, LiveSocket
from services.kernel.error import SourceUnavailable

ROOT = Path(__file__).parents[3]
CONFIG = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))


def test_the_script_stands_where_streamlit_cannot_find_pages_by_itself() -> None:
    """Beside a folder ``pages`` Streamlit serves every file of it before any gate has run."""
    assert inside.MAIN.parent == ROOT / "console"
    assert not (inside.MAIN.parent / "pages").exists()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_configuration_repeats_the_colours_of_the_theme(mode: str) -> None:
    told, colours = CONFIG["theme"][mode], theme.MODES[mode]
    for key, name in (
        ("primaryColor", "accent"), ("backgroundColor", "background"), ("textColor", "text"),
        ("secondaryBackgroundColor", "surface"), ("linkColor", "link"), ("borderColor", "border"),
    ):  # fmt: skip
        assert told[key] == colours[name], key
    assert told["chartCategoricalColors"] == colours["categorical"]
    assert len(told["chartCategoricalColors"]) == 10, "with fewer Plotly falls back to its own"


def test_visitors_see_no_details_of_errors_and_nobody_counts_them() -> None:
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["browser"]["gatherUsageStats"] is False


def test_the_configuration_is_found_from_wherever_the_process_was_started(tmp_path: Path) -> None:
    words = """
from console import inside
from console.addresses import Addresses
from services.settings import Settings
from streamlit import config
inside.build(Addresses.of("https://console.example.org", 8501), Settings(), inside.Path(__file__))
for name in ("server.maxUploadSize", "theme.light.primaryColor", "server.allowedHosts",
             "server.trustedUserHeaders", "client.allowedOrigins", "client.showErrorDetails"):
    print(config.get_option(name))
print(len(config.get_option("server.cookieSecret")))
"""
    script = tmp_path / "script.py"
    script.write_text(words)
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "20",
        theme.LIGHT["accent"],
        "['127.0.0.1', 'console.example.org', 'localhost']",
        "{'X-Countersign-Session': 'session', 'X-Countersign-Person': 'person'}",
        "[]",
        "none",
        "64",
    ], done.stderr


class Sessions:
    """Knows who is in, and counts how often it was asked."""

    def __init__(self) -> None:
        self.active = {"s"}
        self.asked = 0
        self.seen_times = 0
        self.down = False

    def resolve(self, session_id: str) -> Any:
        self.asked += 1
        if self.down:
            raise SourceUnavailable("The database does not answer.")
        return object() if session_id in self.active else None

    def seen(self, session_id: str) -> None:
        del session_id
        self.seen_times += 1

    def ended(self, session_ids: list[str]) -> set[str]:
        return set(session_ids) - self.active


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_session_is_looked_up_at_most_once_a_second() -> None:
    sessions, time = Sessions(), Time()
    live = Live(sessions, time)  # type: ignore[arg-type]

    async def ask() -> None:
        assert await live.who("s") is not None
        sessions.active.clear()
        assert await live.who("s") is not None
        assert sessions.asked == 1
        time.now += 1.0
        assert await live.who("s") is None
        assert sessions.asked == 2

    asyncio.run(ask())


def test_signing_out_here_is_known_here_at_once() -> None:
    sessions = Sessions()
    live = Live(sessions, Time())  # type: ignore[arg-type]

    async def ask() -> None:
        ended = live.join("s")
        assert await live.who("s") is not None
        sessions.active.clear()
        live.end("s")
        assert ended.is_set()
        assert await live.who("s") is None
        live.leave("s")
        assert live.count == 0

    asyncio.run(ask())


def _socket(
    sessions: Sessions, messages: list[dict[str, Any]]
) -> tuple[Live, LiveSocket, list[Any]]:
    sent: list[Any] = []
    live = Live(sessions, Time())  # type: ignore[arg-type]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    return live, LiveSocket(live, "s", receive, send, lambda data: data == b"auto"), sent


def test_a_message_by_a_person_keeps_the_session_alive_and_one_by_the_page_does_not() -> None:
    sessions = Sessions()

    async def talk() -> None:
        messages = [{"type": "websocket.receive", "bytes": each} for each in (b"auto", b"click")]
        _, socket, _ = _socket(sessions, messages)
        await socket.receive()
        assert sessions.seen_times == 0
        await socket.receive()
        assert sessions.seen_times == 1

    asyncio.run(talk())


@pytest.mark.parametrize(("down", "code"), [(False, CLOSED), (True, AGAIN_LATER)])
def test_a_message_that_cannot_be_vouched_for_is_never_passed_on(*, down: bool, code: int) -> None:
    sessions = Sessions()

    async def talk() -> None:
        _, socket, sent = _socket(sessions, [{"type": "websocket.receive", "bytes": b"sign"}])
        sessions.active.clear()
        sessions.down = down
        told = await socket.receive()
        assert told == {"type": "websocket.disconnect", "code": code}
        await socket.send({"type": "websocket.send", "bytes": b"secret"})
        assert sent == [{"type": "websocket.close", "code": code}]
        assert (await socket.receive())["type"] == "websocket.disconnect"
        assert len(sent) == 1

    asyncio.run(talk())


def test_a_silent_socket_is_cut_when_its_session_ends() -> None:
    sessions = Sessions()

    async def talk() -> None:
        live, socket, sent = _socket(sessions, [])
        waiting = asyncio.create_task(socket.receive())
        await asyncio.sleep(0)
        live.end("s")
        assert (await asyncio.wait_for(waiting, 5))["code"] == CLOSED
        assert sent == [{"type": "websocket.close", "code": CLOSED}]

    asyncio.run(talk())
