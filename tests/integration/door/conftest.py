"""A running door, and a browser that speaks Streamlit's own protocol."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from services.kernel.identity import SYSTEM
from services.people.account.types import Person
from tests.integration.door.house import people
from tests.support.databases import sqlite_database

PASSWORD = "correct horse battery"
ROOT = Path(__file__).parents[3]
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@dataclass
class House:
    """One running console and what it runs on."""

    port: int
    process: subprocess.Popen[bytes]
    own: Any
    health_seconds: float
    cookie_name: str = "countersign"
    host: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    def person(self, email: str) -> Person:
        with self.own.store.reading() as session:
            found = self.own.accounts.by_email(session, email)
        return found or self.own.accounts.create(SYSTEM, email, email.partition("@")[0].title())

    def cookie(self, email: str = "ada@example.org") -> str:
        """Sign somebody in and return the secret of the session."""
        link = self.own.accounts.link(SYSTEM, self.person(email).person_id)
        return self.own.sessions.choose_password(link, PASSWORD)

    def session_id(self, cookie: str) -> str:
        return self.own.sessions.session_id(cookie)

    def browser(self, cookie: str | None = None, **headers: str) -> httpx.Client:
        cookies = {self.cookie_name: cookie} if cookie else {}
        told = {"Host": self.host} if self.host else {}
        told |= headers
        return httpx.Client(base_url=self.url, cookies=cookies, headers=told, timeout=30)

    def get(
        self, path: str, cookie: str | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        with self.browser(cookie) as browser:
            return browser.get(path, headers=headers)

    def post(self, path: str, form: dict[str, str], **headers: str) -> httpx.Response:
        told = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"} | headers
        with self.browser() as browser:
            return browser.post(path, data=form, headers=told)

    def socket(
        self, cookie: str | None, origin: str | None = "", *more: str, **headers: str
    ) -> ClientConnection:
        told = {"Cookie": f"{self.cookie_name}={cookie}"} if cookie else {}
        return connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            origin=self.origin if origin == "" else origin,  # type: ignore[arg-type]
            subprotocols=["streamlit", *more],  # type: ignore[list-item]
            additional_headers=told | headers,
            max_size=None,
        )


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def start(folder: Path, **environment: str) -> House:
    url = f"sqlite:///{folder}/governance.sqlite"
    sqlite_database(folder).close()
    port = free_port()
    told = {
        **os.environ,
        "COUNTERSIGN_TEST_PORT": str(port),
        "COUNTERSIGN_TEST_DATABASE": url,
        **environment,
    }
    begun = time.monotonic()
    command = [sys.executable, "-m", "uvicorn", "--factory", "--no-server-header", "--port"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, str(port), "tests.integration.door.house:build"],
            cwd=ROOT,
            env=told,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    until(f"http://127.0.0.1:{port}/health", process, folder)
    return House(port, process, people(url), time.monotonic() - begun)


def until(url: str, process: subprocess.Popen[bytes], folder: Path, host: str = "") -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=10, headers={"Host": host} if host else {}).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError((folder / "log").read_text())


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    made = start(folder)
    try:
        until(f"{made.url}/ready", made.process, folder)
        yield made
    finally:
        stop(made.process)
        made.own.store.database.close()


@pytest.fixture(scope="session")
def https_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A console that people reach at https://console.example.org through a proxy."""
    folder = tmp_path_factory.mktemp("https")
    made = start(folder, COUNTERSIGN_TEST_PUBLIC_URL="https://console.example.org")
    made.cookie_name, made.host = "__Host-countersign", "console.example.org"
    try:
        until(f"{made.url}/ready", made.process, folder, made.host)
        yield made
    finally:
        stop(made.process)
        made.own.store.database.close()
